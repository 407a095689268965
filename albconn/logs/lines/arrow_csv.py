"""A block of lines is split and typed by Arrow's CSV reader, where that is sure to be right.

It is taken only for a block in which it cannot differ from ``exact.parse_line``: every quote
opens or closes a whole field, no field is empty, every typed value converts.
"""

# pyright: reportAttributeAccessIssue=false
# (pyarrow.compute makes its functions at import, where no checker sees them)

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from albconn.arrow import places
from albconn.errors import LineError
from albconn.logs.lines.exact import parts_of
from albconn.logs.lines.layout import Layout
from albconn.logs.lines.shapes import find_shift
from albconn.schema.field import Field, Shape
from albconn.schema.kind import TIMESTAMP

if TYPE_CHECKING:
    import numpy.typing as npt

_NEWLINE, _QUOTE, _BACKSLASH = b'\n"\\'
_MARK = b"\xef\xbb\xbf"  # with which some editors begin a file


def split_block(
    text: bytes, count: int, width: int, layout: Layout, columns: frozenset[str]
) -> tuple[pa.Table, dict[int, int]] | None:
    """Split and type ``count`` lines of which most have ``width`` fields.

    Returns
    -------
    (Table, dict) or None
        The rows of ``width`` fields, with ``columns`` and perhaps more, and for every other line
        its place and width; None when only a slower way is sure to be right.
    """
    # Around a number Arrow passes over tabs, and parse_line only over spaces.
    tabs = b"\t" in text and layout.delimiter != b"\t"
    if not layout.is_plain or tabs or b"\r" in text or text.startswith(_MARK):
        return None
    if b"0x" in text or b"0X" in text:  # Arrow reads 0x1F as a number
        return None
    if not (_quotes_fit(text, layout.delimiter[0]) and _is_utf8(text)):
        return None
    odd: dict[int, int] = {}

    def set_aside(row: csv.InvalidRow) -> str:
        odd[(row.number or 0) - 1] = row.actual_columns
        return "skip"

    known = layout.fields[:width]
    names = [field.name for field in known]
    # A number or time that nobody asked for is typed all the same: the line may be no good.
    types = {
        field.name: field.kind.memory_type
        if field.name in columns or not field.kind.is_text
        else pa.string()
        for field in known
    }
    beyond = [f"field_{n}" for n in range(len(layout.fields) + 1, width + 1)]
    try:
        table = csv.read_csv(
            pa.BufferReader(text),
            read_options=csv.ReadOptions(
                use_threads=False, block_size=len(text) + 1, column_names=[*names, *beyond]
            ),
            parse_options=csv.ParseOptions(
                delimiter=layout.delimiter.decode(),
                double_quote=False,
                ignore_empty_lines=False,
                invalid_row_handler=set_aside,
            ),
            convert_options=csv.ConvertOptions(
                check_utf8=False,
                column_types=types,
                include_columns=names,
                null_values=[layout.null.decode()],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    table = _without_absent(table, layout)
    if len(table) + len(odd) != count or not _values_fit(table, layout):
        return None
    rows = np.delete(np.arange(count), list(odd)) if odd else np.arange(count)

    def tails_of(some: np.ndarray) -> pa.DictionaryArray | None:
        return _tails(text, places(rows[some]), layout) if beyond else None

    if _some_are_shifted(table, layout, tails_of):
        return None
    if beyond and layout.table.tail in columns:
        table = table.append_column(layout.table.tail, _tails(text, places(rows), layout))
    with_parts = _with_parts(table, layout)
    return None if with_parts is None else (with_parts, odd)


def _quotes_fit(text: bytes, delimiter: int) -> bool:
    """Say whether every quote opens or closes a whole field and none is escaped."""
    content = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(content == _QUOTE)
    if not len(quotes) or len(quotes) % 2:
        return not len(quotes)
    opening, closing = quotes[::2], quotes[1::2]
    before = content[np.maximum(opening, 1) - 1]
    after = content[closing + 1]  # the text ends with a newline, so there is a next byte
    return bool(
        opening[0] != 0
        and (before == delimiter).all()
        and ((after == delimiter) | (after == _NEWLINE)).all()
        and (content[closing - 1] != _BACKSLASH).all()
    )


def _is_utf8(text: bytes) -> bool:
    """Say whether the text is UTF-8 throughout, also in fields that nobody asks for."""
    try:
        return text.isascii() or bool(text.decode())
    except UnicodeDecodeError:
        return False


def _values_fit(table: pa.Table, layout: Layout) -> bool:
    """Say whether no field is empty, no time is missing and every number is in its range."""
    for name in table.column_names:
        if name == layout.table.time_column and table[name].null_count:
            return False
        for chunk in table[name].chunks:
            if not _fits(layout.table.field(name), chunk):
                return False
    return True


def _without_absent(table: pa.Table, layout: Layout) -> pa.Table:
    """Let numbers be missing that stand for none."""
    for place, field in enumerate(layout.fields[: table.num_columns]):
        if field.kind.absent is not None:
            column = table.column(place)
            there = pc.not_equal(column, pa.scalar(field.kind.absent, field.type))
            table = table.set_column(place, field.name, pc.if_else(there, column, None))
    return table


def _with_parts(table: pa.Table, layout: Layout) -> pa.Table | None:
    """Add the parts of fields that are taken apart; None where a part is not of its kind."""
    for taken in layout.taken_apart:
        if taken.place >= table.num_columns:
            continue
        whole = table.column(layout.names[taken.place])
        if not pa.types.is_dictionary(whole.type):
            whole = whole.dictionary_encode()
        whole = whole.unify_dictionaries().combine_chunks()
        try:
            told = [parts_of(text, taken, layout) for text in whole.dictionary.to_pylist()]
        except LineError:
            return None
        for place, field in enumerate(taken.columns):
            distinct = pa.array([parts[place] for parts in told], field.type)
            column = distinct.take(whole.indices)
            if field.repeated:
                column = column.dictionary_encode()
            table = table.append_column(field.name, column)
    return table


def _some_are_shifted(
    table: pa.Table, layout: Layout, tails_of: Callable[[np.ndarray], pa.Array | None]
) -> bool:
    """Say whether the fields of a row are shifted; few rows have a value that makes one look."""
    looked_at = np.zeros(len(table), bool)
    for place, shape in layout.shaped:
        if place < table.num_columns:
            looked_at |= _misfits(table[layout.names[place]], shape)
    for place, beside in layout.companions:
        if max(place, beside) < table.num_columns:
            alone = pc.and_not(
                table[layout.names[beside]].is_valid(), table[layout.names[place]].is_valid()
            )
            looked_at |= alone.to_numpy()
    at = np.flatnonzero(looked_at)
    if not len(at):
        return False
    names = layout.names[: table.num_columns]
    texts = {place for place, field in enumerate(layout.fields) if field.kind.is_text}
    tails = tails_of(at)
    return any(
        find_shift(
            [row[name] if n in texts else None for n, name in enumerate(names)], layout, tail
        )
        for row, tail in zip(
            table.select(names).take(places(at)).to_pylist(),
            [None] * len(at) if tails is None else tails.to_pylist(),
            strict=True,
        )
    )


def _misfits(column: pa.ChunkedArray, shape: Shape) -> npt.NDArray[np.bool_]:
    """Say of each row whether its value does not look like its field's."""
    texts = column.unify_dictionaries().combine_chunks()
    codes = None
    if isinstance(texts, pa.DictionaryArray):
        codes, texts = texts.indices, texts.dictionary
    wrong = np.array(
        [text is not None and not shape.fits(text) for text in texts.to_pylist()], bool
    )
    if codes is None or not wrong.any():
        return wrong if codes is None else np.zeros(len(column), bool)
    return wrong[codes.fill_null(0).to_numpy()] & codes.is_valid().to_numpy(zero_copy_only=False)


def _fits(field: Field, chunk: pa.Array) -> bool:
    if isinstance(chunk, pa.DictionaryArray):
        chunk = chunk.dictionary
    if pa.types.is_string(chunk.type):
        shortest = pc.min(pc.binary_length(chunk)).as_py()
        return shortest is None or shortest > 0
    if field.kind == TIMESTAMP:
        chunk = chunk.view(pa.int64())
    limits = pc.min_max(chunk).as_py()
    if limits["min"] is None:
        return chunk.null_count == len(chunk)
    in_range = field.kind.lowest <= limits["min"] and limits["max"] <= field.kind.highest
    return in_range and not (pa.types.is_floating(chunk.type) and pc.any(pc.is_nan(chunk)).as_py())


def _tails(text: bytes, rows: pa.Array, layout: Layout) -> pa.Array:
    """Return what follows the last known field of the lines ``rows``, verbatim."""
    end = re.escape(layout.delimiter.decode())
    known = rf'(?:(?:"(?:[^"\\]|\\.)*"|[^{end}"][^{end}]*){end}){{{len(layout.names)}}}'
    ends = line_ends(text)
    offsets = np.concatenate([[0], ends + 1]).astype(np.int32)
    lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(text))
    tails = pc.struct_field(
        pc.extract_regex(lines.take(rows), rf"^{known}(?P<tail>[^\n]*)"), "tail"
    )
    return pc.if_else(pc.equal(tails, ""), None, tails).dictionary_encode()


def line_ends(text: bytes) -> npt.NDArray[np.int64]:
    """Return where the newlines of a text are."""
    return np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)
