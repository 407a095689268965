"""Which rows of a source a dataset already holds, when sources were converted in slices.

A source may be converted with a time range or filter first and with a wider one later. Its
*extent* is the selections under which it was read; a later run writes the rows that its own
selection matches and the extent does not, so that no row is written twice and none is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from albconn.logs.find.selection import Selection
from albconn.schema.table import LogTable

if TYPE_CHECKING:
    import numpy.typing as npt

Extent = tuple[Selection, ...]

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def covers(wide: Selection, narrow: Selection) -> bool:
    """Say whether every row that ``narrow`` selects is also selected by ``wide``."""
    return (
        _span(wide)[0] <= _span(narrow)[0]
        and _span(narrow)[1] <= _span(wide)[1]
        and all(
            not w or (n and set(n) <= set(w))
            for w, n in zip(_filters(wide), _filters(narrow), strict=True)
        )
    )


def is_covered(selection: Selection, extent: Extent) -> bool:
    """Say whether an extent holds all that a selection asks for."""
    return any(covers(known, selection) for known in extent)


def extend(extent: Extent, selections: Iterable[Selection]) -> Extent:
    """Add selections to an extent, joined where ranges touch, so that it stays short."""
    for added in selections:
        if is_covered(added, extent):
            continue
        kept: list[Selection] = []
        for known in extent:
            if covers(added, known):
                continue
            if _filters(known) == _filters(added) and _touch(known, added):
                added = _joined(known, added)
            else:
                kept.append(known)
        extent = (*kept, added)
    return extent


def wanted_rows(
    rows: pa.Table, table: LogTable, wanted: Extent, earlier: Extent
) -> npt.NDArray[np.bool_] | None:
    """Return which rows are in ``wanted`` and not in ``earlier``; None when all are."""
    chosen, held = _any_mask(rows, table, wanted), _any_mask(rows, table, earlier)
    if held is None:
        return np.zeros(len(rows), dtype=bool)
    if not held.any():
        return chosen
    return ~held if chosen is None else chosen & ~held


def _any_mask(rows: pa.Table, table: LogTable, selections: Extent) -> npt.NDArray[np.bool_] | None:
    """Return which rows any selection selects; None when one of them selects everything."""
    union = np.zeros(len(rows), dtype=bool)
    for selection in selections:
        mask = selection.mask(rows, table)
        if mask is None:
            return None
        union |= mask
    return union


def _span(selection: Selection) -> tuple[datetime, datetime]:
    return selection.start or _FIRST, selection.end or _LAST


def _filters(selection: Selection) -> tuple[tuple[str, ...], ...]:
    return selection.load_balancer, selection.account_id, selection.region


def _touch(one: Selection, other: Selection) -> bool:
    return _span(one)[0] <= _span(other)[1] and _span(other)[0] <= _span(one)[1]


def _joined(one: Selection, other: Selection) -> Selection:
    start = min(_span(one)[0], _span(other)[0])
    end = max(_span(one)[1], _span(other)[1])
    return replace(one, start=None if start == _FIRST else start, end=None if end == _LAST else end)
