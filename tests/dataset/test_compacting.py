"""compact: few large parts, the same rows, whenever and wherever it stops."""

from __future__ import annotations

import itertools
import random
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import albconn.dataset.compacting as compacting
import albconn.dataset.converting.convert as converting
import albconn.dataset.parts.merge as merge
import albconn.dataset.parts.spool as spool
from albconn import DatasetError, TableError, convert, open_dataset, read_dataset
from albconn.dataset import check
from albconn.dataset.commits.lock import Lock
from albconn.dataset.commits.record import Part
from albconn.dataset.compacting import compact, plan_merges
from albconn.storage.local import LocalStore
from albconn.storage.store import open_dest
from tests.dataset.on_disk import fingerprint, part_files, read_file, rows_on_disk
from worlds.lines import line
from worlds.trees import log_path, moments, write_log

ORDER = ["timestamp", "source_file", "line_number"]


def five_minutes(root: Path, n: int, lines: int = 12) -> Path:
    """Write the log file of the n-th five minutes from 2026-09-22T22:00Z, across midnight."""
    start = datetime(2026, 9, 22, 22, tzinfo=UTC) + n * pd.Timedelta("5min")
    stamps = moments(start.isoformat(), lines, step_seconds=29)
    clients = itertools.cycle(["203.0.113.7", "2001:db8::1", "198.51.100.9"])
    end = (start + pd.Timedelta("5min")).strftime("%Y%m%dT%H%MZ")
    statuses = ["Failed:ClientCertExpired" if i % 5 == n % 5 else "Success" for i in range(lines)]
    texts = [
        line(moment, client_ip=client, tls_verify_status=status)
        for moment, client, status in zip(stamps, clients, statuses, strict=False)
    ]
    return write_log(log_path(root / "logs", end, n=n), [*texts, f"bad line {n}"][: lines + n % 2])


class World(NamedTuple):
    """Log files of 48 times five minutes, and what 48 runs of convert made of them."""

    root: Path
    logs: Path
    out: Path


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("many")
    for n in range(48):
        five_minutes(root, n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(converting, "BATCH_LIMITS", (1, 1 << 30))
        convert(root / "logs", root / "out")
    return World(root, root / "logs", root / "out")


@pytest.fixture
def many(converted: World, tmp_path: Path) -> World:
    """The same log files, a dataset of one's own, and room for more log files."""
    return World(tmp_path, converted.logs, shutil.copytree(converted.out, tmp_path / "out"))


@pytest.fixture
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let small parts take the way of large ones."""
    monkeypatch.setattr(merge, "WHOLE_ROWS", 7)
    monkeypatch.setattr(merge, "PIECE_ROWS", 4)
    for module in (compacting, spool):
        monkeypatch.setattr(module, "ROW_GROUP_ROWS", 20)


def content(dest: Path) -> pd.DataFrame:
    """Return every row of every file, whatever the records say, sorted by its identity."""
    table = pa.concat_tables([read_file(path) for path in part_files(dest)])
    return table.to_pandas().sort_values(["source_file", "line_number"], ignore_index=True)


def test_a_file_a_date_and_the_same_rows(many: World) -> None:
    before = content(many.out)
    done = compact(many.out)
    assert (done.parts_before, done.parts_after) == (49, 2)  # one log file spans two dates
    assert done.dates == (date(2026, 9, 22), date(2026, 9, 23))
    assert done.rows == len(before) == 48 * 12
    size = sum(path.stat().st_size for path in part_files(many.out))
    assert done.size_before > done.size_after == size
    pd.testing.assert_frame_equal(content(many.out), before)
    assert [p.parent.name for p in part_files(many.out)] == [
        "date=2026-09-22",
        "date=2026-09-23",
    ]
    assert sorted(p.name for p in (many.out).iterdir()) == [
        "connections", "ledger", "manifest", "rejected",
    ]  # fmt: skip
    assert check(many.out, many.logs).faults == ()


def part_files_of(dest: Path, day: str) -> list[Path]:
    return [path for path in part_files(dest) if path.parent.name == f"date={day}"]


def test_the_file_is_like_those_of_convert(many: World) -> None:
    with pq.ParquetFile(part_files(many.out)[0]) as before:
        expected, meta, order = before.schema_arrow, before.metadata, before.metadata.row_group(0)
        compact(many.out)
        with pq.ParquetFile(part_files(many.out)[0]) as after:
            assert after.schema_arrow.equals(expected, check_metadata=True)
            assert after.metadata.metadata == meta.metadata
            group = after.metadata.row_group(0)
            assert group.sorting_columns == order.sorting_columns
            assert [group.column(n).compression for n in range(3)] == ["ZSTD"] * 3
            assert all(group.column(n).has_offset_index for n in range(3))


def test_nothing_to_merge_touches_nothing(many: World) -> None:
    compact(many.out)
    before = fingerprint(many.out)
    done = compact(many.out)
    assert (done.dates, done.rows, done.parts_after, done.records_folded) == ((), 0, 0, 0)
    assert convert(many.logs, many.out).files == 0
    assert fingerprint(many.out) == before


def test_one_batch_is_left_alone(tmp_path: Path) -> None:
    five_minutes(tmp_path, 0)
    convert(tmp_path / "logs", tmp_path / "out")
    before = fingerprint(tmp_path / "out")
    compact(tmp_path / "out")
    assert fingerprint(tmp_path / "out") == before


def test_before_leaves_later_dates_alone(many: World) -> None:
    later = part_files_of(many.out, "2026-09-23")
    states = [path.stat() for path in later]
    done = compact(many.out, before=date(2026, 9, 23))
    assert done.dates == (date(2026, 9, 22),)
    assert part_files_of(many.out, "2026-09-23") == later
    assert [path.stat() for path in later] == states
    assert len(part_files_of(many.out, "2026-09-22")) == 1
    assert check(many.out, many.logs).faults == ()


@pytest.mark.usefixtures("in_small_pieces")
def test_target_size_cuts_in_time(many: World) -> None:
    before = content(many.out)
    compact(many.out, target_size=20_500)
    pd.testing.assert_frame_equal(content(many.out), before)
    files = part_files_of(many.out, "2026-09-23")
    sizes = [path.stat().st_size for path in files]
    assert len(files) >= 2
    assert all(size >= 20_500 for size in sizes[:-1])
    frames = [read_file(path).to_pandas() for path in files]
    for frame in frames:
        pd.testing.assert_frame_equal(frame, frame.sort_values(ORDER, ignore_index=True))
    for earlier, after in itertools.pairwise(frames):
        assert earlier["timestamp"].max() < after["timestamp"].min()
    untouched = fingerprint(many.out)
    compact(many.out, target_size=20_500)
    assert fingerprint(many.out) == untouched
    assert check(many.out, many.logs).faults == ()


@pytest.mark.usefixtures("in_small_pieces")
def test_more_overlap_than_memory_allows_is_merged_in_rounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting, "BATCH_LIMITS", (1, 1 << 30))
    monkeypatch.setattr(compacting, "WHOLE_ROWS", 7)
    monkeypatch.setattr(compacting, "ROWS_AT_ONCE", 21)  # three parts at a time
    stamps = moments("2026-09-23T10:00:00Z", 30)
    for n in range(8):  # all at the same instants: every row has seven twins but for its file
        write_log(log_path(tmp_path / "logs", "20260923T1005Z", n=n), [line(m) for m in stamps])
    convert(tmp_path / "logs", tmp_path / "out")
    before = content(tmp_path / "out")
    done = compact(tmp_path / "out")
    assert done.rows == 240 + 240  # moved twice: 3 + 3 + 2 parts, then the three results
    (file,) = part_files(tmp_path / "out")
    frame = read_file(file).to_pandas()
    pd.testing.assert_frame_equal(frame, before.sort_values(ORDER, ignore_index=True))
    assert check(tmp_path / "out", tmp_path / "logs").faults == ()


def test_late_files_after_compaction(many: World) -> None:
    compact(many.out)
    five_minutes(many.root, 48)
    five_minutes(many.root, 49, lines=3)
    logs = [many.logs, many.root / "logs"]
    assert convert(logs, many.out).written == 15
    done = compact(many.out)
    assert (done.dates, done.parts_before, done.parts_after) == ((date(2026, 9, 23),), 2, 1)
    assert len(read_dataset(many.out)) == 48 * 12 + 15
    assert check(many.out, logs).faults == ()


def test_a_changed_source_is_replaced_after_compaction(many: World) -> None:
    five_minutes(many.root, 48)
    logs = [many.logs, many.root / "logs"]
    convert(logs, many.out)
    compact(many.out)
    five_minutes(many.root, 48, lines=5)
    assert convert(logs, many.out, refresh="replace").written == 5
    compact(many.out)
    assert len(rows_on_disk(many.out)) == 48 * 12 + 5
    assert check(many.out, logs).faults == ()


def test_slices_stay_known_after_compaction(tmp_path: Path) -> None:
    for n in range(4):
        five_minutes(tmp_path, n)
    for minute in range(0, 20, 2):  # ten runs, ten records and more: they fold themselves
        convert(
            tmp_path / "logs",
            tmp_path / "out",
            start=datetime(2026, 9, 22, 22, minute, tzinfo=UTC),
            end=datetime(2026, 9, 22, 22, minute + 1, tzinfo=UTC),
        )
    assert len(list((tmp_path / "out/manifest").glob("*.json"))) < 8
    compact(tmp_path / "out")
    convert(tmp_path / "logs", tmp_path / "out")
    rows = rows_on_disk(tmp_path / "out")
    assert len(rows) == len(set(rows)) == 48
    assert check(tmp_path / "out", tmp_path / "logs").faults == ()


class Stop(BaseException):
    """Death at a chosen moment."""


@pytest.mark.parametrize("stage", range(6))
def test_stopped_at_any_step(stage: int, many: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Die before the n-th change that the storage makes; the lock's own writes not counted."""
    before = content(many.out)
    steps = iter(range(1000))

    def dying(name: str) -> Any:
        whole = getattr(LocalStore, name)

        def step(self: LocalStore, changed: Any, *rest: Any) -> Any:
            if changed != "lock.json" and list(changed) and next(steps) == stage:
                raise Stop
            return whole(self, changed, *rest)

        return step

    with monkeypatch.context() as patch:
        for name in ("publish", "create", "delete"):
            patch.setattr(LocalStore, name, dying(name))
        with pytest.raises(Stop):
            compact(many.out)
    pd.testing.assert_frame_equal(
        read_dataset(many.out, columns=["source_file", "line_number"])
        .astype({"source_file": str})
        .sort_values(["source_file", "line_number"], ignore_index=True),
        before[["source_file", "line_number"]],
    )
    compact(many.out)
    pd.testing.assert_frame_equal(content(many.out), before)
    assert len(part_files(many.out)) == 2
    assert not (many.out / "staging").exists()
    assert check(many.out, many.logs).faults == ()


def test_leftovers_are_removed_though_nothing_is_to_be_merged(many: World) -> None:
    compact(many.out)
    stray = many.out / "connections/date=2026-09-22/part-00000099-deadbeef-0001.parquet"
    stray.write_bytes(b"of a run that died")
    (many.out / "lock.json").write_text('{"expires":"2026-09-23T10:02:00+00:00"}')  # with it
    compact(many.out)
    assert not stray.exists()


def test_a_damaged_part_is_named_and_nothing_changes(many: World) -> None:
    damaged = part_files(many.out)[3]
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    before = rows_of_others(many, damaged)
    with pytest.raises(DatasetError, match=rf"{damaged.name} is not what was recorded: its checks"):
        compact(many.out)
    assert rows_of_others(many, damaged) == before
    damaged.unlink()
    with pytest.raises(DatasetError, match="it is missing"):
        compact(many.out)


def rows_of_others(many: World, damaged: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in part_files(many.out) if p != damaged}


@pytest.mark.usefixtures("in_small_pieces")
def test_a_large_part_with_other_rows_than_recorded(many: World) -> None:
    damaged = part_files(many.out)[3]
    pq.write_table(read_file(damaged).slice(1), damaged)
    with pytest.raises(DatasetError, match="it has 11 rows"):
        compact(many.out)


def test_another_writer_is_at_work(many: World) -> None:
    with (
        Lock(open_dest(many.out)),
        pytest.raises(DatasetError, match="another writer is at work"),
    ):
        compact(many.out)


def test_arguments_are_checked(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        compact(tmp_path, before=datetime(2026, 9, 23, tzinfo=UTC), target_size=0)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "before", "target_size",
    ]  # fmt: skip
    with pytest.raises(DatasetError, match="no albconn dataset is there"):
        compact(tmp_path)


def test_readers_see_each_row_once_at_every_moment(
    many: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []
    for name in ("publish", "create"):
        whole = getattr(LocalStore, name)

        def looking(self: LocalStore, *rest: Any, whole: Any = whole) -> None:
            whole(self, *rest)
            counts.append(open_dataset(many.out).count_rows())

        monkeypatch.setattr(LocalStore, name, looking)
    compact(many.out)
    assert set(counts) == {48 * 12}
    assert len(counts) >= 5


def part(n: int, first: int, last: int, rows: int, size: int = 1, day: str = "2026-09-23") -> Part:
    return Part(f"connections/date={day}/part-{n:08d}-0-0.parquet", rows, size, "", first, last)


def test_planning_bounds_what_overlaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compacting, "WHOLE_ROWS", 100)
    monkeypatch.setattr(compacting, "ROWS_AT_ONCE", 250)
    chance = random.Random(7)
    parts = []
    for n in range(200):
        first = chance.randrange(1000)
        parts.append(part(n, first, first + chance.randrange(60), chance.choice([5, 90, 4000])))
    groups = plan_merges(parts, 1000)
    members = [member for group in groups for member in group]
    assert len(members) == len(set(members))
    assert 1 < len(groups) < 60
    for group in groups:
        for moment in range(1100):
            held = [min(p.rows, 100) for p in group if p.first <= moment <= p.last]
            assert sum(held) <= 250 or len(group) == 2


def test_planning_leaves_large_parts_and_single_ones() -> None:
    parts = [
        part(1, 0, 9, 5, size=500),
        part(2, 0, 9, 5, size=499),
        part(3, 0, 9, 5, size=1),
        part(4, 0, 9, 5, size=1, day="2026-09-24"),
    ]
    assert plan_merges(parts, 1000) == [(parts[1], parts[2])]
    assert plan_merges(parts, 2) == []


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_day_of_five_minute_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,440 batches (five days): at most two files a date, and the same rows."""
    monkeypatch.setattr(converting, "BATCH_LIMITS", (1, 1 << 30))
    for n in range(1440):
        five_minutes(tmp_path, n)
    assert convert(tmp_path / "logs", tmp_path / "out").batches == 1440
    before = content(tmp_path / "out")
    compact(tmp_path / "out")
    pd.testing.assert_frame_equal(content(tmp_path / "out"), before)
    by_date = [len(list(folder.iterdir())) for folder in (tmp_path / "out/connections").iterdir()]
    assert len(by_date) == 6
    assert max(by_date) <= 2
    assert len(list((tmp_path / "out/manifest").iterdir())) < 10
    assert check(tmp_path / "out", tmp_path / "logs").faults == ()
