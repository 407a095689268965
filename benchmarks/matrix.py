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
        "what lost or doubled files in other tools",
        "neither lost nor doubled",
        ("tests/whole/test_peers_bugs.py",),
    ),
)
