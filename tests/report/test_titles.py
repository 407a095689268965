"""The finding in one line: its numbers are the tiles', and it has room on a phone."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from albconn.charts.drawing.cells import PAD
from albconn.charts.drawing.fitting import break_lines
from albconn.charts.drawing.headline import TITLE_POINTS
from albconn.charts.drawing.look import scale_of
from albconn.opened import Opened
from albconn.report.drawing import NARROW
from albconn.report.findings import headline
from albconn.report.question import Asked, ask
from albconn.report.tiles import tiles_of
from albconn.report.titles import finding
from tests.report.asking import question_of
from worlds.rows import BEGIN, connection
from worlds.traffic.making import make

HOUR = timedelta(hours=1)
STATES = {
    "fleet_certificate_expires": "{clients} clients with an expired certificate, ",
    "policy_raised": "{clients} clients stopped working: no more TLSv",
    "node_broken": "{rate} fail at node ",
    "daily_swing": "TLS failures: nothing stands out",
}


@pytest.mark.parametrize("kind", STATES)
def test_it_says_the_tiles_numbers(kind: str) -> None:
    question = ask(Opened(make(kind, 3).connections, "table"), Asked())
    tiles = {fact.name: fact.value for fact in tiles_of(question)}
    words = {
        "clients": tiles.get("clients that fail") or tiles.get("clients that stopped working"),
        "rate": tiles.get("failure rate in it"),
    }
    told = finding(question)
    assert told.startswith(STATES[kind].format(**words))
    assert told.endswith(tiles.get("where", "nothing stands out"))


def test_a_window_that_is_given_is_called_by_its_rate() -> None:
    rows = [
        connection(20 * n, "A" if 360 <= n < 375 else None, client_ip=f"10.0.0.{n % 50}")
        for n in range(720)
    ]
    given = (BEGIN + 2 * HOUR, BEGIN + 2 * HOUR + timedelta(minutes=10))
    told = finding(question_of(rows, incident=given))
    assert told == "50 % of connections failed, 12:00 to 12:10 UTC, on app/shop"
    assert finding(question_of(rows[:100])) == headline(question_of(rows[:100]))


AN_INCIDENT = {
    "going_on": False, "clients": 1_234, "vanished": "TLSv1, TLSv1.1", "network": "10.0.0.0/8",
    "place_failures": 1, "place_connections": 3, "dimension": "elb × ip_address",
    "value": "app/w/0 × 10.200.100.200", "elb": "app/shop/0123456789abcdef",
    "start": pd.Timestamp("2026-09-23T10:00Z"), "end": pd.Timestamp("2026-09-23T11:30Z"),
}  # fmt: skip
KINDS = (
    "policy raised", "cipher removed", "client certificates not yet valid", "one node",
    "one network", "server-side everywhere",
)  # fmt: skip


def on_a_phone(kind: str, **other: Any) -> list[str]:
    """Return the lines that the finding takes in a narrow drawing."""
    row: Any = SimpleNamespace(**AN_INCIDENT | other, kind=kind)
    question: Any = SimpleNamespace(incident=(1, 2), chosen=True, failing=[row])
    room = 72 * NARROW[0] - 2 * PAD
    return break_lines(finding(question), TITLE_POINTS * scale_of(*NARROW), room, "bold")


@pytest.mark.parametrize("kind", KINDS)
def test_it_takes_two_lines_on_a_phone(kind: str) -> None:
    assert len(on_a_phone(kind)) <= 2


@pytest.mark.parametrize("kind", KINDS)
def test_of_the_longest_only_the_load_balancer_has_no_room(kind: str) -> None:
    lines = on_a_phone(
        kind, clients=123_456, elb=f"app/{'payments-and-orders-production-x'}/0123456789abcdef",
        vanished="TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, ECDHE-RSA-AES256-SHA384",
    )  # fmt: skip
    first = " ".join(lines[:2])
    assert "123,456 clients" in first or first.startswith("33 % ")
    assert "10:00 to 11:30 UTC" in first
