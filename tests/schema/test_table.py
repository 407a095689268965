"""A table says what is wrong with it, and what of it follows from its fields."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from albconn import TableError
from albconn.schema.connections import CONNECTIONS
from albconn.schema.field import Field, FromColumn, FromPlace, Shape
from albconn.schema.kind import PORT, TEXT, WORD
from albconn.schema.table import MOST_BEGINNINGS, MOST_FIELDS, LogTable

_EXTRA = CONNECTIONS.field("extra_fields")


def with_shape(*begins: str) -> tuple[Field, ...]:
    last = replace(CONNECTIONS.field("ip_address"), shape=Shape(begins))
    return tuple(last if field.name == last.name else field for field in CONNECTIONS.fields)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Requests"}, "its name is not lower-case letters and _"),
        ({"name": "../x"}, "its name is not lower-case letters and _"),
        ({"fewest_fields": 0}, "fewest_fields is not from 1 to its number of fields"),
        ({"fewest_fields": 16}, "fewest_fields is not from 1 to its number of fields"),
        ({"time_column": "elb"}, "its time column is not a timestamp"),
        ({"time_column": "cert_not_after"}, "its time column is not a timestamp"),
        ({"private": ("client_port",)}, "a private column is not one of its text columns"),
        ({"fields": CONNECTIONS.fields[1:]}, "positions do not count from 1 without a gap"),
        ({"fields": CONNECTIONS.fields[:-1]}, "source_file and line_number are not its identity"),
        ({"fields": (*CONNECTIONS.fields, _EXTRA)}, "two columns share a name"),
        (
            {"fields": (*CONNECTIONS.fields, replace(_EXTRA, name="more"))},
            "no column, or several, hold the tail of a line",
        ),
        (
            {
                "fields": (
                    *CONNECTIONS.fields,
                    Field("x", WORD, "", origin=FromColumn("client_port", str)),
                )
            },
            "a column is made of one that is not there, or of numbers",
        ),
        (
            {
                "fields": (
                    *CONNECTIONS.fields,
                    *(Field(f"f{n}", TEXT, "", n) for n in range(16, MOST_FIELDS + 2)),
                )
            },
            f"it has no field or more than {MOST_FIELDS}",
        ),
        ({"fields": with_shape("TID")}, "or one that is not 4 to 12 ASCII characters"),
        ({"fields": with_shape("a" * 13)}, "or one that is not 4 to 12 ASCII characters"),
        ({"fields": with_shape("ÄÖÜß")}, "or one that is not 4 to 12 ASCII characters"),
        (
            {"fields": with_shape(*("abcd" + chr(97 + n) for n in range(9)))},
            f"its shapes have more than {MOST_BEGINNINGS} beginnings",
        ),
    ],
)
def test_what_is_no_table(change: dict, said: str) -> None:
    with pytest.raises(TableError, match="table") as raised:
        replace(CONNECTIONS, **change)
    assert any(said in problem for problem in raised.value.problems)


def test_all_problems_are_named() -> None:
    with pytest.raises(TableError) as raised:
        LogTable("", 1, (), 1, "time")
    assert len(raised.value.problems) >= 4


def test_what_follows_from_the_fields() -> None:
    assert CONNECTIONS.columns[0] == "timestamp"
    assert [f.position for f in CONNECTIONS.line_fields] == list(range(1, 16))
    assert CONNECTIONS.tail == "extra_fields"
    assert CONNECTIONS.needs("outcome") == "tls_verify_status"
    assert CONNECTIONS.needs("client_ip") == "client_ip"
    assert CONNECTIONS.order == ("timestamp", "source_file", "line_number")
    assert CONNECTIONS.select(["region", "timestamp"]) == ("timestamp", "region")
    assert CONNECTIONS.field("listener_port").kind == PORT
    with pytest.raises(TableError, match=r"'client_pi' .*; did you mean client_ip\?$"):
        CONNECTIONS.select(["client_pi"])
    with pytest.raises(TableError, match="columns: 'nope' is not a column; expected of timestamp"):
        CONNECTIONS.select("nope")


def test_it_travels_to_workers() -> None:
    there = pickle.loads(pickle.dumps(CONNECTIONS))
    assert there == CONNECTIONS
    assert hash(there) == hash(CONNECTIONS)
    assert there.memory_schema == CONNECTIONS.memory_schema
    assert FromPlace.tail in [f.origin for f in there.fields]


def test_what_fits_a_shape() -> None:
    assert Shape(("TID_",)).fits("TID_1")
    assert not Shape(("TID_",)).fits("TI")
    assert Shape(letters="0123456789ABCDEF").fits("03A5B1")
    assert not Shape(letters="0123456789ABCDEF").fits("A-1")
