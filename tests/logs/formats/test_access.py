"""An access log is known by its first line, whatever it is called."""

from __future__ import annotations

import pytest

from albconn.logs.formats import access, begins_a_line, legacy, recognise
from albconn.schema.connections import CONNECTIONS
from albconn.schema.requests import REQUESTS
from worlds.lines import line
from worlds.request_lines import request_line

MOMENT = "2026-09-23T07:11:27.691358Z"
REQUEST, CONNECTION = request_line(MOMENT).encode(), line(MOMENT).encode()
CLASSIC = b"2026-09-23T07:11:27.691358Z my-lb 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001 0 200 200"


@pytest.mark.parametrize("kind", ["http", "https", "h2", "grpcs", "ws", "wss", "h3"])
def test_its_lines_are_known(kind: str) -> None:
    head = request_line(MOMENT, type=kind).encode()
    assert access.recognises(head)
    assert begins_a_line(head)
    assert not legacy.recognises(head)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        CONNECTION,
        CLASSIC,
        b"https 2026-09-23T07:11:27.691358Z 0.00112 - 203.0.113.7 x PASS",  # a health check log
        b"tls 2.0 2018-12-20T02:59:40 net/network-loadbalancer/c6e77e28c25b2234",
        b'{"type": "https"}',
    ],
)
def test_others_are_not(head: bytes) -> None:
    assert not access.recognises(head)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1_elasticloadbalancing_us-east-1_app.web.0123_20260923T0715Z_10.0.0.1_x.log.gz", True),
        ("conn_log_1_elasticloadbalancing_us-east-1_app.web.0123_20260923T0715Z_1_x.log.gz", False),
        ("health_check_log_1_elasticloadbalancing_us-east-1_app.web.0123_x.log.gz", False),
        ("1_elasticloadbalancing_us-east-1_net.web.0123_20260923T0715Z_x.log.gz", False),
        ("monday.log.gz", False),
    ],
)
def test_names(name: str, expected: bool) -> None:
    assert access.names(name) is expected


def test_each_table_has_its_own_formats_and_says_what_the_other_is() -> None:
    as_requests, as_connections = access.layout(REQUESTS), legacy.layout(CONNECTIONS)
    assert recognise(REQUEST, "x", REQUESTS) == (as_requests, None)
    assert recognise(CONNECTION, "x", REQUESTS) == (as_requests, "connection log")
    assert recognise(CLASSIC, "x", REQUESTS)[1] == "Classic Load Balancer's log"
    assert recognise(REQUEST, "x", CONNECTIONS) == (as_connections, "access log")
    assert recognise(CONNECTION, "x", CONNECTIONS) == (as_connections, None)
    assert recognise(b"", "x", REQUESTS) == (as_requests, None)
