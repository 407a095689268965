"""Lines that name fields are emptied, and count from there on where they name others."""

from __future__ import annotations

from pathlib import Path

import pytest

import albconn as ac
from albconn.logs.bytes.cutting import Whole
from albconn.logs.bytes.headers import (
    begins_with_directive,
    has_headers,
    sections,
    without_headers,
)
from albconn.logs.formats import known_layout
from albconn.schema.connections import CONNECTIONS

W3C = b"#Fields: time elb\n2026-09-23T07:11:27Z a\n"
CSV = b"time,elb\n2026-09-23T07:11:27Z,#a\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [(W3C, b"\n2026-09-23T07:11:27Z a\n"), (CSV, b"\n2026-09-23T07:11:27Z,#a\n")],
)
def test_headers_become_empty_lines(content: bytes, expected: bytes) -> None:
    layout = known_layout(content, CONNECTIONS)
    assert layout is not None
    assert has_headers(layout)
    twice = without_headers([content, memoryview(content.replace(b"\n", b"\r\n"))], layout)
    assert bytes(twice[0]) == expected
    assert bytes(twice[1]).replace(b"\r", b"") == expected


def test_sections_begin_where_fields_are_named_anew() -> None:
    other = b"#Version: 1\n#Fields: elb time\nb 2026-09-23T07:11:28Z\n"
    whole = Whole([b"", memoryview(W3C + other)], 5, 5, begins=False)
    assert begins_with_directive(whole.texts)
    found = [(b"".join(map(bytes, s.texts)), s.line, s.lines, s.begins) for s in sections(whole)]
    at = (W3C + other).index(b"#Fields: elb")
    assert found == [((W3C + other)[:at], 5, 3, True), ((W3C + other)[at:], 8, 2, True)]


def test_joined_files_are_read_each_by_its_own_names(tmp_path: Path) -> None:
    other = b"#Fields: elb time\nb 2026-09-23T07:11:28Z\n"
    (tmp_path / "x").write_bytes(W3C + other + W3C)
    found = ac.read_connections(tmp_path / "x")
    assert found[["elb", "line_number"]].values.tolist() == [["a", 2], ["b", 4], ["a", 6]]
    (tmp_path / "y").write_bytes(CSV * 3)
    assert ac.read_connections(tmp_path / "y")["line_number"].tolist() == [2, 4, 6]
