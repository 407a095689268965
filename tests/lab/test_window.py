"""A window is cut alike out of every kind of connections, and by its own line of code."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import albconn as ac
from albconn import AlbconnError
from albconn.lab.window import IMPORTS, span_of, window_line, written
from albconn.schema.connections import CONNECTIONS
from worlds.rows import BEGIN, SOURCES, connection, frame_of

MINUTE = timedelta(minutes=1)
WINDOW = (BEGIN + 2 * MINUTE, BEGIN + 5 * MINUTE)
ROWS = [connection(60 * n, client_port=n) for n in range(10)]


def ports(opened: ac.Opened) -> list[int]:
    held: Any = opened.connections
    if isinstance(held, pa.Table):
        return sorted(held["client_port"].to_pylist())
    if hasattr(held, "to_table"):
        return sorted(held.to_table()["client_port"].to_pylist())
    return sorted(held["client_port"].tolist())


@pytest.mark.parametrize("kind", SOURCES)
def test_a_window_is_half_open(kind: str, tmp_path: Path) -> None:
    opened = ac.open_connections(SOURCES[kind](ROWS, tmp_path))
    assert ports(opened.within(*WINDOW)) == [2, 3, 4]
    assert set(opened.columns) == set(CONNECTIONS.columns)
    assert span_of(opened) == (BEGIN, BEGIN + 9 * MINUTE)


@pytest.mark.parametrize("kind", SOURCES)
def test_its_line_cuts_the_same(kind: str, tmp_path: Path) -> None:
    connections = SOURCES[kind](ROWS, tmp_path)
    names: dict[str, Any] = {"connections": connections}
    exec("\n".join([*IMPORTS, window_line(connections, WINDOW)]), names)
    assert ports(names["window"]) == [2, 3, 4]


def test_a_path_is_opened_by_its_line() -> None:
    ends = 'start="2026-09-23T10:02Z", end="2026-09-23T10:05Z")'
    assert window_line(Path("out/it's"), WINDOW) == (
        f'window = ac.open_connections("out/it\'s", {ends}'
    )
    assert window_line([Path("a"), "b"], WINDOW) == (
        f"window = ac.open_connections(['a', 'b'], {ends}"
    )


def test_the_window_in_words() -> None:
    assert written(WINDOW) == "from 2026-09-23 10:02 to 2026-09-23 10:05 UTC"


def test_of_none_there_is_no_span() -> None:
    with pytest.raises(AlbconnError, match="there are none to explore; check the source"):
        span_of(ac.open_connections(frame_of([])))
