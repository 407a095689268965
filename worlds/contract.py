"""A handful of connections, written down as rows by hand and as the lines that they come from.

It holds what engines disagree on: instants at both sides of midnight to the microsecond, a file
whose rows span two dates, a date on which whole columns are null, zero that is not null, text
beyond ASCII.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from albconn.schema.connections import CONNECTIONS
from worlds.lines import write_line
from worlds.trees import packed

FOLDER = "AWSLogs/123456789012/elasticloadbalancing/eu-west-1"
NAME = "conn_log_123456789012_elasticloadbalancing_eu-west-1_app.shop.0123456789abcdef"
MIDNIGHT_FILE = f"{FOLDER}/2026/09/24/{NAME}_20260924T0005Z_10.0.1.10_a1b2c3d4.log.gz"
LATER_FILE = f"{FOLDER}/2026/09/24/{NAME}_20260924T1205Z_10.0.1.10_e5f6a7b8.log.gz"
RENAMED_FILE = "renamed/november.log.gz"  # nothing can be told from its name

_VALIDITY = "NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z"
_SUBJECT = "CN=M\u00c4NNIK\\,MARILIIS,O=Fleet \U0001f69a,C=EE"
_FROM_KEY: dict[str, Any] = {
    "elb": "app/shop/0123456789abcdef",
    "ip_address": "10.0.1.10",
    "account_id": "123456789012",
    "region": "eu-west-1",
}
_TLS13: dict[str, Any] = {
    "tls_protocol": "TLSv1.3",
    "tls_cipher": "TLS_AES_128_GCM_SHA256",
    "tls_keyexchange": "X25519MLKEM768",
}

# file → lines in order, each as the row that it must become; None: a line that is none
WORLD: dict[str, list[dict[str, Any] | None]] = {
    MIDNIGHT_FILE: [
        {
            **_TLS13, **_FROM_KEY, "timestamp": "2026-09-23T23:59:59.999999Z",
            "client_ip": "203.0.113.7", "client_port": 50001, "listener_port": 443,
            "tls_handshake_latency": 0.114, "tls_verify_status": "Success",
            "conn_trace_id": "TID_00000000000000000000000000000001", "outcome": "success",
        },
        {
            **_TLS13, **_FROM_KEY, "timestamp": "2026-09-24T00:00:00.000000Z",
            "client_ip": "2001:db8::1", "client_port": 65535, "listener_port": 443,
            "tls_handshake_latency": 0.0, "leaf_client_cert_subject": _SUBJECT,
            "leaf_client_cert_validity": _VALIDITY, "leaf_client_cert_serial_number": "03A5B1",
            "tls_verify_status": "Success", "outcome": "success",
            "conn_trace_id": "TID_00000000000000000000000000000002",
            "cert_not_before": "2023-09-21T22:43:21.000000Z",
            "cert_not_after": "2026-06-17T22:43:21.000000Z",
        },
        None,
        {
            **_TLS13, **_FROM_KEY, "timestamp": "2026-09-24T00:00:00.000001Z",
            "client_ip": "203.0.113.7", "client_port": 50002, "listener_port": 443,
            "leaf_client_cert_subject": "CN=van-7,O=Fleet",
            "leaf_client_cert_validity": _VALIDITY, "leaf_client_cert_serial_number": "02",
            "tls_verify_status": "Failed:ClientCertExpired", "outcome": "failed",
            "failure_reason": "ClientCertExpired",
            "conn_trace_id": "TID_00000000000000000000000000000003",
            "cert_not_before": "2023-09-21T22:43:21.000000Z",
            "cert_not_after": "2026-06-17T22:43:21.000000Z",
        },
    ],
    LATER_FILE: [
        {  # an HTTP listener: a connection, but neither a success nor a failure
            **_FROM_KEY, "timestamp": "2026-09-24T12:00:00.500000Z",
            "client_ip": "198.51.100.9", "client_port": 1024, "listener_port": 80,
            "conn_trace_id": "TID_00000000000000000000000000000004",
        },
        {  # a field that AWS may add
            **_TLS13, **_FROM_KEY, "timestamp": "2026-09-24T12:00:01.000000Z",
            "client_ip": "198.51.100.9", "client_port": 1025, "listener_port": 443,
            "tls_handshake_latency": 12.5, "tls_verify_status": "Success", "outcome": "success",
            "conn_trace_id": "TID_00000000000000000000000000000005", "extra_fields": "new field",
        },
    ],
    RENAMED_FILE: [
        {  # the launch format of November 2023: eleven fields
            "timestamp": "2023-12-05T14:39:18.169062Z",
            "client_ip": "54.92.36.xxx", "client_port": 49823, "listener_port": 443,
            "tls_protocol": "TLSv1.2", "tls_cipher": "ECDHE-ECDSA-AES128-GCM-SHA256",
            "tls_verify_status": "Failed:UnmappedConnectionError", "outcome": "failed",
            "failure_reason": "UnmappedConnectionError",
        },
        {
            "timestamp": "2023-12-05T14:27:13.699577Z",
            "client_ip": "54.248.xx.xx", "client_port": 54414, "listener_port": 443,
            "tls_protocol": "TLSv1.3", "tls_cipher": "TLS_AES_128_GCM_SHA256",
            "tls_handshake_latency": 0.057, "tls_verify_status": "Success", "outcome": "success",
        },
    ],
}  # fmt: skip

INSTANTS = ("timestamp", "cert_not_before", "cert_not_after")


def content_of(name: str) -> bytes:
    """Return a log file as AWS would have written it."""
    width = 11 if name == RENAMED_FILE else 15
    rows = WORLD[name]
    return packed("not a connection" if row is None else write_line(row, width) for row in rows)


def write_world(root: Path) -> list[Path]:
    """Write the log files below a folder and return where to convert them from."""
    for name in WORLD:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content_of(name))
    return [root / "AWSLogs", root / RENAMED_FILE]


def expected_rows(base: str) -> list[dict[str, Any]]:
    """Return the rows of the dataset, ``date`` included, in the order of their instants.

    Instants are microseconds since 1970 UTC; ``base`` is where the log files lie.
    """
    rows = []
    for name, lines in WORLD.items():
        for number, told in enumerate(lines, start=1):
            if told is None:
                continue
            row = dict.fromkeys(CONNECTIONS.columns) | told
            row |= {"source_file": f"{base}/{name}", "line_number": number}
            row["date"] = told["timestamp"][:10]
            row |= {column: _microseconds(row[column]) for column in INSTANTS}
            rows.append(row)
    return sorted(rows, key=lambda row: row["timestamp"])


def _microseconds(text: str | None) -> int | None:
    if text is None:
        return None
    since = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
