"""A user's own policies: read in each shape, refused where they are none, named after AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from albconn import TableError
from albconn.analysis.tls.described import known_policies
from albconn.analysis.tls.policies import Policy, find_policy, policies
from tests.analysis.tls.describing import described

OWN = "ELBSecurityPolicy-TLS13-1-2-New-FIPS-PQ-2027-01"
CIPHERS = ["TLS_AES_128_GCM_SHA256", "AES128-SHA", "ECDHE-RSA-AES128-GCM-SHA256"]
ANSWER = {"SslPolicies": [described(OWN, ["TLSv1.2", "TLSv1.3"], CIPHERS)], "NextMarker": "x"}


def refusal(told: Any) -> str:
    with pytest.raises(TableError) as refused:
        known_policies(told)
    return str(refused.value)


def test_parsed_as_text_and_in_a_file(tmp_path: Path) -> None:
    text = json.dumps(ANSWER, indent=4)
    (tmp_path / "policies.json").write_text("\ufeff" + text, encoding="utf-8")
    for given in (ANSWER, text, tmp_path / "policies.json", str(tmp_path / "policies.json")):
        known = known_policies(given)
        assert known == {**policies(), OWN: known[OWN]}
        assert known[OWN] == Policy(
            name=OWN, protocols=("TLSv1.3", "TLSv1.2"), ciphers=tuple(CIPHERS), post_quantum=True,
            fips=True, forward_secrecy_only=False, is_of_alb=True,
        )  # fmt: skip
    assert known_policies(None) is policies()


def test_priority_says_the_order_not_the_place() -> None:
    told = described("New", ["TLSv1.2"], CIPHERS[1:])
    told["Ciphers"].reverse()
    assert known_policies({"SslPolicies": [told]})["New"].ciphers == tuple(CIPHERS[1:])


def test_what_aws_prints_of_a_shipped_policy_is_that_policy() -> None:
    told = {
        "SslPolicies": [
            described(policy.name, policy.protocols[::-1], policy.ciphers)
            for policy in policies().values()
            if policy.is_of_alb
        ]
    }
    assert known_policies(told) == policies()


@pytest.mark.parametrize(
    ("types", "is_of_alb"),
    [(["application"], True), (["network"], False), ([], False), (None, True)],
)
def test_of_which_load_balancers_it_is(types: Any, is_of_alb: bool) -> None:
    told = {**described("New", ["TLSv1.2"], CIPHERS), "SupportedLoadBalancerTypes": types}
    assert known_policies({"SslPolicies": [told]})["New"].is_of_alb is is_of_alb


GIVE = "; give what aws elbv2 describe-ssl-policies printed"


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"Name": None}, "SslPolicies[0].Name: None is not a name"),
        ({"SslProtocols": []}, "SslPolicies[0] (New).SslProtocols: [] is not a list of any"),
        ({"SslProtocols": "TLSv1"},
         "SslPolicies[0] (New).SslProtocols: 'TLSv1' is not a list of any"),
        ({"Ciphers": None}, "SslPolicies[0] (New).Ciphers: None is not a list of any"),
        ({"Ciphers": ["AES128-SHA"]},
         "SslPolicies[0] (New).Ciphers[0].Name: None is not a name"),
        ({"Ciphers": [{"Name": "AES128-SHA", "Priority": "1"}]},
         "SslPolicies[0] (New).Ciphers[0].Priority: '1' is not a number"),
        ({"Ciphers": [{"Name": "A", "Priority": 1}, {"Name": "B"}]},
         "SslPolicies[0] (New).Ciphers[1].Priority: None is not a number"),
    ],
)  # fmt: skip
def test_where_a_policy_is_none(broken: dict[str, Any], told: str) -> None:
    one = {**described("New", ["TLSv1.2"], CIPHERS), **broken}
    assert refusal({"SslPolicies": [one]}) == f"policies: {told}{GIVE}"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"MetricDataResults": []},
         "keys ['MetricDataResults'] are not of aws elbv2 describe-ssl-policies (SslPolicies)"),
        ({"SslPolicies": {}}, "SslPolicies: {} is not a list of any" + GIVE),
        ({"SslPolicies": ["ELBSecurityPolicy-2016-08"]},
         "SslPolicies[0].Name: None is not a name" + GIVE),
        ('["ELBSecurityPolicy-2016-08"]', "a JSON object is expected, as the command prints it"),
        ("{", "not JSON (Expecting property name enclosed in double quotes: line 1 column 2 "
         "(char 1)); give what the command printed"),
        ("nowhere.json", "'nowhere.json' cannot be read (No such file or directory); "
         "give a file, JSON text, or a dict"),
        (7, "7 is a int; give a file, JSON text, or a dict"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_policies(given: Any, told: str) -> None:
    assert refusal(given) == f"policies: {told}"


def test_close_names_are_named_among_all() -> None:
    with pytest.raises(TableError, match=f"did you mean {OWN}"):
        find_policy(OWN.replace("New", "Mew"), known=known_policies(ANSWER))
