"""The readers of lines, bound to AWS's own layout of connections."""

from __future__ import annotations

from functools import partial

import pyarrow as pa

from albconn.logs.formats import legacy
from albconn.logs.lines import arrow_csv, block, exact, regular
from albconn.schema.connections import CONNECTIONS

LAYOUT = legacy.layout(CONNECTIONS)
LINE_NAMES = LAYOUT.names

parse_block = partial(block.parse_block, layout=LAYOUT)
parse_line = partial(exact.parse_line, layout=LAYOUT)
split_line = partial(exact.split_line, layout=LAYOUT)
read_regular = partial(regular.read_regular, layout=LAYOUT)


def split_block(
    text: bytes, count: int, width: int, columns: frozenset[str]
) -> tuple[pa.Table, dict[int, int]] | None:
    return arrow_csv.split_block(text, count, width, LAYOUT, columns)
