"""Outcomes, changes, policies, concentration, recovery and slowness say their tables' numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from albconn import charts
from albconn.errors import TableError
from tests.charts.small_tables import (
    FIRST,
    all_texts,
    changes,
    concentration,
    locked_out,
    overview,
    recovered,
    row_labels,
    slow,
    subtitle,
    texts,
    totals,
)


def widths(ax: Axes) -> list[float]:
    return [float(bar.get_width()) for bar in ax.patches]  # type: ignore[attr-defined]


def two_rows(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, table], ignore_index=True)


class TestTotals:
    def test_the_bar_is_every_row_once(self) -> None:
        ax = charts.plot_outcome_totals(totals())
        np.testing.assert_allclose(widths(ax), [0.87, 0.02, 0.01, 0.06, 0.04])
        assert sum(widths(ax)) == pytest.approx(1)
        assert texts(ax, "part label") == [
            "successes\n870  (87 %)",
            "failures, mapped\n20  (2.0 %)",
            "failures, unmapped\n10  (1.0 %)",
            "unclassified\n60  (6.0 %)",
            "not TLS\n40  (4.0 %)",
        ]

    def test_the_subtitle_tells_rate_range_and_reason(self) -> None:
        ax = charts.plot_outcome_totals(totals(), timezone="Europe/Berlin")
        assert subtitle(ax) == (
            "30 of 900 TLS connections failed (3.3 %), 10 of them unmapped · 1,000 rows in all · "
            "2026-11-20 11:00 – 2026-11-20 13:00 Europe/Berlin · most frequent reason: Reason$1$"
        )

    def test_an_outcome_that_does_not_occur_has_no_label(self) -> None:
        table = totals().assign(
            unmapped_failures=0, unclassified=0, not_tls=0, rows=900, top_reason=None
        )
        ax = charts.plot_outcome_totals(table)
        labels = texts(ax, "part label")
        assert labels == ["successes\n870  (97 %)", "failures\n30  (3.3 %)"]

    def test_refuses_several_rows(self) -> None:
        with pytest.raises(TableError, match=r"2 rows; expected the one row that outcome_totals"):
            charts.plot_outcome_totals(two_rows(totals()))


class TestChanges:
    def test_levels_step_in_the_order_of_time(self) -> None:
        ax = charts.plot_change_points(changes())
        times = date2num([FIRST, FIRST + pd.Timedelta("2h"), FIRST + pd.Timedelta("4h")])
        line = ax.lines[0]
        assert list(np.asarray(line.get_ydata())) == [0.2, 0.02, 0.5]
        np.testing.assert_allclose(np.asarray(line.get_xdata()), times)
        ends = [list(np.asarray(one.get_ydata())) for one in ax.lines[1:3]]
        assert ends == [[0.01, 0.01], [0.5, 0.5]]
        assert {one.get_linestyle() for one in ax.lines[1:3]} == {"--"}

    def test_the_whole_is_told_once(self) -> None:
        ax = charts.plot_change_points(changes())
        # 100 before the first change, then 200, 300 and 50; 1 + 40 + 6 + 25 failures
        assert subtitle(ax).startswith("3 changes · 72 of 650 TLS connections failed (11 %)")

    def test_the_surest_are_labelled_in_the_order_of_time(self) -> None:
        ax = charts.plot_change_points(changes(), top=2)
        assert texts(ax, "change") == [
            "2026-11-20 12:00  20 % → 2.0 % of 300",
            "2026-11-20 14:00  2.0 % → 50 % of 50",
        ]
        assert "the 2 surest labelled" in subtitle(ax)

    def test_no_change_is_said(self) -> None:
        ax = charts.plot_change_points(changes().iloc[:0])
        assert "no change of the failure rate found" in {one.get_text() for one in all_texts(ax)}
        assert subtitle(ax) == "0 changes · UTC"


class TestPolicyClients:
    def test_those_that_break_come_first_and_fits_are_left_out(self) -> None:
        table = locked_out()
        table.attrs["policy"] = "Policy$x$"
        ax = charts.plot_policy_clients(table)
        assert row_labels(ax) == ["203.0.113.4", "203.0.113.3", "203.0.113.2"]
        assert widths(ax) == [30, 9, 60]
        assert texts(ax, "row note") == [
            "breaks: 30 of 40 handshakes · TLSv1.1 · not logged",
            "breaks: 9 of 9 handshakes · TLSv1 · C",
            "at risk: 60 of 70 handshakes · TLSv1.2 · B",
        ]
        assert ax.get_title(loc="left") == "Clients that Policy$x$ would break"
        assert subtitle(ax) == "of 4 clients: breaks 2 (50 %), at risk 1 (25 %), fits 1 (25 %)"

    def test_clients_that_have_no_room_are_said(self) -> None:
        ax = charts.plot_policy_clients(locked_out(), top=2)
        assert subtitle(ax).endswith("· the first 2 of 3 affected clients")

    def test_all_fit(self) -> None:
        ax = charts.plot_policy_clients(locked_out().assign(verdict="fits"))
        assert "no client would break or be at risk" in {one.get_text() for one in all_texts(ax)}


class TestPolicyOverview:
    def test_each_policy_is_stacked_to_the_whole(self) -> None:
        ax = charts.plot_policy_overview(overview())
        assert row_labels(ax) == ["Wide", "Strict"]
        stacked = np.array(widths(ax)).reshape(3, 2)  # a verdict a row
        np.testing.assert_allclose(stacked, np.array([[0, 3], [1, 0], [11, 9]]) / 12)
        assert texts(ax, "row note") == [
            "0 break (0 %), 1 at risk · from TLSv1",
            "3 break (25 %) · from TLSv1.3",
        ]
        assert subtitle(ax) == (
            "12 clients, each by its worst handshake · 1 of 2 policies break none"
        )


class TestConcentration:
    def test_bars_are_shares_of_failures_and_diamonds_of_clients(self) -> None:
        ax = charts.plot_failure_concentration(concentration())
        assert row_labels(ax) == [
            "the worst (1 client)",
            "the next (9 clients)",
            "all others (10 clients)",
        ]
        np.testing.assert_allclose(widths(ax), [0.5, 0.25, 0.25])
        diamonds = [float(np.asarray(line.get_xdata())[0]) for line in ax.lines]
        np.testing.assert_allclose(diamonds, [1 / 20, 9 / 20, 10 / 20])
        assert (
            texts(ax, "bar note")[0] == "50 % of failures (200 failures), 5.0 % of failing clients"
        )
        assert subtitle(ax) == (
            "400 failed TLS connections · 20 of 100 clients had a failure (20 %) · "
            "Gini 0.61 (0: all alike, 1: one has them all)"
        )

    def test_one_failing_client_is_one_bar(self) -> None:
        table = concentration().assign(failing_clients=1, top_1_share=1.0, top_10_share=1.0)
        ax = charts.plot_failure_concentration(table)
        assert row_labels(ax) == ["the worst (1 client)"]
        assert widths(ax) == [1.0]

    def test_refuses_several_rows(self) -> None:
        with pytest.raises(TableError, match=r"the one row that failure_concentration\(\) returns"):
            charts.plot_failure_concentration(two_rows(concentration()))


class TestRecoveries:
    def test_the_curve_ends_where_those_that_never_did_begin(self) -> None:
        ax = charts.plot_recoveries(recovered())
        line = ax.lines[0]
        assert list(np.asarray(line.get_ydata())) == [0.25, 0.5, 0.75]
        assert list(np.asarray(line.get_xdata())) == [0.001, 30, 90]  # a log axis has no zero
        assert texts(ax, "never") == ["1 client (25 %) never got through"]
        assert subtitle(ax) == (
            "3 of 4 clients got through after failing (75 %) · half of those within 30 s · "
            "2 failing at their last connection"
        )

    def test_nobody_came_back(self) -> None:
        ax = charts.plot_recoveries(recovered().assign(seconds_to_success=float("nan")))
        assert texts(ax, "never") == ["4 clients (100 %) never got through"]
        assert not ax.lines


class TestSlowHandshakes:
    def test_it_is_the_share_of_slow_ones_with_its_limit(self) -> None:
        ax = charts.plot_slow_handshakes(slow())
        assert [0.1, 0.3, 0.3] in [list(np.asarray(one.get_ydata())) for one in ax.lines]
        assert subtitle(ax).startswith(
            "10 of 40 successful handshakes took longer than 0.25 s (25 %) · 2026-11-20 10:00"
        )
        assert ax.get_ylabel() == "Share of slow handshakes"

    def test_without_the_note_no_limit_is_claimed(self) -> None:
        table = slow()
        table.attrs.clear()
        assert "successful handshakes were slow (25 %)" in subtitle(
            charts.plot_slow_handshakes(table)
        )


@pytest.mark.parametrize(
    ("plot", "table"),
    [
        (charts.plot_change_points, changes()),
        (charts.plot_policy_clients, locked_out()),
        (charts.plot_policy_overview, overview()),
        (charts.plot_slow_handshakes, slow()),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_nothing_to_draw_is_refused(plot: Any, table: pd.DataFrame) -> None:
    with pytest.raises(TableError, match="top: 0 draws nothing"):
        plot(table, top=0)
