"""Tables that come in any order become one frame: every value, its type, and the order."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from albconn.logs.frame import Collected
from albconn.schema.connections import CONNECTIONS

URLS = [f"log-{n}.gz" for n in range(4)]
Row = dict[str, Any]


def row(place: int, line: int, **values: Any) -> Row:
    given = {"timestamp": pd.Timestamp(line, unit="us", tz="UTC"), "source_file": URLS[place]}
    return dict.fromkeys(CONNECTIONS.columns) | given | {"line_number": line} | values


def table(rows: list[Row]) -> pa.Table:
    """Return rows as a worker hands them over: its own dictionaries, one chunk a column."""
    columns = {}
    for field in CONNECTIONS.memory_schema:
        values = [row[field.name] for row in rows]
        if pa.types.is_dictionary(field.type):
            columns[field.name] = pa.array(values, pa.string()).dictionary_encode()
        else:
            columns[field.name] = pa.array(values, field.type)
    return pa.table(columns).cast(CONNECTIONS.memory_schema)


def collected(
    tables: list[list[Row]], columns: tuple[str, ...] = CONNECTIONS.columns
) -> pd.DataFrame:
    collected = Collected(CONNECTIONS, URLS, columns)
    for rows in tables:
        collected.add(table(rows).select(collected.needed))
    return collected.frame()


def plain(values: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in values.tolist()]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("mixed", [False, True], ids=["each in order", "rows mixed"])
def test_every_value_of_every_table_is_there_in_order(seed: int, mixed: bool) -> None:
    dice = random.Random(seed)
    clients = [f"192.0.2.{n}" for n in range(dice.choice([1, 3, 300]))]
    rows = [
        row(
            place,
            line,
            client_ip=dice.choice(clients),
            client_port=dice.choice([1, 65535]),
            listener_port=443,
            tls_protocol=dice.choice([None, "TLSv1.2", "TLSv1.3"]),
            tls_cipher=None if place == 1 else "AES",
            tls_handshake_latency=dice.choice([None, 0.5]),
            conn_trace_id=f"TID_{place}_{line}",
            elb="app/web/1" if place < 2 else None,
        )
        for place in range(4)
        for line in range(1, 400)
    ]
    pool = dice.sample(rows, len(rows)) if mixed else rows
    edges = [0, *sorted(dice.sample(range(1, len(rows)), 9)), len(rows)]
    tables = [pool[a:b] for a, b in pairwise(edges)]
    dice.shuffle(tables)

    frame = collected(tables)

    for name in CONNECTIONS.columns:
        assert plain(frame[name]) == [row[name] for row in rows], name
    assert frame.index.equals(pd.RangeIndex(len(rows)))


@pytest.mark.parametrize("distinct", [1, 126, 127, 128, 32766, 32767, 40000])
def test_codes_are_as_wide_as_pandas_makes_them(distinct: int) -> None:
    clients = [f"client-{n}" for n in range(distinct)]
    rows = [row(0, n + 1, client_ip=client) for n, client in enumerate(clients)]
    middle = len(rows) // 2
    frame = collected([part for part in (rows[middle:], rows[:middle]) if part], ("client_ip",))
    right = pd.Series(pd.Categorical(clients, categories=clients), name="client_ip")
    pd.testing.assert_series_equal(frame["client_ip"], right)
    assert frame["client_ip"].cat.codes.dtype == right.cat.codes.dtype


def test_tables_share_one_category_in_order_of_appearance() -> None:
    first = [row(0, 1, tls_protocol="TLSv1.3"), row(0, 2, tls_protocol=None)]
    second = [row(1, 1, tls_protocol="TLSv1.2"), row(1, 2, tls_protocol="TLSv1.3")]
    none = [row(2, 1), row(2, 2)]
    frame = collected([none, second, first], ("tls_protocol",))
    assert frame.columns.tolist() == ["tls_protocol"]
    assert frame["tls_protocol"].cat.categories.tolist() == ["TLSv1.3", "TLSv1.2"]
    assert frame["tls_protocol"].cat.codes.tolist() == [0, -1, 1, 0, -1, -1]


def test_missing_port_stays_missing_in_one_table_of_many() -> None:
    frame = collected([[row(1, 1, client_port=7)], [row(0, 1), row(0, 2, client_port=9)]])
    assert frame["client_port"].dtype == pd.Int32Dtype()
    assert frame["client_port"].tolist() == [pd.NA, 9, 7]
