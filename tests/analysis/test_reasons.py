"""Reasons: by hand, and against a slow count."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from albconn import TableError, failure_reasons
from tests.analysis.test_rates import HANDSHAKE, WIDTHS, every_of, group_keys
from worlds.lines import UNMAPPED
from worlds.rows import BEGIN, Row, bare, connection, first_case, frame_of
from worlds.strategies import many_rows


def test_reasons_by_hand() -> None:
    rows = [connection(0, "B"), connection(1, "A"), connection(2, "B"), connection(3)]
    rows += [connection(4, outcome="failed"), connection(400, "A"), bare(5)]
    reasons = failure_reasons(frame_of(rows), every="5min")
    found = reasons.astype({"failure_reason": object}).values.tolist()
    later = BEGIN + pd.Timedelta("5min")
    assert [row[:1] + row[2:] for row in found] == [
        [BEGIN, 2, 5, 0.5], [BEGIN, 1, 5, 0.25], [BEGIN, 1, 5, 0.25], [later, 1, 1, 1.0],
    ]  # fmt: skip
    assert reasons["failure_reason"].isna().tolist() == [False, False, True, False]
    assert reasons["failure_reason"].dropna().tolist() == ["B", "A", "A"]
    assert list(reasons) == ["bin_start", "failure_reason", "failures", "connections", "share"]


def test_reasons_by_protocol_keep_unmapped_failures_apart() -> None:
    rows = [*first_case(), connection(0, "ClientCertExpired", tls_protocol="TLSv1.2")]
    reasons = failure_reasons(frame_of(rows), by="tls_protocol")
    known, unknown = reasons.iloc[0], reasons.iloc[1]
    assert known.tolist() == ["TLSv1.2", "ClientCertExpired", 1, 1, 1.0]
    assert pd.isna(unknown["tls_protocol"])
    assert unknown.tolist()[1:] == [UNMAPPED, 7, 7, 1.0]


def test_reasons_cannot_be_split_by_themselves() -> None:
    with pytest.raises(TableError, match="'failure_reason' is a column of the answer already"):
        failure_reasons(frame_of([]), by="failure_reason")


@settings(max_examples=20, deadline=None)
@given(many_rows, WIDTHS, st.sampled_from([(), ("client_ip",), ("tls_protocol",), ("elb",)]))
def test_reasons_equal_a_slow_count(
    rows: list[Row], width: int | None, by: tuple[str, ...]
) -> None:
    reasons = failure_reasons(frame_of(rows), every=every_of(width), by=by)
    expected: Counter[Any] = Counter()
    whole: Counter[Any] = Counter()
    for row in rows:
        if row["outcome"] is None:
            continue
        is_apart = row["failure_reason"] == UNMAPPED
        group = tuple(None if is_apart and name in HANDSHAKE else row[name] for name in by)
        if width is not None:
            group = (int(row["timestamp"].timestamp()) // width * width, *group)
        whole[group] += 1
        expected[(*group, row["failure_reason"])] += row["outcome"] == "failed"
    keys = group_keys(reasons, width, (*by, "failure_reason"))
    assert dict(zip(keys, reasons["failures"], strict=True)) == {
        k: n for k, n in expected.items() if n
    }
    assert reasons["connections"].tolist() == [whole[key[:-1]] for key in keys]
    failed = Counter(dict.fromkeys(whole, 0))
    for key, n in expected.items():
        failed[key[:-1]] += n
    assert reasons["share"].tolist() == pytest.approx(
        [expected[key] / failed[key[:-1]] for key in keys]
    )
