"""Events of clients: runs of failures by plain Python, and what counts as one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from albconn.analysis.counting.bursts import measure_bursts, within
from albconn.analysis.counting.counts import OUTCOME_COLUMNS, open_counting
from albconn.times import Window
from worlds.rows import BEGIN, Row, connection, frame_of
from worlds.strategies import many_rows

BEFORE: Window = (BEGIN - timedelta(seconds=1000), BEGIN)
DURING: Window = (BEGIN, BEGIN + timedelta(seconds=500))
Bursts = dict[tuple[str, bool], float]


def bursts(rows: list[Row], baseline: Window = BEFORE, incident: Window = DURING) -> Bursts:
    columns = ["timestamp", "client_ip", *OUTCOME_COLUMNS]
    with open_counting(frame_of(rows), columns=columns) as counting:
        measure_bursts(counting, [baseline], incident)
        found = counting.database.sql("SELECT client, late, burst FROM bursts").fetchall()
    assert len(found) == len({(client, late) for client, late, _ in found})
    return {(client, late): burst for client, late, burst in found}


def plain_bursts(rows: list[Row], baseline: Window = BEFORE, incident: Window = DURING) -> Bursts:
    """Count runs of failures, one connection after the other."""
    answer = {}
    for late, (start, end) in ((False, baseline), (True, incident)):
        lines: dict[str, list[tuple]] = {}
        for row in rows:
            if row["client_ip"] and row["outcome"] and start <= row["timestamp"] < end:
                place = (row["timestamp"], row["outcome"] == "failed")  # a success comes first
                lines.setdefault(row["client_ip"], []).append(place)
        for client, places in lines.items():
            failed = [has_failed for _, has_failed in sorted(places)]
            runs = sum(now and not before for before, now in zip([False, *failed], failed))  # noqa: B905
            if runs:
                answer[client, late] = sum(failed) / runs
    return answer


@settings(max_examples=60, deadline=None)
@given(many_rows)
def test_runs_are_those_of_plain_python(rows: list[Row]) -> None:
    assert bursts(rows) == plain_bursts(rows)


few_moments = st.lists(
    st.builds(
        lambda second, reason, client: connection(second, reason, client_ip=client),
        st.sampled_from([-990, -3, -2, -2, -1, 0, 0, 1, 2, 3, 499, 500]),
        st.sampled_from([None, "A", "B"]),
        st.sampled_from(["10.0.0.1", "10.0.0.2", "::1", None]),
    ),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(few_moments)
def test_runs_of_connections_at_one_moment(rows: list[Row]) -> None:
    assert bursts(rows) == plain_bursts(rows)
    assert bursts(rows, DURING, BEFORE) == plain_bursts(rows, DURING, BEFORE)


@pytest.mark.parametrize(
    ("outcomes", "burst"),
    [
        ("F", 1),
        ("FFFFF", 5),
        ("SFFSFFS", 2),
        ("FSFSF", 1),
        ("FFFSF", 2),
        ("SSSFFFF", 4),
    ],
)
def test_runs_by_hand(outcomes: str, burst: float) -> None:
    rows = [connection(n, "A" if way == "F" else None) for n, way in enumerate(outcomes)]
    assert bursts(rows) == {("203.0.113.7", True): burst}
    assert bursts(rows[::-1]) == bursts(rows)


def test_a_run_over_both_windows_is_an_event_in_each() -> None:
    rows = [connection(n, "A") for n in range(-2, 3)]
    assert bursts(rows) == {("203.0.113.7", False): 2, ("203.0.113.7", True): 3}


def test_other_clients_successes_end_no_run() -> None:
    rows = [connection(n, "A") for n in range(4)]
    rows += [connection(n + 0.5, client_ip="10.0.0.9") for n in range(4)]
    assert bursts(rows) == {("203.0.113.7", True): 4}


def test_at_one_moment_the_success_comes_first() -> None:
    rows = [connection(0, "A"), connection(0), connection(0, "A"), connection(1, "B")]
    assert bursts(rows) == bursts(rows[::-1]) == {("203.0.113.7", True): 3}


def test_without_addresses_there_are_none() -> None:
    table = frame_of([connection(0, "A"), connection(1, "A")]).drop(columns="client_ip")
    with open_counting(table, columns=["timestamp", *OUTCOME_COLUMNS]) as counting:
        measure_bursts(counting, [BEFORE], DURING)
        assert counting.database.sql("SELECT * FROM bursts").fetchall() == []
    assert bursts([]) == {}


def test_a_window_is_half_open() -> None:
    rows = [connection(second) for second in (-0.1, 0, 499.9, 500)]
    with open_counting(frame_of(rows), columns=["timestamp"]) as counting:
        inside = counting.database.sql(
            f"SELECT {within(DURING)} FROM connections ORDER BY timestamp"
        )
        assert inside.fetchall() == [(False,), (True,), (True,), (False,)]
