"""When it started and ended: brute force, planted steps, and quiet traffic that yields nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from albconn import TableError, failure_rate
from albconn.analysis.changes import change_points, quiet_window, worst_window
from worlds.quiet import at, quiet, rates
from worlds.rows import BEGIN, Row, connection, frame_of


def test_a_step_is_found_to_the_bin() -> None:
    failures = [1, 0, 2, 1, 0, 1, 40, 38, 44, 1, 0, 1, 0, 2]
    table = rates(failures, [100] * 14)
    assert worst_window(table) == (at(6), at(9))
    changes = change_points(table)
    assert list(changes["bin_start"]) == [at(6), at(9)]
    first = changes.values.tolist()[0]
    assert first[1:5] == [600, 300, 5, 122]
    assert changes.loc[1, "rate_after"] == pytest.approx(4 / 500)
    assert (changes["p_value"] < 0.01).all()


def test_two_steps_up_and_an_open_end() -> None:
    changes = change_points(rates([1] * 20 + [20] * 10 + [60] * 10, [100] * 40))
    assert list(changes["bin_start"]) == [at(20), at(30)]
    assert changes["rate_after"].tolist() == pytest.approx([0.2, 0.6])


def test_an_improvement_is_a_change_and_no_incident() -> None:
    table = rates([30] * 10 + [1] * 4 + [30] * 10, [100] * 24)
    assert list(change_points(table)["bin_start"]) == [at(10), at(14)]
    start, end = worst_window(table) or (None, None)
    assert (start, end) != (at(10), at(14))


def test_holes_do_not_shift_the_times() -> None:
    failures = [0] * 10 + [50] * 4 + [0] * 10
    assert worst_window(rates(failures, [100] * 24, holes=(3, 4, 12))) == (at(10), at(14))


def test_connections_go_in_as_well() -> None:
    rows = [
        connection(
            30 * n, "ClientCertExpired" if 40 <= n < 60 else None, client_ip=f"203.0.113.{n % 40}"
        )
        for n in range(200)
    ]
    expected = (BEGIN + timedelta(minutes=20), BEGIN + timedelta(minutes=30))
    assert worst_window(frame_of(rows)) == expected
    assert worst_window(failure_rate(frame_of(rows))) == expected
    split = failure_rate(frame_of(rows), by="client_ip")
    assert worst_window(split) == expected


def hours(hammering: int = 0) -> list[Row]:
    """Return two hours of 60 clients; from minute 40 to 60 every second one fails.

    Beside them one address never gets through, and one fails and succeeds in turn.
    """
    rows = []
    for second in range(0, 7200, 5):
        n = second // 5
        fails = 2400 <= second < 3600 and n % 2
        rows.append(connection(second, "A" if fails else None, client_ip=f"203.0.113.{n % 60}"))
        if second % 60 == 0:
            rows.append(connection(second + 1, "A", client_ip="192.0.2.1"))
    for n in range(hammering):
        at = 5400 + n * 600 / hammering
        rows += [connection(at, "A", client_ip="10.0.0.1"),
                 connection(at + 0.1, client_ip="10.0.0.1")]  # fmt: skip
    return rows


def counted(rows: list[Row], first: float, last: float) -> tuple[int, int, int]:
    """Return clients that failed, failures and connections in a range [min], background apart."""
    start, end = (BEGIN + timedelta(minutes=minutes) for minutes in (first, last))
    inside = [r for r in rows if start <= r["timestamp"] < end and r["client_ip"] != "192.0.2.1"]
    failed = [row for row in inside if row["outcome"] == "failed"]
    return len({row["client_ip"] for row in failed}), len(failed), len(inside)


def test_a_window_says_on_what_it_rests() -> None:
    rows = hours()
    found = worst_window(frame_of(rows))
    assert found == (BEGIN + timedelta(minutes=40), BEGIN + timedelta(minutes=60))
    assert found is not None
    assert (found.clients, found.failures, found.connections) == counted(rows, 40, 60)
    assert found.clients == 30
    assert found.usual == 0.0
    assert counted(rows, 40, 60)[1] == found.failures == 120


def test_a_table_of_rates_knows_no_clients() -> None:
    found = worst_window(failure_rate(frame_of(hours())))
    assert found is not None
    assert found.clients is None
    assert found.failures == 120 + 20  # the background is in the rates


def test_changes_say_on_what_they_rest() -> None:
    rows = hours()
    changes = change_points(frame_of(rows))
    assert list(changes["bin_start"]) == [BEGIN + timedelta(minutes=n) for n in (40, 60)]
    sides = [counted(rows, 0, 40), counted(rows, 40, 60), counted(rows, 60, 120)]
    for side, (before, after) in (("before", (0, 1)), ("after", (1, 2))):
        told = [
            tuple(
                changes.loc[
                    row, [f"{name}_{side}" for name in ("clients", "failures", "connections")]
                ]
            )
            for row in (0, 1)
        ]
        assert told == [sides[before], sides[after]]
    assert changes.attrs["background"] == {
        "clients": 1, "failures": 120, "source": "192.0.2.1", "source_failures": 120,
    }  # fmt: skip
    assert str(changes["clients_before"].dtype) == "Int64"
    assert change_points(failure_rate(frame_of(rows)))["clients_after"].isna().all()


def test_one_client_is_no_window_and_hides_none() -> None:
    rows = hours(hammering=300)
    assert worst_window(frame_of(rows)) == worst_window(frame_of(hours()))
    others = [r for r in rows if r["client_ip"] == "10.0.0.1" or r["outcome"] == "success"]
    assert worst_window(frame_of(others)) is None
    assert worst_window(failure_rate(frame_of(others))) is not None  # rates know no better


def test_retries_are_no_window() -> None:
    calm = [row for row in hours() if row["outcome"] == "success"]
    retries = [connection(3000 + n / 10, "A", client_ip="203.0.113.3") for n in range(400)]
    assert worst_window(frame_of([*calm, *retries])) is None


def test_little_is_no_incident() -> None:
    assert worst_window(rates([0] * 20 + [3] + [0] * 20, [10] * 41)) is None
    # Statistically sure, and a quarter more: the time of day, not an incident.
    assert worst_window(rates([100] * 30 + [125] * 10, [10_000] * 40)) is None
    assert worst_window(rates([], [])) is None
    assert worst_window(rates([5], [5])) is None
    assert len(change_points(rates([], []))) == 0


# bins, connections per bin, rate, failures per failing client: worlds with a claim, of 300
QUIET = [(48, 30, 0.006, 1), (576, 30, 0.006, 1), (288, 5, 0.02, 2), (48, 100, 0.02, 3),
         (576, 30, 0.006, 4)]  # fmt: skip


@pytest.mark.parametrize(("bins", "volume", "rate", "retries"), QUIET)
def test_quiet_traffic_yields_no_claim(
    bins: int, volume: float, rate: float, retries: float
) -> None:
    random = np.random.default_rng([bins, int(volume)])
    worlds = [quiet(random, bins, volume, rate, retries) for _ in range(30)]
    assert sum(worst_window(world) is not None for world in worlds) <= 2
    assert sum(len(change_points(world)) > 0 for world in worlds) <= 2


@pytest.mark.long
@pytest.mark.parametrize(("bins", "volume", "rate", "retries"), QUIET)
def test_false_alarms_of_quiet_traffic(
    bins: int, volume: float, rate: float, retries: float
) -> None:
    random = np.random.default_rng([bins, int(volume), 2])
    worlds = [quiet(random, bins, volume, rate, retries) for _ in range(600)]
    assert sum(worst_window(world) is not None for world in worlds) <= 20
    assert sum(len(change_points(world)) > 0 for world in worlds) <= 20


def test_quiet_window() -> None:
    table = rates([1] * 10, [100] * 10)
    assert quiet_window(table, (at(7), at(8))) == (at(0), at(7))
    assert quiet_window(table, (at(1), at(3))) == (at(3), at(10))
    assert quiet_window(table, (at(0), at(10))) is None
    assert quiet_window(rates([], []), (at(0), at(1))) is None
    with pytest.raises(TableError, match="no time zone"):
        quiet_window(table, (datetime(2026, 9, 23), at(3)))  # noqa: DTZ001


def test_a_table_that_is_no_rate() -> None:
    with pytest.raises(TableError, match="no column 'failures'"):
        worst_window(pd.DataFrame({"bin_start": [], "connections": []}))
