"""All incidents of a log: hand-made outages, and some of the worlds' with their truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from albconn import TableError
from albconn.analysis.changes import change_points, changes_of
from albconn.analysis.outages.binned import binned
from albconn.analysis.outages.incidents import incidents, incidents_and
from tests.analysis.outages.prepared import (
    CALM,
    END,
    NODES,
    START,
    STOP,
    is_during,
    minutes,
    struck,
)
from worlds.lines import API, SHOP, UNMAPPED
from worlds.rows import SOURCES, Row, connection, frame_of
from worlds.traffic.making import make

OLD = {"tls_protocol": "TLSv1", "tls_cipher": "ECDHE-RSA-AES128-SHA"}
TWELVE = {"tls_protocol": "TLSv1.2", "tls_cipher": "ECDHE-RSA-AES128-GCM-SHA256"}
COLUMNS = [
    "start", "end", "going_on", "kind", "cause", "dimension", "value", "elb", "network", "reason",
    "clients", "failures", "connections", "failure_rate", "usual", "place_failures",
    "place_connections", "place_usual", "share_of_excess",
]  # fmt: skip


def failures(rows: list[Row], named: dict[str, Any], stop: float = STOP) -> int:
    return sum(
        row["outcome"] == "failed" and is_during(row, stop)
        and all(row[k] == v for k, v in named.items())
        for row in rows
    )  # fmt: skip


def only(rows: list[Row]) -> Any:
    """Return the one incident of some rows."""
    found = incidents(frame_of(rows))
    assert len(found) == 1, found[COLUMNS].to_string()
    return found.iloc[0]


def test_nothing_happened() -> None:
    found = incidents(frame_of(CALM))
    assert len(found) == 0
    assert list(found)[: len(COLUMNS)] == COLUMNS
    assert found.attrs["background"]["clients"] == 0


def test_an_empty_table_has_the_same_columns() -> None:
    found = incidents(frame_of([]))
    one = incidents(frame_of(struck({"elb": SHOP})))
    assert len(found) == 0
    assert list(found) == list(one)
    assert found.dtypes.to_dict() == one.dtypes.to_dict()


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        ({"ip_address": NODES[SHOP][1]}, "one node"),
        ({"elb": API}, "one load balancer"),
        ({}, "server-side everywhere"),
    ],
)
def test_what_it_was_and_how_much(named: dict[str, Any], kind: str) -> None:
    rows = struck(named)
    found = only(rows)
    assert found["kind"] == kind
    assert (found["start"], found["end"]) == minutes(START, STOP)
    assert not found["going_on"]
    assert (found["dimension"], found["value"]) == (
        " × ".join(named), " × ".join(map(str, named.values())),
    )  # fmt: skip
    assert found["failures"] == failures(rows, named)
    inside = [row for row in rows if is_during(row) and named.items() <= row.items()]
    assert found["connections"] == len(inside)
    assert found["failure_rate"] == pytest.approx(failures(rows, named) / len(inside))
    assert found["usual"] == pytest.approx(0.005, abs=0.005)
    assert found["share_of_excess"] == pytest.approx(1, abs=0.1)
    assert found["reason"] == "A"
    who = {row["client_ip"] for row in inside if row["outcome"] == "failed"}
    assert found["clients"] == len(who)


def test_one_that_goes_on_at_the_end() -> None:
    found = only(struck({"elb": SHOP}, stop=END))
    assert found["going_on"]
    assert (found["start"], found["end"]) == minutes(START, END)


def test_a_raised_policy() -> None:
    # Sixty clients spoke TLS 1.0 with the shop until it failed, ninety TLS 1.2.
    def fleet(first: int, count: int, spoken: dict[str, str]) -> list[Row]:
        return [
            connection(30 * n, elb=SHOP, client_ip=f"10.20.{first + n % count}.1", **spoken)
            for n in range(END * 2)
        ]

    old, twelve = fleet(0, 60, OLD), fleet(100, 90, TWELVE)
    gone = [
        row | {"outcome": "failed", "failure_reason": UNMAPPED, **TWELVE}
        if row["timestamp"] >= minutes(START, END)[0]
        else row
        for row in old
    ]
    found = only([*CALM, *gone, *twelve])
    assert found["kind"] == "policy raised"
    assert found["start"] == minutes(START, END)[0]
    assert found["going_on"]
    assert found["clients"] == 60
    assert found["elb"] == SHOP
    assert found["vanished"] == "TLSv1"
    assert found["spoken"] == "TLSv1 (60)"
    assert found["reason"] == UNMAPPED
    assert isinstance(found["policy_before"], str)
    assert isinstance(found["policy_after"], str)


def test_certificates_of_one_organization_expired() -> None:
    ends = minutes(START, END)[0]
    rows = []
    for n in range(END * 2):
        device = n % 30
        late = n >= START * 2
        rows.append(
            connection(
                30 * n, "ClientCertExpired" if late else None, elb=API,
                client_ip=f"10.30.{device}.1", cert_not_after=ends,
                leaf_client_cert_subject=f"CN=device-{device},O=Acme",
            )
        )  # fmt: skip
    found = only([*CALM, *rows])
    assert found["kind"] == "client certificates expired"
    assert (found["subjects"], found["organization"]) == (30, "Acme")
    assert pd.isna(found["subject"])
    assert found["not_after"] == ends
    assert (found["dimension"], found["value"]) == (
        "elb × failure_reason", f"{API} × ClientCertExpired",
    )  # fmt: skip
    failed = {
        row["client_ip"]
        for row in [*CALM, *rows]
        if row["outcome"] == "failed" and row["elb"] == API and row["timestamp"] >= ends
    }
    assert found["clients"] == len(failed)  # some by chance among them


def test_two_apart_are_both_found_the_surer_first() -> None:
    small = {"ip_address": NODES[SHOP][0]}
    rows = struck({"elb": API})
    start, end = minutes(60, 80)
    rows = [
        row | {"outcome": "failed", "failure_reason": "B"}
        if n % 2 and start <= row["timestamp"] < end and small.items() <= row.items()
        else row
        for n, row in enumerate(rows)
    ]
    found = incidents(frame_of(rows))
    assert found["value"].tolist() == [API, NODES[SHOP][0]]
    assert found["reason"].tolist() == ["A", "B"]
    assert found["start"].tolist() == [minutes(START, STOP)[0], start]
    assert found["end"].tolist() == [minutes(START, STOP)[1], end]


def test_scanners_are_told_apart() -> None:
    scanner = [
        connection(START * 60 + n, UNMAPPED, client_ip=f"198.51.100.{n % 40}", elb=SHOP)
        for n in range(1200)
    ]
    found = incidents(frame_of([*CALM, *scanner]))
    assert len(found) == 0
    assert found.attrs["background"] == {
        "clients": 40, "failures": 1200, "source": "198.51.100.0/24", "source_failures": 1200,
    }  # fmt: skip


def test_one_client_that_hammers_is_no_outage() -> None:
    hammer = [connection(n, elb=SHOP, client_ip="192.0.2.9") for n in range(9)]
    hammer += [
        connection(START * 60 + n * 2, "A", elb=SHOP, client_ip="192.0.2.9") for n in range(1200)
    ]
    assert len(incidents(frame_of([*CALM, *hammer]))) == 0


def test_slow_handshakes_are_an_incident_of_their_own() -> None:
    rows = [
        row | {"tls_handshake_latency": 2.0}
        if is_during(row) and row["elb"] == API and row["outcome"] == "success"
        else row
        for row in CALM
    ]
    found = only(rows)
    assert found["kind"] == "slow handshakes"
    assert (found["start"], found["end"]) == minutes(START, STOP)
    assert (found["dimension"], found["value"], found["failures"]) == ("elb", API, 0)


@pytest.mark.parametrize("source", ["table", "dataset in files"])
def test_every_source_answers_alike(source: str, tmp_path: Path) -> None:
    rows = struck({"elb": SHOP})
    expected = incidents(frame_of(rows))
    found = incidents(SOURCES[source](rows, tmp_path / "d"))
    assert len(found) == 1
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize(
    "missing",
    [
        "client_ip",
        "ip_address",
        "listener_port",
        "leaf_client_cert_subject",
        "tls_protocol",
        "tls_cipher",
        "tls_handshake_latency",
        "cert_not_after",
    ],
)
def test_a_source_may_lack_columns(missing: str) -> None:
    found = incidents(frame_of(struck({"elb": SHOP})).drop(columns=missing))
    assert found["value"].tolist() == [SHOP]
    assert found["start"].tolist() == [minutes(START, STOP)[0]]


def test_what_is_needed_is_named() -> None:
    with pytest.raises(TableError, match="outcome"):
        incidents(frame_of(CALM[:9]).drop(columns="outcome"))


@pytest.mark.parametrize(
    ("kind", "seed"), [("tiny_balancer_broken", 0), ("network_fails", 1), ("policy_raised", 0)]
)
def test_an_incident_of_the_worlds(kind: str, seed: int) -> None:
    world = make(kind, seed)
    (truth,) = world.truth
    first = incidents(world.connections).iloc[0]
    named = dict(zip(first["dimension"].split(" × "), first["value"].split(" × "), strict=True))
    assert truth.is_exact(named)
    assert first["kind"] in truth.findings
    assert abs((first["start"] - truth.start).total_seconds()) <= 600


@pytest.mark.parametrize(("kind", "seed"), [("daily_swing", 0), ("retries_with_backoff", 1)])
def test_nothing_happened_in_a_quiet_world(kind: str, seed: int) -> None:
    assert len(incidents(make(kind, seed).connections)) == 0


def test_who_asks_for_more_sees_it_before_anything_is_taken_out() -> None:
    source = frame_of(struck({"elb": SHOP}))
    found, bins = incidents_and(lambda counting: binned(counting, 300, 300), source)
    expected = incidents(source)
    assert len(expected) == 1
    pd.testing.assert_frame_equal(found, expected)
    assert found.attrs == expected.attrs
    changes = change_points(source)
    assert len(changes) == 2
    pd.testing.assert_frame_equal(changes_of(bins), changes)
