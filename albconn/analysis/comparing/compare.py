"""What changed between a quiet time and an incident.

Every value of every dimension gets the failures that it would have had at its own baseline rate;
what goes beyond is its *excess*. Many values, and combinations of values, share the same excess
(the failing network, its load balancer, its port); which of them is the cause is found by
``stats.causes``. Hundreds are looked at, so p-values are corrected for that; few events, and
values that hold the excess only because they hold the traffic, do not come first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from albconn.analysis.comparing.combined import Combined, combine, none_combined
from albconn.analysis.comparing.judge import Judge, attributes, without_noise
from albconn.analysis.counting.bursts import Spans
from albconn.analysis.counting.counts import OUTCOME_COLUMNS, Counting, open_counting
from albconn.analysis.counting.dimensions import (
    DIMENSIONS,
    JOINED,
    Columns,
    Dimensions,
    count_values,
    needed_columns,
    parse_dimensions,
)
from albconn.opened import Connections
from albconn.storage.places import StorageOptions
from albconn.times import GivenWindow, Window, check_windows

MOST_VALUES = 200  # of each dimension, by failures and again by connections

_ANSWER = [
    "dimension", "value", "baseline_connections", "baseline_failures", "baseline_rate",
    "incident_connections", "incident_failures", "incident_rate", "rate_difference",
    "difference_low", "difference_high", "expected_failures", "excess_failures",
    "share_of_excess", "p_value", "q_value", "significant", "evidence", "cause",
]  # fmt: skip


def compare_windows(
    connections: Connections,
    *,
    baseline: GivenWindow,
    incident: GivenWindow,
    by: str | Dimensions | None = None,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return which values' failures grew from one time range to another, the sharpest first.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    baseline, incident : tuple of datetime or str
        ``(start, end)``, aware or ISO 8601 text with its zone, half-open; they must not overlap.
    by : str or sequence of (str or sequence of str), optional
        Dimensions: columns, ``client_network`` (/24 and /64), or tuples of these. Without it:
        the client's network and address, certificate subject, node, port, load balancer,
        protocol, cipher, key exchange and failure reason, as far as the source has them, and
        those combinations of two or three values that may be its cause.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (values, columns)
        Significant values first, of these the causes first and then what is coarser or finer than
        a cause by one value; after them those that hold the excess only as they hold the traffic;
        then the others; each by evidence. Missing values
        are no values. At most about 400 of a dimension are listed.

        ===============================  ============  ==========================================
        column                           type          meaning
        ===============================  ============  ==========================================
        dimension, value                 str           of a combination the parts, joined by " × "
        baseline_connections, _failures  int64         counts in the baseline
        baseline_rate                    float64 [1]   their rate; NaN without connections
        incident_connections, _failures  int64         counts in the incident
        incident_rate                    float64 [1]   their rate
        rate_difference                  float64 [1]   incident minus baseline
        difference_low, difference_high  float64 [1]   its Newcombe 95 % interval
        expected_failures                float64       in the incident, had nothing changed
        excess_failures                  float64       incident_failures - expected_failures
        share_of_excess                  float64 [1]   of the gross excess; NaN if there is none
        p_value                          float64 [1]   two-sided, beta-binomial
        q_value                          float64 [1]   Benjamini-Hochberg, over all values seen
        significant                      bool          q ≤ 0.05, and at least 5 events more
        evidence                         float64 [nat] log-likelihood ratio, by events
        cause                            Int8          1 for the first cause, 2 for a second one
                                                       beside it; missing for what is none
        ===============================  ============  ==========================================

        ``expected_failures`` is incident_connections × the value's baseline rate, drawn towards
        the overall rate with the weight of 20 connections; a value that always failed more than
        average is expected to fail no more often in the same time than it did (a scanner that
        comes back in force is an excess, though its rate was 100 % before). An *event* is a run
        of one client's failures without a success: a client that tries 500 times in a row is one
        event, and significant is what more than a few clients, or a few devices behind one
        address, do. p-values allow for events and for a rate that moves in the baseline.

        Under ``tls_protocol``, ``tls_cipher`` and ``tls_keyexchange`` unmapped failures are left
        out, for what is logged with them is not the client's. They are under ``failure_reason``,
        where ``connections`` are all connections.

        ``attrs`` holds the windows (ISO 8601 texts), the four counts of all connections,
        ``expected_failures``, ``excess_failures``, ``gross_excess_failures`` (without what other
        values have less than usual), ``dispersion`` and ``values_compared``.

    Raises
    ------
    TableError
        A window is naive, empty or overlaps the other, a name is no dimension, or the source
        lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    References
    ----------
    D. Neill, "Expectation-based scan statistics", International Journal of Forecasting 25
    (2009), for the evidence. Y. Benjamini and Y. Hochberg, JRSS B 57 (1995) 289-300.
    """
    quiet, busy = check_windows(baseline, incident)
    asked = parse_dimensions(DIMENSIONS if by is None else by)
    needed = needed_columns(asked)
    with open_counting(
        connections,
        columns=["timestamp", *OUTCOME_COLUMNS, *(needed if by is not None else [])],
        optional=[*needed, "client_ip"],
        start=min(quiet[0], busy[0]),
        end=max(quiet[1], busy[1]),
        storage_options=storage_options,
    ) as counting:
        answer = compare_counted(counting, [quiet], busy, asked, combined=by is None)
    answer.attrs["baseline"] = [moment.isoformat() for moment in quiet]
    answer.attrs["incident"] = [moment.isoformat() for moment in busy]
    return answer


def compare_counted(
    counting: Counting,
    baseline: Spans,
    incident: Window,
    dimensions: Sequence[Columns],
    *,
    combined: bool,
) -> pd.DataFrame:
    """Return what changed, as ``compare_windows``; the baseline may be of several windows."""
    there = [columns for columns in dimensions if counting.has(needed_columns([columns]))]
    judge = Judge(counting, baseline, incident, [name for each in there for name in each])
    singles = judge.judged(count_values(counting, there, most=MOST_VALUES))
    found = combine(judge, there, singles) if combined else none_combined(singles)
    answer = _ordered(judge.finished(singles, found.rows), found)
    answer.attrs.update(attributes(judge, judge.gross_excess(singles)))
    return answer


def _ordered(table: pd.DataFrame, combined: Combined) -> pd.DataFrame:
    """Return the answer's columns, its rows in their order."""
    keys = list(zip(table["dimension"].tolist(), table["value"].tolist(), strict=True))
    place = {key: number for number, key in enumerate(combined.causes, start=1)}
    number = np.array([place.get(key, 0) for key in keys], dtype=np.int8)
    gains = [
        combined.gain.get(key, usual)
        for key, usual in zip(keys, table["evidence"].tolist(), strict=True)
    ]
    table = table.assign(
        cause=pd.arrays.IntegerArray(number, number == 0),
        evidence=np.array(gains, dtype=np.float64),
    )
    sure = table["significant"].to_numpy(dtype=bool)
    first = sure & table["tells"].to_numpy(dtype=bool)
    first |= _holds_sure(keys, sure, number > 0)
    rest = [len(place) + (1 if key in combined.near else 2) for key in keys]
    order = np.lexsort(
        (
            -table["excess_failures"].to_numpy().round(6),
            -without_noise(table["evidence"].to_numpy()),
            np.where(number > 0, number, rest),
            np.where(first, 0, np.where(sure, 1, 2)),
        )
    )
    answer = table[_ANSWER].take(order).reset_index(drop=True)
    return answer.astype({"dimension": "str", "value": "str"})


def _holds_sure(
    keys: Sequence[tuple[str, str]], sure: NDArray[np.bool_], asked: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which of the values that are asked are significant, or have a part that is."""
    holds = np.zeros(len(keys), dtype=bool)
    if asked.any():
        finer = [_parts(keys[place]) for place in np.flatnonzero(sure).tolist()]
        for place in np.flatnonzero(asked).tolist():
            holds[place] = any(_parts(keys[place]) <= other for other in finer)
    return holds


def _parts(key: tuple[str, str]) -> frozenset[tuple[str, str]]:
    dimension, value = key
    return frozenset(zip(dimension.split(JOINED), value.split(JOINED), strict=False))
