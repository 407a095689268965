"""What is opened can be cut again, shares one database, and closes it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

import albconn as ac
from albconn.opened import open_connections
from worlds.rows import BEGIN, connection, frame_of

MINUTE = timedelta(minutes=1)
ROWS = [connection(60 * n, client_port=n) for n in range(10)]


def rows_of(opened: ac.Opened) -> int:
    return int(ac.outcome_totals(opened)["rows"].item())


def test_a_window_in_a_window_is_what_both_have() -> None:
    with open_connections(frame_of(ROWS), start=BEGIN + 2 * MINUTE) as opened:
        inner = opened.within(BEGIN, BEGIN + 5 * MINUTE)
        assert (rows_of(opened), rows_of(inner)) == (8, 3)
        assert inner.database is opened.database
        assert inner.within(None, None).selection == inner.selection
        assert (inner.selection.start, inner.selection.end) == (
            BEGIN + 2 * MINUTE, BEGIN + 5 * MINUTE,
        )  # fmt: skip


def test_a_dataset_cut_in_time_is_counted_whole_by_its_range(tmp_path: Path) -> None:
    log = Path(__file__).parents[2] / "data/sample/first_case.log"
    ac.convert(log, tmp_path / "dataset")
    opened = open_connections(tmp_path / "dataset")
    everything = ac.outcome_totals(opened).iloc[0]
    middle = everything["last_timestamp"].to_pydatetime()
    before, after = opened.within(None, middle), opened.within(middle, None)
    assert rows_of(before) + rows_of(after) == everything["rows"]
    rows, start, end = before.to_count()
    assert (rows, start, end) == (opened.connections, None, middle)
    with pytest.warns(ac.AlbconnWarning, match="holds no connection"):  # so old: no balancer logged
        filtered = open_connections(opened, load_balancer="*")
    assert filtered.to_count()[0] is filtered.connections


def test_it_may_be_asked_again_after_it_was_closed() -> None:
    with open_connections(frame_of(ROWS)) as opened:
        assert rows_of(opened) == 10
    assert rows_of(opened) == 10
    opened.close()


def test_the_columns_that_are_there() -> None:
    assert open_connections(frame_of(ROWS)[["timestamp", "elb"]]).columns == ("timestamp", "elb")
