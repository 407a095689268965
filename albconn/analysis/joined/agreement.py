"""Do both logs say the same of a handshake?

What the access log calls ``ssl_protocol`` and ``ssl_cipher`` the connection log calls
``tls_protocol`` and ``tls_cipher``. Where they do not agree, one of the two is no witness of what
clients speak.
"""

from __future__ import annotations

import pandas as pd

from albconn.analysis.counting.splits import Split, split_frame
from albconn.analysis.joined.both import TRACE, open_both
from albconn.opened import Connections
from albconn.storage.places import StorageOptions

_NAMES = ("tls_protocol", "ssl_protocol", "tls_cipher", "ssl_cipher")


def handshake_agreement(
    connections: Connections,
    requests: Connections,
    *,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return what both logs say of the protocol and cipher of the same connections.

    Parameters
    ----------
    connections, requests, storage_options
        As for ``requests_per_connection``.

    Returns
    -------
    DataFrame, shape (combinations seen, columns)
        Those that disagree first, then most requests.

        ==========================  ========  ==================================================
        column                      type      meaning
        ==========================  ========  ==================================================
        tls_protocol, ssl_protocol  category  of the connection log, and of the access log
        tls_cipher, ssl_cipher      category  likewise
        agrees                      bool      both are the same, or both missing (plain HTTP)
        connections                 int64     that have such requests
        requests                    int64     whose connection is there
        ==========================  ========  ==================================================

    Raises
    ------
    TableError, SourceError, DatasetError
        As for ``requests_per_connection``.
    """
    with open_both(
        connections,
        requests,
        columns=(TRACE, "tls_protocol", "tls_cipher"),
        of_requests=(TRACE, "ssl_protocol", "ssl_cipher"),
        storage_options=storage_options,
    ) as counting:
        counted = counting.table(_QUERY)
    return split_frame(counted, Split(None, _NAMES)).reset_index(drop=True)


_SAME = (
    "(tls_protocol IS NOT DISTINCT FROM ssl_protocol AND tls_cipher IS NOT DISTINCT FROM "
    "ssl_cipher)"
)
_QUERY = f"""
    SELECT {", ".join(_NAMES)}, {_SAME} AS agrees, count(*) AS connections,
        sum(requests)::BIGINT AS requests
    FROM (SELECT {TRACE}, ssl_protocol, ssl_cipher, count(*) AS requests FROM requests GROUP BY ALL)
    JOIN connections USING ({TRACE})
    GROUP BY ALL ORDER BY agrees, requests DESC, {", ".join(_NAMES)}
"""
