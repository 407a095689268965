"""JSON objects as lines: the definition, and the compiled reader beside it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from albconn.errors import LineError
from albconn.logs.formats import jsonl
from albconn.logs.lines.block import parse_block
from albconn.logs.lines.exact import decode, parse_line
from albconn.schema.connections import CONNECTIONS
from albconn.times import microseconds

LAYOUT = jsonl.layout_of(("time", "client_port", "tls_cipher", "new"), CONNECTIONS)
TIME = "2026-09-23T07:11:27.500000Z"
MOMENT = microseconds(datetime(2026, 9, 23, 7, 11, 27, 500_000, tzinfo=UTC))


def parsed(text: str, layout: Any = LAYOUT) -> dict[str, Any]:
    made = parse_line(text, layout)
    values = dict(zip(layout.names, made.values, strict=True)) | {"extra": made.extra_fields}
    return {name: value for name, value in values.items() if value is not None}


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ('"client_port": "443"', {"client_port": 443}),
        ('"client_port": 443', {"client_port": 443}),
        ('"client_port": 443.0', {"client_port": 443}),
        ('"client_port": "-"', {}),
        ('"client_port": ""', {}),
        ('"client_port": null', {}),
        ('"tls_handshake_latency": 0.057', {"tls_handshake_latency": 0.057}),
        ('"tls_handshake_latency": 5.7e-2', {"tls_handshake_latency": 0.057}),
        ('"leaf-client-cert-serial-number": 12', {"leaf_client_cert_serial_number": "12"}),
        ('"tls_cipher": "a\\"\\u00e9"', {"tls_cipher": 'a"é'}),
        ('"tls_cipher": "\\ud800"', {"tls_cipher": "\\ud800"}),
        ('"new": {"a": [1, true]}', {"extra": '{"new":{"a":["1",true]}}'}),
        ('"new": 5', {"extra": '{"new":"5"}'}),
        ('"other": "x", "new": "-"', {"extra": '{"other":"x"}'}),
        ('"@ptr": "x"', {}),
    ],
)
def test_members(member: str, expected: dict[str, Any]) -> None:
    assert parsed(f'{{"time": "{TIME}", {member}}}') == {"timestamp": MOMENT} | expected


@pytest.mark.parametrize("name", ["time", "timestamp", "Time"])
@pytest.mark.parametrize(
    "value",
    [f'"{TIME}"', '"2026-09-23 07:11:27.5"', "1790147487.5", "1790147487500", "1790147487500000",
     "1790147487500000000"],
)  # fmt: skip
def test_the_time_by_its_names_and_units(name: str, value: str) -> None:
    assert parsed(f'{{"{name}": {value}}}') == {"timestamp": MOMENT}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x", "no JSON object"),
        ("[1]", "no JSON object"),
        (f'{{"time": "{TIME}"}} x', "no JSON object"),
        (f'{{"time": "{TIME}", "a": NaN}}', "no JSON object"),
        ('{"a":' * 100_000, "no JSON object"),
        ("[" * 5_000, "no JSON object"),
        (f'{{"time": "{TIME}", "a": {"9" * 5000}}}', "no JSON object"),
        ('{"client_port": 1}', "timestamp is not a time"),
        ('{"time": 17}', "timestamp is not a time"),
        ('{"time": true}', "timestamp is not a time"),
        (f'{{"time": "{TIME}", "client_port": 65536}}', "client_port is not a port"),
        (f'{{"time": "{TIME}", "client_port": [1]}}', "client_port is not a port"),
        (f'{{"time": "{TIME}", "tls_cipher": {{}}}}', "tls_cipher is not a text"),
        (f'{{"time": "{TIME}",\r "tls_cipher": 1}}', "carriage return in the line"),
    ],
)
def test_what_is_no_row_says_why(text: str, reason: str) -> None:
    with pytest.raises(LineError) as caught:
        parse_line(text, LAYOUT)
    assert caught.value.reason == reason


_KEYS = st.sampled_from(
    ["time", "timestamp", "client_port", "client-port", "tls_cipher", "new", "newer", "@x", "", "é"]
)
_VALUES = st.one_of(
    st.sampled_from([TIME, "-", "", "443", " 443", "65536", None, True, 0, 443, -1, 0.5, 1e30, [],
                     {"a": "b"}, "a\\b", 'q"', "\u2028", "é", "x\ny"]),
    st.text(max_size=3),
)  # fmt: skip
_LINES = st.lists(st.tuples(_KEYS, _VALUES), max_size=6)


@given(st.lists(_LINES, max_size=8), st.sampled_from([None, " "]), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_block_is_what_its_lines_are(
    records: list[Any], blank: str | None, is_ascii: bool
) -> None:
    """Duplicates, orders and odd values: the compiled reader never differs from the definition."""
    between = (", ", ": ") if blank else (",", ":")
    dump = json.JSONEncoder(ensure_ascii=is_ascii, separators=between).encode
    lines = [
        "{" + between[0].join(f"{dump(k)}{between[1]}{dump(v)}" for k, v in [("time", TIME), *line])
        + "}"
        for line in records
    ]  # fmt: skip
    lines = [line for line in lines if "\n" not in line]
    block = parse_block(
        "".join(f"{line}\n" for line in lines).encode(),
        layout=LAYOUT,
        columns=frozenset(CONNECTIONS.read_columns),
    )
    expected, rejected = [], []
    for place, line in enumerate(lines):
        try:
            made = parse_line(decode(line.encode()), LAYOUT)
        except LineError as error:
            rejected.append((place, error.reason))
            continue
        values = dict(zip(LAYOUT.names, made.values, strict=True))
        expected.append((values["timestamp"], values["client_port"], values["tls_cipher"],
                         made.extra_fields))  # fmt: skip
    found = block.table.select(["timestamp", "client_port", "tls_cipher", "extra_fields"])
    rows = [tuple(row.values()) for row in found.to_pylist()]
    assert [(microseconds(row[0]), *row[1:]) for row in rows] == expected
    assert [(r.place, r.reason) for r in block.rejected] == rejected
