"""The fast ways read what the slow way reads, and all read what the format says."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from albconn import LineError
from albconn.logs.lines import block as parse
from albconn.logs.lines.block import LEAF_LINES, ParsedBlock
from albconn.logs.lines.exact import decode
from tests.logs.lines.legacy import LINE_NAMES, parse_block, parse_line
from worlds import lines, plain, strategies
from worlds.lines import write_line

ALL = frozenset((*LINE_NAMES, "extra_fields"))
NAMES = (*LINE_NAMES, "extra_fields")
GOOD = write_line(
    {
        "timestamp": "2026-09-23T07:11:27.691358Z",
        "client_ip": "198.18.71.40",
        "client_port": 64326,
        "listener_port": 443,
        "tls_verify_status": "Success",
    },
    15,
).encode()

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(autouse=True, scope="module", params=["compiled", "arrow"])
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """Read by the compiled reader first, and as where there is none."""
    if request.param == "compiled" and not parse.COMPILED:
        pytest.skip("albconn's reader is not compiled here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "COMPILED", request.param == "compiled")
        yield request.param


def rows_of(parsed: ParsedBlock) -> list[dict[str, Any]]:
    return parsed.table.to_pylist()


def numbers(parsed: ParsedBlock) -> list[int]:
    return [place + 1 for place in parsed.lines.tolist()]


def slowly(content: bytes) -> tuple[dict[int, tuple[Any, ...]], dict[int, str]]:
    """Read line by line with ``parse_line``: values and reasons by 0-based place."""
    rows, reasons = {}, {}
    for place, raw in enumerate(content.replace(b"\r\n", b"\n").split(b"\n")[:-1]):
        if not raw.strip():
            continue
        try:
            parsed = parse_line(decode(raw))
        except LineError as error:
            reasons[place] = str(error)
        else:
            rows[place] = (*parsed.values, parsed.extra_fields)
    return rows, reasons


def test_plain_reader_and_albconn_name_the_same_fields() -> None:
    assert lines.LINE_FIELDS == LINE_NAMES


@pytest.mark.parametrize("width", strategies.WIDTHS)
@settings(quick, max_examples=30)
@given(sampled=st.data())
def test_what_was_written_is_read(width: int, sampled: st.DataObject) -> None:
    pairs = sampled.draw(st.lists(strategies.written(width), min_size=1, max_size=3))
    content = "".join(line + "\n" for _, line in pairs).encode()
    parsed = parse_block(content, columns=ALL)
    assert len(parsed.rejected) == 0
    assert rows_of(parsed) == [{name: record[name] for name in NAMES} for record, _ in pairs]


@pytest.mark.parametrize("width", strategies.WIDTHS)
@settings(quick, max_examples=20)
@given(sampled=st.data())
def test_one_line_alone_is_read_too(width: int, sampled: st.DataObject) -> None:
    record, line = sampled.draw(strategies.written(width))
    parsed = parse_line(line)
    values = dict(zip(NAMES, (*parsed.values, parsed.extra_fields), strict=True))
    moment = pa.scalar(values["timestamp"], pa.timestamp("us", tz="UTC")).as_py()
    assert values | {"timestamp": moment} == {name: record[name] for name in NAMES}
    assert parsed.width == width


@quick
@given(content=strategies.texts())
def test_fast_way_is_the_slow_way(content: bytes) -> None:
    parsed = parse_block(content, columns=ALL)
    rows, reasons = slowly(content)
    times = parsed.table["timestamp"].cast(pa.int64())
    table = parsed.table.set_column(0, "timestamp", times)
    assert parsed.lines.tolist() == list(rows)
    assert [tuple(row.values()) for row in table.to_pylist()] == list(rows.values())
    assert [(line.place, line.message) for line in parsed.rejected] == list(reasons.items())


@quick
@given(content=strategies.texts())
def test_albconn_is_the_plain_reader(content: bytes) -> None:
    parsed = parse_block(content, columns=ALL)
    records, rejected = plain.read_text(b"\n" + content)  # the newline keeps a BOM in its line
    assert numbers(parsed) == [number - 1 for number in records]
    assert rows_of(parsed) == [{n: record[n] for n in NAMES} for record in records.values()]
    assert [(line.place + 2, line.raw) for line in parsed.rejected] == list(rejected.items())


@settings(max_examples=200, deadline=None)
@given(content=st.one_of(st.binary(max_size=300), st.text('ab"\\ -\n\r\t12Zé\x00', max_size=200)))
def test_any_bytes_give_rows_and_rejected_lines_that_add_up(content: bytes | str) -> None:
    raw = (content.encode() if isinstance(content, str) else content) + b"\n"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parsed = parse_block(raw, columns=ALL)
    lines = [line for line in raw.split(b"\n") if line.strip()]
    assert len(parsed.table) == len(parsed.lines)
    assert len(parsed.lines) + len(parsed.rejected) == len(lines)


@quick
@given(content=strategies.texts(), columns=st.frozensets(st.sampled_from(NAMES), min_size=1))
def test_result_does_not_depend_on_the_columns(content: bytes, columns: frozenset[str]) -> None:
    everything, some = parse_block(content, columns=ALL), parse_block(content, columns=columns)
    assert some.table.column_names == [name for name in NAMES if name in columns]
    assert rows_of(some) == [
        {n: row[n] for n in NAMES if n in columns} for row in rows_of(everything)
    ]
    assert some.lines.tolist() == everything.lines.tolist()
    assert list(some.rejected) == list(everything.rejected)


@pytest.mark.parametrize("place", [0, 1, LEAF_LINES - 1, LEAF_LINES, 500, 998, 999])
def test_one_bad_line_costs_no_other_line(place: int) -> None:
    lines = [GOOD] * 1000
    lines[place] = GOOD.replace(b" 443 ", b" abc ")
    parsed = parse_block(b"\n".join(lines) + b"\n", columns=ALL)
    (bad,) = parsed.rejected
    assert (bad.place, bad.reason, bad.value, bad.raw) == (
        place, "listener_port is not a port", "abc", lines[place],
    )  # fmt: skip
    assert bad.message == "listener_port: 'abc' is not a port; expected 0–65535"
    assert parsed.lines.tolist() == [n for n in range(1000) if n != place]
    assert parsed.table["client_port"].to_pylist() == [64326] * 999


def test_tail_that_is_not_utf8_is_kept_also_in_a_block_of_wide_lines() -> None:
    content = (GOOD + b" plain tail\n") * 100 + GOOD + b" caf\xe9 \xff\n"
    tails = parse_block(content, columns=ALL).table["extra_fields"].to_pylist()
    assert tails == ["plain tail"] * 100 + [r"caf\xe9 \xff"]


def test_block_whose_every_line_has_another_width_than_the_likely_one() -> None:
    short = b"2026-09-23T07:11:27.691358Z x\n"
    parsed = parse_block((GOOD + b" a b\n") * 5 + short * 100, columns=ALL)
    assert parsed.lines.tolist() == [0, 1, 2, 3, 4]
    assert parsed.table["extra_fields"].to_pylist() == ["a b"] * 5
    assert len(parsed.rejected) == 100
    only_short = parse_block(short * 100, columns=ALL)
    assert only_short.rejected.places.tolist() == list(range(100))


def test_quote_that_spans_two_lines_swallows_neither() -> None:
    opened = GOOD.replace(b'"-"', b'"CN=a')
    closed = GOOD.replace(b'"-"', b'CN=a"')
    parsed = parse_block(b"\n".join([GOOD, opened, closed, GOOD] * 50) + b"\n", columns=ALL)
    assert parsed.rejected.places.tolist() == [n for n in range(200) if n % 4 == 1]
    assert parsed.table["leaf_client_cert_subject"][1].as_py() == 'CN=a"'


@pytest.mark.parametrize("port", ['"443"', '" 443"', '"443 "', '"\t443"', '"443\t"', '"  "'])
def test_quoted_number_means_the_same_both_ways(port: str) -> None:
    line = GOOD.replace(b" 443 ", f" {port} ".encode())
    many = parse_block((line + b"\n") * (LEAF_LINES + 1), columns=ALL)
    rows, reasons = slowly(line + b"\n")
    assert len(many.lines) == len(rows) * (LEAF_LINES + 1)
    assert [line.message for line in many.rejected] == [*reasons.values()] * (LEAF_LINES + 1)


def test_monstrous_line_is_one_line() -> None:
    monster = b"a " * 400_000
    parsed = parse_block(GOOD + b"\n" + monster + b"\n" + GOOD + b"\n", columns=ALL)
    assert parsed.lines.tolist() == [0, 2]
    assert [(line.place, line.raw) for line in parsed.rejected] == [(1, monster)]


def test_empty_block() -> None:
    parsed = parse_block(b"", columns=ALL)
    assert parsed.table.num_rows == 0
    assert parsed.table.column_names == list(NAMES)
