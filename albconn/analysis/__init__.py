"""Connections become small tables: counts, rates and what they are worth.

Every function takes a DataFrame, an Arrow table, an Arrow dataset or a converted dataset's path
and gives the same table for all four. Nothing here draws.
"""

from __future__ import annotations

from albconn.analysis.clients import failing_clients
from albconn.analysis.latency import handshake_latency
from albconn.analysis.rates import failure_rate, failure_reasons
from albconn.analysis.totals import outcome_totals

__all__ = [
    "failing_clients",
    "failure_rate",
    "failure_reasons",
    "handshake_latency",
    "outcome_totals",
]
