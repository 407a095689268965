"""Rates: hand counts, a slow count in plain Python, and laws."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from pandas.testing import assert_frame_equal

from albconn import failure_rate, failure_reasons
from albconn.analysis.rates import rates_of_clients
from albconn.analysis.stats.intervals import wilson_interval
from worlds.lines import SHOP, UNMAPPED
from worlds.rows import BEGIN, Row, bare, connection, first_case, frame_of
from worlds.strategies import many_rows

RATE_COLUMNS = [
    "connections", "failures", "unmapped_failures", "failure_rate", "rate_low", "rate_high",
]  # fmt: skip
HANDSHAKE = {"tls_protocol", "tls_cipher", "tls_keyexchange"}
SPLITS = st.sampled_from(
    [
        (),
        ("client_ip",),
        ("tls_protocol",),
        ("elb", "listener_port"),
        ("tls_protocol", "elb"),
        ("failure_reason",),
        ("outcome",),
    ]
)
WIDTHS = st.sampled_from([None, 60, 300, 86400])


def slow_rates(rows: list[Row], width: int | None, by: tuple[str, ...]) -> dict[Any, list[int]]:
    counts: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        if row["outcome"] is None:
            continue
        begin = () if width is None else (int(row["timestamp"].timestamp()) // width * width,)
        count = counts[(*begin, *(row[name] for name in by))]
        is_unmapped = row["failure_reason"] == UNMAPPED
        count[2] += is_unmapped
        if not (is_unmapped and HANDSHAKE & set(by)):
            count[0] += 1
            count[1] += row["outcome"] == "failed"
    return dict(counts)


def group_keys(table: pd.DataFrame, width: int | None, by: tuple[str, ...]) -> list[Any]:
    names = list(by) if width is None else ["bin_start", *by]
    return [
        tuple(
            None if pd.isna(value) else int(value.timestamp()) if name == "bin_start" else value
            for name, value in zip(names, row, strict=True)
        )
        for row in table[names].itertuples(index=False)
    ]


def every_of(width: int | None) -> str | None:
    return None if width is None else f"{width}s"


def test_first_case() -> None:
    rates = failure_rate(frame_of(first_case()), every=None)
    assert rates[["connections", "failures", "unmapped_failures"]].values.tolist() == [[8, 7, 7]]
    assert rates["failure_rate"].item() == 7 / 8


def test_first_case_does_not_blame_tls_1_2() -> None:
    rates = failure_rate(frame_of(first_case()), every=None, by="tls_protocol")
    counts = rates[["tls_protocol", "connections", "failures", "unmapped_failures"]]
    assert counts.values.tolist() == [["TLSv1.2", 0, 0, 7], ["TLSv1.3", 1, 0, 0]]
    assert rates[["failure_rate", "rate_low", "rate_high"]].isna().all(axis=1).tolist() == [
        True,
        False,
    ]


def test_a_split_by_client_keeps_unmapped_failures_in_the_rate() -> None:
    rates = failure_rate(frame_of(first_case()), every=None, by=["client_ip"])
    assert rates["client_ip"].tolist() == ["54.248.xx.xx", "54.92.36.xxx"]
    assert rates["failures"].tolist() == [0, 7]
    assert rates["failure_rate"].tolist() == [0.0, 1.0]


def test_columns_types_and_their_order() -> None:
    rates = failure_rate(frame_of(first_case()), by=("listener_port", "elb"))
    assert list(rates) == ["bin_start", "listener_port", "elb", *RATE_COLUMNS]
    assert [str(kind) for kind in rates.dtypes] == [
        "datetime64[us, UTC]", "int32", "category", "int64", "int64", "int64",
        "float64", "float64", "float64",
    ]  # fmt: skip


@pytest.mark.parametrize("count", [failure_rate, failure_reasons])
def test_empty_in_is_empty_out_with_the_same_types(count: Any) -> None:
    full = count(frame_of(first_case()), every="1h", by=("listener_port", "elb"))
    empty = count(frame_of([]), every="1h", by=("listener_port", "elb"))
    assert len(empty) == 0
    assert [str(kind) for kind in empty.dtypes] == [str(kind) for kind in full.dtypes]
    assert list(empty) == list(full)
    assert len(count(frame_of([]), every=None)) == 0


def test_http_rows_are_in_neither_count_and_a_hole_stays_a_hole() -> None:
    rows = [connection(0), bare(400), connection(700, "ClientCertExpired")]
    rates = failure_rate(frame_of(rows))
    assert rates["bin_start"].tolist() == [BEGIN, BEGIN + pd.Timedelta("10min")]
    assert rates["connections"].tolist() == [1, 1]
    assert rates.attrs["not_tls"] == 1


def test_attributes_say_what_a_caption_needs() -> None:
    rows = [bare(-5), connection(0), bare(1, listener_port=443), connection(7, UNMAPPED), bare(900)]
    for every, text in (("300s", "5min"), (None, None)):
        assert failure_rate(frame_of(rows), every=every).attrs == {
            "every": text,
            "start": "2026-09-23T09:59:55+00:00",
            "end": "2026-09-23T10:15:00+00:00",
            "unclassified": 1,
            "not_tls": 2,
        }


def test_attributes_without_the_columns_to_tell() -> None:
    table = frame_of(first_case())[["outcome", "failure_reason"]]
    rates = failure_rate(table, every=None)
    assert rates["connections"].tolist() == [8]
    assert rates.attrs == dict.fromkeys(["every", "start", "end", "unclassified", "not_tls"])


def test_a_missing_value_is_a_group() -> None:
    rows = [connection(elb=None), connection(elb=SHOP), connection(elb=None, listener_port=None)]
    rates = failure_rate(frame_of(rows), every=None, by=("elb", "listener_port"))
    assert group_keys(rates, None, ("elb", "listener_port")) == [
        (SHOP, 443), (None, 443), (None, None),
    ]  # fmt: skip


def test_a_column_of_the_users_own() -> None:
    table = frame_of(first_case()).assign(**{'te"am': ["a"] * 7 + ["b"], "vip": [True] * 8})
    rates = failure_rate(table, every=None, by=['te"am', "vip"])
    assert rates.iloc[:, :3].values.tolist() == [["a", True, 7], ["b", True, 1]]


@settings(max_examples=30, deadline=None)
@given(many_rows, WIDTHS, SPLITS)
def test_rates_equal_a_slow_count(rows: list[Row], width: int | None, by: tuple[str, ...]) -> None:
    rates = failure_rate(frame_of(rows), every=every_of(width), by=by)
    counts = rates[["connections", "failures", "unmapped_failures"]].values.tolist()
    keys = group_keys(rates, width, by)
    assert dict(zip(keys, counts, strict=True)) == slow_rates(rows, width, by)
    assert keys == sorted(keys, key=lambda key: [(part is None, part or 0) for part in key])
    some = rates[rates["connections"] > 0]
    assert some["failure_rate"].tolist() == [
        f / n for f, n in zip(some["failures"], some["connections"], strict=True)
    ]
    low, high = wilson_interval(some["failures"], some["connections"])
    assert some["rate_low"].tolist() == low.tolist()
    assert some["rate_high"].tolist() == high.tolist()


@settings(max_examples=20, deadline=None)
@given(many_rows, WIDTHS, SPLITS, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(
    rows: list[Row], width: int | None, by: tuple[str, ...], chance: random.Random
) -> None:
    shuffled = chance.sample(rows, len(rows))
    every = every_of(width)
    assert_frame_equal(
        failure_rate(frame_of(rows), every=every, by=by),
        failure_rate(frame_of(shuffled), every=every, by=by),
    )


@settings(max_examples=20, deadline=None)
@given(many_rows, st.sampled_from([60, 300, 86400]), SPLITS)
def test_bins_and_groups_sum_to_the_whole(rows: list[Row], width: int, by: tuple[str, ...]) -> None:
    rates = failure_rate(frame_of(rows), every=every_of(width), by=by)
    total = rates["connections"].sum()
    if HANDSHAKE & set(by):
        total += rates["unmapped_failures"].sum()
    assert total == sum(row["outcome"] is not None for row in rows)
    reasons = failure_reasons(frame_of(rows), every=every_of(width))
    assert reasons["failures"].sum() == sum(row["outcome"] == "failed" for row in rows)


def test_of_some_clients_it_is_the_same() -> None:
    clients: list[str | None] = ["10.0.0.1", None, "10.0.0.2", "10.0.0.3"]
    rows = [
        connection(60 * n, "A" if n % 5 == 0 else None, client_ip=clients[n % 4])
        for n in range(120)
    ]
    source = frame_of(rows)
    every = failure_rate(source, every="10min", by="client_ip")
    for asked in (["10.0.0.2"], ["10.0.0.3", None, "10.9.9.9"], []):
        found = rates_of_clients(source, pd.Series(asked, dtype=object), every="10min")
        kept = every["client_ip"].isin(asked) | (every["client_ip"].isna() & (None in asked))
        expected = every[kept].reset_index(drop=True)
        assert found.astype({"client_ip": object}).equals(expected.astype({"client_ip": object}))
        assert found.attrs == {"every": "10min"}
