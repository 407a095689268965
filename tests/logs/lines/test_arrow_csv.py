"""Arrow splits what it is sure to split right, and says so of the rest."""

from __future__ import annotations

import pytest

from albconn.logs.lines.arrow_csv import line_ends
from tests.logs.lines.legacy import LINE_NAMES, split_block
from worlds.lines import line

MOMENT = "2026-09-23T07:11:27.691358Z"
GOOD = line(MOMENT).encode() + b"\n"
COLUMNS = frozenset(LINE_NAMES)


def test_lines_of_one_width_are_typed() -> None:
    split = split_block(GOOD * 3, 3, 15, COLUMNS)
    assert split is not None
    table, odd = split
    assert odd == {}
    assert table["client_port"].to_pylist() == [50000] * 3
    assert table["leaf_client_cert_subject"].to_pylist() == [None] * 3
    assert table["tls_handshake_latency"].to_pylist() == [0.114] * 3


def test_lines_of_another_width_are_told_by_place_and_width() -> None:
    short = line(MOMENT, width=11).encode() + b"\n"
    split = split_block(GOOD + short + GOOD + short, 4, 15, COLUMNS)
    assert split is not None
    table, odd = split
    assert len(table) == 2
    assert odd == {1: 11, 3: 11}


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b" 443 ", b"\t443 "),
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b'"-"', b'"CN=M\xc4NNIK"'),
        GOOD.replace(b'"-"', b'"CN=open'),
        GOOD.replace(b'"-"', b'"CN=a"b"'),
        GOOD.replace(b" 443 ", b" abc "),
        GOOD.replace(b" 443 ", b" 65536 "),
    ],
)
def test_what_is_not_sure_is_left_to_a_slower_way(text: bytes) -> None:
    assert split_block(text, 1, 15, COLUMNS) is None


def test_line_ends() -> None:
    assert line_ends(b"a\n\nbc\n").tolist() == [1, 2, 5]
    assert line_ends(b"").tolist() == []
