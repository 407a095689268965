"""A workbook, read by another library than the one that wrote it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pandas as pd
import pytest

from albconn import TableError
from albconn.cli import workbook
from albconn.cli.workbook import workbook_of
from albconn.printable import LONGEST_CELL

HOSTILE = [
    "=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "http://e.example", "mailto:a@b",
    "internal:Sheet1!A1", "external:c:\\x.xlsx", "{=1+1}", "007", "1e5", "TRUE", "", " ", "'x",
    "a\x1b[31m\u202eb", "\udcff", "_x0041_", "x" * 100_000,
]  # fmt: skip


def cells(table: pd.DataFrame) -> list[list[Any]]:
    """Return the cells of each row, the header first."""
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_of(table))).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows()]


def test_each_value_is_what_it_is() -> None:
    table = pd.DataFrame(
        {
            "elb": pd.Series(["a", None], dtype="category"),
            "failures": [1200, 0],
            "failure_rate": [0.5, float("nan")],
            "p95": [0.25, float("inf")],
            "seen": [True, False],
            "cause": pd.array([None, 2], dtype="Int8"),
            "start": pd.Series(
                [datetime(2026, 9, 23, 10, tzinfo=UTC), None], dtype="datetime64[us, UTC]"
            ),
            "date": pd.Series([date(2026, 9, 23), None], dtype="category"),
        }
    )
    header, first, second = cells(table)
    assert [cell.value for cell in header] == [
        "elb", "failures", "failure_rate", "p95", "seen", "cause", "start (UTC)", "date",
    ]  # fmt: skip
    assert [cell.value for cell in first[:6]] == ["a", 1200, 0.5, 0.25, True, None]
    assert [cell.value.isoformat() for cell in first[6:]] == [
        "2026-09-23T10:00:00", "2026-09-23T00:00:00",
    ]  # fmt: skip
    assert [cell.value for cell in second] == [None, 0, None, "inf", False, 2, None, None]
    assert [cell.number_format for cell in first[2:8:4]] == ["0.00%", "yyyy-mm-dd hh:mm:ss"]
    assert first[3].number_format == "General"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_a_text(text: str) -> None:
    value = pd.Series([text], dtype=object)
    table = pd.DataFrame({text.encode("ascii", "ignore").decode()[:100]: [1], "value": value})
    header, (_, cell) = cells(table)
    assert header[0].data_type == "s"
    assert cell.data_type in ("s", "n")  # an empty text is an empty cell
    assert cell.hyperlink is None
    assert len(cell.value or "") <= LONGEST_CELL
    if text and text.isprintable() and len(text) < LONGEST_CELL:
        assert cell.value == text
    assert "\x1b" not in (cell.value or "")


def test_no_part_of_the_file_holds_a_formula_or_a_link() -> None:
    stored = io.BytesIO(workbook_of(pd.DataFrame({"value": HOSTILE}, dtype=object)))
    with zipfile.ZipFile(stored) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b"<f" not in sheet
    assert b"hyperlink" not in sheet
    assert not any("externalLink" in name or "vba" in name.lower() for name in parts)


def test_times_that_a_sheet_does_not_know_are_texts() -> None:
    texts = ["0001-01-01", "1899-12-31T23:00", "1900-01-01", "9999-12-31T23:59:59"]
    times = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in texts]
    column = pd.Series(times, dtype="datetime64[us, UTC]")
    values = [row[0].value for row in cells(pd.DataFrame({"start": column}))]
    assert values[:3] == ["start (UTC)", "0001-01-01 00:00:00+00:00", "1899-12-31 23:00:00+00:00"]
    assert values[4].isoformat() == "9999-12-31T23:59:59"


def test_more_rows_than_a_sheet_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    assert len(cells(pd.DataFrame({"n": [1, 2]}))) == 3
    with pytest.raises(TableError, match=r"^--format xlsx: 3 rows; a sheet holds 2; take parquet"):
        workbook_of(pd.DataFrame({"n": [1, 2, 3]}))
    assert [cell.value for cell in cells(pd.DataFrame({"n": []}))[0]] == ["n"]
