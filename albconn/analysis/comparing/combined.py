"""Combinations of values: which of them hold the excess, as rows like those of single values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from albconn.analysis.comparing.judge import PRIOR, Judge, smooth_rate, without_noise
from albconn.analysis.counting.counts import HANDSHAKE_COLUMNS
from albconn.analysis.counting.dimensions import (
    COUNTED,
    COUNTS,
    EVENTS,
    JOINED,
    NESTED,
    REASON,
    Columns,
)
from albconn.analysis.counting.leaves import Combination, LeafCounts, count_leaves
from albconn.analysis.stats.candidates import Leaves
from albconn.analysis.stats.causes import find_causes

MOST_COMBINED = 12  # values of each dimension
MOST_ROWS = 20  # combinations that are worth a row


class Combined(NamedTuple):
    """Rows of combinations; the causes, what is next to one, and the gain of all candidates.

    A key is (dimension, value), as in the rows.
    """

    rows: pd.DataFrame
    causes: list[tuple[str, str]]
    near: set[tuple[str, str]]
    gain: dict[tuple[str, str], float]


def none_combined(singles: pd.DataFrame) -> Combined:
    """Return no combinations: no rows, of the same columns."""
    return Combined(singles.iloc[:0], [], set(), {})


def combine(judge: Judge, dimensions: Sequence[Columns], singles: pd.DataFrame) -> Combined:
    """Return the combinations of up to three values that hold the excess.

    Failures without a common protocol or cipher are under no protocol, cipher or group. Where
    they are most of the excess these are no attributes; else such failures are left out.
    """
    names = [columns[0] for columns in dimensions if columns[0] != REASON]
    tables = {name: singles[singles["dimension"] == name] for name in names}
    tables = {name: table for name, table in tables.items() if _varies(judge, table)}
    values = {name: kept for name, table in tables.items() if (kept := _worth_it(table))}
    if not _is_mapped(judge, tables):
        values = {name: v for name, v in values.items() if name not in HANDSHAKE_COLUMNS}
    if not values:
        return none_combined(singles)
    counted = count_leaves(judge.counting, values)
    names = list(values)
    nested = [frozenset(map(names.index, group & set(names))) for group in NESTED]
    before = counted.counts["baseline_connections"].to_numpy(np.float64)
    found = find_causes(_leaves(judge, counted), nested, restless=judge.restless, before=before)
    told = [*found.causes, *found.near, *found.others]
    several = [combination for combination in told if len(combination) > 1][:MOST_ROWS]
    judge.seen += found.candidates
    return Combined(
        judge.judge(_rows(counted, several)),
        [_key(counted, combination) for combination in found.causes],
        {_key(counted, combination) for combination in found.near},
        {_key(counted, combination): found.gain[combination] for combination in told},
    )


def _varies(judge: Judge, table: pd.DataFrame) -> bool:
    """Say whether a dimension tells connections apart: one value, had by all, does not."""
    return len(table) > 1 or bool(
        (table["incident_connections"] < judge.total["incident_connections"]).any()
    )


def _worth_it(table: pd.DataFrame) -> list[str]:
    """Return the values of a dimension that may be part of a cause."""
    evidence = without_noise(table["evidence"].to_numpy())
    more = table["excess_failures"].to_numpy().round(6)
    order = np.lexsort((table["value"].to_numpy(object), -more, -evidence))[:MOST_COMBINED]
    return table["value"].iloc[order[evidence[order] > 0]].tolist()


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


def _rows(counted: LeafCounts, combinations: Sequence[Combination]) -> pd.DataFrame:
    """Return combinations as ``judge.rows_of`` gives single values."""
    counts = counted.counts.to_numpy(np.float64)
    sums = np.array([counts[counted.inside(each)].sum(axis=0) for each in combinations])
    rows = pd.DataFrame(sums.reshape(-1, len(COUNTED)), columns=COUNTED)
    rows = rows.astype(dict.fromkeys(COUNTS, "int64"))
    keys = [_key(counted, each) for each in combinations]
    rows.insert(0, "dimension", [dimension for dimension, _ in keys])
    rows.insert(1, "value", [value for _, value in keys])
    return rows.assign(overall=smooth_rate(counted.counts.sum()), is_reason=False)


def _key(counted: LeafCounts, combination: Combination) -> tuple[str, str]:
    columns, values = counted.named(combination)
    return JOINED.join(columns), JOINED.join(values)
