"""What holds for every chart: any number of rows, any Axes, a refusal that leaves no figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from albconn import charts
from tests.charts.small_tables import (
    FIRST,
    agreed,
    asked,
    bins,
    certificates,
    changes,
    comparison,
    concentration,
    coverage,
    cut_off,
    felt,
    found,
    key_exchange,
    latencies,
    lives,
    locked_out,
    overview,
    policy,
    rates,
    reconciled,
    recovered,
    slow,
    stopped,
    subtitle,
    texts,
    totals,
    usual,
)

EVERY_CHART: list[tuple[Callable[..., Any], pd.DataFrame]] = [
    (charts.plot_failure_rate, rates([9, 9], [1, 2], bin_start=bins([0, 1]))),
    (
        charts.plot_failure_reasons,
        pd.DataFrame({"bin_start": bins([0]), "failure_reason": ["A"], "failures": [1]}),
    ),
    (charts.plot_failing_clients, rates([9, 9], [2, 1], client_ip=["a", "b"])),
    (
        charts.plot_failure_heatmap,
        rates([9, 9], [1, 2], bin_start=bins([0, 1]), client_ip=["a", "b"]),
    ),
    (
        charts.plot_failure_rate_panels,
        rates([9, 9], [1, 2], bin_start=bins([0, 1]), ip_address=["a", "b"]),
    ),
    (charts.plot_cipher_matrix, rates([9], [1], tls_protocol=["v"], tls_cipher=["A"])),
    (charts.plot_handshake_latency, latencies()),
    (charts.plot_key_exchange_share, key_exchange()),
    (charts.plot_coverage, coverage()),
    (charts.plot_compare_windows, comparison()),
    (charts.plot_client_certificates, certificates()),
    (charts.plot_policy_impact, policy()),
    (charts.plot_reconcile_metric, reconciled()),
    (charts.plot_outcome_totals, totals()),
    (charts.plot_change_points, changes()),
    (charts.plot_policy_clients, locked_out()),
    (charts.plot_policy_overview, overview()),
    (charts.plot_failure_concentration, concentration()),
    (charts.plot_recoveries, recovered()),
    (charts.plot_slow_handshakes, slow()),
    (charts.plot_client_histories, lives()),
    (charts.plot_stopped_working, stopped()),
    (charts.plot_incidents, found()),
    (
        charts.plot_handshakes_over_time,
        rates([9, 9], [1, 2], bin_start=bins([0, 1]), tls_protocol=["a", "b"]),
    ),
    (charts.plot_incident_and_usual, usual()),
    (charts.plot_requests_per_connection, asked()),
    (charts.plot_felt_failures, felt()),
    (charts.plot_policy_exceptions, cut_off()),
    (charts.plot_handshake_agreement, agreed()),
]


def test_every_public_chart_is_listed_here() -> None:
    public = {name for name in charts.__all__ if name.startswith("plot_")}
    assert {function.__name__ for function, _ in EVERY_CHART} == public


@pytest.mark.parametrize(
    ("plot", "table"), EVERY_CHART, ids=lambda one: getattr(one, "__name__", "")
)
class TestEveryChart:
    @pytest.mark.parametrize("rows", [0, 1, 100])
    def test_draws_any_number_of_rows_on_one_figure(
        self, plot: Callable[..., Any], table: pd.DataFrame, rows: int
    ) -> None:
        before = table.copy()
        ax = plot(table.iloc[:rows])
        ax.figure.canvas.draw()
        assert len(plt.get_fignums()) == 1
        assert ax.get_title(loc="left")
        assert subtitle(ax)
        pd.testing.assert_frame_equal(table, before)

    def test_draws_on_the_axes_of_a_grid(
        self, plot: Callable[..., Any], table: pd.DataFrame
    ) -> None:
        figure, grid = plt.subplots(2, 2, figsize=(14, 9), layout="constrained")
        assert plot(table, ax=grid[1, 0]) is grid[1, 0]
        figure.canvas.draw()
        assert len(plt.get_fignums()) == 1

    def test_refuses_a_foreign_table_without_leaving_a_figure(
        self, plot: Callable[..., Any], table: pd.DataFrame
    ) -> None:
        with pytest.raises(ValueError, match="table: no column"):
            plot(pd.DataFrame({"connections": [1]}))
        assert not plt.get_fignums()

    def test_holds_no_title_wider_than_the_picture(
        self, plot: Callable[..., Any], table: pd.DataFrame
    ) -> None:
        ax = plot(table)
        ax.figure.canvas.draw()
        (note,) = [text for text in ax.texts if text.get_gid() == "subtitle"]
        assert note.get_window_extent().x1 <= ax.figure.bbox.x1


def test_marks_and_zones_work_on_every_chart_over_time() -> None:
    mark = (FIRST, FIRST + pd.Timedelta("5min"), "incident")
    for plot, table in EVERY_CHART:
        if "mark" in plot.__annotations__:
            ax = plot(table, mark=mark, timezone="Europe/Berlin")
            assert texts(ax, "mark") == ["incident"], plot.__name__
            assert "Europe/Berlin" in subtitle(ax), plot.__name__
            plt.close(ax.figure)
