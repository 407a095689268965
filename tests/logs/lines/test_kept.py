"""Fields that no table knows become one text a row."""

from __future__ import annotations

import json

import pyarrow as pa

from albconn.logs.lines.kept import kept_text, with_kept
from albconn.logs.lines.layout import Layout
from albconn.schema.connections import CONNECTIONS

LAYOUT = Layout(
    CONNECTIONS, ("timestamp", "+b", "+a", "-c"), 1, keys=("time", "b", "a", "c"), form="object"
)


def test_a_text_of_names_and_values() -> None:
    assert kept_text({}, LAYOUT) is None
    assert kept_text({"b": "é", "a": [1, {"x": None}]}, LAYOUT) == '{"a":[1,{"x":null}],"b":"é"}'
    assert kept_text({"extra_fields": "as it was"}, LAYOUT) == "as it was"
    assert json.loads(kept_text({"extra_fields": "x", "a": "y"}, LAYOUT) or "") == {
        "extra_fields": "x", "a": "y",
    }  # fmt: skip


def test_columns_become_the_same_texts() -> None:
    rows = [("1", "x"), (None, "y"), (None, None), ("1", "x")]
    columns = [pa.array(column).dictionary_encode() for column in zip(*rows, strict=True)]
    tail = pa.array([None] * 4, pa.string()).dictionary_encode()
    made = with_kept(pa.table([*columns, tail], names=["+b", "+a", "extra_fields"]), LAYOUT)
    plain = [kept_text({k: v for k, v in zip("ba", row, strict=True) if v}, LAYOUT) for row in rows]
    assert made["extra_fields"].to_pylist() == plain
    assert plain[1:3] == ['{"a":"y"}', None]


def test_nothing_kept_leaves_the_tail() -> None:
    nothing = pa.array([None, None], pa.string()).dictionary_encode()
    tail = pa.array(["x", None]).dictionary_encode()
    table = pa.table([nothing, tail], names=["+a", "extra_fields"])
    assert with_kept(table, LAYOUT) is table
