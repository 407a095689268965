"""A table is found by its name, or is one already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from albconn import TableError
from albconn.schema.connections import CONNECTIONS
from albconn.schema.tables import TABLES, find_table


def test_by_its_name_or_as_it_is() -> None:
    assert find_table("connections") is CONNECTIONS
    other = replace(CONNECTIONS, name="others")
    assert find_table(other) is other
    for name, table in TABLES.items():
        assert (table.name, find_table(name)) == (name, table)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("notes", "'notes'"),
        ("Connections", "'Connections'"),
        ("", "''"),
        (None, "None"),
        (["connections"], "['connections']"),
        ("x" * 1000, f"'{'x' * 78}…"),
    ],
)
def test_what_is_no_table_is_told_in_one_line(wrong: Any, told: str) -> None:
    with pytest.raises(TableError) as refused:
        find_table(wrong)
    assert str(refused.value) == (
        f"table: {told} is not a table of albconn; expected 'connections' or 'requests'"
    )
