"""Latency percentiles against pandas."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings

from albconn import handshake_latency
from worlds.rows import Row, bare, connection, frame_of
from worlds.strategies import many_rows

PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def test_by_hand() -> None:
    rows = [
        connection(n, tls_handshake_latency=s) for n, s in enumerate([0.0, 0.010, 0.020, 0.110])
    ]
    rows += [connection(5, "ClientCertExpired"), bare(6), connection(7, tls_handshake_latency=None)]
    rows += [connection(8, outcome="failed", tls_handshake_latency=9.0)]
    latency = handshake_latency(frame_of(rows), every=None)
    assert list(latency) == ["connections", "p50", "p95", "p99", "max"]
    # Ranks from 0 to 3: 1.5, 2.85 and 2.97.
    assert latency.iloc[0].tolist() == pytest.approx([4, 0.015, 0.0965, 0.1073, 0.110])


def test_groups_without_a_latency_are_absent() -> None:
    rows = [connection(0), connection(1, "ClientCertExpired", tls_protocol="TLSv1.2")]
    latency = handshake_latency(frame_of(rows), by="tls_protocol")
    assert latency["tls_protocol"].tolist() == ["TLSv1.3"]


def test_empty_in_is_empty_out_with_the_same_types() -> None:
    full = handshake_latency(frame_of([connection()]), by="elb")
    empty = handshake_latency(frame_of([]), by="elb")
    assert len(empty) == 0
    assert [str(kind) for kind in empty.dtypes] == [str(kind) for kind in full.dtypes]
    assert str(full.dtypes["connections"]) == "int64"
    assert len(handshake_latency(frame_of([bare()]), every=None)) == 0


@settings(max_examples=20, deadline=None)
@given(many_rows)
def test_percentiles_equal_those_of_pandas(rows: list[Row]) -> None:
    found = handshake_latency(frame_of(rows), every="5min", by="listener_port")
    used = pd.DataFrame(
        [
            (
                pd.Timestamp(row["timestamp"]).floor("5min"),
                row["listener_port"],
                row["tls_handshake_latency"],
            )
            for row in rows
            if row["outcome"] == "success" and row["tls_handshake_latency"] is not None
        ],
        columns=["bin_start", "listener_port", "latency"],
    )  # fmt: skip
    assert len(found) == used.groupby(["bin_start", "listener_port"]).ngroups
    for row in found.itertuples():
        of_group = used[
            (used["bin_start"] == row.bin_start) & (used["listener_port"] == row.listener_port)
        ]["latency"].astype(float)
        assert row.connections == len(of_group)
        assert row.max == of_group.max()
        for name, quantile in PERCENTILES.items():
            assert getattr(row, name) == pytest.approx(of_group.quantile(quantile), rel=1e-12)
