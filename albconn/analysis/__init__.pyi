"""The list of names, for people, type checkers and ``__init__.py`` alike."""

from .changes import (
    change_points as change_points,
    quiet_window as quiet_window,
    worst_window as worst_window,
)
from .clients import failing_clients as failing_clients
from .comparing.compare import compare_windows as compare_windows
from .concentration import failure_concentration as failure_concentration
from .delivery.coverage import coverage as coverage
from .delivery.reconcile import reconcile_metric as reconcile_metric
from .handshakes.certificates import client_certificates as client_certificates
from .handshakes.keyexchange import key_exchange_share as key_exchange_share
from .handshakes.latency import handshake_latency as handshake_latency
from .handshakes.overview import policy_overview as policy_overview
from .handshakes.policies import policy_clients as policy_clients, policy_impact as policy_impact
from .handshakes.slowness import slow_handshakes as slow_handshakes, slow_window as slow_window
from .histories import client_histories as client_histories
from .outages.incidents import incidents as incidents
from .rates import failure_rate as failure_rate
from .reasons import failure_reasons as failure_reasons
from .recovery import recoveries as recoveries
from .stopped import stopped_working as stopped_working
from .totals import outcome_totals as outcome_totals

__all__: list[str]
