"""Foreign text where people read it: the characters that act are written out, formulas are text."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import unicodedata

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from albconn.errors import AlbconnWarning, DatasetError, SourceError, warn
from albconn.printable import LONGEST_CELL, cell, csv_of, cut, json_of, markdown_text, visible

UTC = "datetime64[us, UTC]"
# Bidi controls of Unicode's UAX 9, joiners and marks without width, ends of lines, controls.
ACTS = [
    *map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)), "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u061c",
    "\u2028", "\u2029", "\ufeff", "\ufff9", "\U000e0001", "\ud800", "\udcff",
]  # fmt: skip
FORMULAS = [
    "=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "  =1",
    "\t=1", "\r=1", "\n=1", "a;=1", "a; =1", "a\t=1", 'a";"=1', '"=1', "a;;=1", "\xa0=1",
    "\ufeff=1",
]  # fmt: skip


@pytest.mark.parametrize("character", ACTS, ids=ascii)
def test_a_character_that_acts_is_written_out(character: str) -> None:
    shown = visible(f"a{character}b")
    assert character not in shown
    assert shown.isascii()
    written = shown[1:-1].encode().decode("unicode_escape")
    assert written == character


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])))
def test_what_only_shows_stays(text: str) -> None:
    assert visible(text) == text


def test_no_character_at_all_acts() -> None:
    acting = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    every = visible("".join(map(chr, range(sys.maxunicode + 1))))
    assert not {unicodedata.category(c) for c in set(every)} & acting


def test_long_values_are_cut_and_the_rest_is_never_looked_at() -> None:
    assert cut("x" * 60, 60) == "x" * 60
    assert cut("x" * 61, 60) == "x" * 59 + "…"
    assert cut("\x1b" * 10**8, 8) == r"\x1b\x1…"


def spreadsheets(text: str) -> list[list[str]]:
    """Return the cells of a CSV as the spreadsheets of three countries split its lines."""
    return [
        row for delimiter in ",;\t" for row in csv.reader(io.StringIO(text), delimiter=delimiter)
    ]


@pytest.mark.parametrize("formula", FORMULAS, ids=ascii)
def test_no_spreadsheet_runs_a_value(formula: str) -> None:
    printed = csv_of(pd.DataFrame({"when": ["2026"], "subject": [formula], "n": [7]}))
    for row in spreadsheets(printed):
        for one in row:
            assert not re.match(r"[\s\"\ufeff]*[=+@＝＋－＠\-]", one), one


def test_numbers_and_plain_values_stay() -> None:
    table = pd.DataFrame(
        {
            "difference": [-0.5, 1.0],
            "n": pd.array([-1, None], dtype="Int8"),
            "at": pd.Series([f"{y}T23:59Z" for y in ("0001-01-01", "9999-12-31")]).astype(UTC),
            "subject": pd.Series(["CN=a,O=b", None], dtype="category"),
            "=name": pd.Series(["a=b; c-d", "x@y"], dtype="str"),
        }
    )
    before = table.copy()
    rows = list(csv.DictReader(io.StringIO(csv_of(table))))
    assert [list(row.values()) for row in rows] == [
        ["-0.5", "-1", "0001-01-01 23:59:00+00:00", "CN=a,O=b", "a=b; c-d"],
        ["1.0", "", "9999-12-31 23:59:00+00:00", "", "x@y"],
    ]
    assert list(rows[0])[-1] == "'=name"
    pd.testing.assert_frame_equal(table, before)


def test_values_that_differ_only_in_what_acts_are_both_there() -> None:
    column = pd.Series(["a\x1b", r"a\x1b", "a\x1b"], dtype="category")
    assert csv_of(pd.DataFrame({"s": column})).split() == ["s", *[r"a\x1b"] * 3]


def test_a_megabyte_is_cut_in_csv_and_whole_in_json() -> None:
    table = pd.DataFrame({"subject": ["x" * 1_000_000]})
    assert len(csv_of(table)) == len("subject\n") + LONGEST_CELL + 1
    assert json.loads(json_of(table)) == {"subject": "x" * 1_000_000}


def test_json_is_whole_and_nothing_in_it_acts() -> None:
    text = "".join(character for character in ACTS if not 0xD800 <= ord(character) < 0xE000)
    printed = json_of(pd.DataFrame({"s": [text]}))
    assert printed.isascii()
    assert printed.rstrip("\n").isprintable()
    assert json.loads(printed) == {"s": text}


def test_only_text_becomes_another_cell() -> None:
    assert [cell(value) for value in (-1, -1.5, None, True)] == [-1, -1.5, None, True]


@pytest.mark.parametrize("kind", [SourceError, DatasetError])
def test_errors_are_one_line_that_does_nothing(kind: type[Exception]) -> None:
    error = kind("s3://b/\x1b]0;owned\x07\u202e: cannot be read\n; look")
    assert str(error) == r"s3://b/\x1b]0;owned\x07\u202e: cannot be read\n; look"


def test_warnings_do_nothing_either() -> None:
    with pytest.warns(AlbconnWarning) as caught:
        warn("a\x1b[2Jb")
    assert str(caught[0].message) == r"a\x1b[2Jb"


@pytest.mark.parametrize(
    "text", ["[a](http://e.example)", "<b>", "|", "@all", "*_`~#!", "&lt;", "\\"]
)
def test_no_character_of_markdown_is_left_bare(text: str) -> None:
    escaped = markdown_text(text)
    assert re.sub(r"\\(.)", r"\1", escaped) == text
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]<>|@*_`~#!&:]", escaped)


def test_markdown_is_one_line_that_does_nothing() -> None:
    assert markdown_text("a\x1b[2Jb\n- c") == r"a\\x1b\[2Jb\\n- c"
