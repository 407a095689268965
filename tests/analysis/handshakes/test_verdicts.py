"""What successes prove: counted by client, judged, and each client by its worst."""

from __future__ import annotations

import pytest

from albconn import TableError
from albconn.analysis.handshakes.verdicts import (
    alike,
    count_verdicts,
    gather_evidence,
    judge_all,
    read_in_force,
    worst_of,
)
from albconn.analysis.tls.policies import Policy, find_policy, policies
from worlds.lines import UNMAPPED
from worlds.rows import Row, connection, frame_of, table_of

RAISED = find_policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-06")
ROWS = [
    connection(1, client_ip="10.0.0.1", tls_protocol="TLSv1", tls_cipher="AES128-SHA"),
    connection(2, client_ip="10.0.0.1"),
    connection(3, client_ip="10.0.0.2", tls_protocol="TLSv1.2", tls_cipher="AES128-SHA"),
    connection(4, client_ip="10.0.0.3"),
    connection(5, "ClientCertExpired", client_ip="10.0.0.4"),
]  # a failure proves nothing


def test_each_client_counts_by_its_worst() -> None:
    evidence = gather_evidence(frame_of(ROWS), None)
    assert evidence.counts["connections"].sum() == 4
    assert evidence.served == {"RSA"}
    assert evidence.offered == {"TLSv1", "TLSv1.2", "TLSv1.3"}
    assert evidence.never_succeeded == 1
    worst = worst_of(judge_all(evidence, RAISED, None, policies().values()))
    assert worst.to_dict() == {"10.0.0.1": 0, "10.0.0.2": 1, "10.0.0.3": 2}
    assert count_verdicts(worst) == {
        "clients_breaking": 1, "clients_at_risk": 1, "clients_fitting": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "never"),
    [
        (ROWS[:4], 0),
        ([], 0),
        ([connection(1, "A", client_ip="10.0.0.3"), *ROWS], 1),  # failed once, but succeeded
        ([connection(n, UNMAPPED, client_ip=f"10.0.1.{n % 7}") for n in range(20)] + ROWS, 8),
        ([connection(1, "A", client_ip=None), connection(2, client_ip=None)], 0),
        ([connection(1, "A", client_ip=None)], 1),
    ],
)
def test_addresses_that_only_ever_failed(rows: list[Row], never: int) -> None:
    evidence = gather_evidence(table_of(rows), None)
    assert evidence.never_succeeded == never


def test_the_policy_in_force_may_be_unknown() -> None:
    assert read_in_force(None, policies()) is None
    assert read_in_force(RAISED.name, policies()) == RAISED
    with pytest.raises(TableError, match=r"^from_policy: 'x' is not a security policy"):
        read_in_force("x", policies())


@pytest.mark.parametrize(
    "in_force", [None, find_policy("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06")]
)
def test_what_no_policy_knows_is_judged_alike(in_force: Policy | None) -> None:
    spoken = [
        ("TLSv1.2", "NEW-1"),
        ("TLSv1.2", "NEW-2"),
        ("TLSv1.2", "AES128-SHA"),
        ("TLSv9", "A"),
        ("TLSv9", "AES128-SHA"),
        ("TLSv1.3", "NEW-3"),
        (None, None),
        ("TLSv1.1", None),
    ]
    rows = [
        connection(n, client_ip=f"10.0.0.{n % 5}", tls_protocol=protocol, tls_cipher=cipher)
        for n, (protocol, cipher) in enumerate(spoken * 3)
    ]  # fmt: skip
    known = policies().values()
    evidence = gather_evidence(frame_of(rows), None)
    fewer = alike(evidence, known)
    assert len(fewer.counts) < len(evidence.counts)
    for policy in known:
        plain, told = (judge_all(each, policy, in_force, known) for each in (evidence, fewer))
        assert worst_of(told).to_dict() == worst_of(plain).to_dict()
        sums = [each.groupby("rank")["connections"].sum().to_dict() for each in (told, plain)]
        assert sums[0] == sums[1]
