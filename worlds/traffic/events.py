"""Attempts to connect, as columns: when, who, where, and how each ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

FINE, NO_CAUSE = -1, -1


@dataclass
class Events:
    """Attempts, a value each per column.

    Attributes
    ----------
    time : array of float
        Since the beginning [s].
    client, site, node : array of int
        Numbers of the client, the listener and the node.
    reason : array of int
        Number of the failure's reason; ``FINE`` where there was none.
    cause : array of int
        Number of the cause that made it fail, or slow; ``NO_CAUSE`` where none did.
    slower : array of float
        Factor of the handshake's latency.
    """

    time: np.ndarray
    client: np.ndarray
    site: np.ndarray
    node: np.ndarray
    reason: np.ndarray
    cause: np.ndarray
    slower: np.ndarray

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: np.ndarray) -> Events:
        """Return the chosen attempts, by mask or by number."""
        return Events(*(getattr(self, column.name)[chosen] for column in fields(self)))

    @property
    def failed(self) -> np.ndarray:
        """Return which attempts failed."""
        return self.reason != FINE


def attempts(
    time: np.ndarray, client: np.ndarray, site: np.ndarray, node: np.ndarray, reason: int = FINE
) -> Events:
    """Return attempts that all end alike."""
    count = len(time)
    return Events(
        time=np.asarray(time, float),
        client=np.broadcast_to(client, count).astype("int64"),
        site=np.broadcast_to(site, count).astype("int64"),
        node=np.broadcast_to(node, count).astype("int64"),
        reason=np.full(count, reason, "int64"),
        cause=np.full(count, NO_CAUSE, "int64"),
        slower=np.ones(count),
    )


def together(parts: Sequence[Events]) -> Events:
    """Return several batches of attempts as one."""
    return Events(
        *(np.concatenate([getattr(p, column.name) for p in parts]) for column in fields(Events))
    )
