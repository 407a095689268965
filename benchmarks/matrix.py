"""The durability matrix: each fault, what is promised of it, and the tests that hold the promise.

``measure`` names the measurement in ``durability`` that gives the figure; without one, the cases of
the tests are counted.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One fault."""

    fault: str
    promise: str
    tests: tuple[str, ...]
    measure: str = ""


ROWS = (
    Row(
        "a gzip is cut at any byte",
        "what came before the cut is read, the file is marked as damaged",
        ("tests/logs/bytes/test_gunzip.py",),
        "cuts",
    ),
    Row(
        "any bit of a gzip is flipped",
        "the file is marked as damaged, or every row is right",
        ("tests/logs/bytes/test_gunzip.py",),
        "flips",
    ),
    Row(
        "a day of deliveries: late, doubled under another path, changed, cut off; runs killed",
        "every line of every file is a row or a rejected line, once",
        ("tests/benchmarks/test_soak.py",),
        "soak",
    ),
    Row(
        "SIGKILL of `convert` or `compact` at any moment",
        "what is committed stays true; the next run makes it whole",
        ("tests/whole/test_kill.py", "tests/whole/test_kill_compact.py"),
    ),
    Row(
        "S3 or a proxy answers late, in part, with an error, a page, other bytes, or not at all",
        "right rows, or an error of that file within a minute; the next run makes it whole",
        ("tests/whole/test_faults.py",),
    ),
    Row(
        "a store overlooks conditional writes",
        "refused as a dataset's destination",
        ("tests/whole/test_another_s3.py",),
    ),
    Row(
        "a commit record is lost, changed, or names files elsewhere",
        "a fault; nothing is read, written or deleted until it is back",
        ("tests/dataset/commits/test_chain.py", "tests/dataset/checking"),
    ),
    Row(
        "100,000 batches, ten million log files",
        "a run that adds one file asks no more than 40 requests, in the same time",
        ("tests/whole/test_growth.py",),
    ),
    Row(
        "any bytes in a log file; archives, other encodings, floods of bad lines",
        "rows and rejected lines add up, in bounded time and memory",
        ("tests/whole/test_fuzzing.py", "tests/whole/test_explosions.py"),
    ),
    Row(
        "a tree of another shape, other kinds of files, a mistyped name",
        "said, with what there is instead",
        ("tests/whole/test_nothing_silent.py",),
    ),
    Row(
        "what strangers write into subjects, keys and lines",
        "shown, never run: terminal, CSV, JSON, SQL, page",
        (
            "tests/test_printable.py",
            "tests/whole/test_security.py",
            "tests/whole/test_hostile_page.py",
        ),
    ),
    Row(
        "what lost or doubled files in other tools",
        "neither lost nor doubled",
        ("tests/whole/test_peers_bugs.py",),
    ),
)
