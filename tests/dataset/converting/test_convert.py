"""convert: what it writes, and that it writes each row once."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import albconn.dataset.converting.convert as convert_module
from albconn import AlbconnWarning, DatasetError, LineError, SourceError, TableError, convert
from albconn.dataset import check
from albconn.schema.connections import COLUMNS, FILE_SCHEMA
from tests.dataset.on_disk import fingerprint, part_files, read_file, rows_on_disk
from worlds.lines import line
from worlds.trees import log_path, moments, write_log

MIDNIGHT = "2026-09-23T23:59:58Z"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Three files: ten lines on the 23rd, four across midnight, three with one bad line."""
    root = tmp_path / "logs"
    write_log(
        log_path(root, "20260923T1005Z"), [line(m) for m in moments("2026-09-23T10:00:00Z", 10)]
    )
    write_log(log_path(root, "20260924T0000Z"), [line(m) for m in moments(MIDNIGHT, 4)])
    good = [line(m, elb="api") for m in moments("2026-09-24T08:00:00Z", 2)]
    write_log(log_path(root, "20260924T0805Z", elb="api"), [good[0], "not a line", good[1]])
    return root


def all_rows(root: Path) -> list[tuple[str, int]]:
    paths = sorted(str(path) for path in root.rglob("*.log.gz"))
    counts = {"T1005Z": [*range(1, 11)], "T0000Z": [1, 2, 3, 4], "T0805Z": [1, 3]}
    return sorted(
        (path, n) for path in paths for end, lines in counts.items() if end in path for n in lines
    )


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


def test_rejected_lines_on_disk(logs: Path, tmp_path: Path) -> None:
    convert(logs, tmp_path / "out")
    (path,) = (tmp_path / "out/rejected").iterdir()
    (rejected,) = [json.loads(text) for text in path.read_text().splitlines()]
    assert rejected["source_file"].endswith(log_path(logs, "20260924T0805Z", elb="api").name)
    assert (rejected["line_number"], rejected["raw_text"]) == (2, "not a line")
    assert rejected["reason"].startswith("fields: 3 found")


def test_the_parquet_file(logs: Path, tmp_path: Path) -> None:
    convert(logs, tmp_path / "out")
    path = part_files(tmp_path / "out")[0]
    with pq.ParquetFile(path) as file:
        schema, metadata, table = file.schema_arrow, file.metadata, file.read()
    assert schema.names == list(COLUMNS)
    assert [f.type for f in schema] == [f.type for f in FILE_SCHEMA]
    stamp = metadata.schema.column(0)
    assert (stamp.physical_type, str(stamp.logical_type)) == (
        "INT64",
        "Timestamp(isAdjustedToUTC=true, timeUnit=microseconds, is_from_converted_type=false, "
        "force_set_converted_type=false)",
    )
    group = metadata.row_group(0)
    assert {group.column(n).compression for n in range(len(COLUMNS))} == {"ZSTD"}
    assert [s.column_index for s in group.sorting_columns] == [
        COLUMNS.index(n) for n in ("timestamp", "source_file", "line_number")
    ]
    assert group.column(0).has_column_index
    assert table["timestamp"].to_pylist() == sorted(table["timestamp"].to_pylist())
    assert table["tls_handshake_latency"].to_pylist() == [0.114] * 12
    assert table["extra_fields"].null_count == 12
    footer = metadata.metadata
    assert footer[b"albconn.schema_version"] == b"1"
    fields = {f["name"]: f for f in json.loads(footer[b"albconn.schema.connections"])}
    assert fields["tls_handshake_latency"]["unit"] == "s"
    assert b"ARROW:schema" not in footer


def test_ties_are_sorted_by_source_and_line(tmp_path: Path) -> None:
    same = ["2026-09-23T10:00:00.000000Z"] * 3
    for n in (2, 0, 1):
        write_log(log_path(tmp_path / "logs", "20260923T1005Z", n=n), [line(m) for m in same])
    convert(tmp_path / "logs", tmp_path / "out")
    (path,) = part_files(tmp_path / "out")
    table = read_file(path)
    rows = list(
        zip(table["source_file"].to_pylist(), table["line_number"].to_pylist(), strict=True)
    )
    assert rows == sorted(rows)
    assert len(set(rows)) == 9


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
        f"0000000{n}.json" for n in range(4)
    ]
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
    with pytest.warns(AlbconnWarning, match="1 log files changed since they were converted"):
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


def test_damaged_source_is_salvaged_marked_and_not_read_again(logs: Path, tmp_path: Path) -> None:
    path = log_path(logs, "20260923T1005Z")
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.warns(AlbconnWarning, match="1 damaged log files"):
        conversion = convert(logs, tmp_path / "out")
    assert conversion.damaged == (str(path),)
    assert conversion.rows + conversion.rejected == conversion.lines
    assert convert(logs, tmp_path / "out").files == 0


def test_dest_that_holds_something_else(logs: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").write_text("x")
    with pytest.raises(DatasetError, match=r"mine: holds 'thesis\.tex' and no albconn manifest"):
        convert(logs, tmp_path / "mine")
    foreign = tmp_path / "hive/connections/date=2026-09-23/part-00000001-x.parquet"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("somebody's own")
    with pytest.raises(DatasetError, match="no albconn manifest"):
        convert(logs, tmp_path / "hive")
    assert foreign.exists()
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatasetError, match="Not a directory"):
        convert(logs, tmp_path / "file")


def test_overlap_is_refused(logs: Path, tmp_path: Path) -> None:
    plain = write_log(tmp_path / "plain/a.log.gz", [line("2026-09-23T10:00:00.000000Z")]).parent
    for source, dest in (
        (logs, logs / "AWSLogs/out"),
        (plain, plain),
        (plain, plain / "out"),
        (plain / "a.log.gz", plain),
        ([logs, plain], plain / "deep/out"),
    ):
        with pytest.raises(DatasetError, match="overlaps the source"):
            convert(source, dest)
    assert convert(logs, logs / "out").written == 16  # beside AWSLogs/, not below it
    assert convert(logs, logs / "out").files == 0


def test_leftovers_of_a_crash_are_removed(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "out"
    convert(logs, dest)
    part = part_files(dest)[0]
    leftovers = [
        part.with_name("part-00000002-deadbeef-0001.parquet"),
        dest / "connections/date=2026-01-01/part-00000002-deadbeef-0002.parquet",
        dest / "rejected/00000002.jsonl",
        dest / "manifest/.00000002.json.deadbeef.half",
        dest / ".lock.json.deadbeef.half",
        dest / "staging/connections/date=2026-09-23/part-00000002-deadbeef-0003.parquet",
    ]
    own = dest / "rejected/notes.txt"
    for path in (*leftovers, own):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    assert any("no record claims it" in fault for fault in check(dest).faults)
    assert convert(logs, dest).files == 0
    assert not [path for path in leftovers if path.exists()]
    assert own.exists()
    assert not (dest / "staging").exists()
    assert check(dest, logs).faults == ()


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


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_on_an_executor(
    pool: Any, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert_module, "EXECUTOR_LIMITS", (1, 1 << 30))
    options = {}
    if pool is ProcessPoolExecutor:
        import multiprocessing

        options["mp_context"] = multiprocessing.get_context("spawn")
    with pool(2, **options) as executor:
        conversion = convert(logs, tmp_path / "out", executor=executor)
    assert (conversion.batches, conversion.written, conversion.rejected) == (3, 16, 1)
    assert rows_on_disk(tmp_path / "out") == all_rows(logs)
    assert check(tmp_path / "out", logs).faults == ()


class _Dying(Executor):
    """Its worker dies, once for each order, after all its files are written."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        result = fn(*args, **kwargs)
        if args[0].batch in self.seen:
            future.set_result(result)
        else:
            self.seen.add(args[0].batch)
            future.set_exception(RuntimeError("worker lost"))
        return future


def test_a_worker_that_dies_is_retried(logs: Path, tmp_path: Path) -> None:
    executor = _Dying()
    conversion = convert(logs, tmp_path / "out", executor=executor)
    assert executor.seen == {"00000001"}
    assert conversion.written == 16
    assert rows_on_disk(tmp_path / "out") == all_rows(logs)
    assert check(tmp_path / "out", logs).faults == ()


def test_many_rows_make_several_sorted_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import albconn.dataset.parts.write as parts_module

    monkeypatch.setattr(parts_module, "ROWS_PER_PART", 1000)
    for n in range(8):
        stamps = moments("2026-09-23T10:00:00Z", 700, step_seconds=0.25)
        write_log(log_path(tmp_path / "logs", "20260923T1005Z", n=n), [line(m) for m in stamps])
    conversion = convert(tmp_path / "logs", tmp_path / "out")
    assert conversion.written == 5600
    counts = [pq.read_metadata(path).num_rows for path in part_files(tmp_path / "out")]
    assert sum(counts) == 5600
    assert len(counts) >= 4
    assert len(set(rows_on_disk(tmp_path / "out"))) == 5600
    assert check(tmp_path / "out", tmp_path / "logs").faults == ()


def test_a_date_on_every_line_stays_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import albconn.dataset.parts.write as parts_module

    monkeypatch.setattr(parts_module, "WAITING_TABLES", 16)
    stamps = [f"20{n:02d}-0{m}-01T00:00:00.000000Z" for n in range(20) for m in range(1, 4)]
    write_log(tmp_path / "logs/a.log.gz", [line(m) for m in stamps])
    conversion = convert(tmp_path / "logs", tmp_path / "out")
    assert (conversion.written, len(conversion.dates)) == (60, 60)
    assert check(tmp_path / "out", tmp_path / "logs").faults == ()


def test_one_schema_also_for_a_column_that_is_all_null(tmp_path: Path) -> None:
    old = line("2023-12-05T14:39:18.169062Z", client_ip="54.92.36.xxx", width=11)
    write_log(tmp_path / "logs/a.log.gz", [old])
    convert(tmp_path / "logs", tmp_path / "out")
    (path,) = part_files(tmp_path / "out")
    table = read_file(path)
    assert table.schema.field("elb").type == pa.string()
    assert table["elb"].null_count == 1
    assert table["client_ip"].to_pylist() == ["54.92.36.xxx"]


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
