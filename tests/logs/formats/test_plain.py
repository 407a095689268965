"""Plain text: fields by their values where these say them beyond doubt, else as they are given."""

from __future__ import annotations

import random

import pytest

from albconn.errors import TableError
from albconn.logs.formats import plain
from albconn.schema.connections import CONNECTIONS
from tests.whole.test_vended import connections
from worlds import vended
from worlds.lines import LINE_FIELDS


def guessed(fields: tuple[str, ...], delimiter: str = ",", count: int = 60) -> tuple[str, ...]:
    layout = plain.guess(vended.as_plain(connections(count), fields, delimiter), CONNECTIONS)
    return () if layout is None else layout.names


@pytest.mark.parametrize("delimiter", ["\t", ",", "|", " ", "||", " | ", ", "])
def test_all_fields_with_any_delimiter(delimiter: str) -> None:
    assert guessed(vended.VENDED_FIELDS, delimiter) == LINE_FIELDS


@pytest.mark.parametrize("delimiter", [";", "::"])
def test_a_delimiter_that_stands_in_values_is_not_guessed(delimiter: str) -> None:
    """A validity has a semicolon, an IPv6 address two colons; such lines cannot be told apart."""
    assert guessed(vended.VENDED_FIELDS, delimiter) == ()


def test_fields_in_another_order() -> None:
    """Where there is one way only; a wrong one is never taken."""
    rng = random.Random(1)
    known = 0
    for _ in range(40):
        fields = rng.sample(vended.VENDED_FIELDS, rng.randrange(2, 16))
        found = guessed(tuple(fields))
        assert found in ((), tuple("timestamp" if f == "time" else f for f in fields))
        known += bool(found)
    assert known > 7


@pytest.mark.parametrize(
    "fields",
    [
        ("time", "client_ip", "tls_protocol"),
        ("conn_trace_id", "tls_verify_status", "time"),
        ("time", "tls_protocol", "tls_cipher", "tls_keyexchange", "elb", "conn_trace_id"),
    ],
)
def test_fields_that_only_are_what_they_are(fields: tuple[str, ...]) -> None:
    expected = tuple("timestamp" if f == "time" else f for f in fields)
    assert guessed(fields, count=200) in (expected, ())
    assert guessed(("conn_trace_id", "tls_verify_status", "time")) != ()


@pytest.mark.parametrize("head", [b"", b"x\n", b"a,b,c\n", b"2026-09-23T07:11:27Z\n", b"\xff,\0\n"])
def test_what_is_none(head: bytes) -> None:
    assert plain.guess(head, CONNECTIONS) is None


@pytest.mark.parametrize(
    ("told", "names", "delimiter"),
    [
        ("time,client_ip", ("timestamp", "client_ip"), b","),
        ("client_ip\\ttime", ("client_ip", "timestamp"), b"\t"),
        ("time || new || elb", ("timestamp", "+new", "elb"), b" || "),
        ("time client-ip", ("timestamp", "client_ip"), b" "),
    ],
)
def test_what_a_user_says(told: str, names: tuple[str, ...], delimiter: bytes) -> None:
    layout = plain.given_layout(told, CONNECTIONS)
    assert (layout.names, layout.delimiter, layout.format) == (names, delimiter, "plain")


@pytest.mark.parametrize("told", ["", "time", "client_ip,elb", "time,time,elb", 5])
def test_what_is_no_layout(told: str) -> None:
    with pytest.raises(
        TableError, match=r"^layout: .* expected the fields as they stand in a line"
    ):
        plain.given_layout(told, CONNECTIONS)
