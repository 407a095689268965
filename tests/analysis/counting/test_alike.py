"""What is told of alike connections is what is told of them one by one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings

import albconn as ac
from albconn.analysis.counting import alike
from albconn.analysis.counting.alike import count_alike
from albconn.opened import Opened
from worlds.rows import Row, connection, table_of
from worlds.strategies import many_rows

BY_HANDSHAKE = ("tls_protocol", "tls_cipher")
ASKED: list[Callable[[Opened], pd.DataFrame]] = [
    partial(ac.failure_rate, every="5min"),
    partial(ac.failure_rate, every="1h", by="tls_protocol"),
    partial(ac.failure_rate, every=None, by=BY_HANDSHAKE),
    partial(ac.failure_rate, every="10min", by=("elb", "listener_port")),
    partial(ac.failure_reasons, every="15min"),
    ac.failure_reasons,
    partial(ac.failure_reasons, every="1D", by="tls_protocol"),
    partial(ac.key_exchange_share, every="5min"),
]  # fmt: skip


@pytest.fixture
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "LEAST_ROWS", 0)
    monkeypatch.setattr(alike, "MOST_TOLD", 1.0)


def opened(rows: list[Row], **without: Any) -> Opened:
    table = table_of(rows)
    return Opened(table.drop_columns(list(without.get("columns", ()))), "table")


@pytest.mark.usefixtures("any_size")
@settings(max_examples=25, deadline=None)
@given(many_rows)
@pytest.mark.parametrize("width", [60, 300])
def test_whatever_is_asked(width: int, rows: list[Row]) -> None:
    source = opened(rows)
    told = count_alike(source, width)
    assert "albconn_alike" in told.columns
    for ask in ASKED:
        expected, found = ask(source), ask(told)
        pd.testing.assert_frame_equal(found, expected)
        assert found.attrs == expected.attrs


@pytest.mark.usefixtures("any_size")
def test_it_is_smaller() -> None:
    rows = [connection(n) for n in range(600)]  # ten minutes, each second one
    told = count_alike(opened(rows), 300)
    table = told.connections
    assert isinstance(table, pa.Table)
    assert table["albconn_alike"].to_pylist() == [300, 300]


@pytest.mark.usefixtures("any_size")
def test_a_source_may_lack_columns() -> None:
    rows = [connection(n, "A" if n % 3 else None) for n in range(90)]
    source = opened(rows, columns=("elb", "listener_port", "tls_keyexchange", "tls_verify_status"))
    told = count_alike(source, 60)
    pd.testing.assert_frame_equal(
        ac.failure_rate(told, by="tls_protocol"), ac.failure_rate(source, by="tls_protocol")
    )


@pytest.mark.usefixtures("any_size")
def test_who_needs_the_rows_is_not_given_fewer() -> None:
    told = count_alike(opened([connection(n) for n in range(9)]), 60)
    with pytest.raises(ac.TableError, match=r"each row stands for several .*give the rows"):
        ac.outcome_totals(told)


def test_where_it_saves_nothing_the_rows_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    few = opened([connection(n) for n in range(9)])
    assert count_alike(few, 60) is few
    monkeypatch.setattr(alike, "LEAST_ROWS", 0)
    different = opened([connection(n, tls_cipher=f"C{n}") for n in range(9)])
    assert count_alike(different, 60) is different
    monkeypatch.setattr(alike, "MOST_TOLD", 1.0)
    monkeypatch.setattr(alike, "MOST_ROWS", 8)
    assert count_alike(different, 60) is different
