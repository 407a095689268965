"""What is said of each value: its expected failures, its excess, and how sure that is.

Chance is judged by events, not by failures (see ``counting.bursts``), and allows for quiet times
that differ from one another: the variance of a value's events is ``m + θ m²``, with θ measured on
the baseline's bins. So a small part of the traffic is not judged by how restless the whole is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from albconn.analysis.counting.bursts import Spans
from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.dimensions import (
    COUNTED,
    COUNTS,
    EVENTS,
    REASON,
    Values,
    events_over_time,
    length_of,
    mark_windows,
    total_of,
)
from albconn.analysis.stats.intervals import rate_of
from albconn.analysis.stats.significance import (
    adjust,
    dispersion,
    evidence,
    log_p_value,
    newcombe_interval,
    soften,
)
from albconn.times import Window

Numbers = NDArray[np.float64]

LEAST_EXCESS = 5.0  # events beyond the expected, below which nothing is significant
LEAST_Q = 0.05
LEAST_LIFT = 1.2  # share of the excess over share of the traffic, below which a value says nothing
PRIOR = 20.0  # connections at the overall rate that every value is thought to have had before


class Judge:
    """Holds what every value is judged by: the windows, the overall rates, the restlessness.

    Attributes
    ----------
    total : Series
        The four counts of all connections.
    dispersion : float [1]
        Variance over mean of the baseline's events, bin by bin: at least 1.
    restless : float [1]
        θ: how much the rate itself moves from bin to bin, as a squared share.
    seen : int
        How many values were looked at.
    """

    def __init__(
        self, counting: Counting, baseline: Spans, incident: Window, names: Sequence[str]
    ) -> None:
        self.counting = counting
        mark_windows(counting, baseline, incident, names)
        self.total = total_of(counting)
        self.time_ratio = length_of([incident]) / length_of(baseline)
        events, bins = events_over_time(counting, baseline)
        self.dispersion = dispersion(events, bins)
        self.restless = (self.dispersion - 1) / max(float(np.mean(events)), 1.0) if len(bins) else 0
        self.expected = self.total["incident_connections"] * smooth_rate(self.total)
        self.seen = 0

    def judged(self, values: Sequence[Values]) -> pd.DataFrame:
        """Return all values of dimensions with what there is to say of each but its share."""
        self.seen += sum(each.found for each in values)
        return self.judge(rows_of(values))

    def judge(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows of ``rows_of`` with what there is to say of each but its share."""
        n, k, events = (
            rows[name].to_numpy(np.float64)
            for name in ("incident_connections", "incident_failures", EVENTS)
        )
        weight, rate = self._earlier(rows)
        expected = n * rate
        cluster = np.maximum(k / np.maximum(events, 1.0), 1.0)
        variance = cluster + self.restless * expected
        p_values = [
            soften(log_p_value(int(ki), int(ni), ri * wi, (1 - ri) * wi), si)
            for ki, ni, ri, wi, si in zip(
                *(each.tolist() for each in (k, n, rate, weight, variance)), strict=True
            )
        ]
        # One yardstick for all: a value is not sharper for having been quieter than the rest.
        yardstick = np.maximum(rate, smooth_rate(self.total))
        return rows.assign(
            expected_failures=expected,
            excess_failures=k - expected,
            cluster=cluster,
            p_value=np.array(p_values, dtype=np.float64),
            evidence=evidence(k, n, yardstick) / cluster,
        )

    def finished(self, singles: pd.DataFrame, combined: pd.DataFrame) -> pd.DataFrame:
        """Return all values with shares, q-values, rates and what is worth a claim."""
        table = pd.concat([singles, combined], ignore_index=True) if len(combined) else singles
        gross = max(self.gross_excess(singles), float(clear_excess(combined).max(initial=0.0)))
        earlier_n, earlier_k, n, k, more, cluster = (
            table[name].to_numpy(np.float64)
            for name in (
                "baseline_connections", "baseline_failures", "incident_connections",
                "incident_failures", "excess_failures", "cluster",
            )
        )  # fmt: skip
        share = more / gross if gross > 0 else np.full(len(table), np.nan)
        lift = share * self.total["incident_connections"] / np.maximum(n, 1.0)
        q_values = adjust(table["p_value"], self.seen)
        before, now = rate_of(earlier_k, earlier_n), rate_of(k, n)
        low, high = newcombe_interval(k, n, earlier_k, earlier_n)
        return table.assign(
            share_of_excess=share,
            tells=(lift >= LEAST_LIFT) | table["is_reason"].to_numpy(bool),
            q_value=q_values,
            significant=(q_values <= LEAST_Q) & (more >= LEAST_EXCESS * cluster),
            baseline_rate=before,
            incident_rate=now,
            rate_difference=now - before,
            difference_low=low,
            difference_high=high,
        )

    @property
    def net_excess(self) -> float:
        """Return how many more failures there are than all connections were to have."""
        return float(self.total["incident_failures"] - self.expected)

    def gross_excess(self, singles: pd.DataFrame) -> float:
        """Return the excess of which shares are told.

        Where some values fail less than usual, the net excess is less than what is there: it is
        at least the sum over those values of any one dimension that have clearly more.
        """
        sums = pd.Series(clear_excess(singles)).groupby(singles["dimension"].to_numpy()).sum()
        return max(self.net_excess, float(sums.max()) if len(sums) else 0.0)

    def _earlier(self, rows: pd.DataFrame) -> tuple[Numbers, Numbers]:
        """Return how much is known of each value's earlier rate [connections], and the rate."""
        n, k, now, overall = (
            rows[name].to_numpy(np.float64)
            for name in (*COUNTS[:2], "incident_connections", "overall")
        )
        rate = (k + PRIOR * overall) / (n + PRIOR)
        usual = np.maximum(k * self.time_ratio / np.maximum(now, 1.0), overall)
        is_reason = rows["is_reason"].to_numpy(bool)
        return (
            np.where(is_reason, n + 1.0, n + PRIOR),
            np.where(is_reason, (k + 0.5) / (n + 1.0), np.minimum(rate, usual)),
        )


def rows_of(values: Sequence[Values]) -> pd.DataFrame:
    """Return the counts of values, and what they are judged by.

    Columns ``dimension``, ``value``, the counts, ``overall`` (the earlier rate of all connections
    that the dimension can tell apart) and ``is_reason``.
    """
    sizes = [len(each.counts) for each in values]
    counts = [each.counts for each in values] or [pd.DataFrame(columns=["value", *COUNTED])]
    rows = pd.concat(counts, ignore_index=True)
    rows.insert(0, "dimension", np.repeat([each.name for each in values], sizes).astype(object))
    rows["overall"] = np.repeat([smooth_rate(each.total) for each in values], sizes)
    rows["is_reason"] = np.repeat([REASON in each.columns for each in values], sizes).astype(bool)
    return rows


def clear_excess(table: pd.DataFrame) -> Numbers:
    """Return the excess of those values that have clearly more than was expected, else 0."""
    more, expected = table["excess_failures"].to_numpy(), table["expected_failures"].to_numpy()
    return np.where((more >= LEAST_EXCESS) & (more > 2 * np.sqrt(expected)), more, 0.0)


def smooth_rate(total: pd.Series) -> float:
    """Return the overall baseline rate, never quite 0 or 1: nothing was seen is not never."""
    return float((total["baseline_failures"] + 0.5) / (total["baseline_connections"] + 1.0))


def without_noise(evidence: Numbers) -> Numbers:
    """Return evidence to order by: sums of fractions differ in their last digits by chance.

    The order of summation is no order of values. Which of many equal values are looked at
    further, and which comes first, is then told by what follows in the order.
    """
    return evidence.round(6)


def attributes(judge: Judge, gross: float) -> dict[str, float | int]:
    """Return the numbers that a comparison carries beside its rows."""
    return {
        **{name: int(judge.total[name]) for name in COUNTS},
        "expected_failures": float(judge.expected),
        "excess_failures": judge.net_excess,
        "gross_excess_failures": gross,
        "dispersion": judge.dispersion,
        "values_compared": judge.seen,
    }
