"""The one writer of log lines: what is in a record, as AWS would have logged it.

It uses the standard library alone. Values that are text already stand in the line as they are, so
a template such as ``line("{time}Z", client_ip="{ip}")`` is written like any other line.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

LINE_FIELDS = (
    "timestamp", "client_ip", "client_port", "listener_port", "tls_protocol", "tls_cipher",
    "tls_handshake_latency", "leaf_client_cert_subject", "leaf_client_cert_validity",
    "leaf_client_cert_serial_number", "tls_verify_status", "conn_trace_id", "tls_keyexchange",
    "elb", "ip_address",
)  # fmt: skip
QUOTED = "leaf_client_cert_subject"

UNMAPPED = "UnmappedConnectionError"
HEX = "0123456789abcdef"  # ends the name of a load balancer that is given by its bare name
SHOP, API = "app/shop/50dc6c495c0c9188", "app/api/8f1b2c3d4e5f6a7b"

Record = dict[str, Any]

USUAL: Record = {
    "client_ip": "203.0.113.7", "client_port": 50000, "listener_port": 443,
    "tls_protocol": "TLSv1.3", "tls_cipher": "TLS_AES_128_GCM_SHA256",
    "tls_handshake_latency": 0.114, "tls_verify_status": "Success", "tls_keyexchange": "x25519",
    "elb": "web", "ip_address": "10.0.0.2",
}  # fmt: skip
NOT_TLS: Record = dict.fromkeys(
    ("tls_protocol", "tls_cipher", "tls_handshake_latency", "tls_verify_status", "tls_keyexchange")
)


def line(timestamp: datetime | str, *, width: int = 15, **fields: Any) -> str:
    """Return a connection as a line: a usual one, but for the fields that are given.

    Parameters
    ----------
    timestamp : datetime or str
        An aware time, or the text that stands for one.
    width : int
        How many fields the line has. From the 16th on they are ``extra-16`` and so on.
    **fields
        Values by AWS's names, None for a dash; ``extra_fields`` is what follows field 15. A load
        balancer may be given by its bare name; a failure has no latency unless it is given.
    """
    if unknown := fields.keys() - {*LINE_FIELDS, "extra_fields"}:
        raise TypeError(f"no fields of a line: {', '.join(sorted(unknown))}")
    record: Record = {**USUAL, "timestamp": timestamp, **fields}
    record.setdefault("extra_fields", " ".join(f"extra-{n}" for n in range(16, width + 1)))
    record.setdefault("conn_trace_id", _trace(record["client_port"]))
    if str(record["tls_verify_status"]).startswith("Failed"):
        record["tls_handshake_latency"] = fields.get("tls_handshake_latency")
    if record["elb"] and "/" not in record["elb"]:
        record["elb"] = f"app/{record['elb']}/{HEX}"
    return write_line(record, width)


def write_line(record: Record, width: int) -> str:
    """Write a record as AWS does: one space between fields, the subject always quoted."""
    texts = [_text(name, record.get(name)) for name in LINE_FIELDS[:width]]
    tail = record.get("extra_fields")
    return " ".join([*texts, tail] if tail else texts)


def _text(name: str, value: Any) -> str:
    if name == QUOTED:
        return f'"{"-" if value is None else value}"'
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond:06d}Z"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _trace(port: Any) -> str:
    return f"TID_{port:032x}" if isinstance(port, int) else "TID_1"
