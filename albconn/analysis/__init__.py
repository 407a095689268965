"""Connections become small tables: counts, rates and what they are worth.

Every function takes a DataFrame, an Arrow table, an Arrow dataset or a converted dataset's path
and gives the same table for all four. Nothing here draws.
"""

from __future__ import annotations

from albconn.analysis.changes import change_points, quiet_window, worst_window
from albconn.analysis.clients import failing_clients
from albconn.analysis.comparing.compare import compare_windows
from albconn.analysis.concentration import failure_concentration
from albconn.analysis.delivery.coverage import coverage
from albconn.analysis.delivery.reconcile import reconcile_metric
from albconn.analysis.handshakes.certificates import client_certificates
from albconn.analysis.handshakes.keyexchange import key_exchange_share
from albconn.analysis.handshakes.latency import handshake_latency
from albconn.analysis.handshakes.overview import policy_overview
from albconn.analysis.handshakes.policies import policy_clients, policy_impact
from albconn.analysis.handshakes.slowness import slow_handshakes, slow_window
from albconn.analysis.histories import client_histories
from albconn.analysis.joined.agreement import handshake_agreement
from albconn.analysis.joined.exceptions import policy_exceptions
from albconn.analysis.joined.felt import felt_failures
from albconn.analysis.joined.per_connection import requests_per_connection
from albconn.analysis.outages.incidents import incidents
from albconn.analysis.rates import failure_rate
from albconn.analysis.reasons import failure_reasons
from albconn.analysis.recovery import recoveries
from albconn.analysis.stopped import stopped_working
from albconn.analysis.totals import outcome_totals

__all__ = [
    "change_points",
    "client_certificates",
    "client_histories",
    "compare_windows",
    "coverage",
    "failing_clients",
    "failure_concentration",
    "failure_rate",
    "failure_reasons",
    "felt_failures",
    "handshake_agreement",
    "handshake_latency",
    "incidents",
    "key_exchange_share",
    "outcome_totals",
    "policy_clients",
    "policy_exceptions",
    "policy_impact",
    "policy_overview",
    "quiet_window",
    "reconcile_metric",
    "recoveries",
    "requests_per_connection",
    "slow_handshakes",
    "slow_window",
    "stopped_working",
    "worst_window",
]
