"""Pictures of the small tables: one function for each, named for the same noun.

``plot_x(table, *, ax=None, …) -> Axes`` takes what the analysis ``x`` returns and draws it;
nothing is counted here. No function shows a figure or touches rcParams: save what it returns
with ``ax.figure.savefig(...)``, or let the notebook show it.
"""

from albconn.charts.certificates import plot_client_certificates
from albconn.charts.clients import plot_failing_clients
from albconn.charts.compare import plot_compare_windows
from albconn.charts.coverage import plot_coverage
from albconn.charts.drawing.marks import Mark, Marks
from albconn.charts.heatmap import plot_failure_heatmap
from albconn.charts.keyexchange import plot_key_exchange_share
from albconn.charts.latency import plot_handshake_latency
from albconn.charts.matrix import plot_cipher_matrix
from albconn.charts.panels import plot_failure_rate_panels
from albconn.charts.policies import plot_policy_impact
from albconn.charts.rates import plot_failure_rate
from albconn.charts.reasons import plot_failure_reasons
from albconn.charts.reconcile import plot_reconcile_metric

__all__ = [
    "Mark",
    "Marks",
    "plot_cipher_matrix",
    "plot_client_certificates",
    "plot_compare_windows",
    "plot_coverage",
    "plot_failing_clients",
    "plot_failure_heatmap",
    "plot_failure_rate",
    "plot_failure_rate_panels",
    "plot_failure_reasons",
    "plot_handshake_latency",
    "plot_key_exchange_share",
    "plot_policy_impact",
    "plot_reconcile_metric",
]
