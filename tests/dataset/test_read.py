"""Reading a dataset: committed files only, types given back, ranges pushed down."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest

import albconn
import albconn.dataset.converting.convert as converting
from albconn import DatasetError, TableError, convert, open_dataset, read_connections, read_dataset
from albconn.dataset.commits.checkpoint import Page
from albconn.dataset.commits.shelf import MissingPageError, Shelf
from albconn.schema.connections import CONNECTIONS
from tests.cli.running import albconn as command
from tests.dataset.on_disk import part_files
from worlds.lines import line
from worlds.trees import log_path, moments, write_log


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for day in (21, 22, 23):
        stamps = moments(f"2026-09-{day}T22:00:00Z", 48, step_seconds=300)
        write_log(
            log_path(tmp_path / "logs", f"202609{day}T2205Z"),
            [line(m, client_ip=f"203.0.113.{n}", client_port=n) for n, m in enumerate(stamps)],
        )
    return tmp_path / "logs"


@pytest.fixture
def dest(logs: Path, tmp_path: Path) -> Path:
    convert(logs, tmp_path / "out")
    return tmp_path / "out"


def test_open_dataset(dest: Path) -> None:
    dataset = open_dataset(dest)
    assert dataset.schema.names == [*CONNECTIONS.columns, "date"]
    assert dataset.schema.field("date").type == pa.date32()
    assert dataset.schema.field("client_ip").type == pa.string()
    table = dataset.to_table()
    assert len(table) == 144
    assert table.select(CONNECTIONS.columns).schema.equals(CONNECTIONS.file_schema)
    days = table["timestamp"].cast(pa.timestamp("us")).cast(pa.date32(), safe=False)
    assert table["date"].to_pylist() == days.to_pylist()


def test_filters_open_only_what_can_hold_them(dest: Path) -> None:
    dataset = open_dataset(dest)
    assert len(list(dataset.get_fragments())) == 4
    day = pc.field("date") == date(2026, 9, 23)
    assert len(list(dataset.get_fragments(filter=day))) == 1
    late = pc.field("timestamp") >= datetime(2026, 9, 24, 0, 30, tzinfo=UTC)
    assert len(list(dataset.get_fragments(filter=late))) == 1
    assert dataset.count_rows(filter=day) == 24 + 24


def test_read_dataset_gives_what_was_read(logs: Path, dest: Path) -> None:
    read, frame = read_connections(logs), read_dataset(dest)
    assert list(frame.columns) == [*CONNECTIONS.columns, "date"]
    assert frame.drop(columns="date").dtypes.to_dict().keys() == read.dtypes.to_dict().keys()
    for name in CONNECTIONS.columns:
        assert frame[name].dtype.name == read[name].dtype.name
    order = ["source_file", "line_number"]
    left, right = (
        f.astype(
            {n: "object" for n in CONNECTIONS.columns if f[n].dtype == "category"}
        ).sort_values(order, ignore_index=True)[list(CONNECTIONS.columns)]
        for f in (read, frame)
    )
    pd.testing.assert_frame_equal(left, right)
    assert frame["date"].tolist() == frame["timestamp"].dt.date.tolist()
    assert frame["timestamp"].is_monotonic_increasing


def test_range_is_half_open_and_pushed_down(dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = datetime(2026, 9, 22, 22, 5, tzinfo=UTC)
    end = datetime(2026, 9, 22, 22, 20, tzinfo=UTC)
    opened: list[str] = []
    original = ds.FileSystemDataset.from_paths

    def recorded(paths: list[str], **kwargs: object) -> ds.Dataset:
        opened.extend(paths)
        return original(paths, **kwargs)

    import albconn.dataset.read as read_module

    monkeypatch.setattr(
        read_module.ds, "FileSystemDataset", type("Recorder", (), {"from_paths": recorded})
    )
    frame = read_dataset(dest, start=start, end=end, columns=["client_port", "timestamp"])
    assert list(frame.columns) == ["timestamp", "client_port"]
    assert frame["client_port"].tolist() == [1, 2, 3]
    assert [Path(path).parent.name for path in opened] == ["date=2026-09-22"]


def test_columns(dest: Path) -> None:
    frame = read_dataset(dest, columns=["date", "client_ip"])
    assert list(frame.columns) == ["client_ip", "date"]
    assert set(frame["date"]) == {date(2026, 9, 21 + n) for n in range(4)}
    with pytest.raises(TableError, match="'clientip' is not a column"):
        read_dataset(dest, columns=["clientip"])
    with pytest.raises(TableError, match="has no time zone"):
        read_dataset(dest, start=datetime(2026, 9, 22))  # noqa: DTZ001


def test_nothing_in_range_keeps_columns_and_types(dest: Path) -> None:
    nothing = read_dataset(dest, start=datetime(2030, 1, 1, tzinfo=UTC))
    some = read_dataset(dest)
    assert len(nothing) == 0
    assert [str(kind) for kind in nothing.dtypes] == [str(kind) for kind in some.dtypes]


def test_only_committed_files_are_seen(dest: Path) -> None:
    part = part_files(dest)[0]
    part.with_name("part-00000009-deadbeef-0001.parquet").write_bytes(part.read_bytes())
    part.with_name("other.parquet").write_bytes(b"half")
    assert open_dataset(dest).count_rows() == 144
    assert len(read_dataset(dest)) == 144


def test_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no albconn dataset is there \(no manifest/\)"):
        open_dataset(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match="is not a path or URL"):
        open_dataset(None)  # type: ignore[arg-type]


def test_a_record_that_cannot_be_read(dest: Path) -> None:
    (dest / "manifest/00000001.json").write_text("{")
    with pytest.raises(DatasetError, match=r"00000001\.json: not a commit record"):
        open_dataset(dest)
    (dest / "manifest/00000001.json").write_text('{"format": 99, "albconn": "9.0"}')
    with pytest.raises(DatasetError, match=r"written by albconn 9\.0, in a newer format; upgrade"):
        open_dataset(dest)


def test_front_door() -> None:
    assert albconn.open_dataset is open_dataset
    assert callable(albconn.convert)


@pytest.mark.parametrize("damage", ["missing", "cut", "zeros"])
def test_a_part_that_is_missing_or_damaged_is_one_line(damage: str, dest: Path) -> None:
    part = part_files(dest)[1]
    content = part.read_bytes()
    if damage == "missing":
        part.unlink()
    else:
        part.write_bytes(content[:-20] if damage == "cut" else bytes(1000))
    day: dict[str, Any] = {"start": "2026-09-22T00:00Z", "end": "2026-09-23T00:00Z"}
    for work in (
        lambda: read_dataset(dest),
        lambda: read_dataset(dest, **day),
        lambda: albconn.failure_rate(dest),
        lambda: albconn.failing_clients(dest),
        lambda: albconn.open_connections(dest, load_balancer="web"),
        lambda: albconn.open_connections(dest, **day),
        lambda: albconn.open_connections(dest, **day, load_balancer="web"),
    ):
        with pytest.raises(DatasetError, match="a file of the dataset is missing or cannot") as e:
            work()
        assert str(e.value).startswith(f"{dest}: ")
        assert "\n" not in str(e.value)
        assert part.name in str(e.value)
    said = command("rates", str(dest))
    assert (said.returncode, said.stdout, said.stderr.count("\n")) == (1, "", 1)
    other: dict[str, Any] = {"start": "2026-09-23T22:30Z", "end": "2026-09-24T00:00Z"}
    assert len(read_dataset(dest, **other)) == 18  # what is elsewhere can be read


def test_a_time_range_opens_only_the_files_that_can_hold_it(dest: Path) -> None:
    whole = open_dataset(dest)
    day = open_dataset(dest, start="2026-09-22T22:00Z", end="2026-09-23T00:00Z")
    assert [Path(name).parent.name for name in day.files] == ["date=2026-09-22"]
    assert len(whole.files) == 4
    assert open_dataset(dest, start="2030-01-01T00:00Z").count_rows() == 0
    with pytest.raises(TableError, match="has no time zone"):
        open_dataset(dest, start=datetime(2026, 9, 22))  # noqa: DTZ001


def test_pages_that_are_replaced_meanwhile_are_read_again(
    dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The records were read, then two folds came: what they name is gone."""
    monkeypatch.setattr(converting, "FOLD_AT", 1)
    content, left = Shelf.content, [2]

    def replaced(shelf: Shelf, page: Page) -> bytes:
        if left[0]:
            left[0] -= 1
            raise MissingPageError("gone")
        return content(shelf, page)

    late = log_path(dest.parent / "logs", "20260925T2205Z")
    write_log(late, [line("2026-09-25T22:00:00.000000Z")])
    convert(dest.parent / "logs", dest)
    monkeypatch.setattr(Shelf, "content", replaced)
    for ask in (
        lambda: len(read_dataset(dest)),
        lambda: open_dataset(dest).count_rows(),
        lambda: albconn.failure_rate(dest, every="1D")["connections"].sum(),
    ):
        left[0] = 2
        assert ask() == 145
        assert left == [0]
