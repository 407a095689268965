"""Tests lie where the code lies: a module's tests are at the module's own path, below tests/.

``albconn/logs/find/keys.py`` is tested by ``tests/logs/find/test_keys.py``, and what a package
says in its ``__init__`` by a file of the package's name: ``tests/cli/test_cli.py``. An aspect of a
module may have a file of its own beside that, named behind the module's name:
``test_regular.py`` and ``test_regular_layouts.py``. What only the whole proves lies in
``tests/whole/``, named for what it proves.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "albconn"

UNTESTED = {
    "schema/field.py": "a record of six values; schema/connections.py is made of it",
    "version.py": "one constant",
}
NO_MODULE = {
    "test_mirror.py": "about the tests themselves",
    "test_worlds.py": "about worlds/ and who imports what",
}
BESIDE = ("worlds/", "benchmarks/")  # albconn/; their tests lie where their modules lie, too
BY_KIND = "charts"  # tested by what a reader sees in a chart, not module by module


def modules() -> list[str]:
    """Return the modules that have tests of their own, by their paths below albconn/."""
    return sorted(
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if not path.name.startswith("_") and path.relative_to(PACKAGE).parts[0] != BY_KIND
    )


def mirrors() -> list[str]:
    """Return the test files that lie where a module lies, by their paths below tests/."""
    return sorted(
        path.relative_to(TESTS).as_posix()
        for path in TESTS.rglob("test_*.py")
        if path.relative_to(TESTS).parts[0] not in ("whole", BY_KIND)
    )


@pytest.mark.parametrize("module", modules())
def test_every_module_has_its_test_file(module: str) -> None:
    mirror = (TESTS / module).with_name(f"test_{Path(module).name}")
    assert mirror.exists() is (module not in UNTESTED)


@pytest.mark.parametrize("mirror", mirrors())
def test_every_test_file_names_a_module(mirror: str) -> None:
    assert names_a_module(mirror) is (mirror not in NO_MODULE)


def names_a_module(mirror: str) -> bool:
    """Say whether a test file is called as a module or package is, or as an aspect of a module."""
    root = TESTS.parent if mirror.startswith(BESIDE) else PACKAGE
    folder, name = (root / mirror).parent, Path(mirror).stem.removeprefix("test_")
    if name == folder.name and (folder / "__init__.py").exists():
        return True
    words = name.split("_")
    return any((folder / f"{'_'.join(words[:n])}.py").exists() for n in range(1, len(words) + 1))


@pytest.mark.parametrize(
    ("mirror", "expected"),
    [
        ("logs/lines/test_regular.py", True),
        ("logs/lines/test_regular_layouts.py", True),
        ("analysis/counting/test_top_reasons.py", True),
        ("cli/test_cli.py", True),
        ("worlds/traffic/test_making.py", True),
        ("benchmarks/test_hits.py", True),
        ("logs/lines/test_reg.py", False),
        ("logs/lines/test_layouts_regular.py", False),
        ("logs/test_regular.py", False),
        ("cli/test_cli_help.py", False),
        ("worlds/traffic/test_faking.py", False),
    ],
)
def test_what_names_a_module(mirror: str, expected: bool) -> None:
    assert names_a_module(mirror) is expected


def test_exceptions_are_few_and_there() -> None:
    assert set(UNTESTED) <= set(modules())
    assert set(NO_MODULE) <= set(mirrors())
    assert all({**UNTESTED, **NO_MODULE}.values())
