"""A table as a workbook of Excel's, for whoever goes on in a spreadsheet.

A text is written as a text, so ``=1+1`` of a stranger is never a formula nor a link. A workbook's
times have no zone: they are UTC, and the header says so. What it cannot hold is cut or written as
text: values of more than ``LONGEST_CELL`` characters, times before 1900.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from albconn.cli.cells import is_number, rows_of
from albconn.errors import TableError
from albconn.printable import LONGEST_CELL, cut
from albconn.words import is_share

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 1_048_575  # below the header
_FIRST_YEAR = 1900
_SHARE, _TIME, _DATE = "0.00%", "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"


def workbook_of(table: pd.DataFrame) -> bytes:
    """Return a table as the bytes of an .xlsx file.

    Raises
    ------
    TableError
        It has more rows than a sheet holds.
    """
    from xlsxwriter import Workbook

    if len(table) > MOST_ROWS:
        raise TableError(
            f"--format xlsx: {len(table):,} rows; a sheet holds {MOST_ROWS:,}; take parquet or csv"
        )
    stored = io.BytesIO()
    with Workbook(stored, {"in_memory": True}) as book:
        sheet = book.add_worksheet("albconn")
        shapes = {sign: book.add_format({"num_format": sign}) for sign in (_SHARE, _TIME, _DATE)}
        bold = book.add_format({"bold": True})
        for place, name in enumerate(map(str, table.columns)):
            sheet.write_string(0, place, _header(name, table.iloc[:, place]), bold)
        shares = [
            is_share(str(name)) and is_number(table.iloc[:, place])
            for place, name in enumerate(table.columns)
        ]
        for line, row in enumerate(rows_of(table), 1):
            for place, value in enumerate(row):
                _write(sheet, line, place, value, shapes, shapes[_SHARE] if shares[place] else None)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return stored.getvalue()


def _header(name: str, column: pd.Series) -> str:
    zone = getattr(column.dtype, "tz", None)
    return cut(name if zone is None else f"{name} (UTC)", LONGEST_CELL)


def _write(
    sheet: Any, line: int, place: int, value: Any, shapes: dict[str, Any], shape: Any
) -> None:
    """Write one value as what it is; nothing is guessed from how a text looks."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, int | float) and abs(value) != float("inf"):
        sheet.write_number(line, place, value, shape)
    elif isinstance(value, date) and value.year >= _FIRST_YEAR:  # a datetime is one, too
        is_time = isinstance(value, datetime)
        bare = value.replace(tzinfo=None) if is_time else value
        sheet.write_datetime(line, place, bare, shapes[_TIME if is_time else _DATE])
    else:
        sheet.write_string(line, place, cut(str(value), LONGEST_CELL))
