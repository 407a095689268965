"""The log format a second time: read plainly, apart from albconn, to compare with it.

Nothing here uses pyarrow or albconn: times by ``datetime.fromisoformat``, fields by one
regular expression, lines by ``bytes.split``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from worlds.lines import LINE_FIELDS, Record

_TOKEN = re.compile(r'"(?P<quoted>(?:\\.|[^"\\])*)"(?:(?= )|\Z)|(?P<bare>[^ "][^ ]*)', re.DOTALL)


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
    if len(values) < 11 or "\r" in text:
        return None
    record: Record = dict(zip(LINE_FIELDS, values + [None] * 4, strict=False))
    record["extra_fields"] = tail
    return None if _is_shifted(record) else _typed(record)


_BEGIN = {
    "leaf_client_cert_validity": ("NotBefore=",),
    "tls_verify_status": ("Success", "Failed"),
    "conn_trace_id": ("TID_",),
}
_BEHIND = ("tls_keyexchange", "elb", "ip_address")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d(:\d\d(:\d\d(\.\d{1,6})?)?)?(Z|[-+]\d\d(:?\d\d)?)", re.ASCII
)
_PORT = re.compile(r" *-?[0-9]+ *")
_HEX = re.compile(r"[0-9A-Fa-f:]*")


def _is_shifted(record: Record) -> bool:
    """Say whether values stand in each other's fields: two disagree, or one belongs elsewhere."""
    known = sum(_BEGIN.values(), ())
    odd = {n for n, begin in _BEGIN.items() if record[n] and not record[n].startswith(begin)}
    serial = record["leaf_client_cert_serial_number"] or ""
    odd_serial = not _HEX.fullmatch(serial)
    if any(record[n].startswith(known) for n in odd) or serial.startswith(known):
        return True
    if odd and (odd_serial or ("leaf_client_cert_validity" in odd and len(odd) > 1)):
        return True
    alone = record["leaf_client_cert_subject"] and not record["leaf_client_cert_validity"]
    behind = [record[n] or "" for n in _BEHIND] + (record["extra_fields"] or "").split(" ")
    return bool(odd or alone) and any(text.startswith(known) for text in behind)


def _typed(record: Record) -> Record | None:
    try:
        moment = datetime.fromisoformat(record["timestamp"] or "")
        # Python also takes other forms, and passes over some letters and zeros.
        if moment.tzinfo is None or not _TIME.fullmatch(record["timestamp"]):
            return None
        record["timestamp"] = moment.astimezone(UTC)
        for port in ("client_port", "listener_port"):
            if record[port] is not None:
                if not _PORT.fullmatch(record[port]):
                    return None
                record[port] = int(record[port])
                if not 0 <= record[port] <= 65535:
                    return None
        if record["tls_handshake_latency"] is not None:
            if "_" in record["tls_handshake_latency"]:  # which Python passes over
                return None
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
    if b"\r" in content.partition(b"\n")[0]:  # the first line ends as they did before Mac OS X
        content = content.replace(b"\r", b"\n")
    for number, raw in enumerate(content.split(b"\n"), start=1):
        if not raw.strip():
            continue
        record = read_line(raw.decode("utf-8", errors="backslashreplace"))
        if record is None:
            rejected[number] = raw
        else:
            records[number] = record
    return records, rejected
