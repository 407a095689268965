"""What is to be read, in which batches, and where not to write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from albconn import DatasetError, convert
from albconn.dataset.commits.extent import Extent
from albconn.dataset.commits.holding import Holding
from albconn.dataset.commits.pages import Converted
from albconn.dataset.commits.record import SourceEntry
from albconn.dataset.converting.plan import Plan, make_plan
from albconn.logs.find.keys import LogKey, parse_key
from albconn.logs.find.selection import EVERYTHING, make_selection
from albconn.logs.find.sources import LogFile
from worlds.lines import line
from worlds.trees import log_path, write_log


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


START = datetime(2026, 9, 23, tzinfo=UTC)
API, SHOP = make_selection(load_balancer="api"), make_selection(load_balancer="shop")
MANY = (1000, 1 << 30)


def log_file(n: int, etag: str = "etag") -> LogFile:
    """Return the log file of the n-th hour; its name says nothing of that."""
    key = LogKey(interval_end=START + timedelta(hours=n))
    return LogFile(f"s3://logs/{(7 * n) % 10}.gz", 100, etag, key)


def held(files: list[LogFile], extent: Extent, written: int = 5) -> Holding:
    state = Holding({})
    for found in files:
        entry = SourceEntry(found.url, 100, "etag", 10, 10, 0, written)
        state.since.sources[found.url] = Converted(entry, written, extent)
    return state


def test_files_are_read_in_the_order_of_their_intervals_in_bounded_tasks() -> None:
    files = [log_file(n) for n in (3, 1, 4, 0, 2)]
    expected = [log_file(n).url for n in range(5)]
    for limits, sizes in (((2, 1 << 30), [2, 2, 1]), ((9, 250), [2, 2, 1]), ((9, 1), [1] * 5)):
        plan = make_plan(files, Holding({}), EVERYTHING, "report", limits)
        assert [len(task.log_files) for task in plan.tasks] == sizes
        assert [f.url for task in plan.tasks for f in task.log_files] == expected
        assert {(task.wanted, task.earlier, task.replaces) for task in plan.tasks} == {
            ((EVERYTHING,), (), False)
        }


def test_what_is_covered_or_whole_is_skipped_and_the_rest_is_added() -> None:
    files = [log_file(n) for n in range(3)]
    state = held(files[:2], (API,))
    assert make_plan(files, state, API, "report", MANY).skipped == 2
    plan = make_plan(files, state, SHOP, "report", MANY)
    assert [(task.log_files, task.earlier) for task in plan.tasks] == [
        (tuple(files[:2]), (API,)),
        ((files[2],), ()),
    ]
    whole = held(files, (API,), written=10)  # all its rows are in: no selection adds to them
    assert make_plan(files, whole, SHOP, "report", MANY) == Plan((), (), 3)


def test_a_changed_file_is_reported_or_replaced_first() -> None:
    files = [log_file(0), log_file(1, etag="other")]
    state = held([files[1]], (API,))
    reported = make_plan(files, state, SHOP, "report", MANY)
    assert (len(reported.tasks), reported.changed) == (1, (files[1].url,))
    replaced = make_plan(files, state, SHOP, "replace", MANY)
    assert [task.log_files for task in replaced.tasks] == [(files[1],), (files[0],)]
    assert replaced.tasks[0].replaces
    assert set(replaced.tasks[0].wanted) == {API, SHOP}


def test_what_may_have_been_spoilt_on_its_way_is_read_anew_by_refresh() -> None:
    """Its size and etag are those of what was listed, whatever came."""
    files = [log_file(n) for n in range(3)]
    state = held(files, (EVERYTHING,))
    for place, spoilt in ((0, {"damage": "the gzip stream is truncated"}), (1, {"rows": 0})):
        known = state.since.sources[files[place].url]
        state.since.sources[files[place].url] = known._replace(
            source=known.source._replace(**spoilt)
        )
    assert make_plan(files, state, EVERYTHING, "report", MANY) == Plan((), (), 3)
    again = make_plan(files, state, EVERYTHING, "replace", MANY)
    assert [(task.log_files, task.replaces) for task in again.tasks] == [(tuple(files[:2]), True)]
    assert (again.changed, again.skipped) == ((), 1)


def named(folder: str, n: int = 0) -> LogFile:
    url = f"{folder}/{log_path(Path(), '20260923T1005Z', n=n).name}"
    return LogFile(url, 100, "etag", parse_key(url))


def test_a_copy_of_what_is_held_is_left() -> None:
    original, copy = named("s3://logs"), named("s3a://moved")
    whole = held([original], (EVERYTHING,), written=10)
    for listed in ([copy], [original, copy]):
        plan = make_plan(listed, whole, EVERYTHING, "report", MANY)
        assert (plan.tasks, plan.duplicates, plan.skipped) == ((), (copy.url,), len(listed) - 1)
    plan = make_plan([copy], whole, EVERYTHING, "replace", MANY)  # not a changed file either
    assert (plan.tasks, plan.changed) == ((), ())
    kept = make_plan([copy], whole, EVERYTHING, "report", MANY, "keep")
    assert [(task.log_files, task.takes_over) for task in kept.tasks] == [((copy,), ())]


def test_a_moved_file_that_was_converted_in_part_takes_over() -> None:
    original, moved, other = named("s3://logs"), named("s3a://moved"), named("s3a://moved", n=1)
    part = held([original], (API,))
    plan = make_plan([moved, other], part, SHOP, "report", MANY)
    over, fresh = plan.tasks
    assert (over.log_files, over.takes_over) == ((moved,), ((moved.url, original.url),))
    assert (over.replaces, set(over.wanted)) == (True, {API, SHOP})
    assert (fresh.log_files, fresh.replaces) == ((other,), False)
    assert make_plan([moved], part, API, "report", MANY).duplicates == (moved.url,)
    both = make_plan([original, moved], part, SHOP, "report", MANY)  # the original does it itself
    assert (both.duplicates, [task.log_files for task in both.tasks]) == (
        (moved.url,), [(original,)],
    )  # fmt: skip
