"""Pictures of the small tables: one function for each, named for the same noun.

``plot_x(table, *, ax=None, …) -> Axes`` takes what the analysis ``x`` returns and draws it;
nothing is counted here. All take ``title=``, ``subtitle=``, ``figsize=``, ``palette=``, ``log=``
and ``timezone=`` (see ``LookOptions``), and any Axes. No function shows a figure or touches
rcParams: save what it returns with ``write_picture`` or ``ax.figure.savefig``, or let the notebook
show it.
"""

from albconn.charts.changes import plot_change_points
from albconn.charts.clients import plot_failing_clients
from albconn.charts.compare import plot_compare_windows
from albconn.charts.concentration import plot_failure_concentration
from albconn.charts.delivery.coverage import plot_coverage
from albconn.charts.delivery.reconcile import plot_reconcile_metric
from albconn.charts.drawing.look import LookOptions
from albconn.charts.drawing.marks import Mark, Marks
from albconn.charts.drawing.saving import write_picture
from albconn.charts.handshakes.certificates import plot_client_certificates
from albconn.charts.handshakes.keyexchange import plot_key_exchange_share
from albconn.charts.handshakes.latency import plot_handshake_latency
from albconn.charts.handshakes.matrix import plot_cipher_matrix
from albconn.charts.handshakes.policies import plot_policy_impact
from albconn.charts.handshakes.policy_clients import plot_policy_clients
from albconn.charts.handshakes.policy_overview import plot_policy_overview
from albconn.charts.handshakes.slowness import plot_slow_handshakes
from albconn.charts.handshakes.spoken import plot_handshakes_over_time
from albconn.charts.heatmap import plot_failure_heatmap
from albconn.charts.histories import plot_client_histories
from albconn.charts.incidents import plot_incidents
from albconn.charts.joined.agreement import plot_handshake_agreement
from albconn.charts.joined.exceptions import plot_policy_exceptions
from albconn.charts.joined.felt import plot_felt_failures
from albconn.charts.joined.per_connection import plot_requests_per_connection
from albconn.charts.panels import plot_failure_rate_panels
from albconn.charts.rates import plot_failure_rate
from albconn.charts.reasons import plot_failure_reasons
from albconn.charts.recovery import plot_recoveries
from albconn.charts.stopped import plot_stopped_working
from albconn.charts.totals import plot_outcome_totals
from albconn.charts.usual import plot_incident_and_usual

__all__ = [
    "LookOptions",
    "Mark",
    "Marks",
    "plot_change_points",
    "plot_cipher_matrix",
    "plot_client_certificates",
    "plot_client_histories",
    "plot_compare_windows",
    "plot_coverage",
    "plot_failing_clients",
    "plot_failure_concentration",
    "plot_failure_heatmap",
    "plot_failure_rate",
    "plot_failure_rate_panels",
    "plot_failure_reasons",
    "plot_felt_failures",
    "plot_handshake_agreement",
    "plot_handshake_latency",
    "plot_handshakes_over_time",
    "plot_incident_and_usual",
    "plot_incidents",
    "plot_key_exchange_share",
    "plot_outcome_totals",
    "plot_policy_clients",
    "plot_policy_exceptions",
    "plot_policy_impact",
    "plot_policy_overview",
    "plot_reconcile_metric",
    "plot_recoveries",
    "plot_requests_per_connection",
    "plot_slow_handshakes",
    "plot_stopped_working",
    "write_picture",
]
