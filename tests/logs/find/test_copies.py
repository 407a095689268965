"""A delivery is read once; which of its files is the same whatever the order."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

from albconn.logs.find.copies import without_copies
from albconn.logs.find.keys import parse_key
from albconn.logs.find.listing import Copy, LogFile
from worlds import trees

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
NAME = trees.name_of(NOON)


def log_file(url: str, size: int = 9) -> LogFile:
    return LogFile(url, size, "", parse_key(url))


def stay(*log_files: LogFile, **identities: tuple[int, int]) -> list[str]:
    return [f.url for f in without_copies(log_files, identities)[0]]


def test_the_one_below_the_tree_stays_else_the_largest_else_the_first() -> None:
    in_tree = log_file(f"s3://z/{trees.key(NOON)}", 3)
    moved, cut = log_file(f"s3://a/moved/{NAME}", 9), log_file(f"s3://a/cut/{NAME}", 4)
    same = log_file(f"s3://b/{NAME}", 9)
    inflated = log_file(f"/tmp/{NAME.removesuffix('.gz')}", 100)
    downloaded = log_file(f"/tmp/{NAME.replace('.log.gz', '.log (1).gz')}", 9)
    for files in permutations([in_tree, moved, cut, inflated]):
        assert stay(*files) == [in_tree.url]
    for files in permutations([moved, cut, same, inflated, downloaded]):
        kept, copies = without_copies(files, {})
        assert [f.url for f in kept] == [downloaded.url]  # the first of the largest gzips
        assert sorted(copy.url for copy in copies) == sorted(
            f.url for f in files if f is not downloaded
        )
    assert stay(cut, inflated) == [cut.url]
    assert without_copies([in_tree, moved], {})[1] == [Copy(moved.url, 9, in_tree.url, 3)]


def test_other_files_stay_as_they_are_and_in_their_order() -> None:
    files = [log_file(f"s3://a/{n}.log.gz") for n in range(5)]
    files += [log_file(f"s3://a/{trees.key(NOON, letters=f'r{n}')}") for n in range(5)]
    files += [log_file(f"s3://b/{n}.log.gz") for n in range(5)]  # renamed: nothing says the same
    assert without_copies(files, {}) == (files, [])
    assert without_copies([], {}) == ([], [])


def test_one_file_under_two_names_is_one() -> None:
    files = [log_file("/a/monday.log"), log_file("/b/tuesday.log"), log_file("/c/other.log")]
    known = {"/a/monday.log": (1, 7), "/b/tuesday.log": (1, 7), "/c/other.log": (2, 7)}
    kept, copies = without_copies(files, known)
    assert [f.url for f in kept] == ["/a/monday.log", "/c/other.log"]
    assert copies == [Copy("/b/tuesday.log", 9, "/a/monday.log", 9)]
