"""The front door's list of names, for people, type checkers and ``__init__.py`` alike."""

from .analysis import (
    change_points as change_points,
)
from .analysis import (
    client_certificates as client_certificates,
)
from .analysis import (
    compare_windows as compare_windows,
)
from .analysis import (
    coverage as coverage,
)
from .analysis import (
    failing_clients as failing_clients,
)
from .analysis import (
    failure_concentration as failure_concentration,
)
from .analysis import (
    failure_rate as failure_rate,
)
from .analysis import (
    failure_reasons as failure_reasons,
)
from .analysis import (
    handshake_latency as handshake_latency,
)
from .analysis import (
    key_exchange_share as key_exchange_share,
)
from .analysis import (
    outcome_totals as outcome_totals,
)
from .analysis import (
    policy_clients as policy_clients,
)
from .analysis import (
    policy_impact as policy_impact,
)
from .analysis import (
    policy_overview as policy_overview,
)
from .analysis import (
    quiet_window as quiet_window,
)
from .analysis import (
    reconcile_metric as reconcile_metric,
)
from .analysis import (
    recoveries as recoveries,
)
from .analysis import (
    slow_handshakes as slow_handshakes,
)
from .analysis import (
    slow_window as slow_window,
)
from .analysis import (
    worst_window as worst_window,
)
from .dataset import (
    CheckResult as CheckResult,
)
from .dataset import (
    Compaction as Compaction,
)
from .dataset import (
    Conversion as Conversion,
)
from .dataset import (
    check as check,
)
from .dataset import (
    compact as compact,
)
from .dataset import (
    convert as convert,
)
from .dataset import (
    ddl as ddl,
)
from .dataset import (
    open_dataset as open_dataset,
)
from .dataset import (
    read_dataset as read_dataset,
)
from .errors import (
    AlbconnError as AlbconnError,
)
from .errors import (
    AlbconnWarning as AlbconnWarning,
)
from .errors import (
    DatasetError as DatasetError,
)
from .errors import (
    LineError as LineError,
)
from .errors import (
    SourceError as SourceError,
)
from .errors import (
    TableError as TableError,
)
from .logs import (
    Loaded as Loaded,
)
from .logs import (
    iter_connections as iter_connections,
)
from .logs import (
    load_connections as load_connections,
)
from .logs import (
    read_connections as read_connections,
)
from .schema.connections import (
    SCHEMA_VERSION as SCHEMA_VERSION,
)
from .version import __version__ as __version__

__all__: list[str]
