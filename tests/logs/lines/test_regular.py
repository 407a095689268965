"""The compiled reader takes every regular line, reads it exactly, and leaves what is in doubt."""

from __future__ import annotations

import shutil
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from albconn.errors import LineError
from albconn.logs.lines import regular
from albconn.logs.lines.exact import decode
from albconn.logs.lines.regular import Regular
from albconn.schema.connections import CONNECTIONS
from tests.logs.lines.legacy import LINE_NAMES, parse_line, read_regular
from worlds import strategies as worlds

pytestmark = pytest.mark.skipif(not regular.COMPILED, reason="albconn's reader is not compiled")

ALL = frozenset((*LINE_NAMES, "extra_fields"))
FIELDS = [
    "2026-09-23T07:11:27.691358Z", "198.18.71.40", "64326", "443", "TLSv1.2", "ECDHE", "0.337",
    '"-"', "-", "-", "Success", "TID_1", "x25519", "app/web/0123456789abcdef", "192.0.2.57",
]  # fmt: skip
quick = settings(max_examples=60, deadline=None)


def read(text: bytes, *, columns: frozenset[str] = ALL) -> Regular:
    return read_regular([text], columns=columns)


def line_with(name: str, text: str) -> bytes:
    """Return the line of ``FIELDS`` with one field's text replaced."""
    fields = list(FIELDS)
    fields[LINE_NAMES.index(name)] = text
    return " ".join(fields).encode() + b"\n"


def exactly(raw: bytes) -> tuple[Any, ...] | None:
    """Return what ``parse_line`` reads from a line, None where it refuses."""
    try:
        parsed = parse_line(decode(raw.removesuffix(b"\n").removesuffix(b"\r")))
    except LineError:
        return None
    return (*parsed.values, parsed.extra_fields)


def rows_of(taken: Regular) -> list[tuple[Any, ...]]:
    micro = taken.table["timestamp"].cast("int64")
    return [tuple(row.values()) for row in taken.table.set_column(0, "t", micro).to_pylist()]


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_where_a_compiler_is_the_reader_is_compiled() -> None:
    assert regular.COMPILED


@pytest.mark.parametrize("width", worlds.WIDTHS)
@quick
@given(sampled=st.data())
def test_no_line_that_is_written_as_aws_does_is_left(width: int, sampled: st.DataObject) -> None:
    pairs = sampled.draw(st.lists(worlds.written(width), min_size=1, max_size=4))
    taken = read("".join(line + "\n" for _, line in pairs).encode())
    assert taken.lines == len(pairs)
    assert taken.left.tolist() == []
    assert taken.table.to_pylist() == [
        {name: record[name] for name in taken.table.column_names} for record, _ in pairs
    ]


@settings(max_examples=300, deadline=None)
@given(content=worlds.texts())
def test_what_is_taken_is_exact_and_the_rest_is_named_with_its_place(content: bytes) -> None:
    lines = content.split(b"\n")[:-1]
    taken = read(content)
    assert taken.lines == len(lines)
    starts = [sum(len(raw) + 1 for raw in lines[:n]) for n in range(len(lines))]
    left = [(n, 0, starts[n], starts[n] + len(lines[n]) + 1) for n in taken.left[:, 0].tolist()]
    assert [tuple(span) for span in taken.left.tolist()] == left
    kept = [raw for n, raw in enumerate(lines) if n not in set(taken.left[:, 0].tolist())]
    assert rows_of(taken) == [exactly(raw) for raw in kept]


# Texts near what a field may hold: each is read exactly or left.
_CLOSE = {
    "timestamp": (st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), "0129-T:.Z+ "),  # noqa: DTZ001
    "client_port": (st.integers(-10, 70_000), "0123456789.-+e "),
    "tls_handshake_latency": (st.decimals(-1, 10**17, allow_nan=False), "0123456789.-+eE "),
}


@pytest.mark.parametrize("name", _CLOSE)
@settings(max_examples=100, deadline=None)
@given(sampled=st.data())
def test_numbers_near_the_edge_of_the_format(name: str, sampled: st.DataObject) -> None:
    values, letters = _CLOSE[name]
    texts = []
    for _ in range(20):
        text = sampled.draw(values.map(str)).replace(" ", "T")
        text += "Z" if name == "timestamp" else ""
        if sampled.draw(st.booleans()):
            at = sampled.draw(st.integers(0, len(text) - 1))
            text = text[:at] + sampled.draw(st.sampled_from(letters)) + text[at + 1 :]
        texts.append(text)
    lines = [line_with(name, text) for text in texts]
    taken = read(b"".join(lines))
    kept = [raw for n, raw in enumerate(lines) if n not in set(taken.left[:, 0].tolist())]
    assert rows_of(taken) == [exactly(raw) for raw in kept]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("timestamp", "2024-02-29T23:59:59.999999Z"),
        ("timestamp", "2000-02-29T00:00:00Z"),
        ("timestamp", "0001-01-01T00:00:00.1Z"),
        ("timestamp", "9999-12-31T23:59:59.12345Z"),
        ("timestamp", "1969-12-31T23:59:59.999999Z"),
        ("client_port", "0"),
        ("client_port", "65535"),
        ("client_port", "-"),
        ("tls_handshake_latency", "0"),
        ("tls_handshake_latency", "0.1"),
        ("tls_handshake_latency", "12345678901.2345"),
        ("tls_handshake_latency", "999999999999999"),
    ],
)
def test_regular_value_is_taken_and_exact(name: str, text: str) -> None:
    raw = line_with(name, text)
    taken = read(raw)
    assert taken.left.tolist() == []
    assert rows_of(taken) == [exactly(raw)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("timestamp", "1900-02-29T00:00:00Z"),
        ("timestamp", "0000-01-01T00:00:00Z"),
        ("timestamp", "2026-13-01T00:00:00Z"),
        ("timestamp", "2026-09-23T24:00:00Z"),
        ("timestamp", "2026-09-23T07:11:27.Z"),
        ("timestamp", "2026-09-23T07:11:27.1234567Z"),
        ("timestamp", "-"),
        ("client_port", "65536"),
        ("client_port", "+443"),
        ("tls_handshake_latency", "."),
        ("tls_handshake_latency", "1."),
        ("tls_handshake_latency", ".5"),
        ("tls_handshake_latency", "1.2.3"),
        ("tls_handshake_latency", "1234567890123456.1"),
        ("client_ip", ""),
        ("leaf_client_cert_subject", '"CN=a'),
        ("leaf_client_cert_subject", '"CN=a"b'),
        ("leaf_client_cert_subject", '"CN=a\\"'),
        ("leaf_client_cert_subject", '"CN=a\\'),
    ],
)
def test_what_is_in_doubt_is_left(name: str, text: str) -> None:
    good = line_with("client_port", "1")
    taken = read(good + line_with(name, text) + good)
    assert taken.left[:, 0].tolist() == [1]
    assert taken.table["client_port"].to_pylist() == [1, 1]
    assert taken.table["tls_protocol"].to_pylist() == ["TLSv1.2", "TLSv1.2"]


def test_text_of_a_line_that_is_left_is_in_no_dictionary() -> None:
    taken = read(
        line_with("elb", "app/secret/1 x").replace(b" 443 ", b" abc ") + line_with("elb", "b")
    )
    assert taken.left[:, 0].tolist() == [0]
    assert taken.table["elb"].chunk(0).dictionary.to_pylist() == ["b"]


@pytest.mark.parametrize("length", range(1, 70))
def test_texts_of_every_length_differ_by_every_byte(length: int) -> None:
    """The comparison goes eight bytes at a time, the last ones twice."""
    texts = ["x" * n + "y" + "x" * (length - n - 1) for n in range(length)] * 2
    taken = read(b"".join(line_with("tls_cipher", text) for text in texts))
    column = taken.table["tls_cipher"]
    assert column.to_pylist() == texts
    assert column.chunk(0).dictionary.to_pylist() == texts[:length]


def test_a_hundred_thousand_distinct_texts() -> None:
    texts = [f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(100_000)]
    taken = read(b"".join(line_with("client_ip", text) for text in texts + texts[::-1]))
    column = taken.table["client_ip"].combine_chunks()
    assert column.to_pylist() == texts + texts[::-1]
    assert len(column.dictionary) == len(texts)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("width", [CONNECTIONS.fewest_fields, 12, 15, 17])
def test_line_ends_of_both_kinds(ending: bytes, width: int) -> None:
    raw = " ".join([*FIELDS, "tail", "-"][:width]).encode() + ending
    taken = read(raw * 3)
    assert taken.left.tolist() == []
    assert rows_of(taken) == [exactly(raw)] * 3


@pytest.mark.parametrize("ending", [b"\r\r\n", b" \n", b" \r\n"])
def test_line_ends_in_doubt(ending: bytes) -> None:
    raw = " ".join(FIELDS[:12]).encode() + ending
    assert read(raw).left[:, 0].tolist() == [0]


def test_bytes_beyond_ascii_are_taken_where_they_are_utf8() -> None:
    """Every lead byte with every second one, and what follows near the edges."""
    tails = [
        b"",
        b"\x80",
        b"\xbf",
        b"\x80\x80",
        b"\xbf\xbf",
        b"\x80\x7f",
        b"\x80\xc0",
        b"\x80\x80\x80",
    ]
    texts = [
        bytes([lead, second]) + tail
        for lead in range(0x80, 0x100)
        for second in (*range(0x7F, 0x92), *range(0x9E, 0xA2), 0xBE, 0xBF, 0xC0, 0xFF)
        for tail in tails
    ]
    taken = read(b"".join(line_with("elb", "X").replace(b"X", text) for text in texts))
    left = set(taken.left[:, 0].tolist())
    right = [n for n, text in enumerate(texts) if text.decode(errors="ignore").encode() == text]
    assert [n for n in range(len(texts)) if n not in left] == right
    assert taken.table["elb"].to_pylist() == [texts[n].decode() for n in right]


@quick
@given(content=worlds.texts(), columns=st.frozensets(st.sampled_from(sorted(ALL)), min_size=1))
def test_columns_choose_values_not_lines(content: bytes, columns: frozenset[str]) -> None:
    everything, some = read(content), read(content, columns=columns)
    assert some.left.tolist() == everything.left.tolist()
    assert some.table.column_names == [n for n in everything.table.column_names if n in columns]
    assert some.table.to_pylist() == everything.table.select(some.table.column_names).to_pylist()


def test_no_text_and_no_row() -> None:
    assert read(b"").lines == 0
    assert read(b"").table.num_rows == 0
    assert read(b"\n\n x\n").left.tolist() == [[0, 0, 0, 1], [1, 0, 1, 2], [2, 0, 2, 5]]


@quick
@given(content=worlds.texts(), sampled=st.data())
def test_texts_are_read_as_if_they_were_one(content: bytes, sampled: st.DataObject) -> None:
    lines = content.splitlines(keepends=True) if b"\r" not in content else [content]
    cuts = sampled.draw(st.lists(st.integers(0, len(lines)), max_size=4).map(sorted))
    bounds = [0, *cuts, len(lines)]
    texts = [b"".join(lines[a:b]) for a, b in pairwise(bounds)]
    texts = [text for text in texts if not text or text.endswith(b"\n")]
    whole, cut = read(b"".join(texts)), read_regular(texts, columns=ALL)
    assert rows_of(cut) == rows_of(whole)
    assert cut.lines == whole.lines
    assert cut.left[:, 0].tolist() == whole.left[:, 0].tolist()
    joined = b"".join(texts)
    assert [texts[n][start:end] for _, n, start, end in cut.left.tolist()] == [
        joined[start:end] for _, _, start, end in whole.left.tolist()
    ]
