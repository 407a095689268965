"""JSON lines are known by their members, whatever the first line is like."""

from __future__ import annotations

import pytest

from albconn.logs.formats import jsonl
from albconn.schema.connections import CONNECTIONS
from albconn.schema.table import MOST_FIELDS

GOOD = b'{"time":"2026-09-23T07:11:27Z","client_ip":"192.0.2.1"}\n'


@pytest.mark.parametrize("head", [GOOD, b"\n " + GOOD, b'{"broken\n' + GOOD, GOOD[:-1]])
def test_objects_of_a_row(head: bytes) -> None:
    layout = jsonl.describe(head, CONNECTIONS)
    assert layout is not None
    assert (layout.format, layout.form, layout.names[:2]) == (
        "json", "object", ("timestamp", "client_ip"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "head", [b"", b"x", b"{", b'{"a":1}\n', b'{"time":1}\n', b"[1]\n", b'{"a":' * 9000]
)
def test_what_is_none(head: bytes) -> None:
    assert jsonl.describe(head, CONNECTIONS) is None


def test_all_fields_are_looked_for_and_names_have_room() -> None:
    keys = ("time", *(f"new{n}" for n in range(100)), 'a"b', "x" * 300)
    layout = jsonl.layout_of(keys, CONNECTIONS)
    assert len(layout.names) == MOST_FIELDS
    assert {field.name for field in CONNECTIONS.line_fields} <= layout.given
    assert not {'a"b', "x" * 300} & set(layout.keys)
    assert jsonl.layout_of(keys, CONNECTIONS) is layout
