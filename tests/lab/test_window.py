"""A window is cut alike out of every kind of connections, and by its own line of code."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from albconn import AlbconnError
from albconn.lab.window import import_lines, inside, names_of, opened, span_of, window_line, written
from albconn.schema.connections import CONNECTIONS
from worlds.rows import BEGIN, SOURCES, connection, frame_of

MINUTE = timedelta(minutes=1)
WINDOW = (BEGIN + 2 * MINUTE, BEGIN + 5 * MINUTE)
ROWS = [connection(60 * n, client_port=n) for n in range(10)]


def ports(held: Any) -> list[int]:
    if isinstance(held, pa.Table):
        return sorted(held["client_port"].to_pylist())
    if hasattr(held, "to_table"):
        return sorted(held.to_table()["client_port"].to_pylist())
    return sorted(held["client_port"].tolist())


@pytest.mark.parametrize("kind", SOURCES)
def test_a_window_is_half_open(kind: str, tmp_path: Path) -> None:
    held = opened(SOURCES[kind](ROWS, tmp_path))
    assert ports(inside(held, WINDOW)) == [2, 3, 4]
    assert set(names_of(held)) == set(CONNECTIONS.columns)
    assert span_of(held) == (BEGIN, BEGIN + 9 * MINUTE)


@pytest.mark.parametrize("kind", ["frame", "dataset in files"])
def test_its_line_cuts_the_same(kind: str, tmp_path: Path) -> None:
    connections = SOURCES[kind](ROWS, tmp_path)
    names: dict[str, Any] = {"connections": connections}
    exec("\n".join([*import_lines(connections), window_line(connections, WINDOW)]), names)
    assert ports(names["window"]) == [2, 3, 4]


def test_a_path_is_opened_by_its_line() -> None:
    line = window_line(Path("out/it's"), WINDOW)
    assert line.startswith('window = ac.open_dataset("out/it\'s").filter(')
    assert import_lines("out")[0] == "from datetime import datetime"


def test_the_window_in_words() -> None:
    assert written(WINDOW) == "from 2026-09-23 10:02 to 2026-09-23 10:05 UTC"


def test_of_none_there_is_no_span() -> None:
    with pytest.raises(AlbconnError, match="there are none to explore; check the source"):
        span_of(frame_of([]))
