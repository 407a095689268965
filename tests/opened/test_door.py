"""Log files and a dataset open alike, with the same books and the same connections."""

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest

import albconn as ac
from albconn.opened import Opened, open_connections
from albconn.opened.door import find_dataset
from worlds.lines import line
from worlds.rows import connection, frame_of


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    logs, dest = tmp_path / "logs", tmp_path / "dataset"
    logs.mkdir()
    for day in (22, 23):
        lines = [
            line(
                f"2026-09-{day:02d}T10:00:0{n}.000000Z",
                client_port=40000 + n,
                elb="shop" if n < 4 else "api",
            )
            for n in range(1, 7)
        ]
        (logs / f"{day}.log").write_text("\n".join([*lines, "not a line"]) + "\n")
    ac.convert(logs, dest)
    return logs, dest


def rows(opened: Opened) -> int:
    counted: Any = opened.connections
    return counted.count_rows() if isinstance(counted, ds.Dataset) else len(counted)


def test_both_have_the_same_books(places: tuple[Path, Path]) -> None:
    for place in places:
        opened = open_connections(place)
        assert (opened.files, opened.lines, opened.rows, opened.rejected) == (2, 14, 12, 2)
        assert (opened.damaged, rows(opened)) == (0, 12)
    assert [find_dataset(place, None) is not None for place in places] == [False, True]


def test_a_whole_dataset_stays_where_it_is(places: tuple[Path, Path]) -> None:
    assert isinstance(open_connections(places[1]).connections, ds.FileSystemDataset)
    day = open_connections(places[1], start=datetime(2026, 9, 23, tzinfo=UTC))
    assert isinstance(day.connections, ds.Dataset)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"start": datetime(2026, 9, 23, tzinfo=UTC)}, 6),
        ({"end": datetime(2026, 9, 22, 10, 0, 3, tzinfo=UTC)}, 2),
        ({"load_balancer": "api"}, 6),
        ({"load_balancer": "shop", "start": datetime(2026, 9, 23, 10, 0, 2, tzinfo=UTC)}, 2),
        ({"load_balancer": "none"}, 0),
    ],
)
def test_a_selection_means_the_same_for_both(
    places: tuple[Path, Path], filters: dict, expected: int
) -> None:
    for place in places:
        nothing = pytest.warns(ac.AlbconnWarning, match="'none'; there are 'api' and 'shop'")
        with nothing if expected == 0 else nullcontext():
            opened = open_connections(place, **filters)
        assert rows(opened) == expected
        assert ac.outcome_totals(opened)["connections"].item() == expected


def test_within_is_half_open(places: tuple[Path, Path]) -> None:
    moments = (
        datetime(2026, 9, 22, 10, 0, 2, tzinfo=UTC),
        datetime(2026, 9, 22, 10, 0, 4, tzinfo=UTC),
    )
    for place in places:
        inside: Any = open_connections(place).within(*moments).connections
        table = inside.to_table() if isinstance(inside, ds.Dataset) else inside
        assert sorted(table["client_port"].to_pylist()) == [40002, 40003]


def test_several_sources_are_logs(places: tuple[Path, Path]) -> None:
    assert open_connections([places[0] / "22.log", places[0] / "23.log"]).files == 2
    assert find_dataset([places[1]], None) is None


def test_a_table_without_what_is_asked_for_is_said() -> None:
    table = frame_of([connection(1)])
    with pytest.warns(ac.AlbconnWarning, match="^source: holds no connection of that time and"):
        open_connections(table, end="2020-01-01T00:00Z")
    with open_connections(table) as opened:
        said = pytest.warns(
            ac.AlbconnWarning, match="^source: load_balancer: nothing is of 'nobody'"
        )
        with said:
            assert open_connections(opened, load_balancer="nobody").columns == opened.columns


def test_lines_of_which_none_is_understood_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("not a line\nneither\n")
    with pytest.warns(
        ac.AlbconnWarning, match=r"a\.log: none of its 2 lines is understood, first "
    ):
        assert open_connections(tmp_path / "a.log").rejected == 2
    (tmp_path / "empty.log").write_text("")
    assert open_connections(tmp_path / "empty.log").lines == 0  # nothing is wrong with it
