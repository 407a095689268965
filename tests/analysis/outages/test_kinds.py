"""What an incident is called: each kind by a few counts whose answer a reader knows."""

from __future__ import annotations

import pandas as pd
import pytest

from albconn.analysis.outages.kinds import (
    POLICY,
    Kind,
    Spoken,
    kind_of,
    main_reason,
    spoken,
    told,
)
from albconn.analysis.tls.policies import policies
from tests.analysis.outages.prepared import every, minutes, prepared
from worlds.lines import API, SHOP, UNMAPPED
from worlds.rows import connection

OLD = ("TLSv1", "ECDHE-RSA-AES128-SHA")
RSA = ("TLSv1.2", "AES128-GCM-SHA256")
TWELVE = ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256")
NEW = ("TLSv1.3", "TLS_AES_128_GCM_SHA256")
USUAL = {OLD: 100.0, RSA: 50.0, TWELVE: 400.0, NEW: 1000.0}
NOTHING = Spoken(USUAL, {manner: n / 2 for manner, n in USUAL.items()})
RAISED = Spoken(USUAL, {RSA: 25.0, TWELVE: 200.0, NEW: 500.0})
REMOVED = Spoken(USUAL, {OLD: 50.0, TWELVE: 200.0, NEW: 500.0})


def reasons(**failures: int) -> pd.Series:
    return pd.Series(failures).sort_values(ascending=False)


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        ({}, "server-side everywhere"),
        ({"ip_address": "10.0.1.2"}, "one node"),
        ({"ip_address": "10.0.1.2", "elb": SHOP}, "one node"),
        ({"client_network": "203.0.113.0/24"}, "one network"),
        ({"client_ip": "203.0.113.7", "elb": SHOP}, "one network"),
        ({"listener_port": "8443", "elb": SHOP}, "one listener"),
        ({"elb": SHOP}, "one load balancer"),
        ({"tls_protocol": "TLSv1.2"}, "failures"),
    ],
)
def test_a_place_is_the_kind_where_the_reason_tells_nothing(
    named: dict[str, str], kind: Kind
) -> None:
    assert kind_of(named, reasons(SomethingNew=9), NOTHING) == kind
    assert kind_of(named, reasons(UnmappedConnectionError=9), NOTHING) == kind


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("ClientCertExpired", "client certificates expired"),
        ("ClientCertNotYetValid", "client certificates not yet valid"),
        ("ClientCertCrlHit", "client certificates revoked"),
        ("ClientCertUntrusted", "client certificates rejected"),
        ("ClientCertOfTomorrow", "client certificates rejected"),
    ],
)
def test_certificates_are_the_kind_wherever_they_fail(reason: str, kind: Kind) -> None:
    found = reasons(**{reason: 70, UNMAPPED: 30})
    for named in ({}, {"elb": SHOP}, {"client_network": "203.0.113.0/24"}):
        assert kind_of(named, found, RAISED) == kind
    assert kind_of({"ip_address": "10.0.1.2"}, found, RAISED) == "one node"


def test_a_manner_that_vanished_is_a_change_of_policy() -> None:
    unmapped = reasons(UnmappedConnectionError=60, ClientCertExpired=40)
    assert kind_of({"elb": SHOP}, unmapped, RAISED) == "policy raised"
    assert kind_of({}, unmapped, REMOVED) == "cipher removed"
    assert kind_of({"listener_port": "443"}, unmapped, NOTHING) == "one listener"
    # Not where one node or network fails: the policy is that of a listener.
    assert kind_of({"client_network": "203.0.113.0/24"}, unmapped, RAISED) == "one network"
    assert kind_of({"ip_address": "10.0.1.2"}, unmapped, RAISED) == "one node"
    mixed = reasons(UnmappedConnectionError=59, ClientCertExpired=41)
    assert kind_of({"elb": SHOP}, mixed, RAISED) == "one load balancer"


def test_the_main_reason_is_most_of_them() -> None:
    assert main_reason(reasons(A=6, B=4)) == "A"
    assert main_reason(reasons(A=59, B=41)) is None
    assert main_reason(pd.Series(dtype="int64")) is None
    assert main_reason(reasons(A=0)) is None


def test_what_vanished_is_what_should_have_been_seen() -> None:
    assert NOTHING.vanished == {}
    assert RAISED.vanished == {OLD: 50.0}  # half of the usual traffic is there
    assert REMOVED.vanished == {RSA: 25.0}
    assert Spoken(USUAL, {}).vanished == {}  # nothing gets through, so nothing was to be expected
    assert Spoken({}, USUAL).vanished == {}
    rest = Spoken(USUAL, {OLD: 9.0, RSA: 25.0, TWELVE: 200.0, NEW: 500.0})
    scale = 734 / 1550
    assert rest.vanished == {OLD: pytest.approx(100 * scale - 9)}
    # Of a rare manner a few are missing by chance.
    rare = Spoken({OLD: 9.0, NEW: 1000.0}, {NEW: 500.0})
    assert rare.vanished == {}


def test_a_new_manner_is_not_taken_for_more_traffic() -> None:
    during = {RSA: 25.0, TWELVE: 200.0, NEW: 500.0, ("TLSv1.3", "TLS_AES_256_GCM_SHA384"): 9000.0}
    assert Spoken(USUAL, during).vanished == {OLD: 50.0}


def test_spoken_counts_successes_at_the_places_of_a_cause() -> None:
    def speak(protocol: str, cipher: str) -> dict[str, str]:
        return {"tls_protocol": protocol, "tls_cipher": cipher}

    old, new = (speak(*manner) for manner in (OLD, NEW))
    rows = [
        *every(60, 0, 60, elb=SHOP, **old), *every(20, 0, 120, elb=SHOP, **new),
        *every(30, 0, 120, elb=API, **old),
        *[connection(4000 + n, UNMAPPED, elb=SHOP, **old) for n in range(9)],
        *every(60, 60, 70, elb=SHOP, tls_protocol=None, tls_cipher=None),
    ]  # fmt: skip
    before, during = minutes(0, 60), minutes(60, 120)
    with prepared(rows) as counting:
        shop = spoken(counting, {"elb": SHOP}, [before], during)
        assert shop == Spoken({OLD: 60.0, NEW: 180.0}, {NEW: 180.0})
        assert shop.vanished == {OLD: 60.0}
        both = spoken(counting, {"client_network": "10.1.1.0/24"}, [before], during)
        assert both == Spoken({OLD: 180.0, NEW: 180.0}, {OLD: 120.0, NEW: 180.0})
        parts = spoken(counting, {"elb": SHOP}, [minutes(0, 10), minutes(20, 30)], during)
        assert parts.before == {OLD: 20.0, NEW: 60.0}
        assert spoken(counting, {"listener_port": "8443"}, [before], during) == Spoken({}, {})
    with prepared(rows, "tls_cipher") as counting:
        assert spoken(counting, {"elb": SHOP}, [before], during) == Spoken({}, {})


def test_what_is_told_of_a_policy() -> None:
    answer = told("policy raised", RAISED)
    assert answer["vanished"] == "TLSv1"
    known = policies()
    before, after = (known[str(answer[name])] for name in ("policy_before", "policy_after"))
    assert OLD[1] in before.ciphers
    assert OLD[0] in before.protocols
    assert OLD[0] not in after.protocols
    assert {TWELVE[1], RSA[1], NEW[1]} <= set(after.ciphers)
    assert "TLS 1." in str(answer["change"])
    removed = told(
        "cipher removed", Spoken({RSA: 50.0, TWELVE: 90.0, NEW: 90.0}, {TWELVE: 90.0, NEW: 90.0})
    )
    assert removed["vanished"] == RSA[1]
    assert RSA[1] not in known[str(removed["policy_after"])].ciphers


def test_several_that_vanished_are_told_most_first() -> None:
    third = ("TLSv1.1", "ECDHE-RSA-AES128-SHA")
    gone = Spoken({**USUAL, third: 300.0}, {RSA: 25.0, TWELVE: 200.0, NEW: 500.0})
    assert told("policy raised", gone)["vanished"] == "TLSv1.1, TLSv1"


def test_nothing_is_told_of_other_kinds_nor_of_a_change_that_no_policy_makes() -> None:
    assert told("one node", RAISED) == {}
    assert "policy raised" in POLICY
    strange = Spoken({("TLSv1.2", "X"): 100.0, NEW: 100.0}, {("TLSv1.2", "Y"): 50.0, NEW: 50.0})
    answer = told("cipher removed", strange)
    assert answer["vanished"] == "X"
    assert answer["policy_after"] is None
