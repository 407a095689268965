"""How long a store is waited for.

One layer tries again, and all its attempts together take about a minute: a store that does not
answer, answers in drips, or is busy for longer than that is said to be so. Whoever wants other
times gives them among the storage options (``config_kwargs``).
"""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """The limits of one operation on a store.

    Attributes
    ----------
    connect_seconds, answer_seconds : float
        Until a connection is there; until an answer begins, and between its pieces [s].
    total_seconds : float
        After this no further attempt is begun, and none waits for its answer [s].
    attempts, few : int
        The most attempts, the first among them; and where another helps little: what came is
        not S3's or not proven, or nothing is there to connect to.
    least_rate, window_seconds : float
        An answer that brings less than this rate over a window is given up [bytes/s], [s].
    upload_rate : float
        An upload may take what it takes at this rate [bytes/s].
    first_pause, longest_pause : float
        Between attempts; each pause may be twice as long as the one before [s].
    """

    connect_seconds: float = 5.0
    answer_seconds: float = 15.0
    total_seconds: float = 60.0
    attempts: int = 8
    few: int = 4
    least_rate: float = 1024.0
    window_seconds: float = 15.0
    upload_rate: float = 64 * 1024.0
    first_pause: float = 0.5
    longest_pause: float = 10.0

    def pause(self, attempt: int) -> float:
        """Return how long to wait after an attempt, the first being 1 [s].

        By chance, so that many who were turned away together do not come back together.
        """
        longest = min(self.longest_pause, self.first_pause * 2 ** (attempt - 1))
        return random.uniform(longest / 2, longest)


PATIENCE = Patience()


def patience() -> Patience:
    """Return the limits that hold now."""
    return PATIENCE
