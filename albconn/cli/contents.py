"""A table as the text or the bytes of each format.

CSV, Markdown and XLSX are for people: nothing in them runs or is markup, long values are cut. JSON
and Parquet are for machines: values are whole, and Parquet keeps their types.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from albconn.cli.cells import header_of, is_number, rows_of, text_of
from albconn.cli.options import FileFormat, Format
from albconn.cli.workbook import workbook_of
from albconn.printable import csv_of, json_of, markdown_text

if TYPE_CHECKING:
    import pandas as pd


def text_in(table: pd.DataFrame, format: Format) -> str:
    """Return a table as CSV, JSON or Markdown."""
    if format is Format.csv:
        return csv_of(table)
    return json_of(table) if format is Format.json else markdown_of(table)


def bytes_in(table: pd.DataFrame, format: FileFormat) -> bytes:
    """Return a table as Parquet or XLSX."""
    return parquet_of(table) if format is FileFormat.parquet else workbook_of(table)


def markdown_of(table: pd.DataFrame) -> str:
    """Return a table as one of GitHub's Markdown, its values as a terminal shows them."""
    names = [str(name) for name in table.columns]
    signs = ["---:" if is_number(table.iloc[:, n]) else "---" for n in range(len(names))]
    lines = [[markdown_text(header_of(name)) for name in names], signs]
    for row in rows_of(table):
        cells = zip(names, row, strict=True)
        lines.append([_cell(name, value) for name, value in cells])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(name: str, value: Any) -> str:
    text = text_of(name, value)
    return markdown_text(text) if isinstance(value, str) else text


def parquet_of(table: pd.DataFrame) -> bytes:
    """Return a table as Parquet: times with their zone, categories as dictionaries."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    bare = table.copy(deep=False)
    bare.attrs = {}  # what is said beside a table is not part of it
    stored = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(bare, preserve_index=False), stored, compression="zstd")
    return stored.getvalue()
