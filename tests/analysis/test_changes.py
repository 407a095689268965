"""When it started and ended: brute force, planted steps, and quiet traffic that yields nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from albconn import TableError, failure_rate
from albconn.analysis.changes import change_points, quiet_window, worst_window
from worlds.quiet import at, quiet, rates
from worlds.rows import BEGIN, connection, frame_of


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
