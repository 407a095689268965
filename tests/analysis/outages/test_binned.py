"""Bins in which clients count: beside sets and sums of plain Python."""

from __future__ import annotations

import copy
import pickle
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from albconn.analysis.outages.binned import WorstWindow, bins_of, of_rates, told
from worlds.lines import API, SHOP
from worlds.quiet import at, rates
from worlds.rows import BEGIN, Row, connection, frame_of

FAILING = "203.0.113.{}"


def rows() -> list[Row]:
    """Return an hour: 20 clients, two listeners that fail differently, one that only fails."""
    random = np.random.default_rng(5)
    seconds = np.sort(random.uniform(0, 3600, 600))
    made = []
    for second in seconds:
        elb = SHOP if random.random() < 0.7 else API
        fails = random.random() < (0.03 if elb == SHOP else 0.25)
        client = FAILING.format(int(random.integers(20)))
        made.append(connection(second, "A" if fails else None, client_ip=client, elb=elb))
    return [*made, *(connection(n * 60, "A", client_ip="192.0.2.1") for n in range(60))]


def place(row: Row, width: int = 300) -> int:
    return int((row["timestamp"] - BEGIN).total_seconds() // width)


def counting() -> list[Row]:
    return [row for row in rows() if row["client_ip"] != "192.0.2.1"]


def failed(made: list[Row]) -> list[Row]:
    return [row for row in made if row["outcome"] == "failed"]


def runs(made: list[Row]) -> Counter[int]:
    """Return the events of each bin: runs of a client's failures at a listener."""
    events: Counter[int] = Counter()
    last: dict[tuple[str, str], tuple[int, str]] = {}
    for row in sorted(made, key=lambda row: row["timestamp"]):
        key, now = (row["client_ip"], row["elb"]), (place(row), row["outcome"])
        if row["outcome"] == "failed" and last.get(key) != now:
            events[place(row)] += 1
        last[key] = now
    return events


def test_counts_are_plain_and_the_background_is_left_out() -> None:
    bins = bins_of(frame_of(rows()), "5min", None)
    assert bins.starts == [BEGIN + n * timedelta(minutes=5) for n in range(12)]
    connections, failures = (Counter(map(place, some)) for some in (counting(), failed(counting())))
    assert bins.connections.tolist() == [connections[n] for n in range(12)]
    assert bins.failures.tolist() == [failures[n] for n in range(12)]
    assert bins.background is not None
    assert (bins.background["clients"], bins.background["failures"]) == (1, 60)


def test_events_are_runs_of_failures() -> None:
    expected = runs(counting())
    bins = bins_of(frame_of(rows()), "5min", None)
    assert bins.events.tolist() == [expected[n] for n in range(12)]
    assert bins.events.sum() < bins.failures.sum()


def test_clients_are_different_ones() -> None:
    bins = bins_of(frame_of(rows()), "5min", None)
    for first, last in ((0, 12), (3, 5), (7, 8)):
        inside = {row["client_ip"] for row in failed(counting()) if first <= place(row) < last}
        assert bins.clients(first, last) == len(inside)
    assert bins.clients(4, 4) == 0


def test_exposure_goes_by_each_listeners_own_rate() -> None:
    bins = bins_of(frame_of(rows()), "5min", None)
    traffic = Counter((place(row), row["elb"]) for row in counting())
    expected = np.zeros(12)
    for elb in (SHOP, API):
        its = [row for row in counting() if row["elb"] == elb]
        rate = runs(its).total() / len(its)
        expected += [rate * traffic[n, elb] for n in range(12)]
    expected *= len(counting()) / expected.sum()
    assert bins.exposure == pytest.approx(np.maximum(expected, bins.events))


def test_the_client_with_most_can_be_left_out() -> None:
    bins = bins_of(frame_of(rows()), "5min", None)
    found = bins.most(2, 6)
    assert found is not None
    client, most = found
    by_client: Counter[str] = Counter()
    for name in {row["client_ip"] for row in counting()}:
        its = runs([row for row in counting() if row["client_ip"] == name])
        by_client[name] = sum(its[n] for n in range(2, 6))
    assert most == max(by_client.values())
    left = bins.without(client)
    assert left.events[2:6].sum() == bins.events[2:6].sum() - most
    assert (left.events >= 0).all()
    assert left.failures.tolist() == bins.failures.tolist()  # what is told stays


def test_without_addresses_every_failure_counts() -> None:
    bins = bins_of(frame_of(rows()).assign(client_ip=None), "5min", None)
    assert bins.events.tolist() == bins.failures.tolist()
    assert bins.failures.sum() == len(failed(rows()))
    assert bins.clients(0, 12) is None
    assert bins.most(0, 12) is None


def test_weeks_begin_on_a_monday_and_days_at_midnight() -> None:
    made = [
        connection(86_400 * n, "A" if n % 2 else None, client_ip=f"10.0.{n % 5}.1")
        for n in range(30)
    ]
    weeks = bins_of(frame_of(made), "W", None)
    assert {start.day_name() for start in weeks.starts} == {"Monday"}
    assert weeks.width == timedelta(days=7)
    monday = BEGIN - timedelta(days=BEGIN.weekday())
    expected = Counter(((row["timestamp"] - monday).days + 0) // 7 for row in made)
    assert weeks.connections.tolist() == [expected[n] for n in sorted(expected)]
    days = bins_of(frame_of(made), "D", None)
    assert all(start == start.normalize() for start in days.starts)


def test_rates_know_no_clients() -> None:
    bins = of_rates(rates([1, 5, 2], [100, 90, 80]), "5min")
    assert bins.events.tolist() == bins.failures.tolist() == [1, 5, 2]
    assert bins.exposure.tolist() == [100, 90, 80]
    assert bins.clients(0, 3) is None


def test_a_window_says_what_it_rests_on() -> None:
    window = told(bins_of(frame_of(rows()), "5min", None), 2, 5)
    inside = [row for row in counting() if 2 <= place(row) < 5]
    outside = [row for row in counting() if not 2 <= place(row) < 5]
    assert window == (BEGIN + timedelta(minutes=10), BEGIN + timedelta(minutes=25))
    assert window.clients == len({row["client_ip"] for row in failed(inside)})
    assert (window.failures, window.connections) == (len(failed(inside)), len(inside))
    assert window.usual == pytest.approx(len(failed(outside)) / len(outside))


def test_a_window_is_a_tuple_that_survives_copies() -> None:
    start, end = datetime(2026, 9, 23, tzinfo=UTC), datetime(2026, 9, 24, tzinfo=UTC)
    window = WorstWindow((start, end), clients=3, failures=7, connections=70, usual=0.01)
    assert tuple(window) == window == (start, end)
    for same in (pickle.loads(pickle.dumps(window)), copy.deepcopy(window), copy.copy(window)):
        assert same == window
        assert (same.clients, same.failures, same.connections) == (3, 7, 70)


def test_nothing_has_no_bins() -> None:
    bins = bins_of(frame_of([]), "5min", None)
    assert bins.starts == []
    assert bins.clients(0, 0) in (None, 0)
    assert len(of_rates(pd.DataFrame(rates([], [])), "5min").events) == 0
    assert at(0) == datetime(2026, 9, 23, tzinfo=UTC)
