"""Combinations of values: which of them hold the excess, as rows like those of single values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from albconn.analysis.comparing.judge import PRIOR, Judge, smooth_rate, without_noise
from albconn.analysis.counting.counts import HANDSHAKE_COLUMNS
from albconn.analysis.counting.dimensions import EVENTS, JOINED, NESTED, REASON, Columns, Values
from albconn.analysis.counting.leaves import Combination, LeafCounts, count_leaves
from albconn.analysis.stats.causes import Leaves, find_causes

MOST_COMBINED = 12  # values of each dimension
MOST_ROWS = 20  # combinations that are worth a row


class Combined(NamedTuple):
    """Rows of combinations; and of causes and other candidates the gain, the causes first.

    A key is (dimension, value), as in the rows.
    """

    rows: list[pd.DataFrame]
    causes: list[tuple[str, str]]
    gain: dict[tuple[str, str], float]


def combine(judge: Judge, dimensions: Sequence[Columns], singles: list[pd.DataFrame]) -> Combined:
    """Return the combinations of up to three values that hold the excess.

    Failures without a common protocol or cipher are under no protocol, cipher or group. Where
    they are most of the excess these are no attributes; else such failures are left out.
    """
    tables = {columns[0]: table for columns, table in zip(dimensions, singles, strict=True)}
    tables = {name: t for name, t in tables.items() if name != REASON and _varies(judge, t)}
    values = {name: kept for name, table in tables.items() if (kept := _worth_it(table))}
    if not _is_mapped(judge, tables):
        values = {name: v for name, v in values.items() if name not in HANDSHAKE_COLUMNS}
    if not values:
        return Combined([], [], {})
    counted = count_leaves(judge.counting, values)
    names = list(values)
    nested = [frozenset(map(names.index, group & set(names))) for group in NESTED]
    found = find_causes(_leaves(judge, counted), nested, restless=judge.restless)
    told = [*found.causes, *found.others]
    several = [combination for combination in told if len(combination) > 1][:MOST_ROWS]
    judge.seen += found.candidates
    return Combined(
        [judge.judged(_values(counted, combination)) for combination in several],
        [_key(counted, combination) for combination in found.causes],
        {_key(counted, combination): found.gain[combination] for combination in told},
    )


def _varies(judge: Judge, table: pd.DataFrame) -> bool:
    """Say whether a dimension tells connections apart: one value, had by all, does not."""
    return len(table) > 1 or bool(
        (table["incident_connections"] < judge.total["incident_connections"]).any()
    )


def _worth_it(table: pd.DataFrame) -> list[str]:
    """Return the values of a dimension that may be part of a cause."""
    raised = table[without_noise(table["evidence"]) > 0]
    order = np.lexsort(
        (raised["value"], -raised["excess_failures"].round(6), -without_noise(raised["evidence"]))
    )
    return list(raised["value"].iloc[order[:MOST_COMBINED]])


def _is_mapped(judge: Judge, tables: dict[str, pd.DataFrame]) -> bool:
    """Say whether most of the excess is of failures whose protocol and cipher are known."""
    excess = [
        float(table["excess_failures"].clip(lower=0).sum())
        for name, table in tables.items()
        if name in HANDSHAKE_COLUMNS
    ]
    return bool(excess) and max(excess) >= judge.net_excess / 2


def _leaves(judge: Judge, counted: LeafCounts) -> Leaves:
    counts = counted.counts
    n, k = counts["baseline_connections"], counts["baseline_failures"]
    overall = smooth_rate(judge.total)
    rate = ((k + PRIOR * overall) / (n + PRIOR)).to_numpy(np.float64)
    now = counts["incident_connections"].to_numpy(np.float64)
    return Leaves(
        counted.codes,
        now,
        counts["incident_failures"].to_numpy(np.float64),
        now * rate,
        counts[EVENTS].to_numpy(np.float64),
    )


def _values(counted: LeafCounts, combination: Combination) -> Values:
    columns, values = counted.named(combination)
    sums = counted.counts[counted.inside(combination)].sum().to_frame().T
    kinds = {name: "float64" if name == EVENTS else "int64" for name in sums}
    counts = sums.astype(kinds)
    for place, (column, value) in enumerate(zip(columns, values, strict=True)):
        counts.insert(place, column, value)
    total = counted.counts.sum()
    return Values(columns, counts, total, found=0)


def _key(counted: LeafCounts, combination: Combination) -> tuple[str, str]:
    columns, values = counted.named(combination)
    return JOINED.join(columns), JOINED.join(values)
