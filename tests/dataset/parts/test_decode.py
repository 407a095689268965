"""A part becomes the rows that were written, also where a column did not exist yet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from albconn import DatasetError, TableError
from albconn.dataset.parts.decode import decode, in_memory, open_part, parts_said_clearly
from albconn.schema.connections import CONNECTIONS
from albconn.schema.field import Field
from albconn.schema.kind import CATEGORY, INTEGER, WORD
from worlds.rows import bare, connection, table_of

ROWS = [
    connection(n, "ClientCertExpired" if n % 3 == 0 else None, client_ip=f"10.0.0.{n % 2}",
               source_file="a.gz", line_number=n + 1)
    for n in range(7)
] + [bare(9, source_file="a.gz", line_number=9)]  # fmt: skip
GROWN = replace(
    CONNECTIONS,
    fields=(
        *CONNECTIONS.fields,
        Field("alpn", WORD, "the protocol above TLS", 16),
        Field("measured", INTEGER, "something that AWS measures", 17),
    ),
)


def written(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink)
    return sink.getvalue().to_pybytes()


@pytest.fixture(scope="module")
def content() -> bytes:
    return written(table_of(ROWS, CONNECTIONS.file_schema))


def test_what_was_written_is_read(content: bytes) -> None:
    found = decode(content, CONNECTIONS)
    assert found.schema == CONNECTIONS.memory_schema
    told = [{name: row.get(name) for name in CONNECTIONS.columns} for row in ROWS]
    assert found.to_pylist() == told


def test_what_recurs_is_a_category_and_the_rest_is_not(content: bytes) -> None:
    found = decode(content, CONNECTIONS)
    categories = {field.name for field in found.schema if field.type == CATEGORY}
    assert categories == set(CONNECTIONS.repeated)
    (chunk,) = found["client_ip"].chunks
    assert sorted(chunk.dictionary.to_pylist()) == ["10.0.0.0", "10.0.0.1", "203.0.113.7"]
    with open_part(pa.BufferReader(content), CONNECTIONS) as file:
        assert file.schema_arrow.field("client_ip").type == CATEGORY  # never decoded to texts
        assert file.schema_arrow.field("conn_trace_id").type == pa.string()


def test_an_older_file_lacks_columns_and_they_are_null(content: bytes) -> None:
    found = decode(content, GROWN)
    assert found.schema == GROWN.memory_schema
    for name in ("alpn", "measured"):
        assert found[name].to_pylist() == [None] * len(ROWS)
    assert found.select(CONNECTIONS.columns).equals(decode(content, CONNECTIONS))


def test_a_file_with_columns_that_the_table_does_not_know(content: bytes) -> None:
    more = table_of(ROWS, CONNECTIONS.file_schema).append_column("alpn", pa.array(["h2"] * 8))
    found = decode(written(more), CONNECTIONS)
    assert found.equals(decode(content, CONNECTIONS))


def test_columns_in_another_order_and_no_rows(content: bytes) -> None:
    rows = table_of(ROWS, CONNECTIONS.file_schema)
    turned = written(rows.select(CONNECTIONS.columns[::-1]))
    assert decode(turned, CONNECTIONS).equals(decode(content, CONNECTIONS))
    nothing = decode(written(rows.slice(0, 0)), GROWN)
    assert (nothing.num_rows, nothing.schema) == (0, GROWN.memory_schema)


def test_a_part_is_opened_by_its_path_too(content: bytes, tmp_path: Path) -> None:
    part = tmp_path / "part.parquet"
    part.write_bytes(content)
    with open_part(part, CONNECTIONS, memory_map=True) as file:
        found = in_memory(file.read(), CONNECTIONS)
    assert found.equals(decode(content, CONNECTIONS))


def test_it_takes_what_was_read_as_plain_text() -> None:
    rows = table_of(ROWS, CONNECTIONS.file_schema)
    assert in_memory(rows, CONNECTIONS).to_pylist() == rows.to_pylist()
    assert in_memory(rows.select(["elb"]), CONNECTIONS).schema == CONNECTIONS.memory_schema


def opened(path: Path) -> None:
    with parts_said_clearly("here"):
        open_part(path, CONNECTIONS)


def failing(error: Exception) -> None:
    with parts_said_clearly("here", KeyError):
        raise error


def test_what_is_damaged_is_said_clearly_and_the_rest_passes(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(bytes(1000))
    for damaged in (tmp_path / "a.parquet", tmp_path / "gone.parquet"):
        with pytest.raises(DatasetError, match="here: a file of the dataset is") as caught:
            opened(damaged)
        assert "\n" not in str(caught.value)
    with pytest.raises(DatasetError, match=r"cannot be read \(KeyError\)"):
        failing(KeyError())
    for other in (TableError("x"), ValueError("x")):
        with pytest.raises(type(other), match="x"):
            failing(other)
