"""One table of fields, from which every schema is made."""

import pyarrow as pa
import pytest

from albconn import TableError
from albconn.schema.connections import (
    COLUMNS,
    FEWEST_FIELDS,
    FIELDS,
    FILE_SCHEMA,
    LINE_FIELDS,
    MEMORY_SCHEMA,
    select_columns,
)
from albconn.schema.field import CATEGORY


def test_the_lines_fields_come_first_and_in_their_order() -> None:
    positions = [field.position for field in FIELDS]
    assert positions == [*range(1, 16), *[None] * 9]
    assert COLUMNS[:15] == LINE_FIELDS
    assert LINE_FIELDS[FEWEST_FIELDS - 1] == "tls_verify_status"
    assert len(set(COLUMNS)) == len(COLUMNS) == 24


def test_memory_holds_what_recurs_as_a_category_and_files_hold_text() -> None:
    assert FILE_SCHEMA.names == MEMORY_SCHEMA.names == list(COLUMNS)
    for field in FIELDS:
        assert FILE_SCHEMA.field(field.name).type == field.type
        assert (MEMORY_SCHEMA.field(field.name).type == CATEGORY) is field.repeated
        assert field.type == pa.string() or not field.repeated
        assert field.meaning


def test_columns_come_in_the_tables_order() -> None:
    assert select_columns(None) == COLUMNS
    assert select_columns(["line_number", "elb", "elb"]) == ("elb", "line_number")
    assert select_columns("elb") == ("elb",)
    assert select_columns([]) == ()


def test_every_unknown_column_is_named() -> None:
    with pytest.raises(TableError) as caught:
        select_columns(["port", "elb", "ip"])
    assert [problem.partition(";")[0] for problem in caught.value.problems] == [
        "columns: 'port' is not a column", "columns: 'ip' is not a column",
    ]  # fmt: skip
