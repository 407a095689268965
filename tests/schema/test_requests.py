"""The table of requests has AWS's fields in AWS's order, and columns for their parts."""

from __future__ import annotations

import json

import pytest

from albconn.schema.field import FromColumn
from albconn.schema.requests import REQUESTS, class_of
from worlds.request_lines import REQUEST_FIELDS

# The list of AWS's documentation, copied by hand; two of its names are no names of columns.
AWS = [
    "type", "time", "elb", "client:port", "target:port", "request_processing_time",
    "target_processing_time", "response_processing_time", "elb_status_code",
    "target_status_code", "received_bytes", "sent_bytes", "request_line", "user_agent",
    "ssl_cipher", "ssl_protocol", "target_group_arn", "trace_id", "domain_name",
    "chosen_cert_arn", "matched_rule_priority", "request_creation_time", "actions_executed",
    "redirect_url", "error_reason", "target:port_list", "target_status_code_list",
    "classification", "classification_reason", "conn_trace_id", "transformed_host",
    "transformed_uri", "request_transform_status", "ip_address",
]  # fmt: skip


def test_the_fields_of_a_line() -> None:
    names = [field.name for field in REQUESTS.line_fields]
    assert names == [name.replace("target:port_list", "target_port_list") for name in AWS]
    assert len(names) == len(REQUEST_FIELDS) == 34
    assert REQUESTS.line_fields[28].name == "classification_reason"
    assert REQUESTS.fewest_fields == 29


def test_no_column_has_a_name_that_sql_would_have_to_quote() -> None:
    assert all(name.replace("_", "a").isalpha() for name in REQUESTS.columns)
    assert len(REQUESTS.columns) == 49
    assert json.dumps(REQUESTS.columns).isascii()


def test_parts_are_columns_and_what_is_taken_apart_to_the_last_is_none() -> None:
    assert [part.name for part in REQUESTS.parts] == [
        "client_ip", "client_port", "target_ip", "target_port", "request_method",
        "request_protocol", "request_host", "request_port", "request_path", "request_query",
        "request_version",
    ]  # fmt: skip
    assert {field.name for field in REQUESTS.raw_fields} == {"client:port", "target:port"}
    assert "request_line" in REQUESTS.columns


@pytest.mark.parametrize(
    ("status", "expected"),
    [(100, "1xx"), (200, "2xx"), (399, "3xx"), (460, "4xx"), (599, "5xx"), (600, None), (0, None),
     (99, None), (-1, None), (10**12, None)],
)  # fmt: skip
def test_classes(status: int, expected: str | None) -> None:
    assert class_of(status) == expected
    assert REQUESTS.field("status_class").origin == FromColumn("elb_status_code", class_of)


def test_what_tells_of_host_path_and_query_says_so() -> None:
    telling = {field.name: field.tells for field in REQUESTS.fields if field.tells}
    assert {name for name, tells in telling.items() if "request_query" in tells} == {
        "request_line", "redirect_url", "transformed_uri",
    }  # fmt: skip
    assert {name for name, tells in telling.items() if "request_host" in tells} == {
        "request_line", "redirect_url", "domain_name", "transformed_host",
    }  # fmt: skip
