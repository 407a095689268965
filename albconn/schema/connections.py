"""The table of connections: one connection attempt is one line of the log, and one row.

References
----------
AWS, "Connection logs for your Application Load Balancer", table of fields.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from albconn.schema.field import Field, FromColumn, FromKey, FromPlace, Shape
from albconn.schema.kind import PORT, SECONDS, TEXT, TIMESTAMP, WORD
from albconn.schema.table import FROM_THE_KEY, IDENTITY, LogTable
from albconn.times import microseconds

_VALIDITY = re.compile(r"NotBefore=(?P<before>[^;]+);NotAfter=(?P<after>[^;]+)$")
_FAILED = "Failed"
# What no line holds but follows from one; connections can be split by it like by a column.
NETWORK, DATE = "client_network", "date"


def outcome_of(status: str) -> str | None:
    """Return ``success``, ``failed``, or None for a status that says neither.

    Examples
    --------
    >>> outcome_of("Failed:ClientCertExpired")
    'failed'
    """
    if status == "Success":
        return "success"
    return "failed" if status == _FAILED or status.startswith(_FAILED + ":") else None


def reason_of(status: str) -> str | None:
    """Return the code after ``Failed:``, verbatim; None where there is none."""
    return status.partition(":")[2] or None if outcome_of(status) == "failed" else None


def start_of(validity: str) -> int | None:
    """Return NotBefore [µs since 1970 UTC]; None where the text says no time."""
    return _moment_of(validity, "before")


def end_of(validity: str) -> int | None:
    """Return NotAfter [µs since 1970 UTC]; None where the text says no time.

    Examples
    --------
    >>> end_of("NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z")
    1781736201000000
    """
    return _moment_of(validity, "after")


def _moment_of(validity: str, which: str) -> int | None:
    found = _VALIDITY.match(validity)
    try:
        moment = datetime.fromisoformat(found[which]) if found else None
        if moment is None or moment.tzinfo is None:
            return None
        return microseconds(moment.astimezone(UTC))
    except (ValueError, OverflowError):  # no time, or one outside the years 1 to 9999
        return None


_NOT_THE_CLIENTS = "not the client's when failure_reason is UnmappedConnectionError"
_STATUS, _VALID = "tls_verify_status", "leaf_client_cert_validity"

CONNECTIONS = LogTable(
    name="connections",
    version=1,  # append only: a column is never renamed, retyped or removed
    fewest_fields=11,  # the launch format of November 2023
    time_column="timestamp",
    private=("client_ip",),
    fields=(
        Field("timestamp", TIMESTAMP, "when the connection was established, or failed", 1,
              unit="UTC"),
        Field("client_ip", WORD, "IPv4 or IPv6 address of the client, as logged", 2),
        Field("client_port", PORT, "TCP port of the client", 3),
        Field("listener_port", PORT, "TCP port of the listener", 4, recurs=True),
        Field("tls_protocol", WORD, f"TLS version; {_NOT_THE_CLIENTS}", 5),
        Field("tls_cipher", WORD,
              f"cipher, OpenSSL name (TLS 1.3: IANA name); {_NOT_THE_CLIENTS}", 6),
        # Latencies are whole milliseconds, so few are different.
        Field("tls_handshake_latency", SECONDS,
              "duration of a successful handshake; null when it failed or was not TLS", 7,
              unit="s", recurs=True),
        Field("leaf_client_cert_subject", WORD,
              "subject of the client's certificate, RFC 2253, as logged; chosen by the client", 8),
        Field("leaf_client_cert_validity", WORD,
              "NotBefore and NotAfter of that certificate, as logged", 9,
              shape=Shape(begins=("NotBefore=",), beside="leaf_client_cert_subject")),
        Field("leaf_client_cert_serial_number", WORD, "its serial number, upper-case hex text", 10,
              shape=Shape(letters="0123456789ABCDEFabcdef:")),
        Field("tls_verify_status", WORD,
              "Success, or Failed:<code>, as logged; null when not TLS", 11,
              shape=Shape(begins=("Success", "Failed"), grows=True)),
        Field("conn_trace_id", TEXT,
              "id of the connection; joins to the access log's conn_trace_id", 12,
              shape=Shape(begins=("TID_",), grows=True)),
        Field("tls_keyexchange", WORD, "key-exchange group", 13),
        Field("elb", WORD,
              "load balancer, app/<name>/<hex>: field 14, else from the object's key", 14,
              FromKey("elb"), sought=True),
        Field("ip_address", WORD,
              "IP address of the load-balancer node: field 15, else from the key", 15,
              FromKey("ip_address")),
        Field("outcome", WORD,
              "success or failed; null when not a TLS connection or unclassified",
              origin=FromColumn(_STATUS, outcome_of)),
        Field("failure_reason", WORD, "the code after 'Failed:', verbatim",
              origin=FromColumn(_STATUS, reason_of)),
        Field("cert_not_before", TIMESTAMP,
              "start of the client certificate's validity, from field 9",
              origin=FromColumn(_VALID, start_of), unit="UTC"),
        Field("cert_not_after", TIMESTAMP,
              "end of the client certificate's validity, from field 9",
              origin=FromColumn(_VALID, end_of), unit="UTC"),
        *FROM_THE_KEY,
        Field("extra_fields", WORD, "what follows field 15 in the line, verbatim",
              origin=FromPlace.tail),
        *IDENTITY,
    ),
)  # fmt: skip

SCHEMA_VERSION = CONNECTIONS.version
