"""The record as data: every column's name, position, type, unit and meaning.

One connection attempt is one line of an ALB connection log, and one row of the table.
Every schema in albconn is made from ``FIELDS``: the parser's, the DataFrame's, the Parquet
files', the documentation's. A new field of AWS is a new entry here and nothing else.

References
----------
AWS, "Connection logs for your Application Load Balancer", table of fields.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from albconn.arguments import names_given
from albconn.errors import TableError, shown
from albconn.schema.field import CATEGORY, INSTANT, Field

SCHEMA_VERSION = 1  # append only: a column is never renamed, retyped or removed


def _field(
    name: str,
    position: int | None,
    meaning: str,
    *,
    type: pa.DataType | None = None,
    unit: str | None = None,
) -> Field:
    if type is not None:
        return Field(name, position, type, repeated=False, unit=unit, meaning=meaning)
    return Field(name, position, pa.string(), repeated=True, unit=unit, meaning=meaning)


FIELDS: tuple[Field, ...] = (
    _field(
        "timestamp",
        1,
        "when the connection was established, or failed",
        type=INSTANT,
        unit="UTC",
    ),
    _field("client_ip", 2, "IPv4 or IPv6 address of the client, as logged"),
    _field("client_port", 3, "TCP port of the client", type=pa.int32()),
    _field("listener_port", 4, "TCP port of the listener", type=pa.int32()),
    _field(
        "tls_protocol",
        5,
        "TLS version; not the client's when failure_reason is UnmappedConnectionError",
    ),
    _field(
        "tls_cipher",
        6,
        "cipher, OpenSSL name (TLS 1.3: IANA name); not the client's when failure_reason is "
        "UnmappedConnectionError",
    ),
    _field(
        "tls_handshake_latency",
        7,
        "duration of a successful handshake; null when it failed or was not TLS",
        type=pa.float64(),
        unit="s",
    ),
    _field(
        "leaf_client_cert_subject",
        8,
        "subject of the client's certificate, RFC 2253, as logged; chosen by the client",
    ),
    _field("leaf_client_cert_validity", 9, "NotBefore and NotAfter of that certificate, as logged"),
    _field("leaf_client_cert_serial_number", 10, "its serial number, upper-case hex text"),
    _field("tls_verify_status", 11, "Success, or Failed:<code>, as logged; null when not TLS"),
    _field(
        "conn_trace_id",
        12,
        "id of the connection; joins to the access log's conn_trace_id",
        type=pa.string(),
    ),
    _field("tls_keyexchange", 13, "key-exchange group"),
    _field("elb", 14, "load balancer, app/<name>/<hex>: field 14, else from the object's key"),
    _field("ip_address", 15, "IP address of the load-balancer node: field 15, else from the key"),
    _field("outcome", None, "success or failed; null when not a TLS connection or unclassified"),
    _field("failure_reason", None, "the code after 'Failed:', verbatim"),
    _field(
        "cert_not_before",
        None,
        "start of the client certificate's validity, from field 9",
        type=INSTANT,
        unit="UTC",
    ),
    _field(
        "cert_not_after",
        None,
        "end of the client certificate's validity, from field 9",
        type=INSTANT,
        unit="UTC",
    ),
    _field("account_id", None, "AWS account, from the object's key"),
    _field("region", None, "AWS region, from the object's key"),
    _field("extra_fields", None, "what follows field 15 in the line, verbatim"),
    _field("source_file", None, "the log file that held the line"),
    _field(
        "line_number",
        None,
        "the line's number in that file, from 1; identity together with source_file",
        type=pa.int64(),
    ),
)

COLUMNS: tuple[str, ...] = tuple(field.name for field in FIELDS)
LINE_FIELDS: tuple[str, ...] = tuple(f.name for f in FIELDS if f.position is not None)
FEWEST_FIELDS = 11  # the launch format of November 2023

# On disk every repeated string is a plain string; in memory it is dictionary-encoded.
FILE_SCHEMA = pa.schema([pa.field(f.name, f.type) for f in FIELDS])
MEMORY_SCHEMA = pa.schema([pa.field(f.name, CATEGORY if f.repeated else f.type) for f in FIELDS])


def select_columns(columns: Sequence[str] | None, argument: str = "columns") -> tuple[str, ...]:
    """Return the asked-for columns in the table's order; None asks for all.

    Raises
    ------
    TableError
        A name is not a column; the message lists every such name.
    """
    if columns is None:
        return COLUMNS
    named = names_given(
        argument, columns, one="the name of a column", example=f"{argument}=['elb']"
    )
    wrong = [name for name in named if not isinstance(name, str)]
    if wrong:
        raise TableError(f"{argument}: {shown(wrong[0])} is not a column's name")
    unknown = [name for name in named if name not in COLUMNS]
    if unknown:
        raise TableError(
            [
                f"{argument}: {shown(name)} is not a column; expected of {', '.join(COLUMNS)}"
                for name in unknown
            ]
        )
    return tuple(name for name in COLUMNS if name in named)
