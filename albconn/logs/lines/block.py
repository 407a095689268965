"""A block of lines becomes typed columns: fast where lines are regular, exact everywhere.

The compiled reader (``regular``) takes every line about which there is no doubt. What it leaves,
and everything where it is not compiled, goes the second way: Arrow's CSV reader splits and types
a whole block, but only one in which it cannot differ from ``exact.parse_line``: every quote opens
or closes a whole field, no field is empty, every typed value converts. Lines of another width
come back from the reader and go the same way again among their own kind. A block that fails a
check is halved until the bad line stands almost alone; the last few lines are read by
``parse_line``. So one bad line costs a few re-reads of its block, and no other block anything.

Where most lines are blank or far too short, as in a file of newlines, those are set apart first,
all at once (``floods``): one by one they would take longer than everything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from albconn.arrow import places
from albconn.errors import LineError
from albconn.logs.lines.exact import decode, likely_width, parse_line
from albconn.logs.lines.floods import is_flood, set_apart
from albconn.logs.lines.layout import Layout
from albconn.logs.lines.regular import COMPILED, Text, count_lines, read_regular
from albconn.logs.lines.rejections import Found, Rejections, collected
from albconn.schema.kind import TIMESTAMP

if TYPE_CHECKING:
    import numpy.typing as npt

    Lines = npt.NDArray[np.int64]


LEAF_LINES = 32  # below this, halving a block costs more than reading its lines one by one
SAMPLED_LINES = 5
_SAMPLED_PLACES = 8  # in a text, to see whether most of its lines are bad


@dataclass
class ParsedBlock:
    """What the lines of a block turned out to be; ``lines`` are 0-based places in the block.

    ``table`` has one row per connection, in the order of ``lines``.
    """

    table: pa.Table
    lines: Lines
    rejected: Rejections


def parse_block(
    *texts: Text, layout: Layout, columns: frozenset[str], count: int | None = None
) -> ParsedBlock:
    """Read a block of whole lines.

    Parameters
    ----------
    *texts : bytes-like
        Whole lines, each ended by a newline; nothing that is returned refers to them.
    layout : Layout
        How the fields of each line lie.
    columns : frozenset of str
        Which of the table's ``read_columns`` to return; null where the layout has none. Which
        lines are rejected does not depend on it.
    count : int, optional
        How many lines the texts have, where that is known.
    """
    reader = _BlockReader(layout, columns)
    if count is None:
        count = sum(map(count_lines, texts))
    if is_flood(sum(map(len, texts)), count, layout):
        reader.read_flood(b"".join(texts))
    elif COMPILED and layout.is_plain:
        reader.read_regular(texts)
    else:
        reader.read_any(b"".join(texts))
    return reader.finish()


class _BlockReader:
    """Collects the pieces of one block."""

    def __init__(self, layout: Layout, columns: frozenset[str]) -> None:
        self.layout = layout
        self.columns = columns
        table = layout.table
        self.schema = pa.schema(
            [table.memory_schema.field(name) for name in table.read_columns if name in columns]
        )
        self.pieces: list[tuple[pa.Table, Lines]] = []
        self.rejected: list[Found] = []

    def read_flood(self, text: bytes) -> None:
        """Set blank and far too short lines apart, and read the rest."""
        lines = np.arange(count_lines(text), dtype=np.int64)
        rest, kept = self._without_short(text, lines)
        if COMPILED and self.layout.is_plain:
            self.read_regular([rest], kept)
        else:
            self.read_any(rest, kept)

    def read_regular(self, texts: Sequence[Text], places: Lines | None = None) -> None:
        """Read all lines, those in doubt the second way; ``places`` as for ``read_any``."""
        taken = read_regular(texts, layout=self.layout, columns=self.columns)
        lines, left = np.arange(taken.lines, dtype=np.int64), taken.left
        if places is None:
            places = lines
        if len(left):
            lines = np.delete(lines, left[:, 0])
        self._keep(taken.table, places[lines])
        if not len(left):
            return
        rest = b"".join(texts[n][start:end] for _, n, start, end in left.tolist())
        self.read_any(*self._without_short(rest, places[left[:, 0]]))

    def read_any(self, text: bytes, lines: Lines | None = None) -> None:
        """Read lines that stand at the places ``lines``, by default one after the other."""
        if b"\r" in text:  # one byte is found ten times faster than two
            text = text.replace(b"\r\n", b"\n")
        if lines is None:
            lines = np.arange(count_lines(text), dtype=np.int64)
        self.read(text, lines, _likely_width(text, self.layout))

    def _without_short(self, text: bytes, lines: Lines) -> tuple[bytes, Lines]:
        apart = set_apart(text, lines, self.layout)
        if len(apart.short.places):
            self.rejected.append(apart.short)
        return apart.rest, apart.lines

    def read(self, text: bytes, lines: Lines, width: int) -> None:
        """Read lines that stand at the places ``lines``, first as if all had ``width`` fields."""
        # Here, because most runs never come here, and Arrow's compute functions take as long to
        # import as fifty thousand lines to convert.
        from albconn.logs.lines.arrow_csv import line_ends, split_block

        split = split_block(text, len(lines), width, self.layout, self.columns)
        if split is not None:
            table, odd = split
            self._keep(table, np.delete(lines, list(odd)) if odd else lines)
            if odd:
                self._read_odd(text, lines, odd, width, line_ends(text))
        elif len(lines) <= LEAF_LINES or _seem_bad(text, self.layout):
            self._read_slowly(text, lines)
        else:
            middle = len(lines) // 2
            cut = line_ends(text)[middle - 1] + 1
            self.read(text[:cut], lines[:middle], width)
            self.read(text[cut:], lines[middle:], width)

    def finish(self) -> ParsedBlock:
        """Put the pieces together in the order of the lines."""
        rejected = collected(self.rejected, self.layout)
        if not self.pieces:
            no_lines = np.empty(0, np.int64)
            return ParsedBlock(self.schema.empty_table(), no_lines, rejected)
        lines = np.concatenate([lines for _, lines in self.pieces])
        table = pa.concat_tables([table for table, _ in self.pieces])
        if len(self.pieces) > 1:
            order = np.argsort(lines, kind="stable")
            table = table.unify_dictionaries().take(places(order)).combine_chunks()
            lines = lines[order]
        return ParsedBlock(table, lines, rejected)

    def _read_odd(
        self, text: bytes, lines: Lines, odd: dict[int, int], width: int, ends: Lines
    ) -> None:
        """Read again the lines that have another width, each width among its own kind."""
        by_width: dict[int, list[int]] = {}
        for place, actual in odd.items():
            by_width.setdefault(actual, []).append(place)
        for actual, at in by_width.items():
            start = [ends[p - 1] + 1 if p else 0 for p in at]
            group = b"".join(text[s : ends[p] + 1] for s, p in zip(start, at, strict=True))
            if actual < self.layout.fewest_fields or actual == width:
                self._read_slowly(group, lines[at])
            else:
                self.read(group, lines[at], actual)

    def _read_slowly(self, text: bytes, lines: Lines) -> None:
        rows, kept, reasons, rejected = [], [], [], []
        at = 0
        for place in lines.tolist():
            start, at = at, text.index(b"\n", at) + 1
            raw = text[start : at - 1]
            if not raw.strip():
                continue
            try:
                parsed = parse_line(decode(raw), self.layout)
            except LineError as error:
                reasons.append(error.reason)
                rejected.append((place, start, at - 1))
                continue
            rows.append((*parsed.values, parsed.extra_fields, *parsed.parts))
            kept.append(place)
        if rows:
            self._keep(_table_of(rows, self.layout), np.array(kept, np.int64))
        if rejected:
            places, starts, ends = np.array(rejected, np.int64).T
            self.rejected.append(Found(text, places, reasons, starts, ends))

    def _keep(self, table: pa.Table, lines: Lines) -> None:
        if not len(lines):
            return
        given = set(table.column_names)
        arrays = [
            table[f.name] if f.name in given else pa.nulls(len(table), f.type) for f in self.schema
        ]
        self.pieces.append((pa.Table.from_arrays(arrays, schema=self.schema), lines))


def _table_of(rows: list[tuple[object, ...]], layout: Layout) -> pa.Table:
    columns = dict(zip(layout.columns, zip(*rows, strict=True), strict=True))
    arrays = []
    for name, values in columns.items():
        made = layout.table.field(name)
        if made.repeated:
            arrays.append(pa.array(values, pa.string()).dictionary_encode())
        elif made.kind == TIMESTAMP:
            arrays.append(pa.array(values, pa.int64()).cast(made.type))
        else:
            arrays.append(pa.array(values, made.type))
    return pa.table(arrays, names=list(columns))


def _seem_bad(text: bytes, layout: Layout) -> bool:
    """Say whether so many lines of a text are bad that halving would find hardly any good ones."""
    bad = 0
    for n in range(_SAMPLED_PLACES):
        start = text.rfind(b"\n", 0, n * len(text) // _SAMPLED_PLACES) + 1
        try:
            parse_line(decode(text[start : text.index(b"\n", start)]), layout)
        except LineError:
            bad += 1
    return bad > _SAMPLED_PLACES // 2


def _likely_width(text: bytes, layout: Layout) -> int:
    """Return the width that most of the first lines have."""
    sample = text[: 1 << 14].split(b"\n", SAMPLED_LINES)[:SAMPLED_LINES]
    widths = Counter(likely_width(line, layout) for line in sample)
    plausible = [width for width, _ in widths.most_common() if width >= layout.fewest_fields]
    return plausible[0] if plausible else layout.fewest_fields
