"""A warning names the caller's line, not a line of albconn."""

from pathlib import Path

import pytest

import albconn as ac
from worlds.lines import line

LINE = line("2026-09-23T10:00:01.000000Z", extra_fields="new") + "\n"


def test_a_warning_names_the_callers_line(tmp_path: Path) -> None:
    (tmp_path / "wide.log").write_text(LINE)
    expected = pytest.warns(ac.AlbconnWarning, match="more fields than the 15 known")
    with expected as of_reading:
        ac.read_connections(tmp_path / "wide.log")
    with expected as of_converting:
        ac.convert(tmp_path / "wide.log", tmp_path / "out")
    for caught in (of_reading, of_converting):
        assert [Path(warning.filename) for warning in caught] == [Path(__file__)]
