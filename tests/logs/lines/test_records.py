"""Records that come as columns are what they are as lines of JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from albconn.errors import LineError
from albconn.logs.formats import parquet
from albconn.logs.lines.block import parse_records
from albconn.logs.lines.exact import parse_line
from albconn.logs.lines.layout import Layout
from albconn.logs.lines.records import as_lines, typed_records
from albconn.schema.connections import CONNECTIONS

MOMENT = datetime(2026, 9, 23, 7, 11, 27, 500_000, tzinfo=UTC)
COLUMNS = frozenset(CONNECTIONS.read_columns)


def batch(**columns: Any) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(columns)


def layout_of(records: pa.RecordBatch) -> Layout:
    layout = parquet.describe(records.schema.names, CONNECTIONS)
    assert layout is not None
    return layout


@pytest.mark.parametrize(
    "times",
    [
        pa.array([MOMENT], pa.timestamp("us", "UTC")),
        pa.array([MOMENT], pa.timestamp("ns", "Europe/Tallinn")),
        pa.array([MOMENT.replace(tzinfo=None)], pa.timestamp("ms")),
        pa.array(["2026-09-23T07:11:27.5Z"]),
        pa.array(["2026-09-23 07:11:27.5"], pa.large_string()),
        pa.array(["2026-09-23T07:11:27.500000Z"]).dictionary_encode(),
        pa.array([1790147487500]),
    ],
)
@pytest.mark.parametrize(
    "ports",
    [pa.array([443], pa.uint16()), pa.array([443.0]), pa.array(["443"]), pa.array([443]),
     pa.array([Decimal("443")])],
)  # fmt: skip
def test_types_that_say_the_same(times: pa.Array, ports: pa.Array) -> None:
    records = batch(time=times, client_port=ports, tls_cipher=pa.array(["-"]))
    parsed = parse_records(records, layout=layout_of(records), columns=COLUMNS)
    row = parsed.table.to_pylist()[0]
    assert (row["timestamp"], row["client_port"], row["tls_cipher"]) == (MOMENT, 443, None)


def test_each_record_is_what_its_line_is() -> None:
    """A value out of range, missing times, not a number, nested: as if it were a line of JSON."""
    times = [MOMENT, None, MOMENT, MOMENT, MOMENT, MOMENT]
    records = batch(
        timestamp=pa.array(times, pa.timestamp("us", "UTC")),
        client_port=pa.array([1, 2, 70_000, None, 5, 6]),
        tls_handshake_latency=pa.array([0.5, 0.5, 0.5, np.nan, -1.0, np.inf]),
        new=pa.array([None, {"a": 1}, None, {"a": 2}, None, None]),
        elb=pa.array(["a", "", "-", None, "b", "c"]),
    )
    layout = layout_of(records)
    parsed = parse_records(records, layout=layout, columns=COLUMNS)
    kept = {}
    for n, line in enumerate(as_lines(records, np.arange(6)).decode().splitlines()):
        try:
            kept[n] = parse_line(line, layout)
        except LineError:
            continue
    assert [*kept] == parsed.lines.tolist() == [0, 3]
    assert [r.place for r in parsed.rejected] == [1, 2, 4, 5]
    assert parsed.table["extra_fields"].to_pylist() == [None, '{"new":{"a":"2"}}']
    assert parsed.table["elb"].to_pylist() == ["a", None]
    assert parsed.table["tls_handshake_latency"].to_pylist() == [0.5, None]


def test_what_is_in_doubt_does_not_depend_on_what_is_asked() -> None:
    records = batch(time=["2026-09-23T07:11:27Z"] * 2, client_port=["x", "1"], elb=["a", "b"])
    for columns in (COLUMNS, frozenset({"elb"}), frozenset[str]()):
        table, doubtful = typed_records(records, layout_of(records), columns)
        assert doubtful.tolist() == [True, False]
        assert len(table) == 1
