"""Traffic by five-minute bins: tables of rates, and traffic in which nothing happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

START = datetime(2026, 9, 23, tzinfo=UTC)
Counts = Sequence[int] | np.ndarray


def at(n: int) -> datetime:
    """Return when the n-th bin starts."""
    return START + n * timedelta(minutes=5)


def rates(failures: Counts, connections: Counts, holes: tuple[int, ...] = ()) -> pd.DataFrame:
    """Return counts as ``failure_rate`` gives them, without the bins that are holes."""
    table = pd.DataFrame(
        {
            "bin_start": pd.date_range(START, periods=len(failures), freq="5min").as_unit("us"),
            "connections": connections,
            "failures": failures,
        }
    )
    table.attrs["every"] = "5min"
    return table.drop(index=list(holes)).reset_index(drop=True)


def quiet(
    random: np.random.Generator, bins: int, volume: float, rate: float, retries: float
) -> pd.DataFrame:
    """Return day and night traffic in which clients fail at one rate, and try again."""
    day = 1 + 0.6 * np.sin(2 * np.pi * np.arange(bins) / 288)
    events = random.poisson(volume * day * rate / retries)
    failures = np.array([random.geometric(1 / retries, n).sum() for n in events])
    return rates(failures, random.poisson(volume * day * (1 - rate)) + failures)
