"""What is said of each value: its expected failures, its excess, and how sure that is.

Chance is judged by events, not by failures (see ``counting.bursts``), and allows for quiet times
that differ from one another: the variance of a value's events is ``m + θ m²``, with θ measured on
the baseline's bins. So a small part of the traffic is not judged by how restless the whole is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.dimensions import (
    COUNTS,
    EVENTS,
    REASON,
    Values,
    count_values,
    events_over_time,
    mark_windows,
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
        self, counting: Counting, baseline: Window, incident: Window, names: Sequence[str]
    ) -> None:
        self.counting = counting
        mark_windows(counting, baseline, incident, names)
        (values,) = count_values(counting, [(REASON,)], most=1)
        self.total = values.total
        self.time_ratio = (incident[1] - incident[0]) / (baseline[1] - baseline[0])
        events, bins = events_over_time(counting, baseline)
        self.dispersion = dispersion(events, bins)
        self.restless = (self.dispersion - 1) / max(float(np.mean(events)), 1.0) if len(bins) else 0
        self.expected = self.total["incident_connections"] * smooth_rate(self.total)
        self.seen = 0

    def judged(self, values: Values) -> pd.DataFrame:
        """Return a dimension's values with what there is to say of each but its share."""
        self.seen += values.found
        table = values.counts.copy()
        weight, rate = self._earlier(values)
        n, k = table["incident_connections"], table["incident_failures"]
        table["expected_failures"] = n * rate
        table["excess_failures"] = k - table["expected_failures"]
        table["cluster"] = (k / table[EVENTS].clip(lower=1)).clip(lower=1.0)
        variance = table["cluster"] + self.restless * table["expected_failures"]
        table["p_value"] = [
            soften(log_p_value(int(ki), int(ni), ri * wi, (1 - ri) * wi), float(si))
            for ki, ni, ri, wi, si in zip(k, n, rate, weight, variance, strict=True)
        ]
        # One yardstick for all: a value is not sharper for having been quieter than the rest.
        yardstick = np.maximum(rate, smooth_rate(self.total))
        table["evidence"] = evidence(k, n, yardstick) / table["cluster"]
        table.insert(0, "dimension", values.name)
        table.insert(1, "value", values.texts)
        table["is_reason"] = REASON in values.columns
        return table

    def finished(self, compared: list[pd.DataFrame]) -> pd.DataFrame:
        """Return all values with shares, q-values, rates and what is worth a claim."""
        table = pd.concat(compared, ignore_index=True) if compared else pd.DataFrame()
        gross = self.gross_excess(compared)
        n, k = table["incident_connections"], table["incident_failures"]
        table["share_of_excess"] = table["excess_failures"] / gross if gross > 0 else np.nan
        lift = table["share_of_excess"] * self.total["incident_connections"] / n.clip(lower=1)
        table["tells"] = (lift >= LEAST_LIFT) | table["is_reason"]
        table["q_value"] = adjust(table["p_value"], self.seen)
        table["significant"] = (table["q_value"] <= LEAST_Q) & (
            table["excess_failures"] >= LEAST_EXCESS * table["cluster"]
        )
        before = [table["baseline_failures"], table["baseline_connections"]]
        table["baseline_rate"], table["incident_rate"] = rate_of(*before), rate_of(k, n)
        table["rate_difference"] = table["incident_rate"] - table["baseline_rate"]
        table["difference_low"], table["difference_high"] = newcombe_interval(k, n, *before)
        return table

    @property
    def net_excess(self) -> float:
        """Return how many more failures there are than all connections were to have."""
        return float(self.total["incident_failures"] - self.expected)

    def gross_excess(self, compared: list[pd.DataFrame]) -> float:
        """Return the excess of which shares are told.

        Where some values fail less than usual, the net excess is less than what is there: it is
        at least the sum over those values of any one dimension that have clearly more.
        """
        sums = [self.net_excess]
        for table in compared:
            more, expected = table["excess_failures"], table["expected_failures"]
            sums.append(float(more[(more >= LEAST_EXCESS) & (more > 2 * np.sqrt(expected))].sum()))
        return max(sums)

    def _earlier(self, values: Values) -> tuple[pd.Series, pd.Series]:
        """Return how much is known of each value's earlier rate [connections], and the rate."""
        table = values.counts
        n, k = table["baseline_connections"], table["baseline_failures"]
        if REASON in values.columns:
            return n + 1.0, (k + 0.5) / (n + 1.0)
        overall = smooth_rate(values.total)
        rate = (k + PRIOR * overall) / (n + PRIOR)
        now = table["incident_connections"].clip(lower=1)
        usual = np.maximum(k * self.time_ratio / now, overall)
        return n + PRIOR, np.minimum(rate, usual)


def smooth_rate(total: pd.Series) -> float:
    """Return the overall baseline rate, never quite 0 or 1: nothing was seen is not never."""
    return float((total["baseline_failures"] + 0.5) / (total["baseline_connections"] + 1.0))


def without_noise(evidence: pd.Series) -> pd.Series:
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
