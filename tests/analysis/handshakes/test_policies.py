"""Security policies: a table worked out by hand from AWS's own, and what a preference rules out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from albconn import TableError
from albconn.analysis.handshakes.policies import policy_clients, policy_impact
from albconn.analysis.tls.judging import judge
from albconn.analysis.tls.policies import find_policy
from tests.analysis.tls.describing import described
from worlds.lines import UNMAPPED
from worlds.rows import SOURCES, Row, connection, frame_of

A = ("TLSv1.3", "TLS_AES_128_GCM_SHA256")
B = ("TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256")
C = ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256")
D = ("TLSv1.2", "ECDHE-RSA-AES128-SHA256")
E = ("TLSv1.2", "AES128-SHA")
F = ("TLSv1.1", "ECDHE-RSA-AES128-SHA")
G = ("TLSv1", "AES128-SHA")
SEEN = (A, B, C, D, E, F, G)
_LETTER = {"f": "fits", "r": "at risk", "b": "breaks"}

# Worked out by hand from "Security policies for your Application Load Balancer".
BY_HAND = {
    "ELBSecurityPolicy-TLS13-1-3-2021-06": "ffbbbbb",
    "ELBSecurityPolicy-TLS13-1-2-2021-06": "ffffrbb",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06": "fffrrbb",
    "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06": "fffffbb",
    "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04": "frffrbb",
    "ELBSecurityPolicy-TLS13-1-0-2021-06": "fffffff",
    "ELBSecurityPolicy-FS-1-1-2019-08": "rrffrfb",
    "ELBSecurityPolicy-2016-08": "rrfffff",
}


def handshake(client: str, manner: tuple[str, str], seconds: float = 0.0) -> Row:
    return connection(seconds, client_ip=client, tls_protocol=manner[0], tls_cipher=manner[1])


def world() -> list[Row]:
    """Client n has n + 1 handshakes in manner n; client 9 has one in each of C and G."""
    rows = [
        handshake(f"10.0.0.{n}", manner, seconds)
        for n, manner in enumerate(SEEN)
        for seconds in range(n + 1)
    ]
    rows += [handshake("10.0.0.9", C, 100), handshake("10.0.0.9", G, 101)]
    # No evidence: a failure, and what an unmapped one logs.
    rows += [connection(102, UNMAPPED, client_ip="10.0.0.8", tls_protocol="TLSv1.2")]
    rows += [connection(103, "ClientCertExpired", client_ip="10.0.0.8", tls_protocol="TLSv1")]
    return rows


@pytest.mark.parametrize("name", BY_HAND)
def test_verdicts_by_hand(name: str) -> None:
    impact = policy_impact(frame_of(world()), name)
    found = {
        (protocol, cipher): verdict
        for protocol, cipher, verdict in impact[
            ["tls_protocol", "tls_cipher", "verdict"]
        ].itertuples(index=False)
    }
    expected = {manner: _LETTER[x] for manner, x in zip(SEEN, BY_HAND[name], strict=True)}
    assert found == expected


def test_counts_and_shares() -> None:
    impact = policy_impact(frame_of(world()), "ELBSecurityPolicy-TLS13-1-2-Res-2021-06")
    rows = impact.set_index("tls_cipher")
    # 1 + 2 + … + 7 handshakes of seven clients, and two of client 9.
    assert impact["connections"].sum() == 30
    old = impact[(impact["tls_protocol"] == "TLSv1")].iloc[0]
    assert old[["connections", "clients", "verdict"]].tolist() == [8, 2, "breaks"]
    assert old["share_of_connections"] == pytest.approx(8 / 30)
    assert old["share_of_clients"] == pytest.approx(2 / 8)
    assert rows.loc[C[1], "clients"] == 2
    assert list(impact["verdict"]) == ["breaks"] * 2 + ["at risk"] * 2 + ["fits"] * 3
    assert list(impact["connections"]) == [8, 6, 5, 4, 4, 2, 1]
    # Client 9 also fits, and counts as breaking, once.
    assert impact.attrs["clients"] == 8
    assert impact.attrs["clients_breaking"] == 3
    assert impact.attrs["clients_at_risk"] == 2
    assert impact.attrs["clients_fitting"] == 3


def test_clients_by_their_worst() -> None:
    clients = policy_clients(frame_of(world()), "ELBSecurityPolicy-TLS13-1-2-Res-2021-06")
    assert list(clients["client_ip"]) == [
        "10.0.0.6", "10.0.0.5", "10.0.0.9", "10.0.0.4", "10.0.0.3", "10.0.0.2", "10.0.0.1",
        "10.0.0.0",
    ]  # fmt: skip
    nine: Any = clients.set_index("client_ip").loc["10.0.0.9"]
    assert nine[["verdict", "connections", "affected"]].tolist() == ["breaks", 2, 1]
    assert nine[["tls_protocol", "share_affected"]].tolist() == ["TLSv1", 0.5]


RES = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
EXT2 = "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"
OF_2016 = "ELBSecurityPolicy-2016-08"


@pytest.mark.parametrize(
    ("manner", "target", "in_force", "verdict"),
    [
        # Every cipher of Res that an RSA certificate can serve is preferred to these.
        (E, RES, EXT2, "breaks"),
        # ECDHE-RSA-AES256-GCM-SHA384 comes after AES128-SHA256: the client may have it.
        (D, RES, EXT2, "at risk"),
        # 2016-08 has no TLS 1.3, so nothing is known of it.
        (E, RES, OF_2016, "at risk"),
        (E, "ELBSecurityPolicy-FS-1-2-Res-2019-08", OF_2016, "breaks"),
        (C, "ELBSecurityPolicy-TLS13-1-3-2021-06", OF_2016, "at risk"),
        (C, "ELBSecurityPolicy-TLS13-1-3-2021-06", EXT2, "breaks"),
        # Who has TLS 1.1 was offered 1.2 by 2016-08, and has no 1.3 to offer that it refused.
        (F, "ELBSecurityPolicy-TLS-1-2-2017-01", OF_2016, "breaks"),
        # A cipher that the policy in force does not have: it was not in force.
        (G, "ELBSecurityPolicy-FS-2018-06", "ELBSecurityPolicy-FS-1-1-2019-08", "at risk"),
        # AES128-SHA loses to all ECDHE ciphers that TLS 1.0 has, but one comes later? None does.
        (G, "ELBSecurityPolicy-FS-2018-06", OF_2016, "breaks"),
        (A, OF_2016, EXT2, "at risk"),
        # Only AES128-GCM lost to it; AES-256 comes after.
        (A, "ELBSecurityPolicy-TLS13-1-3-RFC9151-FIPS-2023-07", EXT2, "at risk"),
        (B, "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
         "ELBSecurityPolicy-TLS13-1-3-2021-06", "breaks"),
    ],
)  # fmt: skip
def test_what_the_policy_in_force_rules_out(
    manner: tuple[str, str], target: str, in_force: str, verdict: str
) -> None:
    judged = judge(*manner, find_policy(target), find_policy(in_force), {"RSA"})
    assert judged == verdict
    rows = frame_of([handshake("10.0.0.1", manner), handshake("10.0.0.2", C)])
    impact = policy_impact(rows, target, from_policy=in_force)
    mine = impact[(impact["tls_protocol"] == manner[0]) & (impact["tls_cipher"] == manner[1])]
    assert list(mine["verdict"]) == [verdict]


def test_a_second_certificate_is_a_way_out_only_for_ciphers_not_preferred() -> None:
    ecdsa = ("TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384")
    rows = frame_of([handshake("10.0.0.1", E), handshake("10.0.0.1", D), handshake("0.2", ecdsa)])
    impact = policy_impact(rows, RES, from_policy=EXT2).set_index("tls_cipher")
    assert impact.loc[E[1], "verdict"] == "breaks"  # all of Res is preferred to AES128-SHA
    assert impact.loc[D[1], "verdict"] == "at risk"


OLD = {("TLSv1", "AES128-SHA"), ("TLSv1.1", "ECDHE-RSA-AES128-SHA")}


@pytest.mark.parametrize("in_force", [None, OF_2016, "ELBSecurityPolicy-TLS13-1-0-2021-06", EXT2])
@pytest.mark.parametrize("raised", [RES, EXT2, "ELBSecurityPolicy-TLS13-1-3-2021-06"])
def test_who_chose_an_old_version_though_a_newer_was_on_offer_breaks(
    raised: str, in_force: str | None
) -> None:
    # EXT2 has neither version: it was not in force, and says nothing.
    rows = frame_of([handshake("10.0.0.1", manner) for manner in sorted(OLD)])
    impact = policy_impact(rows, raised, from_policy=in_force)
    assert list(impact["verdict"]) == ["breaks", "breaks"]


def test_tls_12_below_13_breaks_once_13_is_known_to_be_on_offer() -> None:
    only_13 = "ELBSecurityPolicy-TLS13-1-3-2021-06"
    alone, beside = frame_of([handshake("1", C)]), frame_of([handshake("1", C), handshake("2", A)])
    assert list(policy_impact(alone, only_13)["verdict"]) == ["at risk"]
    assert list(policy_impact(alone, only_13, from_policy=OF_2016)["verdict"]) == ["at risk"]
    assert list(policy_impact(alone, only_13, from_policy=EXT2)["verdict"]) == ["breaks"]
    assert list(policy_impact(beside, only_13)["verdict"]) == ["breaks", "fits"]
    assert list(policy_impact(beside, only_13, from_policy=OF_2016)["verdict"]) == [
        "breaks", "fits",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["ELBSecurityPolicy-TLS13-1-3-2021-06", RES, OF_2016])
def test_with_the_policy_in_force_no_verdict_weakens(name: str) -> None:
    rows = frame_of(world())
    known = policy_impact(rows, name)
    before = dict(zip(zip(known["tls_protocol"], known["tls_cipher"], strict=True),
                      known["verdict"], strict=True))  # fmt: skip
    for in_force in BY_HAND:
        after = policy_impact(rows, name, from_policy=in_force)
        for *manner, verdict in after[["tls_protocol", "tls_cipher", "verdict"]].itertuples(
            index=False
        ):
            assert verdict == before[tuple(manner)] or before[tuple(manner)] == "at risk"


def test_who_never_succeeded_is_counted_but_not_judged() -> None:
    rows = frame_of(world())
    impact, clients = policy_impact(rows, RES), policy_clients(rows, RES, from_policy=EXT2)
    assert impact.attrs["clients_never_succeeded"] == 1
    assert clients.attrs == {"policy": RES, "from_policy": EXT2, "clients_never_succeeded": 1}
    assert "10.0.0.8" not in set(clients["client_ip"])


def test_a_policy_of_ones_own_stands_beside_the_shipped_ones() -> None:
    told = {"SslPolicies": [
        described("ELBSecurityPolicy-Own", ["TLSv1.2"], ["AES128-SHA", C[1]]),
        described(RES, ["TLSv1.2"], ["AES128-SHA"]),
    ]}  # fmt: skip
    rows = frame_of([handshake("10.0.0.1", E), handshake("10.0.0.2", C)])
    own = policy_impact(rows, "ELBSecurityPolicy-Own", policies=told)
    assert list(own["verdict"]) == ["fits", "fits"]
    replaced = policy_impact(rows, RES, policies=told).set_index("tls_cipher")
    assert replaced["verdict"].to_dict() == {E[1]: "fits", C[1]: "at risk"}
    in_force = policy_clients(rows, RES, from_policy="ELBSecurityPolicy-Own", policies=told)
    assert list(in_force["verdict"]) == ["breaks", "fits"]  # it prefers AES128-SHA: not had
    with pytest.raises(TableError, match="did you mean ELBSecurityPolicy-Own"):
        policy_impact(rows, "ELBSecurityPolicy-Owm", policies=told)


def test_values_nobody_knows() -> None:
    rows = [
        handshake("10.0.0.1", ("TLSv1.4", "TLS_NEW")),
        connection(0, client_ip="10.0.0.2", tls_protocol=None, tls_cipher=None),
        handshake("10.0.0.3", ("TLSv1.2", "NEW-CIPHER")),
        handshake("10.0.0.3", ("TLSv1.1", "NEW-CIPHER")),
    ]
    impact = policy_impact(frame_of(rows), RES)
    assert sorted(impact["verdict"]) == ["at risk", "at risk", "at risk", "breaks"]


def test_unknown_policy_names_close_ones() -> None:
    with pytest.raises(TableError) as refused:
        policy_impact(frame_of(world()), "ELBSecurityPolicy-TLS13-1-2-Res-2021")
    assert "did you mean ELBSecurityPolicy-TLS13-1-2-Res-2021-06" in str(refused.value)
    with pytest.raises(TableError, match="'x' is not a security policy"):
        policy_impact(frame_of(world()), RES, from_policy="x")


def test_empty_has_the_same_columns_and_types() -> None:
    full = frame_of(world())
    for empty, answer in (
        (policy_impact(full.head(0), RES), policy_impact(full, RES)),
        (policy_clients(full.head(0), RES), policy_clients(full, RES)),
    ):
        assert len(empty) == 0
        assert list(empty.columns) == list(answer.columns)
        assert [str(kind) for kind in empty.dtypes] == [str(kind) for kind in answer.dtypes]


@pytest.mark.parametrize("kind", SOURCES)
def test_same_answer_whatever_went_in(kind: str, tmp_path: Path) -> None:
    expected = policy_impact(frame_of(world()), RES)
    found = policy_impact(SOURCES[kind](world(), tmp_path), RES)
    assert found.astype({"tls_protocol": str, "tls_cipher": str}).equals(
        expected.astype({"tls_protocol": str, "tls_cipher": str})
    )
