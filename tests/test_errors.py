"""A warning names the caller's line, not a line of albconn."""

from pathlib import Path

import pytest

import albconn as ac

LINE = (
    "2026-09-23T10:00:01.000000Z 203.0.113.9 40000 443 TLSv1.3 TLS_AES_128_GCM_SHA256 0.01 "
    '"-" - - Success TID_1 x25519 app/a/1 10.0.0.1 new\n'
)


def test_a_warning_names_the_callers_line(tmp_path: Path) -> None:
    (tmp_path / "wide.log").write_text(LINE)
    expected = pytest.warns(ac.AlbconnWarning, match="more fields than the 15 known")
    with expected as of_reading:
        ac.read_connections(tmp_path / "wide.log")
    with expected as of_converting:
        ac.convert(tmp_path / "wide.log", tmp_path / "out")
    for caught in (of_reading, of_converting):
        assert [Path(warning.filename) for warning in caught] == [Path(__file__)]
