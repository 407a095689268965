"""convert: what it writes, and that it writes each row once."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import albconn.dataset.converting.convert as convert_module
from albconn import AlbconnWarning, DatasetError, LineError, SourceError, TableError, convert
from albconn.dataset import check
from tests.dataset.on_disk import fingerprint, part_files, rows_on_disk
from tests.dataset.three_files import all_rows
from worlds.lines import line
from worlds.trees import log_path, moments, write_log


def test_layout_and_numbers(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    conversion = convert(logs, dest)
    assert (conversion.files, conversion.lines, conversion.rows) == (3, 17, 16)
    assert (conversion.rejected, conversion.written, conversion.filtered) == (1, 16, 0)
    assert conversion.dates == (date(2026, 9, 23), date(2026, 9, 24))
    assert (conversion.parts, conversion.batches) == (2, 1)
    assert sorted(path.name for path in dest.iterdir()) == ["connections", "manifest", "rejected"]
    assert [path.parent.name for path in part_files(dest)] == ["date=2026-09-23", "date=2026-09-24"]
    assert rows_on_disk(dest) == all_rows(logs)
    assert [pq.read_metadata(path).num_rows for path in part_files(dest)] == [12, 4]
    told = json.loads(json.dumps(conversion.to_dict()))
    assert told["dates"] == ["2026-09-23", "2026-09-24"]
    assert told["written"] == 16


def test_running_again_touches_nothing(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    convert(logs, dest)
    before = fingerprint(dest)
    again = convert(logs, dest)
    assert (again.files, again.skipped, again.batches) == (0, 3, 0)
    assert fingerprint(dest) == before


def test_late_file_touches_only_its_date(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    convert(logs, dest)
    before = fingerprint(dest)
    late = [line(m) for m in moments("2026-09-23T10:00:30Z", 5)]
    write_log(log_path(logs, "20260923T1005Z", n=9), late)
    conversion = convert(logs, dest)
    assert (conversion.files, conversion.written, conversion.skipped) == (1, 5, 3)
    assert conversion.dates == (date(2026, 9, 23),)
    after = fingerprint(dest)
    changed = {path for path in after if after[path] != before.get(path)}
    assert not [path for path in changed if "date=2026-09-24" in path]
    assert before.keys() <= after.keys()
    assert len(rows_on_disk(dest)) == 21
    assert check(dest, logs).faults == ()


def test_several_batches(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert_module, "BATCH_LIMITS", (1, 1 << 30))
    conversion = convert(logs, tmp_path / "out")
    assert conversion.batches == 3
    assert [p.name for p in sorted((tmp_path / "out/manifest").iterdir())] == [
        *(f"0000000{n}.json" for n in range(4)), "head",
    ]  # fmt: skip
    assert rows_on_disk(tmp_path / "out") == all_rows(logs)


def test_slices_add_up_without_duplicates(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    noon, night = datetime(2026, 9, 23, 12, tzinfo=UTC), datetime(2026, 9, 24, 0, 0, 0, tzinfo=UTC)
    slices: list[dict[str, Any]] = [
        {"end": noon},
        {"start": noon, "end": night},  # ends inside the file that crosses midnight
        {"start": noon, "end": night},
        {"load_balancer": "api"},
        {"start": night, "load_balancer": "web"},
        {},
        {},
    ]
    written = [convert(logs, dest, **kwargs).written for kwargs in slices]
    assert written == [10, 2, 0, 2, 2, 0, 0]
    assert rows_on_disk(dest) == all_rows(logs)
    assert check(dest, logs).faults == ()
    rejected = [p for p in (dest / "rejected").iterdir() if p.read_text()]
    assert len(rejected) == 1


def test_a_slice_left_out_comes_with_the_whole(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    second = datetime(2026, 9, 23, 10, 0, 1, tzinfo=UTC)
    third = datetime(2026, 9, 23, 10, 0, 3, tzinfo=UTC)
    first = convert(logs, dest, start=second, end=third)
    assert (first.rows, first.written, first.filtered) == (10, 2, 8)
    assert (
        check(dest, logs).faults
        == (
            # The other two files were asked for by no selection, so nothing is missing.
        )
    )
    before = fingerprint(dest)
    assert convert(logs, dest, start=second, end=third).files == 0
    assert fingerprint(dest) == before
    assert convert(logs, dest).written == 14
    assert rows_on_disk(dest) == all_rows(logs)
    assert check(dest, logs).faults == ()


def test_changed_source_is_reported_then_replaced(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    convert(logs, dest)
    path = log_path(logs, "20260924T0805Z", elb="api")
    write_log(path, ["another bad one", *[line(m) for m in moments("2026-09-23T08:00:00Z", 5)]])
    before = fingerprint(dest)
    with pytest.warns(AlbconnWarning, match="1 log file changed since it was converted"):
        reported = convert(logs, dest)
    assert reported.changed == (str(path),)
    assert fingerprint(dest) == before
    assert f"{path}: changed since it was converted" in check(dest, logs).faults[0]

    replaced = convert(logs, dest, refresh="replace")
    assert (replaced.changed, replaced.written, replaced.rejected) == ((str(path),), 5, 1)
    expected = [row for row in all_rows(logs) if row[0] != str(path)]
    assert rows_on_disk(dest) == sorted(expected + [(str(path), n) for n in range(2, 7)])
    assert check(dest, logs).faults == ()
    (rejected,) = [
        json.loads(t) for p in (dest / "rejected").iterdir() for t in p.read_text().splitlines()
    ]
    assert (rejected["line_number"], rejected["raw_text"]) == (1, "another bad one")
    assert convert(logs, dest, refresh="replace").files == 0


def test_replacing_keeps_what_slices_hold(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    start, end = datetime(2026, 9, 23, 10, tzinfo=UTC), datetime(2026, 9, 23, 10, 0, 3, tzinfo=UTC)
    convert(logs, dest, start=start, end=end)
    path = log_path(logs, "20260923T1005Z")
    write_log(path, [line(m) for m in moments("2026-09-23T10:00:01Z", 9)])
    later = datetime(2026, 9, 23, 10, 0, 8, tzinfo=UTC)
    replaced = convert(logs, dest, start=later, refresh="replace", load_balancer="web")
    # Of seconds 1 to 9: 1 and 2 by the first slice, 8 and 9 by the second.
    rows = [n for file, n in rows_on_disk(dest) if file == str(path)]
    assert rows == [1, 2, 8, 9]
    assert replaced.changed == (str(path),)
    assert check(dest, logs).faults == ()


def test_a_part_that_is_gone_when_a_source_is_replaced(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    convert(logs, dest)
    write_log(log_path(logs, "20260923T1005Z"), [line(m) for m in moments("2026-09-23T10:01Z", 2)])
    part_files(dest)[0].unlink()
    records = sorted((dest / "manifest").iterdir())
    with pytest.raises(DatasetError, match="a file of the dataset is missing or cannot be read"):
        convert(logs, dest, refresh="replace")
    assert sorted((dest / "manifest").iterdir()) == records


def test_a_moved_folder_is_not_converted_again(logs: Path, tmp_path: Path) -> None:
    """Of the issue: every count doubled, and check found nothing wrong."""
    dest = tmp_path / "out"
    convert(logs, dest)
    rows = rows_on_disk(dest)
    moved = logs.rename(tmp_path / "moved")
    for path in list(moved.rglob("*_57*")):
        path.rename(path.with_name(path.name.replace(".log.gz", " (1).log.gz")))
    with pytest.warns(AlbconnWarning, match="3 log files were converted under other paths"):
        again = convert(moved, dest)
    assert (again.written, again.skipped, len(again.duplicates)) == (0, 0, 3)
    assert again.to_dict()["duplicates"] == sorted(map(str, moved.rglob("*.log.gz")))
    assert rows_on_disk(dest) == rows
    assert check(dest, moved).faults == ()  # compared with what is held of them
    (tmp_path / "link").symlink_to(moved)
    with pytest.warns(AlbconnWarning, match="3 log files were converted under other paths"):
        assert convert(tmp_path / "link", dest).written == 0
    assert convert(moved, dest, duplicates="keep").written == len(rows)
    assert convert(moved, dest).skipped == 3  # known by their own paths now
    with pytest.raises(TableError, match="duplicates: 'all'; expected 'skip' or 'keep'"):
        convert(moved, dest, duplicates="all")  # type: ignore[arg-type]


def test_a_moved_folder_converted_in_part_is_made_whole(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    convert(logs, dest, end=datetime(2026, 9, 23, 10, 0, 3, tzinfo=UTC))
    assert len(rows_on_disk(dest)) == 3
    moved = logs.rename(tmp_path / "moved")
    assert convert(moved, dest).written == 16
    assert rows_on_disk(dest) == all_rows(moved)
    assert check(dest, moved).faults == ()
    assert convert(moved, dest).skipped == 3


def test_copies_on_other_pages_of_the_ledger_are_found(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert_module, "FOLD_AT", 1)
    dest = tmp_path / "out"
    convert(logs, dest)
    assert "checkpoint" in json.loads(_newest_record(dest))
    copied = tmp_path / "flat"
    copied.mkdir()
    for path in logs.rglob("*.log.gz"):
        (copied / path.name.removesuffix(".gz")).write_bytes(gzip.decompress(path.read_bytes()))
    with pytest.warns(AlbconnWarning, match="3 log files were converted under other paths"):
        assert convert(copied, dest).written == 0
    assert check(dest, copied).faults == ()


def _newest_record(dest: Path) -> str:
    return max((dest / "manifest").glob("*.json")).read_text()


def test_a_run_of_many_batches_folds_on_its_way(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers are given out ahead of the work, and each fold needs one."""
    monkeypatch.setattr(convert_module, "BATCH_LIMITS", (1, 1 << 30))
    monkeypatch.setattr(convert_module, "FOLD_AFTER", 3)
    monkeypatch.setattr(convert_module, "FOLD_AT", 100)
    dest, more = tmp_path / "out", tmp_path / "more"
    convert(logs, dest)
    changed = log_path(logs, "20260923T1005Z")
    write_log(changed, [line(m) for m in moments("2026-09-23T10:00:01Z", 9)])
    for n in range(10):
        write_log(log_path(more, f"2026092{n % 3}T1105Z", n=n), [line("2026-09-20T11:00:00Z")])
    done = convert([logs, more], dest, refresh="replace")
    assert (done.batches, done.written) == (11, 9 + 10)
    parts = {path.name.split("-")[1] for path in part_files(dest)}
    records = {path.stem for path in (dest / "manifest").glob("*.json")}
    assert max(parts) <= max(records)
    assert len(records) <= 4
    assert check(dest, [logs, more]).faults == ()


def test_damaged_source_is_salvaged_marked_and_not_read_again(logs: Path, tmp_path: Path) -> None:
    path = log_path(logs, "20260923T1005Z")
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.warns(AlbconnWarning, match="1 damaged log file"):
        conversion = convert(logs, tmp_path / "out")
    assert conversion.damaged == (str(path),)
    assert conversion.rows + conversion.rejected == conversion.lines
    assert convert(logs, tmp_path / "out").files == 0


def test_bad_line_raises_and_commits_nothing(logs: Path, tmp_path: Path) -> None:
    with pytest.raises(LineError, match=r"T0805Z_.*\.log\.gz:2: fields: 3 found"):
        convert(logs, tmp_path / "out", on_bad_line="raise")
    assert part_files(tmp_path / "out") == []
    assert convert(logs, tmp_path / "out").written == 16


def test_empty_source_and_empty_object(tmp_path: Path) -> None:
    path = log_path(tmp_path / "logs", "20260923T1005Z")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    conversion = convert(tmp_path / "logs", tmp_path / "out")
    assert (conversion.files, conversion.rows, conversion.parts) == (1, 0, 0)
    assert convert(tmp_path / "logs", tmp_path / "out").skipped == 1
    with pytest.raises(SourceError):
        convert(tmp_path / "nowhere", tmp_path / "out")


def test_arguments_are_checked(logs: Path, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="refresh: 'yes'; expected 'report' or 'replace'"):
        convert(logs, tmp_path / "out", refresh="yes")  # type: ignore[arg-type]
    with pytest.raises(TableError, match="has no time zone"):
        convert(logs, tmp_path / "out", start=datetime(2026, 9, 23))  # noqa: DTZ001
    assert not (tmp_path / "out").exists()


def test_importing_convert_loads_nothing_that_only_reads() -> None:
    code = (
        "import sys, albconn.dataset.converting.convert; "
        "print([m for m in ('pandas', 'duckdb', 'matplotlib', 'fsspec', 's3fs', "
        "'pyarrow.dataset') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_convert_alone_in_its_process(tmp_path: Path) -> None:
    """A test's process has imported everything; Arrow's kernels are there only after an import."""
    root, dest = tmp_path / "logs", tmp_path / "out"
    for elb in ("web", "api"):
        many = [line(m, elb=elb) for m in moments("2026-09-23T10:00:00Z", 10)]
        write_log(log_path(root, "20260923T1005Z", elb=elb), many)
    code = (
        f"import sys, albconn; print(albconn.convert({str(root)!r}, {str(dest)!r}).rows, "
        "'pyarrow.compute' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert said.stdout.split() == ["20", "True"]
