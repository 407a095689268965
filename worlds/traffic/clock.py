"""When connections come: by day and night, by weekday, and never quite evenly.

People sleep, and are fewer at weekends; machines do not, but many of them wake up on the hour.
Both come in waves: traffic wanders by some percent from one five minutes to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@dataclass(frozen=True)
class Clock:
    """How much traffic each minute has, of people and of machines; both with mean 1."""

    begin: datetime
    seconds: float
    people: np.ndarray
    machines: np.ndarray

    def times(self, random: np.random.Generator, steady: np.ndarray) -> np.ndarray:
        """Return a time [s] for each connection; ``steady`` says which are machines'."""
        drawn = np.where(
            steady,
            _drawn(self.machines, random.random(len(steady))),
            _drawn(self.people, random.random(len(steady))),
        )
        return np.minimum(drawn * MINUTE, self.seconds - 1e-3)

    def moment(self, random: np.random.Generator, first: float = 0.0, last: float = 1.0) -> float:
        """Return a time [s] when people are about, between two parts of the span."""
        low, high = first * len(self.people), last * len(self.people)
        here = self.people.copy()
        here[: int(low)] = 0
        here[int(high) :] = 0
        return float(_drawn(here, random.random(1))[0] * MINUTE)

    def peak(self, first: float, last: float, duration: float) -> float:
        """Return the start [s] of the busiest stretch between two parts of the span."""
        span = int(duration / MINUTE)
        sums = np.convolve(self.people, np.ones(span), "valid")
        low, high = int(first * len(sums)), int(last * len(sums))
        return float((low + int(np.argmax(sums[low:high]))) * MINUTE)


def _drawn(rate: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Return times [minutes] that follow a rate per minute."""
    passed = np.concatenate([[0.0], np.cumsum(rate)])
    return np.interp(uniform * passed[-1], passed, np.arange(len(passed)))


def draw_clock(
    random: np.random.Generator, begin: datetime, hours: float, swing: float, weekend: float
) -> Clock:
    """Return a clock: ``swing`` is the daily amplitude, ``weekend`` what is left on those days."""
    minutes = np.arange(round(hours * 60))
    hour = begin.hour + begin.minute / 60 + minutes / 60
    peak = random.uniform(9, 20)
    angle = 2 * np.pi * (hour - peak) / 24
    day = 1 + swing * np.cos(angle) + 0.25 * swing * np.cos(2 * angle)
    is_weekend = (begin.weekday() + (hour // 24).astype(int)) % 7 >= 5
    people = np.maximum(day, 0.05) * np.where(is_weekend, weekend, 1.0)
    on_the_hour = np.where(minutes % 60 == 0, 5.0, np.where(minutes % 30 == 0, 2.0, 0.85))
    wander = _wander(random, len(minutes))
    return Clock(
        begin=begin,
        seconds=len(minutes) * MINUTE,
        people=_even(people * wander),
        machines=_even(on_the_hour * (1 + 0.15 * swing * np.cos(angle)) * wander),
    )


def _wander(random: np.random.Generator, minutes: int) -> np.ndarray:
    """Return a factor per minute that wanders by about ten percent within half an hour."""
    steps = random.standard_normal(minutes // 5 + 8)
    smooth = np.convolve(steps, np.exp(-np.arange(8) / 3), "valid")
    return np.exp(0.07 * np.repeat(smooth, 5)[:minutes])


def _even(rate: np.ndarray) -> np.ndarray:
    return rate / rate.mean()
