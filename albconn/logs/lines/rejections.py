"""The lines of a block that were not understood: where they stand, and why.

A file of nothing but newlines has a million lines in a megabyte, so a line costs a few numbers
here. Its text, and what of it is wrong, are looked at when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from albconn.errors import LineError
from albconn.logs.lines.exact import decode, parse_line
from albconn.logs.lines.layout import Layout

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]


class Rejected(NamedTuple):
    """One line: its 0-based place in the block, why, what of it is wrong, all words, its bytes."""

    place: int
    reason: str
    value: str | None
    message: str
    raw: bytes


class Found(NamedTuple):
    """Lines of one text; ``starts`` and ``ends`` say where, without the newline."""

    text: bytes
    places: Numbers
    reasons: Sequence[str]
    starts: Numbers
    ends: Numbers


@dataclass(frozen=True, eq=False)
class Rejections(Sequence[Rejected]):
    """Lines in the order of their places.

    Attributes
    ----------
    places : array of int64
        0-based, in the block.
    codes : array of int64
        Of each, the place of its reason in ``reasons``.
    reasons : list of str
        The few words that say why, each once.
    """

    layout: Layout
    places: Numbers
    codes: Numbers
    reasons: list[str]
    _texts: list[bytes]
    _spans: Sequence[Numbers]  # of each: which text, its start and its end there

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, number: int) -> Rejected:  # type: ignore[override]  (no slices)
        """Return all that is known of a line, which is looked at once more for it."""
        text, start, end = (int(column[number]) for column in self._spans)
        raw = self._texts[text][start:end]
        error = why_rejected(raw, self.layout)
        return Rejected(int(self.places[number]), error.reason, error.value, str(error), raw)


def why_rejected(raw: bytes, layout: Layout) -> LineError:
    """Return what is wrong with a line that is no row."""
    try:
        parse_line(decode(raw), layout)
    except LineError as error:
        return error
    raise AssertionError(f"a fast reader rejected a line that is a row: {raw[:200]!r}")


def collected(found: Sequence[Found], layout: Layout) -> Rejections:
    """Put lines together in the order of their places."""
    reasons = list(dict.fromkeys(reason for each in found for reason in each.reasons))
    code_of = {reason: code for code, reason in enumerate(reasons)}
    places = _joined([each.places for each in found])
    numbers = [np.full(len(each.places), n, np.int64) for n, each in enumerate(found)]
    columns = (
        places,
        _joined([_codes(each, code_of) for each in found]),
        _joined(numbers),
        _joined([each.starts for each in found]),
        _joined([each.ends for each in found]),
    )
    if len(found) > 1 and (places[1:] < places[:-1]).any():
        order = np.argsort(places)
        columns = tuple(column[order] for column in columns)
    places, codes, *spans = columns
    return Rejections(layout, places, codes, reasons, [each.text for each in found], spans)


def _joined(columns: Sequence[Numbers]) -> Numbers:
    return columns[0] if len(columns) == 1 else np.concatenate([np.empty(0, np.int64), *columns])


def _codes(found: Found, code_of: dict[str, int]) -> Numbers:
    if len(found.reasons) == 1:
        return np.full(len(found.places), code_of[found.reasons[0]], np.int64)
    return np.array([code_of[reason] for reason in found.reasons], np.int64)
