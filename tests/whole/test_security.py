"""What SECURITY.md promises names tests that are there, and bounds that are the code's."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text()
PROMISES = re.search(r"## What is promised\n(.*?)\n## ", TEXT, re.DOTALL)
BOUNDS = re.findall(r"^\| [^|]+ \| ([^|]*) \| `([\w.]+)\.([A-Z_]+)` \|$", TEXT, re.MULTILINE)


def test_each_promise_has_its_test() -> None:
    assert PROMISES is not None
    rows = [row for row in PROMISES[1].splitlines() if row.startswith("| ")][1:]
    assert len(rows) >= 10
    for row in rows:
        named = re.findall(r"`(tests/[^`]+)`", row)
        assert named, row
        for path, _, name in (one.partition("::") for one in named):
            assert f"def {name}" in (ROOT / path).read_text()


@pytest.mark.parametrize(("told", "module", "name"), BOUNDS, ids=lambda one: str(one)[-30:])
def test_each_bound_is_the_one_of_the_code(told: str, module: str, name: str) -> None:
    assert f"{getattr(importlib.import_module(module), name):,}" in told


def test_all_bounds_are_looked_at() -> None:
    assert len(BOUNDS) == TEXT.split("## Bounds")[1].split("## Dep")[0].count("| `albconn.")
