"""The finest groups of connections: one for each combination of the values that are looked at.

Everything that is asked about combinations is a sum over these, so the connections are read once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from albconn.analysis.counting.counts import HANDSHAKE_COLUMNS, MAPPED, Counting
from albconn.analysis.counting.dimensions import COUNTED, SUMS
from albconn.analysis.counting.source import literal, quoted

Combination = tuple[tuple[int, int], ...]  # (attribute, code)


@dataclass(frozen=True)
class LeafCounts:
    """Counts by combination of attribute values.

    Attributes
    ----------
    values : dict of str to list of str
        The attributes, and their values in the order of their codes.
    codes : ndarray of int64, shape (leaves, attributes)
        Which value; -1 where it is another one, or missing.
    counts : DataFrame, shape (leaves, columns)
        The four counts of the two windows, and ``incident_events``.
    """

    values: Mapping[str, Sequence[str]]
    codes: npt.NDArray[np.int64]
    counts: pd.DataFrame

    def named(self, combination: Combination) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return a combination's columns and its values."""
        names = list(self.values)
        columns = tuple(names[attribute] for attribute, _ in combination)
        return columns, tuple(self.values[names[a]][code] for a, code in combination)

    def inside(self, combination: Combination) -> npt.NDArray[np.bool_]:
        """Return which leaves a combination holds."""
        inside = np.ones(len(self.codes), dtype=bool)
        for attribute, code in combination:
            inside &= self.codes[:, attribute] == code
        return inside


def count_leaves(counting: Counting, values: Mapping[str, Sequence[str]]) -> LeafCounts:
    """Count the connections of ``marked`` by their combination of some values.

    Where a protocol, cipher or group is among them, unmapped failures are left out.
    """
    kind = "true" if HANDSHAKE_COLUMNS.isdisjoint(values) else MAPPED
    codes = ", ".join(f"{_code(name, kept)} AS {quoted(name)}" for name, kept in values.items())
    counted = counting.table(
        f"SELECT {codes}, {SUMS} FROM marked WHERE {kind} GROUP BY ALL ORDER BY ALL"
    ).to_pandas()
    return LeafCounts(values, counted[list(values)].to_numpy(np.int64), counted[COUNTED])


def _code(name: str, values: Sequence[str]) -> str:
    listed = ", ".join(literal(value) for value in values)
    return f"coalesce(list_position([{listed}], {quoted(name)}::VARCHAR), 0) - 1"
