"""The charts of the incident review say their tables' numbers."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import StepPatch

from albconn import charts
from tests.charts.small_tables import (
    bins,
    certificates,
    comparison,
    coverage,
    key_exchange,
    latencies,
    policy,
    rates,
    reconciled,
    row_labels,
    subtitle,
    texts,
)


def stacks(ax: Any) -> list[list[float]]:
    return [list(p.get_data()[0]) for p in ax.patches if isinstance(p, StepPatch)]


class TestLatency:
    def test_percentiles_are_lines_named_at_their_ends(self) -> None:
        ax = charts.plot_handshake_latency(latencies())
        drawn = {line.get_label(): list(np.asarray(line.get_ydata())) for line in ax.get_lines()}
        assert drawn == {
            "p50": [0.01, 0.02, 0.02],
            "p95": [0.03, 0.04, 0.04],
            "p99": [0.05, 0.06, 0.06],
        }
        assert texts(ax, "end label") == ["p50", "p95", "p99"]
        assert subtitle(ax).startswith("successes only: 12 handshakes · 2026-11-20 10:00 – 10:10")
        assert ax.get_ylabel() == "Handshake latency [s]"
        assert ax.get_yscale() == "linear"

    def test_decades_get_a_log_axis_and_zero_never_does(self) -> None:
        table = latencies().assign(p99=[0.05, 3.0])
        assert charts.plot_handshake_latency(table).get_yscale() == "log"
        with_zero = table.assign(p50=[0.0, 0.02])
        assert charts.plot_handshake_latency(with_zero).get_yscale() == "linear"

    def test_split_draws_p95_of_each_group(self) -> None:
        ax = charts.plot_handshake_latency(latencies(ip_address=["10.0.0.1", "10.0.0.2"]))
        assert "95th percentile, by load-balancer node" in ax.get_title(loc="left")
        drawn = {line.get_label(): set(np.asarray(line.get_ydata())) for line in ax.get_lines()}
        assert drawn == {"10.0.0.1": {0.03}, "10.0.0.2": {0.04}}


class TestKeyExchange:
    def test_shares_stack_to_one_with_post_quantum_lowest(self) -> None:
        ax = charts.plot_key_exchange_share(key_exchange())
        np.testing.assert_allclose(stacks(ax), [[0, 0.41], [0.25, 0.41], [1.0, 0.91], [1.0, 1.0]])
        assert subtitle(ax).startswith("post-quantum: 33 % · 200 handshakes")
        legend = ax.get_legend()
        assert legend is not None
        assert legend.get_texts()[0].get_text() == "not logged  4.5 %"


class TestCoverage:
    def test_holes_are_hatched_and_counted(self) -> None:
        ax = charts.plot_coverage(coverage())
        hatched = [one for one in ax.collections if one.get_hatch()]
        assert len(hatched) == 1
        corners = np.asarray(hatched[0].get_paths()[0].vertices)[:, 0]
        minutes = (corners.max() - corners.min()) * 24 * 60
        assert minutes == pytest.approx(10)
        assert texts(ax, "row note") == ["2 missing of 4", "0 missing of 4"]
        assert row_labels(ax) == ["shop · 10.0.0.1", "shop · 10.0.0.2"]
        assert subtitle(ax).startswith("2 of 8 node-intervals missing (25 %) · 2026-11-20 10:00")


class TestCompare:
    def test_excess_and_rates_stand_beside_each_other(self) -> None:
        ax = charts.plot_compare_windows(comparison())
        assert [bar.get_width() for bar in ax.patches] == [388.4, 9.0]  # type: ignore[attr-defined]
        assert texts(ax, "bar note") == ["388  (98 %)", "9  (2.0 %)"]
        assert row_labels(ax) == [
            "client network: 203.0.113.0/24",
            "client network × TLS version: 203.0.113.0/24 × TLSv1.2",
        ]
        beside = ax.figure.axes[1]
        assert texts(beside, "row note") == ["0.60 % → 98 % of 390", "– → 50 % of 20"]
        assert "grey: may be chance" in subtitle(ax)


class TestCertificates:
    def test_soonest_first_weighted_by_handshakes(self) -> None:
        ax = charts.plot_client_certificates(certificates())
        assert row_labels(ax) == ["fleet\\,7", "soon", "O=$none$ $x$,C=US", "late"]
        assert texts(ax, "row note") == [
            "-2 d · 1,200 handshakes",
            "7 d · 1 handshake",
            "60 d · 5 handshakes",
            "400 d · 10 handshakes",
        ]
        dots, beyond = ax.collections[-2:]
        assert beyond.get_gid() == "beyond"  # of the one that is farther off than the axis reaches
        sizes = dots.get_sizes()  # type: ignore[attr-defined]
        assert list(np.argsort(sizes)) == [1, 2, 3, 0]
        assert subtitle(ax) == (
            "4 certificates · expired: 1 (1,200 handshakes) · within 7 days: 1 (1 handshake) · "
            "31–90 days: 1 (5 handshakes) · later: 1 (10 handshakes)"
        )

    def test_what_ended_today_is_not_zero_days_ago_and_its_dot_is_whole(self) -> None:
        table = certificates().assign(days_left=[400, -0.4, 60, 7])
        for size in ((4, 2.5), (10, 5)):
            ax = charts.plot_client_certificates(table, figsize=size)
            ax.figure.canvas.draw()
            assert "-0.4 d · 1,200 handshakes" in texts(ax, "row note")
            dots = ax.collections[-2]
            largest = float(max(dots.get_sizes()))  # type: ignore[attr-defined]
            radius = largest**0.5 / 2 * ax.figure.dpi / 72
            at = ax.transData.transform((-0.4, 0))[0]
            assert at - radius >= ax.get_window_extent().x0


class TestPolicy:
    def test_what_breaks_comes_first_with_both_shares(self) -> None:
        ax = charts.plot_policy_impact(policy())
        assert row_labels(ax) == ["TLSv1 · B", "TLSv1.2 · C", "TLSv1.3 · A"]
        np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [0.04, 0.06, 0.9])  # type: ignore[attr-defined]
        np.testing.assert_allclose(np.asarray(ax.lines[0].get_xdata()), [0.05, 0.45, 0.5])
        assert texts(ax, "row note")[0] == "breaks: 4.0 % of handshakes (40), 5.0 % of clients (5)"
        assert subtitle(ax) == (
            "of 1,000 successful handshakes: breaks 4.0 %, at risk 6.0 %, fits 90 %"
        )


class TestReconcile:
    def test_both_counts_and_their_difference(self) -> None:
        ax = charts.plot_reconcile_metric(reconciled())
        assert stacks(ax) == [[5, 0]]
        assert list(np.asarray(ax.lines[0].get_ydata())) == [7, 0, 0]
        assert stacks(ax.figure.axes[1]) == [[-2, 0]]
        assert subtitle(ax).startswith("log: 5 failures, ClientTLSNegotiationErrorCount: 7")


class TestPanels:
    def test_each_group_has_a_panel_on_the_same_scale(self) -> None:
        table = rates(
            [10, 10, 5, 80],
            [1, 0, 4, 0],
            bin_start=bins([0, 1, 0, 0]),
            ip_address=["b", "b", "a", "c"],
        )
        ax = charts.plot_failure_rate_panels(table, top=2)
        panels = ax.figure.axes
        names = [panel.texts[-1].get_text() for panel in panels]
        assert names == ["b\n5.0 % of 20", "c\n0 % of 80"]
        assert panels[0].get_ylim() == panels[1].get_ylim()
        assert list(np.asarray(panels[0].lines[0].get_ydata())) == [0.1, 0, 0]
        assert "the first 2 of 3 panels" in subtitle(ax)
        assert subtitle(ax).startswith("5 of 105 TLS connections failed (4.8 %)")

    def test_refuses_a_table_that_is_not_split(self) -> None:
        with pytest.raises(ValueError, match="it is not split"):
            charts.plot_failure_rate_panels(rates([9], [1], bin_start=bins([0])))
        assert not plt.get_fignums()
