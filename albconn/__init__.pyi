"""The front door's list of names, for people, type checkers and ``__init__.py`` alike."""

from .analysis import (
    change_points as change_points,
    client_certificates as client_certificates,
    client_histories as client_histories,
    compare_windows as compare_windows,
    coverage as coverage,
    failing_clients as failing_clients,
    failure_concentration as failure_concentration,
    failure_rate as failure_rate,
    failure_reasons as failure_reasons,
    felt_failures as felt_failures,
    handshake_agreement as handshake_agreement,
    handshake_latency as handshake_latency,
    incidents as incidents,
    key_exchange_share as key_exchange_share,
    outcome_totals as outcome_totals,
    policy_clients as policy_clients,
    policy_exceptions as policy_exceptions,
    policy_impact as policy_impact,
    policy_overview as policy_overview,
    quiet_window as quiet_window,
    reconcile_metric as reconcile_metric,
    recoveries as recoveries,
    requests_per_connection as requests_per_connection,
    slow_handshakes as slow_handshakes,
    slow_window as slow_window,
    stopped_working as stopped_working,
    worst_window as worst_window,
)
from .dataset import (
    CheckResult as CheckResult,
    Compaction as Compaction,
    Conversion as Conversion,
    check as check,
    compact as compact,
    convert as convert,
    ddl as ddl,
    open_dataset as open_dataset,
    read_dataset as read_dataset,
)
from .errors import (
    AlbconnError as AlbconnError,
    AlbconnWarning as AlbconnWarning,
    DatasetError as DatasetError,
    LineError as LineError,
    SourceError as SourceError,
    TableError as TableError,
)
from .logs import (
    Loaded as Loaded,
    LoadedRequests as LoadedRequests,
    iter_connections as iter_connections,
    iter_requests as iter_requests,
    load_connections as load_connections,
    load_requests as load_requests,
    read_connections as read_connections,
    read_requests as read_requests,
)
from .opened import (
    Opened as Opened,
    open_connections as open_connections,
    open_requests as open_requests,
)
from .schema.connections import (
    SCHEMA_VERSION as SCHEMA_VERSION,
)
from .version import __version__ as __version__

__all__: list[str]
