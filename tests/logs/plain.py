"""The log format a second time: written plainly, apart from albconn, to compare with it.

Nothing here uses pyarrow or albconn: times by ``datetime.fromisoformat``, fields by one
regular expression, lines by ``bytes.split``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

LINE_FIELDS = (
    "timestamp", "client_ip", "client_port", "listener_port", "tls_protocol", "tls_cipher",
    "tls_handshake_latency", "leaf_client_cert_subject", "leaf_client_cert_validity",
    "leaf_client_cert_serial_number", "tls_verify_status", "conn_trace_id", "tls_keyexchange",
    "elb", "ip_address",
)  # fmt: skip
QUOTED = "leaf_client_cert_subject"
_TOKEN = re.compile(r'"(?P<quoted>(?:\\.|[^"\\])*)"(?:(?= )|\Z)|(?P<bare>[^ "][^ ]*)', re.DOTALL)

Record = dict[str, Any]


def format_line(record: Record, width: int) -> str:
    """Write a record as AWS does: one space between fields, the subject always quoted."""
    texts = [_text(name, record[name]) for name in LINE_FIELDS[:width]]
    if width > len(LINE_FIELDS):
        texts.append(record["extra_fields"])
    return " ".join(texts)


def _text(name: str, value: Any) -> str:
    if name == QUOTED:
        return f'"{"-" if value is None else value}"'
    if value is None:
        return "-"
    if name == "timestamp":
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond:06d}Z"
    return f"{value:.3f}" if name == "tls_handshake_latency" else str(value)


def read_line(text: str) -> Record | None:
    """Return the record of one line, None when it is no connection log line."""
    values: list[str | None] = []
    at, tail = 0, None
    while True:
        if len(values) == len(LINE_FIELDS):
            tail = text[at:] or None
            break
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        value = token["quoted"] if token["bare"] is None else token["bare"]
        values.append(None if value in ("-", "") else value)
        at = token.end()
        if at == len(text):
            break
        if text[at] != " ":
            return None
        at += 1
    if len(values) < 11:
        return None
    record: Record = dict(zip(LINE_FIELDS, values + [None] * 4, strict=False))
    return _typed(record | {"extra_fields": tail})


def _typed(record: Record) -> Record | None:
    try:
        moment = datetime.fromisoformat(record["timestamp"] or "")
        if moment.tzinfo is None:
            return None
        record["timestamp"] = moment.astimezone(UTC)
        for port in ("client_port", "listener_port"):
            if record[port] is not None:
                record[port] = int(record[port])
                if not 0 <= record[port] <= 65535:
                    return None
        if record["tls_handshake_latency"] is not None:
            record["tls_handshake_latency"] = float(record["tls_handshake_latency"])
            if not 0 <= record["tls_handshake_latency"] < float("inf"):
                return None
    except (ValueError, OverflowError):
        return None
    return record


def read_text(content: bytes) -> tuple[dict[int, Record], dict[int, bytes]]:
    """Return the records and the rejected lines of a file by physical line number, from 1."""
    records: dict[int, Record] = {}
    rejected: dict[int, bytes] = {}
    content = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    for number, raw in enumerate(content.split(b"\n"), start=1):
        raw = raw.removesuffix(b"\r")
        if not raw.strip():
            continue
        record = read_line(raw.decode("utf-8", errors="backslashreplace"))
        if record is None:
            rejected[number] = raw
        else:
            records[number] = record
    return records, rejected
