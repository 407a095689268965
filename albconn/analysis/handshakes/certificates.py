"""Which client certificates are in use, who fails with them, and which run out next.

A certificate is told apart by its subject, serial number and validity. The subject is chosen by
the client: the raw text is kept, and what is decoded from it is for display only.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.counts import FAILURES, KNOWN, OUTCOME_COLUMNS, open_counting
from albconn.analysis.counting.source import instant_literal
from albconn.analysis.counting.top_reasons import top_reasons
from albconn.analysis.tls.subjects import subject_parts
from albconn.arrow import to_frame
from albconn.errors import TableError
from albconn.opened import Connections
from albconn.schema.kind import CATEGORY, INSTANT
from albconn.storage.places import StorageOptions
from albconn.times import Instant, utc_instant

_IDENTITY = (
    "leaf_client_cert_subject", "leaf_client_cert_serial_number",
    "cert_not_before", "cert_not_after",
)  # fmt: skip
_TYPES = {
    "subject": CATEGORY, "serial": CATEGORY, "top_reason": CATEGORY, "not_before": INSTANT,
    "not_after": INSTANT, "first_seen": INSTANT, "last_seen": INSTANT,
}  # fmt: skip
_PARTS = {"common_name": "CN", "organization": "O", "organizational_unit": "OU"}
_ANSWER = [
    "subject", *_PARTS, "serial", "not_before", "not_after", "days_left", "first_seen",
    "last_seen", "handshakes", "failures", "top_reason", "addresses", "accepted_after_expiry",
]  # fmt: skip


def client_certificates(
    connections: Connections,
    *,
    as_of: Instant,
    storage_options: StorageOptions = None,
) -> pd.DataFrame:
    """Return the client certificates that were presented, the next to run out first.

    Parameters
    ----------
    connections : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    as_of : datetime or str
        The moment, aware or ISO 8601 text with its zone, at which days are counted.
    storage_options : dict, optional
        Passed to the store (s3fs), where ``connections`` is a path.

    Returns
    -------
    DataFrame, shape (certificates, columns)
        By ``days_left``; those without a validity on record come last.

        =====================  ==================  ==============================================
        column                 type                meaning
        =====================  ==================  ==============================================
        subject                category            RFC 2253 text, as logged
        common_name            str                 its CN, decoded for display
        organization           str                 its O, decoded
        organizational_unit    str                 its OU, decoded
        serial                 category            serial number, hex
        not_before, not_after  datetime64[us,UTC]  validity
        days_left              float64 [d]         not_after - as_of; negative when it is over
        first_seen, last_seen  datetime64[us,UTC]  first and last handshake with it
        handshakes             int64               connections with a known outcome
        failures               int64               of them, those that failed
        top_reason             category            most frequent failure reason
        addresses              int64               different client addresses
        accepted_after_expiry  int64               successes after not_after
        =====================  ==================  ==============================================

        A part that the subject has several times is joined by ", ". For failures by each reason
        see ``failure_reasons(by="leaf_client_cert_subject")``.

    Raises
    ------
    TableError
        ``as_of`` is naive, or the source lacks columns (all are named).
    SourceError, DatasetError
        There is nothing at the path, or it cannot be read.

    References
    ----------
    RFC 2253 for the subject. AWS, "Connection logs for your Application Load Balancer".
    """
    moment = utc_instant("as_of", as_of)
    if moment is None:
        raise TableError("as_of: None is not a datetime; give the moment at which days are counted")
    columns = ("timestamp", "client_ip", *OUTCOME_COLUMNS, *_IDENTITY)
    with open_counting(connections, columns=columns, storage_options=storage_options) as counting:
        counted = counting.table(_query(moment))
    typed = pa.schema([pa.field(f.name, _TYPES.get(f.name, f.type)) for f in counted.schema])
    certificates = to_frame(counted.cast(typed))
    parts = [subject_parts(subject) for subject in counted["subject"].to_pylist()]
    for column, part in _PARTS.items():
        certificates[column] = pd.Series([told.get(part) for told in parts], dtype="str")
    return certificates[_ANSWER]


def _query(as_of: datetime) -> str:
    certificate = ("subject", "serial", "not_before", "not_after")
    listed = ", ".join(certificate)
    same = " AND ".join(f"counted.{n} IS NOT DISTINCT FROM reasons.{n}" for n in certificate)
    identity = ", ".join(f"{c} AS {n}" for c, n in zip(_IDENTITY, certificate, strict=True))
    return f"""
        WITH shown AS (
            SELECT {identity}, timestamp, client_ip, outcome, failure_reason FROM connections
            WHERE {KNOWN} AND ({" OR ".join(f"{name} IS NOT NULL" for name in _IDENTITY)})
        ),
        counted AS (
            SELECT {listed}, min(timestamp) AS first_seen, max(timestamp) AS last_seen,
                count(*) AS handshakes, {FAILURES} AS failures,
                count(DISTINCT client_ip) AS addresses,
                count(*) FILTER (outcome = 'success' AND timestamp > not_after)
                    AS accepted_after_expiry,
                (epoch_us(not_after) - epoch_us({instant_literal(as_of)})) / 86400e6 AS days_left
            FROM shown GROUP BY {listed}
        ),
        reasons AS (
            {top_reasons("shown", certificate)}
        )
        SELECT counted.*, top_reason FROM counted LEFT JOIN reasons ON {same}
        ORDER BY days_left ASC NULLS LAST, handshakes DESC, counted.subject, counted.serial
    """
