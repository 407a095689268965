"""A layout is a value: other delimiters, orders, subsets and nulls, by all readers alike."""

from __future__ import annotations

import itertools

import pytest

from albconn.logs.lines.block import parse_block
from albconn.logs.lines.exact import parse_line
from albconn.logs.lines.layout import Layout
from albconn.schema.connections import CONNECTIONS

NAMES = ("tls_protocol", "timestamp", "client_port", "leaf_client_cert_subject", "conn_trace_id")
VALUES = {
    "tls_protocol": ["TLSv1.3", None, "TLSv1.2"],
    "timestamp": ["2026-09-23T07:11:27.000001Z", "2026-09-23T07:11:28Z", "2026-09-23T07:11:29Z"],
    "client_port": [443, None, 65535],
    "leaf_client_cert_subject": ["CN=a", None, None],
    "conn_trace_id": ["TID_1", "TID_2", None],
}
DELIMITERS = [b" ", b"\t", b",", b"|", b"::"]


@pytest.fixture(params=["compiled", "arrow", "exact"])
def read_with(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    from albconn.logs.bytes import blocks
    from albconn.logs.lines import arrow_csv, block, regular

    if request.param == "compiled" and not regular.COMPILED:
        pytest.skip("no C compiler: the compiled reader is not there")
    for module in (block, blocks):
        monkeypatch.setattr(module, "COMPILED", request.param == "compiled")
    if request.param == "exact":
        monkeypatch.setattr(arrow_csv, "split_block", lambda *_: None)
    return request.param


def written(layout: Layout, tails: tuple[str, ...] = ("", "", "")) -> bytes:
    null, between = layout.null.decode(), layout.delimiter.decode()
    columns = [[null if v is None else str(v) for v in VALUES[name]] for name in layout.names]
    rows = zip(*columns, strict=True)
    lines = [
        between.join([*row, tail] if tail else row) for row, tail in zip(rows, tails, strict=True)
    ]
    return "".join(line + "\n" for line in lines).encode()


@pytest.mark.parametrize("null", [b"-", b"NULL"])
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_order_delimiter_and_null(delimiter: bytes, null: bytes, read_with: str) -> None:
    for names in itertools.islice(itertools.permutations(NAMES), 0, 120, 17):
        layout = Layout(CONNECTIONS, names, fewest_fields=2, delimiter=delimiter, null=null)
        parsed = parse_block(
            written(layout, ("", "", "and more")) * 20,
            layout=layout,
            columns=frozenset(CONNECTIONS.read_columns),
        )
        assert len(parsed.rejected) == 0
        assert parsed.table.column_names == list(CONNECTIONS.read_columns)
        for name in NAMES:
            found = parsed.table.column(name).to_pylist()
            if name == "timestamp":
                found = [moment.isoformat() for moment in found]
                assert found[:2] == [
                    "2026-09-23T07:11:27.000001+00:00",
                    "2026-09-23T07:11:28+00:00",
                ]
            else:
                assert found == VALUES[name] * 20
        assert parsed.table.column("extra_fields").to_pylist() == [None, None, "and more"] * 20
        assert parsed.table.column("elb").null_count == 60


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_what_is_no_line_says_so_in_the_layouts_words(delimiter: bytes, read_with: str) -> None:
    layout = Layout(CONNECTIONS, NAMES, fewest_fields=2, delimiter=delimiter)
    mark = delimiter.decode()
    lines = [
        mark.join(["TLSv1.3", "-", "443"]),
        mark.join(["TLSv1.3", "2026-09-23T07:11:27Z", "65536"]),
        mark.join(["TLSv1.3", "", "443"]),
        "TLSv1.3",
    ]
    parsed = parse_block(
        "".join(line + "\n" for line in lines).encode(), layout=layout, columns=frozenset(NAMES)
    )
    between = "one space" if mark == " " else f"one {mark!r}"
    assert [line.message for line in parsed.rejected] == [
        "timestamp: '-' is not a time; expected 2026-09-23T07:11:27.691358Z",
        "client_port: '65536' is not a port; expected 0–65535",
        f"timestamp: field 2 is empty; fields are separated by {between}",
        "fields: 1 found; expected at least 2",
    ]


def test_a_quoted_field_may_hold_the_delimiter() -> None:
    for delimiter in ("\t", ",", "::"):
        layout = Layout(CONNECTIONS, NAMES, fewest_fields=2, delimiter=delimiter.encode())
        line = delimiter.join(["TLSv1.3", "2026-09-23T07:11:27Z", "443", f'"CN=a{delimiter}b"'])
        assert parse_line(line, layout).values[3] == f"CN=a{delimiter}b"


def test_what_may_not_be_missing_is_a_capital_letter() -> None:
    assert Layout(CONNECTIONS, NAMES, fewest_fields=2).letters == b"cTpcx"
