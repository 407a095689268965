"""Which files are missing: planted holes, ranges, and the same from a converted dataset."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from albconn import AlbconnWarning, SourceError, TableError, convert
from albconn.analysis.delivery.coverage import coverage
from worlds.trees import content, key, plant

FIRST = datetime(2026, 9, 22, 23, 50, tzinfo=UTC)
FIVE = timedelta(minutes=5)


def ends(table: pd.DataFrame, *, seen: bool) -> list[datetime]:
    return list(table.loc[table["seen"] == seen, "interval_end"])


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two nodes: one from 23:50 to 00:20 without 00:05 and 00:10, one at 00:00 and 00:05."""
    there = [FIRST + n * FIVE for n in (0, 1, 2, 5, 6)]
    files = {key(end): content(end) for end in there}
    files[key(there[0]).replace("57hw2gm1", "second00")] = content(there[0])
    for end in (FIRST + 2 * FIVE, FIRST + 3 * FIVE):
        files[key(end, node="10.0.0.99", elb="api")] = content(end)
    files[key(FIRST, name="renamed.log.gz")] = content(FIRST)
    return plant(tmp_path / "logs", files)


def test_holes(tree: Path) -> None:
    table = coverage(tree)
    web = table[table["elb"].str.startswith("app/web/")]
    assert len(web) == 7
    assert ends(web, seen=False) == [FIRST + 3 * FIVE, FIRST + 4 * FIVE]
    assert web["files"].tolist() == [2, 1, 1, 0, 0, 1, 1]
    other = table[table["ip_address"] == "10.0.0.99"]
    assert ends(other, seen=True) == [FIRST + 2 * FIVE, FIRST + 3 * FIVE]
    assert ends(other, seen=False) == []
    assert table.attrs["unplaced"] == 1


def test_a_range_and_a_load_balancer(tree: Path) -> None:
    table = coverage(
        tree,
        start=FIRST + 2 * FIVE,
        end=FIRST + 3 * FIVE + timedelta(seconds=1),
        load_balancer="web",
    )
    # The interval that ends with the start is over; the one that the end reaches into is not.
    assert list(table["interval_end"]) == [FIRST + 3 * FIVE, FIRST + 4 * FIVE]
    assert table["seen"].tolist() == [False, False]


def test_a_dataset_tells_the_same(tree: Path, tmp_path: Path) -> None:
    convert(tree, tmp_path / "dataset")
    expected = coverage(tree)
    found = coverage(tmp_path / "dataset")
    pd.testing.assert_frame_equal(found, expected)
    assert found.attrs == expected.attrs
    api = coverage(tmp_path / "dataset", load_balancer="api")
    assert len(api) == 2


def test_nothing_and_nowhere(tree: Path, tmp_path: Path) -> None:
    full = coverage(tree)
    with pytest.warns(
        AlbconnWarning, match="1 log file has names that do not tell node and interval"
    ):
        none = coverage(tree, load_balancer="nobody")
    assert len(none) == 0
    assert [str(kind) for kind in none.dtypes] == [str(kind) for kind in full.dtypes]
    with pytest.raises(SourceError, match="no such file"):
        coverage(tmp_path / "nowhere")
    with pytest.raises(TableError, match="no time zone"):
        coverage(tree, start=datetime(2026, 9, 22))  # noqa: DTZ001


def test_nothing_is_read(tree: Path) -> None:
    for path in tree.rglob("*.gz"):
        path.write_bytes(b"not gzip")
    assert len(coverage(tree)) == 9
