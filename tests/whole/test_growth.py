"""What a run costs does not grow with what the dataset holds: requests, pages, time.

The large datasets are made up (``benchmarks/made_up.py``): of most days the index names pages that
are not there, so a run that asked for them would fail. Small ones are real, and folded as they go.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from albconn import convert, open_connections, open_dataset
from albconn.dataset import check
from albconn.dataset.compacting import compact
from benchmarks.growth import measure, quick
from benchmarks.made_up import END, FILES, FIVE_MINUTES, MadeUp, make_up, new_file
from tests.dataset.on_disk import part_files
from worlds.lines import line
from worlds.trees import log_path, moments, write_log

if TYPE_CHECKING:
    from tests.conftest import S3Server, SeenRequest

DEST = "s3://out/converted"
RUNS = 17  # three folds, and so retired pages to delete
MOST_REQUESTS = 40


def upload(server: S3Server, made: MadeUp) -> None:
    server.make_bucket("logs")
    files = {p.relative_to(made.dest).as_posix(): p for p in made.dest.rglob("*") if p.is_file()}
    server.make_bucket(
        "out", {f"converted/{name}": path.read_bytes() for name, path in files.items()}
    )


def count(seen: list[SeenRequest]) -> int:
    """Return how many requests the dataset had."""
    return sum(request.path.startswith("/out") for request in seen)


def run(server: S3Server, made: MadeUp, n: int) -> int:
    """Convert one new log file; return the requests."""
    key, content = new_file(made.end + (n + 1) * FIVE_MINUTES)
    server.client.put_object(Bucket="logs", Key=key, Body=content)
    server.seen.clear()
    until, options = made.end + timedelta(hours=9), server.storage_options
    done = convert("s3://logs", DEST, start=made.end, end=until, storage_options=options)
    assert done.written == 3
    return count(server.seen)


def opened(server: S3Server, made: MadeUp) -> int:
    server.seen.clear()
    start = made.end - timedelta(minutes=50)
    options = server.storage_options
    day = open_dataset(DEST, start=start, end=made.end, storage_options=options)
    assert len(day.files) >= 10
    return count(server.seen)


@pytest.mark.parametrize("batches", [10, 1_000, 100_000])
def test_requests_on_s3_do_not_grow(batches: int, s3_server: S3Server, tmp_path: Path) -> None:
    made = make_up(tmp_path / "out", batches)
    upload(s3_server, made)
    assert opened(s3_server, made) == 4  # the listing, the head, the checkpoint, a page of parts
    requests = [run(s3_server, made, n) for n in range(RUNS)]
    assert max(requests) <= MOST_REQUESTS
    assert sorted(requests)[RUNS // 2] <= 24
    assert opened(s3_server, made) <= 4 + 8


def test_a_made_up_state_is_a_state(tmp_path: Path) -> None:
    """By the numbers that a reader is told, and by what is found in its last days."""
    made = make_up(tmp_path / "out", 1_000)
    with open_connections(made.dest) as held:
        assert (held.files, held.lines) == (100_000, 10_000_000)
    assert len(open_dataset(made.dest).files) == 11 + 4  # today's, and one of each day before
    faults = check(made.dest).faults
    missing = [fault for fault in faults if "is missing, a page of the ledger" in fault]
    assert len(missing) == len(faults) == 2  # of five days, three are written


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_run_takes_the_same_time_at_ten_million_log_files() -> None:
    few, many = (measure(batches, FILES, END) for batches in (10, 100_000))
    assert many.made.sources == 10_000_000
    for name in ("convert", "opening"):
        took, first = (quick(getattr(row.cost, name)) for row in (many, few))
        assert took <= 1.2 * first, (name, took, first)
    assert many.cost.read < few.cost.read + 200_000
    assert many.cost.memory < few.cost.memory * 1.2
    assert max(many.requests) <= max(few.requests) + 2


def test_records_fold_by_themselves_and_compaction_leaves_few(tmp_path: Path) -> None:
    """Real runs, a night between them: what lies in manifest/ and ledger/ stays small."""
    logs, dest = tmp_path / "logs", tmp_path / "out"
    for n in range(40):
        day, hour = 22 + n // 20, n % 20
        stamps = moments(f"2026-09-{day}T{hour:02d}:00:00Z", 5)
        write_log(log_path(logs, f"202609{day}T{hour:02d}05Z", n=n), [line(m) for m in stamps])
        assert convert(logs, dest, start=f"2026-09-{day}T00:00Z").written == 5
        assert len(list((dest / "manifest").iterdir())) <= 10
    compact(dest)
    assert len(part_files(dest)) == 2
    assert len(list((dest / "ledger/connections").iterdir())) <= 6
    assert check(dest, logs).faults == ()
    convert(logs, dest)
    assert open_dataset(dest).count_rows() == 200
