"""Lines that are no rows are said with the first of them; so is why nothing is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import albconn as ac
from albconn.errors import IncompleteWarning
from albconn.logs.told import tell_of_rejected
from worlds import trees
from worlds.lines import line

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
READERS = {
    "read": ac.read_connections,
    "load": ac.load_connections,
    "iter": lambda source, **options: list(ac.iter_connections(source, **options)),
    "open": ac.open_connections,
}
reads = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


def said(read: Callable[..., Any], folder: Path, **filters: Any) -> list[tuple[type, str]]:
    with pytest.warns(ac.AlbconnWarning) as caught:
        read(folder, **filters)
    return [(w.category, str(w.message).replace(str(folder), "logs")) for w in caught]


@reads
def test_some_rejected_lines_are_said_with_the_first(tmp_path: Path, read: Any) -> None:
    trees.plant(tmp_path, {"a.log": f"{line(NOON)}\nno line\n\nneither\n".encode()})
    assert said(read, tmp_path) == [
        (ac.AlbconnWarning,
         "logs: 2 of 3 lines rejected, first logs/a.log:2: too few fields ('2')")
    ]  # fmt: skip


@reads
def test_nothing_understood_says_what_it_looks_like(tmp_path: Path, read: Any) -> None:
    trees.plant(tmp_path, {"a.log": b'{"events": [\n{"message": "x"}\n]}\n'})
    assert said(read, tmp_path) == [
        (IncompleteWarning,
         "logs: none of its 3 lines is understood, first logs/a.log:1: looks like CloudWatch JSON")
    ]  # fmt: skip


@reads
def test_rows_of_another_time_are_said_with_theirs(tmp_path: Path, read: Any) -> None:
    lines = [line(NOON), line(NOON + DAY)]
    trees.plant(tmp_path, {"a.log": "\n".join(lines).encode()})
    assert said(read, tmp_path, end=NOON - DAY) == [
        (ac.AlbconnWarning,
         "logs: none of the 2 rows is until 2026-09-22 12:00:00 UTC; they are of "
         "2026-09-23 12:00:00 to 2026-09-24 12:00:00 UTC")
    ]  # fmt: skip


@reads
def test_rows_of_another_name_are_said_with_theirs(tmp_path: Path, read: Any) -> None:
    lines = [line(NOON, elb="shop"), line(NOON, elb="web")]
    trees.plant(tmp_path, {"a.log": "\n".join(lines).encode()})
    assert said(read, tmp_path, load_balancer="shpo") == [
        (IncompleteWarning,
         "logs: none of the 2 rows is of load_balancer 'shpo'; load_balancer: nothing is of "
         "'shpo'; there are 'shop' and 'web'; did you mean 'shop'?")
    ]  # fmt: skip
    assert said(read, tmp_path, region="us-east-1") == [
        (IncompleteWarning,
         "logs: none of the 2 rows is of region 'us-east-1'; neither its names nor its lines tell "
         "region")
    ]  # fmt: skip


def test_one_line_and_no_line(recwarn: pytest.WarningsRecorder) -> None:
    tell_of_rejected("a", 0, 0, None)
    tell_of_rejected("a", 5, 0, None)
    assert not recwarn.list
    with pytest.warns(IncompleteWarning, match="^a: its only line is not understood$"):
        tell_of_rejected("a", 1, 1, None)
