"""An incident beside what is usual: what changed, and how each value does in it and otherwise.

Both are counted in one pass: the comparison's own counts are summed once more by the values that a
page lists, of one place. What is usual is outside of all incidents, so it may be several windows.
Values that hold the same failures are told as one: how much they share is counted, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from albconn.analysis.comparing.compare import compare_counted
from albconn.analysis.counting.bursts import Spans
from albconn.analysis.counting.counts import FAILED, OUTCOME_COLUMNS, Counting, open_counting
from albconn.analysis.counting.derived import NETWORK
from albconn.analysis.counting.dimensions import (
    COUNTS,
    DIMENSIONS,
    JOINED,
    REASON,
    SUMS,
    needed_columns,
    parse_dimensions,
)
from albconn.analysis.counting.source import literal, quoted
from albconn.analysis.stats.intervals import rate_of
from albconn.opened import Opened
from albconn.times import Window

Numbers = NDArray[np.float64]

Place = Mapping[str, str]
LISTED: dict[str, tuple[str, ...]] = {
    "reasons": (REASON,),
    "networks": (NETWORK,),
    "clients": ("client_ip",),
    "nodes": ("elb", "ip_address"),
}
RATES = ("baseline_rate", "incident_rate", "excess_failures", "share_of_excess")
MOST_LISTED = 500  # values of each
SAME = 0.8  # of the failures of either, from which two values hold the same ones
PART = 0.95  # of a value's failures, that another holds, from which it is a part of it


@dataclass(frozen=True)
class Beside:
    """An incident beside what is usual.

    Attributes
    ----------
    changed : DataFrame
        As ``compare_windows``, over all places; and ``same_as``: the first row that has the same
        failures, or these and more, by its number, where that is another one.
    place : mapping of str to str
        Columns and values of the place that the counts below are of; empty: everywhere.
    total : Series
        Its four counts.
    values : dict of str to DataFrame
        ``reasons``, ``networks``, ``clients`` (as far as the source has them) of the place, and
        ``nodes`` of its load balancer or listener: the columns' names, the four counts,
        ``baseline_rate``, ``incident_rate``. Of a reason connections are all connections.
    """

    changed: pd.DataFrame
    place: Place
    total: pd.Series
    values: dict[str, pd.DataFrame]


def as_compared(beside: Beside, *names: str) -> pd.DataFrame:
    """Return values of the place as ``compare_windows`` has them, of one column each.

    Parameters
    ----------
    beside : Beside
    *names : {"reasons", "networks", "clients"}
        What is listed; what the source does not have is left out.
    """
    found = [(LISTED[name][0], beside.values[name]) for name in names if name in beside.values]
    parts = [
        listed.rename(columns={column: "value"}).assign(dimension=column)
        for column, listed in found
    ]
    if not parts:
        return pd.DataFrame(columns=["dimension", "value", *COUNTS, *RATES])
    values = pd.concat(parts, ignore_index=True)
    excess = _excess(beside.total)
    values["excess_failures"] = _excess(values)
    values["share_of_excess"] = values["excess_failures"] / excess if excess > 0 else np.nan
    return values


def _excess(counts: Any) -> Any:
    """Return failures beyond what the usual rate would give."""
    usual = np.nan_to_num(rate_of(counts["baseline_failures"], counts["baseline_connections"]))
    return counts["incident_failures"] - usual * counts["incident_connections"]


def compare_beside(
    connections: Opened,
    *,
    incident: Window,
    usual: Spans,
    place_of: Callable[[pd.DataFrame], Place],
) -> Beside:
    """Compare an incident with what is usual; ``place_of`` says by what changed where it is."""
    asked = parse_dimensions(DIMENSIONS)
    with open_counting(
        connections,
        columns=["timestamp", *OUTCOME_COLUMNS],
        optional=[*needed_columns(asked), "client_ip"],
        start=min(start for start, _ in (*usual, incident)),
        end=max(end for _, end in (*usual, incident)),
    ) as counting:
        changed = compare_counted(counting, usual, incident, asked, combined=True)
        place = place_of(changed)
        listed = {name: by for name, by in LISTED.items() if counting.has(needed_columns([by]))}
        return Beside(
            changed.assign(same_as=_same_as(counting, changed)),
            place,
            _total(counting, place),
            {name: _values(counting, by, without(place, by)) for name, by in listed.items()},
        )


def without(place: Place, by: Sequence[str]) -> Place:
    """Return a place without the node, where nodes are what is listed: the others stand beside."""
    return {name: value for name, value in place.items() if name == "elb" or name not in by}


def _total(counting: Counting, place: Place) -> pd.Series:
    counted = counting.table(f"SELECT {SUMS} FROM marked WHERE {_at(place)}").to_pandas()
    return counted[COUNTS].iloc[0].astype("int64")


def _values(counting: Counting, by: Sequence[str], place: Place) -> pd.DataFrame:
    """Return the counts of values of one place, most failures in the incident first."""
    names = ", ".join(f"{quoted(name)}::VARCHAR AS {quoted(name)}" for name in by)
    keys = ", ".join(quoted(name) for name in by)
    there = " AND ".join([_at(place), *(f"{quoted(name)} IS NOT NULL" for name in by)])
    counted = counting.table(
        f"SELECT {names}, {SUMS} FROM marked WHERE {there} GROUP BY ALL ORDER BY "
        f"incident_failures DESC, incident_connections DESC, {keys} LIMIT {MOST_LISTED}"
    ).to_pandas()[[*by, *COUNTS]]
    if REASON in by:
        of = _total(counting, place)
        counted = counted.assign(
            baseline_connections=of["baseline_connections"],
            incident_connections=of["incident_connections"],
        )
    for window in ("baseline", "incident"):
        counted[f"{window}_rate"] = rate_of(
            counted[f"{window}_failures"], counted[f"{window}_connections"]
        )
    return counted


def _at(place: Place) -> str:
    conditions = [f"{quoted(n)}::VARCHAR = {literal(value)}" for n, value in place.items()]
    return " AND ".join(conditions) or "true"


def _same_as(counting: Counting, changed: pd.DataFrame) -> pd.Series:
    """Return for each significant row the first one that holds its failures, if another."""
    rows = changed[changed["significant"]].head(64)
    same = pd.Series(pd.NA, index=changed.index, dtype="Int64")
    if len(rows) < 2:
        return same
    both = _in_common(counting, rows)
    alone = np.maximum(np.diag(both), 1.0)
    firsts: list[int] = []
    for number in range(len(rows)):
        like = next((first for first in firsts if _is_same(both, alone, first, number)), None)
        if like is None:
            firsts.append(number)
        else:
            same.loc[rows.index[number]] = rows.index[like]
    return same


def _is_same(both: Numbers, alone: Numbers, first: int, other: int) -> bool:
    """Say whether a later value has the failures of an earlier one, or a part of them."""
    common = both[first, other]
    either = alone[first] + alone[other] - common
    return bool(common >= SAME * either or common >= PART * alone[other])


def _in_common(counting: Counting, rows: pd.DataFrame) -> Numbers:
    """Return how many failures of the incident each two rows have in common."""
    held = ", ".join(
        f"coalesce({_holds(dimension, value)}, false) AS held_{number}"
        for number, (dimension, value) in enumerate(
            zip(rows["dimension"], rows["value"], strict=True)
        )
    )
    counted = counting.table(
        f"SELECT {held}, sum(n)::DOUBLE AS n FROM marked WHERE late AND {FAILED} GROUP BY ALL"
    ).to_pandas()
    weight = counted["n"].to_numpy(np.float64)
    inside = counted.drop(columns="n").to_numpy(np.float64)
    return inside.T @ (inside * weight[:, None])


def _holds(dimension: str, value: str) -> str:
    names = ", ".join(f"{quoted(name)}::VARCHAR" for name in dimension.split(JOINED))
    return f"concat_ws({literal(JOINED)}, {names}) = {literal(value)}"
