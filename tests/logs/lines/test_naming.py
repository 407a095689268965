"""Names of fields in files, and what they are to the table."""

from __future__ import annotations

import pytest

from albconn.logs.lines.naming import column_of, is_described, is_made_by_key, names_of
from albconn.schema.connections import CONNECTIONS


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (("time", "client_ip"), ("timestamp", "client_ip")),
        (("Client-IP", " TIME "), ("client_ip", "timestamp")),
        (("time", "timestamp"), ("timestamp", "+timestamp")),
        (("@timestamp", "elb"), ("timestamp", "elb")),
        (("@timestamp", "time", "@ptr"), ("-@timestamp", "timestamp", "-@ptr")),
        (("time", "outcome", "tls_verify_status"), ("timestamp", "-outcome", "tls_verify_status")),
        (("time", "outcome", "cert_not_after"), ("timestamp", "outcome", "cert_not_after")),
        (("line_number", "source_file", "region"), ("-line_number", "-source_file", "region")),
        (("extra_fields", "__index_level_0__"), ("+extra_fields", "-__index_level_0__")),
    ],
)
def test_what_a_name_is(keys: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert names_of(keys, CONNECTIONS) == names


def test_every_field_has_its_name() -> None:
    for field in CONNECTIONS.line_fields:
        assert column_of(field.name.replace("_", "-").upper(), CONNECTIONS) == field.name


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("time", "client_ip"), True),
        (("@timestamp", "tls_protocol"), True),
        (("client_ip", "tls_protocol"), False),
        (("time", "region"), False),  # of the key
        (("time", "message"), False),
        (("time", "elb", "conn_trace_id", "elb_status_code", "user_agent"), False),  # requests
    ],
)
def test_what_makes_a_row(keys: tuple[str, ...], expected: bool) -> None:
    assert is_described(keys, CONNECTIONS) is expected


def test_what_the_key_says() -> None:
    assert [is_made_by_key(name, CONNECTIONS) for name in ("region", "elb")] == [True, False]
