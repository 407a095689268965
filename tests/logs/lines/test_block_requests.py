"""Lines of access logs: the fast ways read what the slow way reads, and all what was written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from albconn import LineError
from albconn.logs.formats import access
from albconn.logs.lines import block
from albconn.logs.lines.block import parse_block
from albconn.logs.lines.exact import decode, parse_line
from albconn.logs.lines.regular import read_regular
from albconn.schema.parts import request_of
from albconn.schema.requests import REQUESTS
from worlds import request_strategies as worlds
from worlds.lines import Record
from worlds.request_lines import TAIL, request_line

LAYOUT = access.layout(REQUESTS)
ALL = frozenset(REQUESTS.read_columns)
MOMENT = "2026-09-23T07:11:27.691358Z"
REAL = (  # one of the few that are public
    "https 2026-09-23T07:15:47.805298Z app/k8s-web-0123456789/0123456789abcdef "
    "198.51.100.165:5815 10.20.20.37:80 0.001 0.003 0.000 200 200 153 3860 "
    '"GET https://www.example.com:443/data/roads_trails_merged-trails-z18_v2.json HTTP/1.1" '
    '"Dart/3.11 (dart:io)" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/k8s-tileserv-8b701414d0/"
    'ce5353cc7101de6d "Root=1-6ab37ca3-72b3ccd0353538ac305db394" "www.example.com" '
    '"arn:aws:acm:us-east-1:123456789012:certificate/34ecc395-417d-479a-b9e3-2c03c1047f42" 2 '
    '2026-09-23T07:15:47.801000Z "forward" "-" "-" "10.20.20.37:80" "200" "-" "-" '
    'TID_d7917035eabacb42bea251b01fb60ab4 "-" "-" "-" 192.0.2.61 "-" "-"'
)

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(autouse=True, scope="module", params=["compiled", "arrow", "exact"])
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """Read by the compiled reader first, as where there is none, and line by line."""
    if request.param == "compiled" and not block.COMPILED:
        pytest.skip("albconn's reader is not compiled here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "COMPILED", request.param == "compiled")
        if request.param == "exact":
            from albconn.logs.lines import arrow_csv

            patch.setattr(arrow_csv, "split_block", lambda *_: None)
        yield request.param


def rows_of(content: bytes, columns: frozenset[str] = ALL) -> list[dict[str, Any]]:
    parsed = parse_block(content, layout=LAYOUT, columns=columns)
    assert len(parsed.rejected) == 0, parsed.rejected[0].message
    return parsed.table.to_pylist()


def row_of(line: str) -> dict[str, Any]:
    (row,) = rows_of(line.encode() + b"\n")
    return row


def why(line: str) -> str:
    parsed = parse_block(line.encode() + b"\n", layout=LAYOUT, columns=ALL)
    assert len(parsed.table) == 0
    return parsed.rejected[0].message


def test_a_real_line_by_hand() -> None:
    row = row_of(REAL)
    assert row.pop("time") == datetime.fromisoformat("2026-09-23T07:15:47.805298Z")
    assert row.pop("request_creation_time") == datetime.fromisoformat("2026-09-23T07:15:47.801Z")
    there = {name: value for name, value in row.items() if value is not None}
    assert there == {
        "type": "https",
        "elb": "app/k8s-web-0123456789/0123456789abcdef",
        "client_ip": "198.51.100.165",
        "client_port": 5815,
        "target_ip": "10.20.20.37",
        "target_port": 80,
        "request_processing_time": 0.001,
        "target_processing_time": 0.003,
        "response_processing_time": 0.0,
        "elb_status_code": 200,
        "target_status_code": 200,
        "received_bytes": 153,
        "sent_bytes": 3860,
        "request_line": "GET https://www.example.com:443/data/roads_trails_merged-trails-z18_v2"
        ".json HTTP/1.1",
        "user_agent": "Dart/3.11 (dart:io)",
        "ssl_cipher": "ECDHE-RSA-AES128-GCM-SHA256",
        "ssl_protocol": "TLSv1.2",
        "target_group_arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/"
        "k8s-tileserv-8b701414d0/ce5353cc7101de6d",
        "trace_id": "Root=1-6ab37ca3-72b3ccd0353538ac305db394",
        "domain_name": "www.example.com",
        "chosen_cert_arn": "arn:aws:acm:us-east-1:123456789012:certificate/34ecc395-417d-479a-"
        "b9e3-2c03c1047f42",
        "matched_rule_priority": 2,
        "actions_executed": "forward",
        "target_port_list": "10.20.20.37:80",
        "target_status_code_list": "200",
        "conn_trace_id": "TID_d7917035eabacb42bea251b01fb60ab4",
        "ip_address": "192.0.2.61",
        "extra_fields": '"-" "-"',
        "request_method": "GET",
        "request_protocol": "https",
        "request_host": "www.example.com",
        "request_port": 443,
        "request_path": "/data/roads_trails_merged-trails-z18_v2.json",
        "request_version": "HTTP/1.1",
    }


def test_quotes_spaces_and_escapes() -> None:
    agent = r"Mozilla/5.0 (\x22x\x22; a\x5C) \" b"
    row = row_of(request_line(MOMENT, user_agent=agent, request_line=r"GET http://h:80/\x22 a x"))
    assert row["user_agent"] == agent  # as logged
    assert (row["request_path"], row["request_version"]) == (r"/\x22 a", "x")
    lists: dict[str, Any] = {
        "target_port_list": "10.0.0.1:80 [::1]:8080",
        "target_status_code_list": "502 200",
    }
    assert row_of(request_line(MOMENT, **lists)).items() >= lists.items()


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (("203.0.113.7", 54414), ("203.0.113.7", 54414)),
        (("2001:db8::1", 443), ("2001:db8::1", 443)),
        (("[2001:db8::1]", 443), ("2001:db8::1", 443)),
        (("54.92.36.xxx", 0), ("54.92.36.xxx", 0)),
        ((None, None), (None, None)),
    ],
)
def test_address_and_port(client: tuple[Any, Any], expected: tuple[Any, Any]) -> None:
    row = row_of(request_line(MOMENT, client_ip=client[0], client_port=client[1]))
    assert (row["client_ip"], row["client_port"]) == expected


def test_times_of_minus_one_are_missing_and_zero_is_a_time() -> None:
    row = row_of(request_line(MOMENT, request_processing_time="-1", response_processing_time=0.0))
    assert row["request_processing_time"] is None
    assert row["response_processing_time"] == 0.0
    assert row_of(request_line(MOMENT, target_processing_time="-1.000"))[
        "target_processing_time"
    ] is None  # fmt: skip
    assert row_of(request_line(MOMENT, matched_rule_priority=-1))["matched_rule_priority"] == -1


@pytest.mark.parametrize("width", [29, 30, 31, 33, 34])
def test_old_lines_lack_what_came_later(width: int) -> None:
    row = row_of(request_line(MOMENT, width=width))
    assert (row["conn_trace_id"] is None) is (width < 30)
    assert (row["ip_address"] is None) is (width < 34)
    assert row["extra_fields"] is None


def test_what_follows_the_known_fields_is_kept_verbatim() -> None:
    for tail in (TAIL, f'{TAIL} "a new field" 7', "x"):
        assert row_of(request_line(MOMENT, extra_fields=tail))["extra_fields"] == tail


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"width": 28}, "fields: 28 found; expected at least 29"),
        ({"client_port": 65536}, "client_port: '65536' is not a port; expected 0–65535"),
        ({"client_port": "x"}, "client_port: 'x' is not a port; expected 0–65535"),
        ({"target_port": "8o"}, "target_port: '8o' is not a port; expected 0–65535"),
        (
            {"target_processing_time": "-2"},
            "target_processing_time: '-2' is not a time taken; expected seconds such as 0.337, or "
            "-1 where there are none",
        ),
        (
            {"elb_status_code": "OK"},
            "elb_status_code: 'OK' is not a whole number; expected a whole number such as 1042",
        ),
        ({"time": "-"}, "time: '-' is not a time; expected 2026-09-23T07:11:27.691358Z"),
        (
            {"request_creation_time": "yesterday"},
            "request_creation_time: 'yesterday' is not a time; expected "
            "2026-09-23T07:11:27.691358Z",
        ),
        (
            {"ssl_protocol": "TLSv1.3 "},
            "target_group_arn: field 17 is empty; fields are separated by one space",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(fields: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"time": MOMENT} | fields
    assert why(request_line(given.pop("time"), **given)) == said


def test_a_line_whose_quotes_were_lost_is_no_row() -> None:
    line = request_line(MOMENT, user_agent="curl", target_port_list="10.0.0.1:80 10.0.0.2:80")
    assert "shifted" in why(line.replace('"10.0.0.1:80 10.0.0.2:80"', "10.0.0.1:80 10.0.0.2:80"))
    assert "is not" in why(request_line(MOMENT, user_agent="a b").replace('"', ""))


@pytest.mark.parametrize("width", worlds.WIDTHS)
@quick
@given(sampled=st.data())
def test_what_was_written_is_read(width: int, sampled: st.DataObject) -> None:
    pairs = sampled.draw(st.lists(worlds.written(width), min_size=1, max_size=3))
    content = "".join(line + "\n" for _, line in pairs).encode()
    assert rows_of(content) == [expected_of(record) for record, _ in pairs]


def expected_of(record: Record) -> dict[str, Any]:
    """Return what a record is as a row."""
    row = {name: record.get(name) for name in REQUESTS.read_columns}
    names = [f.name for f in REQUESTS.parts if f.name.startswith("request_")]
    parts = request_of(record["request_line"]) if record["request_line"] else [None] * len(names)
    row |= {
        name: None if part in ("", "-") else part for name, part in zip(names, parts, strict=True)
    }
    row["request_port"] = int(row["request_port"]) if row["request_port"] else None
    return row


def slowly(content: bytes) -> tuple[dict[int, tuple[Any, ...]], dict[int, str]]:
    """Read line by line with ``parse_line``: values and reasons by 0-based place."""
    rows, reasons = {}, {}
    for place, raw in enumerate(content.replace(b"\r\n", b"\n").split(b"\n")[:-1]):
        if not raw.strip():
            continue
        try:
            parsed = parse_line(decode(raw), LAYOUT)
        except LineError as error:
            reasons[place] = str(error)
        else:
            of_line = dict(zip(LAYOUT.names, parsed.values, strict=True))
            of_line |= dict(zip((f.name for f in REQUESTS.parts), parsed.parts, strict=True))
            of_line["extra_fields"] = parsed.extra_fields
            rows[place] = tuple(of_line[name] for name in REQUESTS.read_columns)
    return rows, reasons


@settings(quick, max_examples=150)
@given(content=worlds.texts())
def test_every_line_is_a_row_or_rejected_as_the_slow_way_says(content: bytes) -> None:
    parsed = parse_block(content, layout=LAYOUT, columns=ALL)
    rows, reasons = slowly(content)
    times = [parsed.table.column_names.index(n) for n in ("time", "request_creation_time")]
    table = parsed.table
    for at in times:
        table = table.set_column(at, table.column_names[at], table.column(at).cast("int64"))
    found = [tuple(row.values()) for row in table.to_pylist()]
    assert dict(zip(parsed.lines.tolist(), found, strict=True)) == rows
    assert {r.place: r.message for r in parsed.rejected} == reasons


@settings(quick, max_examples=60)
@given(content=worlds.texts(), columns=st.frozensets(st.sampled_from(sorted(ALL)), min_size=1))
def test_which_lines_are_rejected_does_not_depend_on_the_columns(
    content: bytes, columns: frozenset[str]
) -> None:
    some = parse_block(content, layout=LAYOUT, columns=columns)
    every = parse_block(content, layout=LAYOUT, columns=ALL)
    assert some.lines.tolist() == every.lines.tolist()
    assert some.table.to_pylist() == every.table.select(some.table.column_names).to_pylist()


def test_usual_lines_are_all_taken_by_the_compiled_reader() -> None:
    if not block.COMPILED:
        pytest.skip("asked once, where it is compiled")
    usual = [
        request_line(MOMENT),
        request_line(MOMENT, client_ip="2001:db8::1", extra_fields=TAIL),
        request_line(MOMENT, request_line="- http://h:80- -", target_ip=None, width=30),
        request_line(MOMENT, request_line="- http://h:80-/ ", request_processing_time="-1"),
        REAL,
    ]
    content = "".join(line + "\n" for line in usual).encode()
    assert read_regular([content], layout=LAYOUT, columns=ALL).left.tolist() == []
