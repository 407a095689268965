"""The door for requests opens what the door for connections opens."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import albconn as ac
from worlds.request_lines import request_line
from worlds.request_rows import request, requests_frame, requests_table
from worlds.rows import BEGIN
from worlds.trees import ACCESS_LOG, key, packed, plant

ROWS = [request(n, elb="app/shop/1" if n % 2 else "app/api/2") for n in range(4)]
LATER = (BEGIN + timedelta(seconds=2)).isoformat()


def test_tables_are_cut_to_a_time_and_by_filters() -> None:
    for source in (requests_frame(ROWS), requests_table(ROWS)):
        with ac.open_requests(source, start=LATER) as opened:
            assert (opened.kind, len(pa.table(opened.connections))) == ("table", 2)
        with ac.open_requests(source, load_balancer="shop", end=LATER) as opened:
            assert len(opened.connections) == 1
            at = (BEGIN + timedelta(seconds=1)).isoformat()
            assert len(ac.open_requests(opened, start=at).connections) == 1


def test_nothing_of_that_time_is_said() -> None:
    with pytest.warns(ac.AlbconnWarning, match="source: holds no request of that time"):
        ac.open_requests(requests_frame(ROWS), start="2030-01-01T00:00Z")


def test_logs_and_datasets(tmp_path: Path) -> None:
    end = BEGIN + timedelta(minutes=5)
    lines = [request_line(BEGIN + timedelta(seconds=n)) for n in range(3)]
    logs = plant(tmp_path / "logs", {key(end, begins=ACCESS_LOG): packed([*lines, "none"])})
    with ac.open_requests(logs) as opened:
        assert (opened.kind, opened.lines, opened.rows, opened.rejected) == ("log files", 4, 3, 1)
    ac.convert(logs, tmp_path / "dataset", table="requests")
    with ac.open_requests(tmp_path / "dataset", start=LATER) as opened:
        assert (opened.kind, opened.lines, opened.rows) == ("dataset", 4, 3)
        assert opened.connections.count_rows() == 1  # type: ignore[union-attr]


def test_what_was_opened_as_connections_is_none() -> None:
    with ac.open_requests(requests_frame(ROWS)) as opened:
        with pytest.raises(ac.TableError, match="connections: requests were opened; give what op"):
            ac.failure_rate(opened)
        with pytest.raises(ac.TableError, match="connections: requests were opened"):
            ac.open_connections(opened)
