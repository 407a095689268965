"""What is said of a value: its expected failures by hand, events, restlessness, shares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from albconn.analysis.comparing.judge import (
    PRIOR,
    Judge,
    attributes,
    clear_excess,
    rows_of,
    smooth_rate,
    without_noise,
)
from albconn.analysis.counting.counts import OUTCOME_COLUMNS, open_counting
from albconn.analysis.counting.dimensions import COUNTS, EVENTS, Columns, count_values
from albconn.analysis.stats.significance import dispersion, evidence
from albconn.times import Window
from worlds.lines import API, SHOP, UNMAPPED
from worlds.rows import BEGIN, Row, connection, frame_of
from worlds.strategies import many_rows

BEFORE: Window = (BEGIN - timedelta(seconds=1000), BEGIN)
DURING: Window = (BEGIN, BEGIN + timedelta(seconds=500))


@contextmanager
def judging(rows: list[Row], *dimensions: Columns) -> Iterator[tuple[Judge, pd.DataFrame]]:
    """Give the judge of some rows, and what it says of dimensions."""
    names = [name for columns in dimensions for name in columns]
    columns = ["timestamp", "client_ip", *OUTCOME_COLUMNS, *names]
    with open_counting(frame_of(rows), columns=columns) as counting:
        judge = Judge(counting, [BEFORE], DURING, names)
        yield judge, judge.judged(count_values(counting, dimensions, most=100))


def said(rows: list[Row], *dimensions: Columns) -> Any:
    with judging(rows, *dimensions) as (judge, judged):
        return judge.finished(judged, judged.iloc[:0]).set_index("value")


def before(count: int, reason: str | None = None, **fields: Any) -> list[Row]:
    return [connection(-1 - n % 999, reason, **fields) for n in range(count)]


def during(count: int, reason: str | None = None, **fields: Any) -> list[Row]:
    return [connection(n % 500, reason, **fields) for n in range(count)]


MIXED = [
    *before(300, elb=SHOP), *before(6, "A", elb=SHOP), *before(100, elb=API),
    *during(150, elb=SHOP), *during(3, "A", elb=SHOP), *during(60, elb=API),
    *[connection(n, "A", elb=API, client_ip=f"10.0.0.{n % 40}") for n in range(40)],
]  # fmt: skip


def test_expected_failures_by_hand() -> None:
    found = said(MIXED, ("elb",))
    overall = 6.5 / 407
    shop, api = found.loc[SHOP], found.loc[API]
    assert api["expected_failures"] == pytest.approx(100 * (PRIOR * overall) / (100 + PRIOR))
    # The shop fails more than average: no more often in half the time than it did.
    assert shop["expected_failures"] == pytest.approx(
        153 * min((6 + PRIOR * overall) / (306 + PRIOR), max(6 * 0.5 / 153, overall))
    )
    assert api["excess_failures"] == pytest.approx(40 - api["expected_failures"])
    assert api[[*COUNTS, EVENTS]].tolist() == [100, 0, 100, 40, 40]
    assert api["significant"]
    assert not shop["significant"]


def test_reasons_are_judged_by_their_own_rate() -> None:
    found = said(MIXED, ("failure_reason",))
    assert found.loc["A", "expected_failures"] == pytest.approx(253 * 6.5 / 407)
    assert found.loc["A", "tells"]


def test_failures_in_a_row_are_one_event() -> None:
    rows = [*before(400), *during(100), *during(60, UNMAPPED, client_ip="10.0.0.1")]
    found = said(rows, ("client_ip",)).loc["10.0.0.1"]
    assert found["cluster"] == 60
    assert found[EVENTS] == 1
    alone = said([row | {"client_ip": f"10.0.0.{n}"} if row["failure_reason"] else row
                  for n, row in enumerate(rows)], ("listener_port",)).loc["443"]  # fmt: skip
    assert alone["cluster"] == 1
    assert found["p_value"] > 0.01 > alone["p_value"]
    overall = 0.5 / 401
    rate = max(PRIOR * overall / PRIOR, overall)
    assert found["evidence"] == pytest.approx(evidence([60], [60], [rate])[0] / 60)


def test_restlessness_is_measured_on_the_baselines_bins() -> None:
    # The lot of 90 in one bin of 36 is of as many clients: each an event.
    lot = [connection(-500, "A", client_ip=f"10.0.{n}.1") for n in range(90)]
    rows = [*before(999), *lot, *during(500)]
    with judging(rows, ("elb",)) as (judge, _):
        failures = [90] + [0] * 35
        width = 1000 / 36
        connections = np.bincount([int((1000 + s) // width) for s in range(-999, 0)], minlength=36)
        connections[int(500 // width)] += 90
        failures = np.zeros(36)
        failures[int(500 // width)] = 90
        assert judge.dispersion == pytest.approx(dispersion(failures, connections))
        assert judge.restless == pytest.approx((judge.dispersion - 1) / 2.5)
    with judging([*before(999), *during(500)], ("elb",)) as (judge, _):
        assert judge.dispersion == 1
        assert judge.restless == 0


def test_shares_are_of_what_some_have_more() -> None:
    # The shop recovers while the API breaks: together they are no more than usual.
    rows = [
        *before(400, elb=SHOP), *before(100, "A", elb=SHOP), *before(500, elb=API),
        *during(250, elb=SHOP), *during(200, elb=API), *during(50, "A", elb=API),
    ]  # fmt: skip
    with judging(rows, ("elb",)) as (judge, judged):
        table: Any = judge.finished(judged, judged.iloc[:0]).set_index("value")
        assert judge.net_excess < 1
        assert judge.gross_excess(judged) == pytest.approx(table.loc[API, "excess_failures"])
        assert table.loc[API, "share_of_excess"] == pytest.approx(1)
        assert table.loc[SHOP, "excess_failures"] < -20
        assert judge.seen == 2


def test_no_excess_has_no_shares() -> None:
    found = said([*before(100), *before(9, "A"), *during(50)], ("elb",))
    assert found["share_of_excess"].isna().all()
    assert not found["tells"].any()


def test_what_is_judged_of_combinations_counts_for_the_shares() -> None:
    with judging(MIXED, ("elb",)) as (judge, judged):
        larger = judged.iloc[:1].assign(excess_failures=400.0, value="both")
        table = judge.finished(judged, larger)
        assert len(table) == len(judged) + 1
        assert table["share_of_excess"].iloc[-1] == pytest.approx(1)


@settings(max_examples=25, deadline=None)
@given(many_rows)
def test_each_row_says_what_its_counts_say(rows: list[Row]) -> None:
    dimensions: list[Columns] = [("elb",), ("tls_protocol",), ("failure_reason",), ("client_ip",)]
    with judging(rows, *dimensions) as (judge, judged):
        table = judge.finished(judged, judged.iloc[:0])
        assert judge.seen == len(table)
        told = attributes(judge, judge.gross_excess(judged))
    failed = [row["outcome"] == "failed" for row in rows if row["outcome"]]
    assert told["baseline_failures"] + told["incident_failures"] <= sum(failed)
    assert told["gross_excess_failures"] >= told["excess_failures"]
    assert table["p_value"].between(0, 1).all()
    assert (table["q_value"] >= table["p_value"]).all()
    assert (table["evidence"] >= 0).all()
    assert (table["cluster"] >= 1).all()
    assert (table["excess_failures"] <= table["incident_failures"]).all()
    reasons = table[table["dimension"] == "failure_reason"]
    assert (reasons["incident_connections"] == told["incident_connections"]).all()


def test_rows_of_nothing_have_the_same_columns() -> None:
    with judging(MIXED, ("elb",)) as (judge, judged):
        nothing = judge.judge(rows_of([]))
        assert list(nothing) == list(judged)
        assert len(judge.finished(nothing, nothing)) == 0


def test_a_clear_excess_is_five_and_two_deviations() -> None:
    table = pd.DataFrame(
        {"excess_failures": [4.9, 5.0, 19.9, 20.1], "expected_failures": [1.0, 1.0, 100.0, 100.0]}
    )
    assert clear_excess(table).tolist() == [0, 5, 0, 20.1]


def test_rates_are_never_quite_nothing() -> None:
    assert smooth_rate(pd.Series({"baseline_failures": 0, "baseline_connections": 0})) == 0.5
    assert smooth_rate(pd.Series({"baseline_failures": 9, "baseline_connections": 9})) == 0.95


def test_order_is_not_told_by_the_last_digit() -> None:
    sums = np.array([0.1 + 0.2, 0.3, 0.2])
    assert sums[0] > sums[1]
    assert np.argsort(-without_noise(sums), kind="stable").tolist() == [0, 1, 2]
    assert np.argsort(-without_noise(sums[[1, 0, 2]]), kind="stable").tolist() == [0, 1, 2]
