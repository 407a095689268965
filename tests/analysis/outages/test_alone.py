"""What is loud and no outage: how often, from when to when, and that it is not an incident."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from albconn.analysis.outages.incidents import incidents
from tests.analysis.outages.prepared import CALM, START, minutes
from worlds.lines import API, SHOP, UNMAPPED
from worlds.rows import Row, connection, frame_of

ME = "192.0.2.9"


def hammer(count: int, *, works: int = 9) -> list[Row]:
    """Return an address that works for a while, and later fails every two seconds."""
    good = [connection(n * 600, elb=SHOP, client_ip=ME) for n in range(works)]
    return good + [
        connection(START * 60 + n * 2, "A", elb=SHOP, client_ip=ME) for n in range(count)
    ]


def aside(rows: list[Row]) -> list[dict[str, Any]]:
    found = incidents(frame_of([*CALM, *rows]))
    assert len(found) == 0
    return found.attrs["no_outage"]


def test_one_client_that_hammers() -> None:
    (row,) = aside(hammer(1200))
    assert (row["kind"], row["value"], row["reason"]) == ("one client", ME, "A")
    assert row["clients"] == 1
    # Its first and last fiftieth may be strays; the window is that of the others.
    assert 0.95 * 1200 <= row["failures"] <= 1200
    first, last = minutes(START, START + 40)
    start, end = (datetime.fromisoformat(row[name]) for name in ("start", "end"))
    assert first <= start < end <= last + timedelta(seconds=1)


@pytest.mark.parametrize("count", [0, 49])
def test_a_client_that_fails_now_and_then_is_not_worth_a_word(count: int) -> None:
    assert aside(hammer(count)) == []


def test_many_devices_behind_one_address_do_not_hammer() -> None:
    # Half of them fail all day, a success after each failure: no run is longer than one.
    nat = [connection(n * 20, "A" if n % 2 else None, elb=SHOP, client_ip=ME) for n in range(1440)]
    assert [row for row in aside(nat) if row["kind"] == "one client"] == []


def test_a_scanner_is_told_by_its_address_and_many_by_their_network() -> None:
    alone = [connection(3600 + n, UNMAPPED, client_ip="198.51.100.7", elb=API) for n in range(300)]
    fleet = [
        connection(7200 + n, UNMAPPED, client_ip=f"198.18.7.{n % 40}", elb=SHOP) for n in range(400)
    ]
    rows = aside([*alone, *fleet])
    assert [(row["kind"], row["dimension"], row["value"], row["clients"]) for row in rows] == [
        ("scanner", "client_network", "198.18.7.0/24", 40),
        ("scanner", "client_ip", "198.51.100.7", 1),
    ]
    assert rows[0]["failure_rate"] == rows[1]["failure_rate"] == 1.0


def test_what_stands_in_the_notes_is_plain() -> None:
    found = incidents(frame_of([*CALM, *hammer(1200)]))
    plain = (str, int, float, bool, type(None))
    assert all(isinstance(v, plain) for row in found.attrs["no_outage"] for v in row.values())
