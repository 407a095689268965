"""The one writer of lines of the access log, as ``lines`` is of the connection log.

It uses the standard library alone and knows nothing of albconn. A record has AWS's names, but for
the fields that say two things: ``client_ip`` and ``client_port``, ``target_ip`` and
``target_port``. A request is given as a whole, or by its method, URL and version.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from worlds.lines import HEX, Record

REQUEST_FIELDS = (
    "type", "time", "elb", "client", "target", "request_processing_time",
    "target_processing_time", "response_processing_time", "elb_status_code", "target_status_code",
    "received_bytes", "sent_bytes", "request_line", "user_agent", "ssl_cipher", "ssl_protocol",
    "target_group_arn", "trace_id", "domain_name", "chosen_cert_arn", "matched_rule_priority",
    "request_creation_time", "actions_executed", "redirect_url", "error_reason",
    "target_port_list", "target_status_code_list", "classification", "classification_reason",
    "conn_trace_id", "transformed_host", "transformed_uri", "request_transform_status",
    "ip_address",
)  # fmt: skip
QUOTED = frozenset({
    "request_line", "user_agent", "trace_id", "domain_name", "chosen_cert_arn",
    "actions_executed", "redirect_url", "error_reason", "target_port_list",
    "target_status_code_list", "classification", "classification_reason", "transformed_host",
    "transformed_uri", "request_transform_status",
})  # fmt: skip
TIMES = ("request_processing_time", "target_processing_time", "response_processing_time")
TAIL = '"-" "-"'  # of every line since September 2026

USUAL: Record = {
    "type": "https", "elb": "web", "client_ip": "203.0.113.7", "client_port": 50000,
    "target_ip": "10.20.0.5", "target_port": 80, "request_processing_time": 0.001,
    "target_processing_time": 0.003, "response_processing_time": 0.0, "elb_status_code": 200,
    "target_status_code": 200, "received_bytes": 153, "sent_bytes": 3860, "method": "GET",
    "url": "https://www.example.com:443/", "version": "HTTP/1.1", "user_agent": "curl/8.5.0",
    "ssl_cipher": "TLS_AES_128_GCM_SHA256", "ssl_protocol": "TLSv1.3",
    "target_group_arn":
        "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/73e2d6bc24d8a067",
    "trace_id": "Root=1-6ab37ca3-72b3ccd0353538ac305db394", "domain_name": "www.example.com",
    "chosen_cert_arn": "arn:aws:acm:us-east-1:123456789012:certificate/12345678",
    "matched_rule_priority": 0, "actions_executed": "forward", "target_port_list": "10.20.0.5:80",
    "target_status_code_list": "200", "ip_address": "10.0.0.2",
}  # fmt: skip


def request_line(time: datetime | str, *, width: int = 34, **fields: Any) -> str:
    """Return a request as a line: a usual one, but for the fields that are given.

    Parameters
    ----------
    time : datetime or str
        An aware time, or the text that stands for one.
    width : int
        How many of the documented fields the line has.
    **fields
        Values, None for what is missing; ``extra_fields`` is what follows field 34. A load
        balancer may be given by its bare name.
    """
    known = {*REQUEST_FIELDS, *USUAL, "extra_fields"}
    if unknown := fields.keys() - known:
        raise TypeError(f"no fields of a line: {', '.join(sorted(unknown))}")
    record: Record = {"time": time, "request_creation_time": time} | USUAL | fields
    record.setdefault("conn_trace_id", f"TID_{1:032x}")
    if "/" not in record["elb"]:
        record["elb"] = f"app/{record['elb']}/{HEX}"
    return write_request(record, width)


def write_request(record: Record, width: int = 34) -> str:
    """Write a record as AWS does: one space between fields, texts of clients in quotes."""
    whole = {"client": _endpoint(record, "client"), "target": _endpoint(record, "target")}
    if "request_line" not in record:
        parts = (record["method"], record["url"], record["version"])
        whole["request_line"] = " ".join("-" if part is None else part for part in parts)
    texts = [_text(name, (record | whole).get(name)) for name in REQUEST_FIELDS[:width]]
    tail = record.get("extra_fields")
    return " ".join([*texts, tail] if tail else texts)


def _endpoint(record: Record, which: str) -> str | None:
    address, port = record.get(f"{which}_ip"), record.get(f"{which}_port")
    return None if address is None else f"{address}:{port}"


def _text(name: str, value: Any) -> str:
    if name in QUOTED:
        return f'"{"-" if value is None else value}"'
    if value is None:
        return "-1" if name in TIMES else "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond:06d}Z"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
