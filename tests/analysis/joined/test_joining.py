"""Which columns are of which log; the query itself is tested by what it counts."""

from __future__ import annotations

import pytest

from albconn import TableError
from albconn.analysis.joined.joining import COUNTS, joined_query, parse_sides
from albconn.schema.connections import CONNECTIONS


def test_what_both_have_is_the_connections() -> None:
    sides = parse_sides(["request_host", "client_ip", "date", "elb"], ())
    assert sides.names == ("request_host", "client_ip", "date", "elb")
    assert sides.connections == ("client_ip", "date", "elb")
    assert sides.requests == ("request_host",)
    assert set(sides.needed) <= set(CONNECTIONS.columns)
    assert sides.needed_of_requests == ("time", "conn_trace_id", "status_class", "request_host")


def test_all_counts_are_in_the_query() -> None:
    query = joined_query(parse_sides((), ()), None)
    assert all(f" AS {name}" in query for name in (*COUNTS, "most_requests", "is_alone"))


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(TableError, match="by: 'url' is no column of connections or requests"):
        parse_sides("url", ())
