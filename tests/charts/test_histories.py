"""What became of clients, and what those that stopped working last spoke: the tables' numbers."""

from __future__ import annotations

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
    lives,
    row_labels,
    stopped,
    subtitle,
    texts,
)


def spans(ax: Axes, which: int) -> list[tuple[float, float]]:
    """Return the lines of one look, in hours after the first moment; where there is none, none."""
    lines = [np.asarray(one) for one in ax.collections[which].get_segments()]  # type: ignore[attr-defined]
    ends = [(line[:, 0] - date2num(FIRST)) * 24 for line in lines if line.size]
    return [(round(float(start), 6), round(float(end), 6)) for start, end in ends]


class TestHistories:
    def test_a_span_of_success_and_one_of_failure_for_each_client(self) -> None:
        ax = charts.plot_client_histories(lives())
        assert row_labels(ax) == ["10.0.0.1", "$x$", "10.0.0.3"]
        blue, vermillion = spans(ax, 0), spans(ax, 1)
        assert blue == [(0, 4), (0, 9)]
        # Of who stopped working, failures before its last success are not drawn as the stop.
        assert vermillion == [(4, 8), (2, 2), (3, 6)]

    def test_notes_say_state_failures_and_what_it_spoke(self) -> None:
        ax = charts.plot_client_histories(lives())
        assert texts(ax, "row note") == [
            "stopped working · 40 failures · TLSv1.1 · AES128-SHA",
            "never worked · 1 failure",
            "came back · 9 failures · TLSv1.3",
        ]

    def test_the_subtitle_counts_every_client(self) -> None:
        ax = charts.plot_client_histories(lives(), top=2, timezone="Europe/Berlin")
        assert subtitle(ax) == (
            "of 5 clients: 1 stopped working (20 %), 1 never worked (20 %), 1 came back (20 %), "
            "1 new (20 %), 1 working (20 %) · the first 2 of 3 clients that stopped, never worked "
            "or came back · 2026-11-20 11:00 – 20:01 Europe/Berlin"
        )

    def test_those_that_stopped_come_first_in_any_table(self) -> None:
        ax = charts.plot_client_histories(lives().iloc[::-1])
        assert row_labels(ax) == ["10.0.0.1", "$x$", "10.0.0.3"]

    def test_the_axis_spans_all_that_is_drawn(self) -> None:
        ax = charts.plot_client_histories(lives())
        low, high = ax.get_xlim()
        ends = date2num([FIRST, FIRST + pd.Timedelta(hours=9)])
        assert low < ends[0] < ends[1] < high

    def test_where_all_work_it_is_said(self) -> None:
        ax = charts.plot_client_histories(lives().iloc[3:])
        said = "no client stopped working, never worked or came back"
        assert said in {one.get_text() for one in all_texts(ax)}

    def test_times_without_zone_are_refused(self) -> None:
        table = lives()
        table["last_failure"] = table["last_failure"].dt.tz_localize(None)
        with pytest.raises(TableError, match=r"last_failure: .* has no time zone"):
            charts.plot_client_histories(table)


class TestStopped:
    def test_each_client_counts_once_where_it_fails_most(self) -> None:
        ax = charts.plot_stopped_working(stopped())
        assert row_labels(ax) == ["TLSv1.1 · A", "TLSv1.2 · not logged"]
        assert texts(ax, "bar note") == ["2 clients, 81 failures", "1 client, 4 failures"]

    def test_bars_are_cut_by_load_balancer(self) -> None:
        ax = charts.plot_stopped_working(stopped())
        shop, api = (
            [float(bar.get_width()) for bar in bars]  # type: ignore[attr-defined]
            for bars in ax.containers
        )
        assert (shop, api) == ([1, 1], [1, 0])
        legend = ax.get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()] == ["shop", "api"]

    def test_one_load_balancer_needs_no_legend(self) -> None:
        ax = charts.plot_stopped_working(stopped().assign(elb=None))
        assert ax.get_legend() is None
        assert len(ax.containers) == 1

    def test_clients_may_be_counted_already(self) -> None:
        """As the report has them: a row stands for several clients."""
        table = pd.DataFrame(
            {"elb": ["app/shop/1"] * 2, "last_tls_protocol": ["TLSv1.1", "TLSv1"],
             "last_tls_cipher": ["A", "B"], "failures": [50, 900], "clients": [7, 5]},
            index=[3, 3],
        )  # fmt: skip
        ax = charts.plot_stopped_working(table)
        assert (
            ax.get_title(loc="left") == "12 clients stopped working; 7 of them last spoke TLSv1.1"
        )
        assert row_labels(ax) == ["TLSv1.1 · A", "TLSv1 · B"]
        assert texts(ax, "bar note") == ["7 clients, 50 failures", "5 clients, 900 failures"]

    def test_further_load_balancers_are_one(self) -> None:
        many = pd.concat([stopped().iloc[:1]] * 8, ignore_index=True)
        many = many.assign(client_ip=list("abcdefgh"), elb=[f"app/lb{n}/1" for n in range(8)])
        ax = charts.plot_stopped_working(many)
        assert [bars[0].get_width() for bars in ax.containers] == [1, 1, 1, 1, 1, 3]  # type: ignore[index]
        legend = ax.get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()][-1] == "other"

    def test_the_subtitle_tells_the_share_and_since_when(self) -> None:
        ax = charts.plot_stopped_working(stopped(), timezone="Europe/Berlin", top=1)
        assert subtitle(ax) == (
            "3 clients worked before and only failed since 2026-11-20 11:00 Europe/Berlin · "
            "85 of 100 failures since then (85 %) · "
            "the rest: clients that never worked or still work · "
            "the first 1 of 2 kinds of handshakes"
        )

    def test_nobody_stopped_working(self) -> None:
        ax = charts.plot_stopped_working(stopped().iloc[:0])
        assert "no client stopped working" in {one.get_text() for one in all_texts(ax)}
