"""One table of fields, from which every schema is made."""

import pyarrow as pa
import pytest

from albconn import TableError
from albconn.schema.connections import CONNECTIONS
from albconn.schema.kind import CATEGORY


def test_the_lines_fields_come_first_and_in_their_order() -> None:
    positions = [field.position for field in CONNECTIONS.fields]
    assert positions == [*range(1, 16), *[None] * 9]
    assert CONNECTIONS.columns[:15] == CONNECTIONS.read_columns[:15]
    assert CONNECTIONS.read_columns[CONNECTIONS.fewest_fields - 1] == "tls_verify_status"
    assert len(set(CONNECTIONS.columns)) == len(CONNECTIONS.columns) == 24


def test_memory_holds_what_recurs_as_a_category_and_files_hold_text() -> None:
    assert (
        CONNECTIONS.file_schema.names
        == CONNECTIONS.memory_schema.names
        == list(CONNECTIONS.columns)
    )
    for field in CONNECTIONS.fields:
        assert CONNECTIONS.file_schema.field(field.name).type == field.type
        assert (CONNECTIONS.memory_schema.field(field.name).type == CATEGORY) is field.repeated
        assert field.type == pa.string() or not field.repeated
        assert field.meaning


def test_columns_come_in_the_tables_order() -> None:
    assert CONNECTIONS.select(None) == CONNECTIONS.columns
    assert CONNECTIONS.select(["line_number", "elb", "elb"]) == ("elb", "line_number")
    assert CONNECTIONS.select("elb") == ("elb",)
    assert CONNECTIONS.select([]) == ()


def test_every_unknown_column_is_named() -> None:
    with pytest.raises(TableError) as caught:
        CONNECTIONS.select(["port", "elb", "ip"])
    assert [problem.partition(";")[0] for problem in caught.value.problems] == [
        "columns: 'port' is not a column", "columns: 'ip' is not a column",
    ]  # fmt: skip
