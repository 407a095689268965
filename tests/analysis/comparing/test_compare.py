"""What changed: counts by plain Python, hand-made causes, and what must not come first."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from albconn import TableError
from albconn.analysis.comparing.compare import compare_windows
from albconn.times import Window
from worlds.lines import UNMAPPED
from worlds.rows import BEGIN, SOURCES, Row, connection, frame_of
from worlds.strategies import many_rows

BEFORE: Window = (BEGIN - timedelta(seconds=1000), BEGIN)
DURING: Window = (BEGIN, BEGIN + timedelta(seconds=500))


def before(count: int, reason: str | None = None, **fields: Any) -> list[Row]:
    return [connection(-1 - n % 999, reason, **fields) for n in range(count)]


def during(count: int, reason: str | None = None, **fields: Any) -> list[Row]:
    return [connection(n % 500, reason, **fields) for n in range(count)]


def compare(rows: list[Row], **options: Any) -> pd.DataFrame:
    return compare_windows(frame_of(rows), baseline=BEFORE, incident=DURING, **options)


def plain_counts(rows: list[Row], column: str, span: Window) -> dict[str, list[int]]:
    """Count by the rules, one row after the other."""
    handshake = column in ("tls_protocol", "tls_cipher", "tls_keyexchange")
    counts: dict[str, list[int]] = {}
    for row in rows:
        known = row["outcome"] is not None and span[0] <= row["timestamp"] < span[1]
        if not known or (handshake and row["failure_reason"] == UNMAPPED):
            continue
        value = row.get(column)
        if value is not None:
            entry = counts.setdefault(str(value), [0, 0])
            entry[0] += 1
            entry[1] += row["outcome"] == "failed"
    return counts


@settings(max_examples=15, deadline=None)
@given(many_rows)
def test_counts_are_those_of_plain_python(rows: list[Row]) -> None:
    dimensions = ["client_ip", "tls_protocol", "listener_port", "elb"]
    compared = compare(rows, by=dimensions)
    for column in dimensions:
        found = compared[compared["dimension"] == column].set_index("value")
        earlier = plain_counts(rows, column, BEFORE)
        now = plain_counts(rows, column, DURING)
        assert set(found.index) == {*earlier, *now}
        for value, row in found.iterrows():
            counted = row[["baseline_connections", "baseline_failures"]].tolist()
            assert counted == earlier.get(str(value), [0, 0])
            counted = row[["incident_connections", "incident_failures"]].tolist()
            assert counted == now.get(str(value), [0, 0])


def test_one_network_by_hand() -> None:
    rows = [
        *before(198), *before(2, "ClientCertUntrusted"),
        *during(60), *during(1, "ClientCertUntrusted"),
        *before(40, client_ip="198.51.100.4"), *during(10, client_ip="198.51.100.4"),
        *during(15, "ClientCertExpired", client_ip="198.51.100.4"),
        *during(15, "ClientCertExpired", client_ip="198.51.100.5"),
    ]  # fmt: skip
    compared = compare(rows)
    first = compared.iloc[0]
    assert first[["dimension", "value"]].tolist() == ["client_network", "198.51.100.0/24"]
    assert first["significant"]
    assert first[["baseline_connections", "baseline_failures"]].tolist() == [40, 0]
    assert first[["incident_connections", "incident_failures"]].tolist() == [40, 30]
    overall = 2.5 / 241  # half a failure more, of one connection more
    rate = 20 * overall / (40 + 20)
    assert first["expected_failures"] == pytest.approx(40 * rate)
    assert first["excess_failures"] == pytest.approx(30 - 40 * rate)
    total = 31 - 101 * overall
    everything = 31 - 101 * (2 + 20 * overall) / (240 + 20)  # by the one load balancer's own rate
    assert compared.attrs["gross_excess_failures"] == pytest.approx(everything)
    assert first["share_of_excess"] == pytest.approx((30 - 40 * rate) / everything)
    assert first["rate_difference"] == 0.75
    # Newcombe: 30/40 has Wilson [0.5981, 0.8581], 0/40 has [0, 0.0876].
    assert first["difference_low"] == pytest.approx(0.75 - np.hypot(0.1519, 0.0876), abs=2e-4)
    assert first["difference_high"] == pytest.approx(0.8581, abs=2e-4)
    reasons = compared[compared["dimension"] == "failure_reason"].set_index("value")
    expired: Any = reasons.loc["ClientCertExpired"]
    assert expired[["incident_connections", "incident_failures"]].tolist() == [101, 30]
    assert compared.attrs["excess_failures"] == pytest.approx(total)
    assert compared.attrs["incident_connections"] == 101


def test_unmapped_failures_blame_no_protocol() -> None:
    logged = {"tls_protocol": "TLSv1.2", "tls_cipher": "ECDHE-RSA-AES128-GCM-SHA256"}
    rows = [*before(300), *before(100, **logged), *during(150), *during(50, **logged),
            *during(60, UNMAPPED, **logged)]  # fmt: skip
    compared = compare(rows)
    assert compared.iloc[0][["dimension", "value"]].tolist() == ["failure_reason", UNMAPPED]
    blamed = compared[compared["dimension"].str.contains("tls_") & compared["significant"]]
    assert len(blamed) == 0
    twelve = compared[compared["value"] == "TLSv1.2"].iloc[0]
    assert twelve[["incident_connections", "incident_failures"]].tolist() == [50, 0]


def test_a_pair_that_is_sharper_than_its_parts() -> None:
    rows = []
    for elb in ("app/a/1", "app/b/2"):
        for port in (443, 8443):
            rows += before(200, elb=elb, listener_port=port)
            rows += during(100, elb=elb, listener_port=port)
    broken = {"elb": "app/b/2", "listener_port": 8443}
    rows += during(90, "ClientCertUntrusted", **broken)
    compared = compare(rows)
    first = compared.iloc[0]
    assert first["dimension"] == "listener_port × elb"
    assert first["value"] == "8443 × app/b/2"
    assert first[["incident_connections", "incident_failures"]].tolist() == [190, 90]
    # Its parts are there too; other pairs, that are no sharper, are not.
    assert {"listener_port", "elb"} <= set(compared["dimension"])
    assert [name for name in compared["dimension"] if "×" in name] == [first["dimension"]]


def test_one_client_with_one_failure_is_not_significant() -> None:
    rows = [*before(1000), *during(500), *during(1, "ClientCertExpired", client_ip="10.9.9.9")]
    compared = compare(rows)
    assert not compared["significant"].any()
    four = [*rows, *during(3, "ClientCertExpired", client_ip="10.9.9.9")]
    assert not compare(four)["significant"].any()


def test_a_value_that_is_all_of_the_traffic_does_not_come_first() -> None:
    rows = [*before(500), *during(100), *during(40, UNMAPPED)]
    compared = compare(rows)
    assert compared.iloc[0]["dimension"] == "failure_reason"
    elb = compared[compared["dimension"] == "elb"].iloc[0]
    assert elb["significant"]
    assert elb["share_of_excess"] == pytest.approx(1.0, abs=0.02)


def scanners(rows: list[Row], addresses: int) -> list[Row]:
    return [row | {"client_ip": f"192.0.2.{n % addresses + 1}"} for n, row in enumerate(rows)]


def test_scanners_that_always_failed_come_back_in_force() -> None:
    now_and_then = [connection(-1 - 83 * n, UNMAPPED) for n in range(12)]
    rows = [*before(1000), *scanners(now_and_then, 20), *during(500)]
    more = compare([*rows, *scanners(during(200, UNMAPPED), 20)])
    first = more[more["dimension"] == "client_network"].iloc[0]
    assert first["value"] == "192.0.2.0/24"
    assert first["significant"]
    assert first["expected_failures"] == pytest.approx(6)  # in half the time
    same = compare([*rows, *scanners(during(6, UNMAPPED), 20)])
    assert not same["significant"].any()


@pytest.mark.parametrize(("addresses", "is_claimed"), [(1, False), (3, False), (50, True)])
def test_one_client_that_tries_again_and_again_is_one_event(
    addresses: int, is_claimed: bool
) -> None:
    compared = compare([*before(1000), *during(500), *scanners(during(500, UNMAPPED), addresses)])
    assert compared["significant"].any() == is_claimed
    assert compared["excess_failures"].max() == pytest.approx(500, rel=0.01)


def test_devices_behind_one_address_are_many_events() -> None:
    behind = {"client_ip": "198.51.100.9"}
    rows = [*before(1000), *during(500), *before(300, **behind), *during(300, **behind),
            *during(150, "ClientCertExpired", **behind)]  # fmt: skip
    first = compare(rows).iloc[0]
    assert first["significant"]
    assert (first["dimension"], first["value"]) == ("client_ip", "198.51.100.9")


def test_a_restless_baseline_makes_it_more_careful() -> None:
    # The same 60 clients that fail in the baseline: one after the other, or in three lots.
    even = [connection(-1 - 16 * n, UNMAPPED, client_ip=f"10.1.0.{n}") for n in range(60)]
    lots = [connection(-1 - 300 * (n % 3), UNMAPPED, client_ip=f"10.1.0.{n}") for n in range(60)]
    now = [connection(9 * n, UNMAPPED, client_ip=f"10.2.0.{n}") for n in range(55)]
    rows = [*before(3000), *during(1470), *now]
    alone, burst = compare([*rows, *even]), compare([*rows, *lots])
    assert alone.attrs["dispersion"] < 2 < burst.attrs["dispersion"]
    reason = [t[t["dimension"] == "failure_reason"].iloc[0]["p_value"] for t in (alone, burst)]
    assert reason[0] < 0.01 < reason[1]


def test_dimensions_that_are_asked_for() -> None:
    rows = [*before(50), *during(20), *during(20, "A", tls_protocol="TLSv1.2"),
            *during(5, UNMAPPED)]  # fmt: skip
    compared = compare(rows, by=["listener_port", ("elb", "tls_protocol")])
    assert set(compared["dimension"]) == {"listener_port", "elb × tls_protocol"}
    pair = compared[compared["value"].str.endswith("TLSv1.2")].iloc[0]
    assert pair[["incident_connections", "incident_failures"]].tolist() == [20, 20]
    reasons: Any = compare(rows, by=[("listener_port", "failure_reason")]).set_index("value")
    assert reasons.loc["443 × A", ["incident_connections", "incident_failures"]].tolist() == [
        45,
        20,
    ]
    assert set(compare(rows, by="elb")["dimension"]) == {"elb"}


def test_what_is_refused() -> None:
    table = frame_of([*before(5), *during(5)])
    naive = (datetime(2026, 9, 23, 9), datetime(2026, 9, 23, 10))  # noqa: DTZ001
    with pytest.raises(TableError, match=r"baseline: .* has no time zone"):
        compare_windows(table, baseline=naive, incident=DURING)
    with pytest.raises(TableError, match="overlap from 2026-09-23T09:59:50"):
        compare_windows(table, baseline=BEFORE, incident=(BEGIN - timedelta(seconds=10), DURING[1]))
    with pytest.raises(TableError, match=r"incident: .* is empty"):
        compare_windows(table, baseline=BEFORE, incident=(DURING[1], DURING[0]))
    with pytest.raises(TableError, match="'nope' is not a dimension"):
        compare_windows(table, baseline=BEFORE, incident=DURING, by=["nope", "elb"])
    with pytest.raises(TableError, match="named twice"):
        compare_windows(table, baseline=BEFORE, incident=DURING, by=["elb", "elb"])
    with pytest.raises(TableError, match="no column 'elb'"):
        compare_windows(table.drop(columns="elb"), baseline=BEFORE, incident=DURING, by="elb")


def test_a_narrow_source_is_compared_by_what_it_has() -> None:
    table = frame_of([*before(5), *during(5)])[
        ["timestamp", "outcome", "failure_reason", "listener_port"]
    ]
    compared = compare_windows(table, baseline=BEFORE, incident=DURING)
    assert set(compared["dimension"]) == {"listener_port"}


def test_a_baseline_after_the_incident() -> None:
    rows = [connection(-n, "A") for n in range(1, 40)] + [connection(n) for n in range(400)]
    later = compare_windows(frame_of(rows), baseline=DURING, incident=BEFORE)
    assert later.attrs["incident_failures"] == 39


def test_empty_has_the_same_columns_and_types() -> None:
    full = compare([*before(500), *during(100), *during(40, UNMAPPED)])
    for empty in (compare([]), compare([], by=["elb"])):
        assert len(empty) == 0
        assert list(empty.columns) == list(full.columns)
        assert [str(kind) for kind in empty.dtypes] == [str(kind) for kind in full.dtypes]


@pytest.mark.parametrize("kind", SOURCES)
def test_same_answer_whatever_went_in(kind: str, tmp_path: Path) -> None:
    rows = [*before(100), *during(60), *during(40, "A", client_ip="2001:db8:1::7")]
    expected = compare(rows)
    source = SOURCES[kind](rows, tmp_path)
    found = compare_windows(source, baseline=BEFORE, incident=DURING)
    pd.testing.assert_frame_equal(found, expected)
