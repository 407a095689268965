"""What changed between a quiet time and an incident.

Every value of every dimension gets the failures that it would have had at its own baseline rate;
what goes beyond is its *excess*. Many values share the same excess (the failing network, its
load balancer, its port), so the first is the one that says it most sharply: fewest other
connections. Hundreds of values are looked at, so p-values are corrected for that; few failures,
and values that hold the excess only because they hold the traffic, do not come first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from albconn.analysis.counting.counts import OUTCOME_COLUMNS, Counting, open_counting
from albconn.analysis.counting.dimensions import (
    COUNTS,
    DIMENSIONS,
    JOINED,
    REASON,
    Columns,
    Dimensions,
    Values,
    count_values,
    failures_over_time,
    is_nested,
    mark_windows,
    needed_columns,
    parse_dimensions,
)
from albconn.analysis.counting.source import literal, quoted
from albconn.analysis.stats.intervals import rate_of
from albconn.analysis.stats.significance import (
    adjust,
    dispersion,
    evidence,
    log_p_value,
    newcombe_interval,
    soften,
)
from albconn.opened import Connections
from albconn.storage.places import StorageOptions
from albconn.times import GivenWindow, Window, check_windows

LEAST_EXCESS = 5.0  # failures beyond the expected, below which nothing is significant
LEAST_Q = 0.05
LEAST_LIFT = 1.2  # share of the excess over share of the traffic, below which a value says nothing
LEAST_GAIN = 10.0  # [nat] by which a pair has to be sharper than the sharper of its parts
LEAST_SHARE = 0.2  # of the excess, for a pair to be worth a row
PRIOR = 20.0  # connections at the overall rate that every value is thought to have had before
MOST_VALUES = 200  # of each dimension, by failures and again by connections
MOST_PAIRED = 4  # values of each dimension that are paired

_ANSWER = [
    "dimension", "value", "baseline_connections", "baseline_failures", "baseline_rate",
    "incident_connections", "incident_failures", "incident_rate", "rate_difference",
    "difference_low", "difference_high", "expected_failures", "excess_failures",
    "share_of_excess", "p_value", "q_value", "significant", "evidence",
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
        those pairs of values that say more sharply where the excess is than either part.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (values, columns)
        Significant values first, by evidence; after them those that hold the excess only as they
        hold the traffic; then the others; each by excess. Missing values are no values. At most
        about 400 of a dimension are listed.

        ===============================  ============  ==========================================
        column                           type          meaning
        ===============================  ============  ==========================================
        dimension, value                 str           for a pair both parts, joined by " × "
        baseline_connections, _failures  int64         counts in the baseline
        baseline_rate                    float64 [1]   their rate; NaN without connections
        incident_connections, _failures  int64         counts in the incident
        incident_rate                    float64 [1]   their rate
        rate_difference                  float64 [1]   incident minus baseline
        difference_low, difference_high  float64 [1]   its Newcombe 95 % interval
        expected_failures                float64       in the incident, had nothing changed
        excess_failures                  float64       incident_failures - expected_failures
        share_of_excess                  float64 [1]   of the excess of all connections; NaN if
                                                       there is none
        p_value                          float64 [1]   two-sided, beta-binomial
        q_value                          float64 [1]   Benjamini-Hochberg, over all values seen
        significant                      bool          q ≤ 0.05, and at least 5 failures more
                                                       (times the dispersion, if bursts are usual)
        evidence                         float64 [nat] log-likelihood ratio; orders the table
        ===============================  ============  ==========================================

        ``expected_failures`` is incident_connections × the value's baseline rate, drawn towards
        the overall rate with the weight of 20 connections; a value that always failed more than
        average is expected to fail no more often in the same time than it did (a scanner that
        comes back in force is an excess, though its rate was 100 % before). p-values allow for
        failures in bursts, by the dispersion of the baseline.

        Under ``tls_protocol``, ``tls_cipher`` and ``tls_keyexchange`` unmapped failures are left
        out, for what is logged with them is not the client's. They are under ``failure_reason``,
        where ``connections`` are all connections.

        ``attrs`` holds the windows (ISO 8601 texts), the four counts of all connections,
        ``expected_failures``, ``excess_failures``, ``dispersion`` and ``values_compared``.

    Raises
    ------
    TableError
        A window is naive, empty or overlaps the other, a name is no dimension, or the source
        lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    References
    ----------
    M. Kulldorff, "A spatial scan statistic", Communications in Statistics 26 (1997) 1481-1496,
    for the evidence. Y. Benjamini and Y. Hochberg, JRSS B 57 (1995) 289-300.
    """
    quiet, busy = check_windows(baseline, incident)
    asked = parse_dimensions(DIMENSIONS if by is None else by)
    needed = needed_columns(asked)
    with open_counting(
        connections,
        columns=["timestamp", *OUTCOME_COLUMNS, *(needed if by is not None else [])],
        optional=needed,
        start=min(quiet[0], busy[0]),
        end=max(quiet[1], busy[1]),
        storage_options=storage_options,
    ) as counting:
        there = [columns for columns in asked if counting.has(needed_columns([columns]))]
        judge = _Judge(counting, quiet, busy, [name for each in there for name in each])
        compared = [judge.judged(values) for values in count_values(
            counting, there, most=MOST_VALUES)]  # fmt: skip
        if by is None:
            compared += judge.pairs(there, compared)
    return judge.ranked(compared)


class _Judge:
    """Holds what every value is judged by: the windows, the overall rates, the burstiness."""

    def __init__(
        self, counting: Counting, baseline: Window, incident: Window, names: Sequence[str]
    ) -> None:
        self.counting, self.baseline, self.incident = counting, baseline, incident
        mark_windows(counting, baseline, incident, names)
        (values,) = count_values(counting, [(REASON,)], most=1)
        self.total = values.total
        self.time_ratio = (incident[1] - incident[0]) / (baseline[1] - baseline[0])
        self.burstiness = dispersion(*failures_over_time(counting, baseline))
        self.excess = self.total["incident_failures"] - float(self._expected_overall())
        self.seen = 0

    def judged(self, values: Values) -> pd.DataFrame:
        """Return a dimension's values with what there is to say of each."""
        self.seen += values.found
        table = values.counts.copy()
        weight, rate = self._earlier(values)
        n, k = table["incident_connections"], table["incident_failures"]
        table["expected_failures"] = n * rate
        table["excess_failures"] = k - table["expected_failures"]
        table["share_of_excess"] = table["excess_failures"] / self.excess if self.excess > 0 else (
            np.nan)  # fmt: skip
        table["p_value"] = [
            soften(log_p_value(int(ki), int(ni), ri * wi, (1 - ri) * wi), self.burstiness)
            for ki, ni, ri, wi in zip(k, n, rate, weight, strict=True)
        ]
        # One yardstick for all: a value is not sharper for having been quieter than the rest.
        table["evidence"] = evidence(k, n, np.maximum(rate, _smooth_rate(self.total)))
        lift = table["share_of_excess"] * self.total["incident_connections"] / n.clip(lower=1)
        table["tells"] = (lift >= LEAST_LIFT) | (values.columns == (REASON,))
        table.insert(0, "dimension", values.name)
        table.insert(1, "value", table[list(values.columns)].astype(str).agg(JOINED.join, axis=1)
                     if len(table) else "")  # fmt: skip
        return table

    def pairs(
        self, dimensions: Sequence[Columns], singles: list[pd.DataFrame]
    ) -> list[pd.DataFrame]:
        """Return those pairs of the best values that are sharper than either part."""
        best = {
            columns[0]: table[
                (table["evidence"] > 0) & (table["share_of_excess"] >= LEAST_SHARE)
            ].nlargest(MOST_PAIRED, "evidence")
            for columns, table in zip(dimensions, singles, strict=True)
            if columns != (REASON,)
        }
        best = {name: table for name, table in best.items() if len(table)}
        if len(best) < 2:
            return []
        pairs = [pair for pair in combinations(best, 2) if not is_nested(*pair)]
        self._mask({name: list(table["value"]) for name, table in best.items()})
        kept = []
        for values in count_values(self.counting, pairs, most=MOST_PAIRED**2):
            table = self.judged(values)
            first, second = (
                table[name].map(best[name].set_index("value")["evidence"]).to_numpy(np.float64)
                for name in values.columns
            )
            gain = table["evidence"] - np.maximum(first, second)
            sharper = gain > LEAST_GAIN * self.burstiness
            kept.append(table[sharper & (table["share_of_excess"] >= LEAST_SHARE)])
        return kept

    def ranked(self, compared: list[pd.DataFrame]) -> pd.DataFrame:
        """Return the whole answer, in order."""
        table = pd.concat(compared, ignore_index=True) if compared else pd.DataFrame()
        table["q_value"] = adjust(table["p_value"], self.seen)
        table["significant"] = (table["q_value"] <= LEAST_Q) & (
            table["excess_failures"] >= LEAST_EXCESS * self.burstiness
        )
        before = [table["baseline_failures"], table["baseline_connections"]]
        now = [table["incident_failures"], table["incident_connections"]]
        table["baseline_rate"], table["incident_rate"] = rate_of(*before), rate_of(*now)
        table["rate_difference"] = table["incident_rate"] - table["baseline_rate"]
        table["difference_low"], table["difference_high"] = newcombe_interval(*now, *before)
        first = table["significant"] & table["tells"]
        table["tier"] = np.where(first, 0, np.where(table["significant"], 1, 2))
        table["strength"] = np.where(first, table["evidence"], table["excess_failures"])
        table = table.sort_values(["tier", "strength"], ascending=[True, False], kind="stable")
        answer = table[_ANSWER].reset_index(drop=True)
        answer[["dimension", "value"]] = answer[["dimension", "value"]].astype("str")
        answer.attrs.update(self._attributes())
        return answer

    def _earlier(self, values: Values) -> tuple[pd.Series, pd.Series]:
        """Return how much is known of each value's earlier rate [connections], and the rate."""
        table = values.counts
        n, k = table["baseline_connections"], table["baseline_failures"]
        if REASON in values.columns:
            return n + 1.0, (k + 0.5) / (n + 1.0)
        overall = _smooth_rate(values.total)
        rate = (k + PRIOR * overall) / (n + PRIOR)
        now = table["incident_connections"].clip(lower=1)
        usual = np.maximum(k * self.time_ratio / now, overall)
        return n + PRIOR, np.minimum(rate, usual)

    def _expected_overall(self) -> float:
        return self.total["incident_connections"] * _smooth_rate(self.total)

    def _mask(self, values: dict[str, list[str]]) -> None:
        """Let the view have the best values only, so that pairs stay few."""
        columns = ", ".join(
            f"CASE WHEN {quoted(name)}::VARCHAR IN ({', '.join(literal(v) for v in kept)}) "
            f"THEN {quoted(name)}::VARCHAR END AS {quoted(name)}"
            for name, kept in values.items()
        )
        self.counting.database.execute(
            "CREATE TEMP TABLE masked AS "
            f"SELECT {columns}, outcome, failure_reason, late FROM marked"
        )
        self.counting.database.execute("CREATE OR REPLACE TEMP VIEW marked AS SELECT * FROM masked")

    def _attributes(self) -> dict[str, Any]:
        return {
            "baseline": [moment.isoformat() for moment in self.baseline],
            "incident": [moment.isoformat() for moment in self.incident],
            **{name: int(self.total[name]) for name in COUNTS},
            "expected_failures": float(self._expected_overall()),
            "excess_failures": float(self.excess),
            "dispersion": self.burstiness,
            "values_compared": self.seen,
        }


def _smooth_rate(total: pd.Series) -> float:
    """Return the overall baseline rate, never quite 0 or 1: nothing was seen is not never."""
    return (total["baseline_failures"] + 0.5) / (total["baseline_connections"] + 1.0)
