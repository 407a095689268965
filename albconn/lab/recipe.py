"""How a picture is made: one function that counts, one that draws, and what they are given.

The explorer runs a recipe and shows it as code. As both come from the same record, the code
makes the picture that is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from albconn import analysis, charts

NETWORK = "client_network"
REASON = "failure_reason"
DIMENSIONS = (
    REASON, "tls_protocol", "tls_cipher", "tls_keyexchange", NETWORK, "client_ip", "ip_address",
    "elb", "listener_port", "leaf_client_cert_subject",
)  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """A function of the analysis, a chart of what it returns, and their arguments."""

    counting: str
    how: Mapping[str, Any]
    drawing: str
    top: int

    def count(self, connections: Any) -> pd.DataFrame:
        """Return the small table that the picture shows."""
        return getattr(analysis, self.counting)(connections, **self.how)

    def draw(self, counted: pd.DataFrame) -> Axes:
        """Draw the small table."""
        return getattr(charts, self.drawing)(counted, top=self.top)

    def lines(self) -> list[str]:
        """Return the same as code: it counts ``window``, and ends with the Axes."""
        how = "".join(f", {name}={_spelled(value)}" for name, value in self.how.items())
        return [
            f"counted = ac.{self.counting}(window{how})",
            f"charts.{self.drawing}(counted, top={self.top})",
        ]


def recipe_for(dimension: str, every: str, top: int) -> Recipe:
    """Return how to draw a dimension; an empty one is all connections in one line."""
    if dimension == REASON:
        return Recipe("failure_reasons", {"every": every}, "plot_failure_reasons", top)
    if dimension == NETWORK:
        networks = {"top": top, "ipv4_prefix": 24, "ipv6_prefix": 64}
        return Recipe("failing_clients", networks, "plot_failing_clients", top)
    split = {"by": dimension} if dimension else {}
    return Recipe("failure_rate", {"every": every, **split}, "plot_failure_rate", top)


def needed_column(dimension: str) -> str:
    """Return the column of the connections that a dimension is made of."""
    return "client_ip" if dimension == NETWORK else dimension


def largest(connections: Any, dimension: str, top: int) -> pd.DataFrame:
    """Return the counts of a dimension's largest groups, over all bins."""
    if dimension == REASON:
        return analysis.failure_reasons(connections).head(top)
    if dimension == NETWORK:
        return recipe_for(dimension, "", top).count(connections)
    rates = analysis.failure_rate(connections, every=None, by=dimension or ())
    order = rates.sort_values(["failures", "connections"], ascending=False, kind="stable")
    return order.head(top).reset_index(drop=True)


def _spelled(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)  # names: no quotes in them
