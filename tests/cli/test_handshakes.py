"""Commands about handshakes print the sample's truth; an unknown policy is one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import albconn as ac
from albconn.cli import app
from tests.analysis.tls.describing import described
from tests.cli.running import TRUTH, albconn, printed

POLICY = "ELBSecurityPolicy-TLS13-1-3-2021-06"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("latency", "--every", "all"), "27621"),
        (("certificates", "--as-of", "2026-09-24"), "03A5B1"),
        (("policies",), f"{POLICY},TLSv1.3"),
        (("key-exchange",), "X25519MLKEM768"),
    ],
)
def test_an_analysis_prints_the_truth(
    dataset: str, arguments: tuple[str, ...], expected: str
) -> None:
    command, *options = arguments
    done = albconn(command, dataset, *options, "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_key_exchange_counts_what_the_sample_wrote(dataset: str) -> None:
    counted: dict[str, dict[str, int]] = {}
    for row in printed("key-exchange", dataset):
        if group := row["tls_keyexchange"]:
            counted.setdefault(row["bin_start"][:10], {})[group] = int(row["connections"])
    assert counted == TRUTH["logged_successes_by_key_exchange"]


@pytest.mark.parametrize("limit", [0.0, 0.1, 1000.0])
def test_slow_takes_its_limit_in_seconds(dataset: str, limit: float) -> None:
    frame = ac.read_dataset(dataset, columns=["outcome", "tls_handshake_latency"])
    latency = frame.loc[frame["outcome"] == "success", "tls_handshake_latency"].dropna()
    (row,) = printed("slow", dataset, "--every", "all", "--slower-than", str(limit))
    assert (int(row["connections"]), int(row["slow"])) == (len(latency), (latency > limit).sum())


def test_policy_impact_names_what_breaks(dataset: str) -> None:
    rows = printed("policy-impact", dataset, POLICY)
    breaks = sum(int(row["connections"]) for row in rows if row["verdict"] == "breaks")
    ciphers = TRUTH["successes_by_cipher"]
    assert breaks == sum(n for cipher, n in ciphers.items() if not cipher.startswith("TLS_"))


def test_policy_clients_prints_each_client(dataset: str) -> None:
    rows = printed("policy-clients", dataset, POLICY)
    assert len(rows) == len(ac.policy_clients(dataset, POLICY))
    assert rows[0]["verdict"] == "breaks"


IN_FORCE = "ELBSecurityPolicy-TLS13-1-0-2021-06"


def test_policy_impact_lists_the_clients_as_policy_clients_does(dataset: str) -> None:
    given = (dataset, POLICY, "--from", IN_FORCE)
    rows = printed("policy-impact", *given, "--clients")
    assert rows == printed("policy-clients", *given)
    assert len(rows) == len(ac.policy_clients(dataset, POLICY))


@pytest.mark.parametrize(
    "asked", [("policy-impact", POLICY), ("policy-impact", POLICY, "--clients"),
              ("policy-clients", POLICY), ("policies",)],
)  # fmt: skip
def test_scanners_are_told_apart(dataset: str, asked: tuple[str, ...]) -> None:
    command, *rest = asked
    done = CliRunner().invoke(app, [command, dataset, *rest, "--format", "csv"])
    never = ac.policy_impact(dataset, POLICY).attrs["clients_never_succeeded"]
    assert never > 0
    told = f"albconn: {never:,} addresses only ever failed: scanners, or locked out already;"
    assert told in done.stderr
    assert told not in done.stdout


def test_policies_of_ones_own(dataset: str, tmp_path: Path) -> None:
    own = tmp_path / "policies.json"
    told = described("ELBSecurityPolicy-Own", ["TLSv1.3"], ["TLS_AES_128_GCM_SHA256"])
    own.write_text(json.dumps({"SslPolicies": [told]}))
    given = ("--policies", str(own))
    assert printed("policy-impact", dataset, "ELBSecurityPolicy-Own", *given)
    assert printed("policy-clients", dataset, "ELBSecurityPolicy-Own", *given)
    names = {row["policy"] for row in printed("policies", dataset, *given)}
    assert "ELBSecurityPolicy-Own" in names
    own.write_text("{}")
    done = albconn("policies", dataset, *given)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(
        "policies: keys [] are not of aws elbv2 describe-ssl-policies (SslPolicies)"
    )


def test_an_unknown_policy_is_one_line(dataset: str) -> None:
    done = albconn("policy-impact", dataset, "ELBSecurityPolicy-TLS14")
    assert done.returncode == 1
    assert "ELBSecurityPolicy-TLS14" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
