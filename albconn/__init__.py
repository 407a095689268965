"""Who failed to connect to your Application Load Balancer, since when, and why.

The front door: public names, nothing else. Names load their module on first use
(PEP 562), so ``import albconn`` is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "read_connections": "logs",
    "load_connections": "logs",
    "iter_connections": "logs",
    "Loaded": "logs",
    "convert": "dataset",
    "Conversion": "dataset",
    "check": "dataset",
    "compact": "dataset",
    "Compaction": "dataset",
    "ddl": "dataset",
    "CheckResult": "dataset",
    "open_dataset": "dataset",
    "read_dataset": "dataset",
    "failure_rate": "analysis",
    "failure_reasons": "analysis",
    "failing_clients": "analysis",
    "handshake_latency": "analysis",
    "outcome_totals": "analysis",
    "change_points": "analysis",
    "client_certificates": "analysis",
    "compare_windows": "analysis",
    "key_exchange_share": "analysis",
    "policy_clients": "analysis",
    "policy_impact": "analysis",
    "policy_overview": "analysis",
    "quiet_window": "analysis",
    "recoveries": "analysis",
    "worst_window": "analysis",
    "coverage": "analysis",
    "failure_concentration": "analysis",
    "reconcile_metric": "analysis",
    "slow_handshakes": "analysis",
    "slow_window": "analysis",
    "SCHEMA_VERSION": "fields",
    "AlbconnError": "errors",
    "SourceError": "errors",
    "LineError": "errors",
    "TableError": "errors",
    "DatasetError": "errors",
    "AlbconnWarning": "errors",
}

if TYPE_CHECKING:
    from albconn.analysis import (
        change_points,
        client_certificates,
        compare_windows,
        coverage,
        failing_clients,
        failure_concentration,
        failure_rate,
        failure_reasons,
        handshake_latency,
        key_exchange_share,
        outcome_totals,
        policy_clients,
        policy_impact,
        policy_overview,
        quiet_window,
        reconcile_metric,
        recoveries,
        slow_handshakes,
        slow_window,
        worst_window,
    )
    from albconn.dataset import (
        CheckResult,
        Compaction,
        Conversion,
        check,
        compact,
        convert,
        ddl,
        open_dataset,
        read_dataset,
    )
    from albconn.errors import (
        AlbconnError,
        AlbconnWarning,
        DatasetError,
        LineError,
        SourceError,
        TableError,
    )
    from albconn.fields import SCHEMA_VERSION
    from albconn.logs import Loaded, iter_connections, load_connections, read_connections

__all__ = [
    "SCHEMA_VERSION",
    "AlbconnError",
    "AlbconnWarning",
    "CheckResult",
    "Compaction",
    "Conversion",
    "DatasetError",
    "LineError",
    "Loaded",
    "SourceError",
    "TableError",
    "__version__",
    "change_points",
    "check",
    "client_certificates",
    "compact",
    "compare_windows",
    "convert",
    "coverage",
    "ddl",
    "failing_clients",
    "failure_concentration",
    "failure_rate",
    "failure_reasons",
    "handshake_latency",
    "iter_connections",
    "key_exchange_share",
    "load_connections",
    "open_dataset",
    "outcome_totals",
    "policy_clients",
    "policy_impact",
    "policy_overview",
    "quiet_window",
    "read_connections",
    "read_dataset",
    "reconcile_metric",
    "recoveries",
    "slow_handshakes",
    "slow_window",
    "worst_window",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'albconn' has no attribute {name!r}")
    value = getattr(import_module(f"albconn.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
