"""Every chart fits any Axes: one of several, of a small or a large figure, with any layout or none.

The artists are asked: no text lies on another one, and none leaves the figure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from albconn import charts
from tests.charts.looking import in_the_way
from tests.charts.small_tables import rates
from tests.charts.test_every_chart import EVERY_CHART

Plot = Callable[..., Any]
SIZES = ((4, 2.5), (10, 5), (13.33, 7.5))
every_chart = pytest.mark.parametrize(
    ("plot", "table"), EVERY_CHART, ids=lambda one: getattr(one, "__name__", "")
)


@every_chart
class TestEveryChart:
    @pytest.mark.parametrize("size", SIZES)
    def test_no_text_is_in_the_way_at_any_size(
        self, plot: Plot, table: pd.DataFrame, size: tuple[float, float]
    ) -> None:
        assert in_the_way(plot(table, figsize=size).figure) == []

    @pytest.mark.parametrize("layout", ["none", "constrained", "tight"])
    def test_no_text_is_in_the_way_beside_another_chart(
        self, plot: Plot, table: pd.DataFrame, layout: Any
    ) -> None:
        figure, (left, right) = plt.subplots(1, 2, figsize=(13, 5), layout=layout)
        assert plot(table, ax=left) is left
        assert plot(table, ax=right) is right
        assert in_the_way(figure) == []

    def test_the_smallest_axes_without_a_layout(self, plot: Plot, table: pd.DataFrame) -> None:
        figure, ax = plt.subplots(figsize=(4, 2.5), layout="none")
        plot(table, ax=ax)
        assert in_the_way(figure) == []

    def test_subfigures_and_axes_inside_of_axes(self, plot: Plot, table: pd.DataFrame) -> None:
        figure = plt.figure(figsize=(13, 5), layout="constrained")
        left, right = cast(Any, figure.subfigures(1, 2))
        plot(table, ax=left.subplots())
        inside = right.subplots().inset_axes((0.3, 0.3, 0.6, 0.4))
        plot(table, ax=inside)
        figure.canvas.draw()
        assert inside in right.axes[0].child_axes
        assert len(right.axes) == 1

    def test_a_figure_outside_of_pyplot(self, plot: Plot, table: pd.DataFrame) -> None:
        figure = Figure(figsize=(8, 4), layout="constrained")
        FigureCanvasAgg(figure)
        ax = figure.subplots()
        assert in_the_way(plot(table, ax=ax).figure) == []
        assert not plt.get_fignums()

    def test_tight_layout_afterwards(self, plot: Plot, table: pd.DataFrame) -> None:
        figure, ax = plt.subplots(figsize=(9, 5), layout="none")
        plot(table, ax=ax)
        figure.tight_layout()
        assert in_the_way(figure) == []


def test_looking_sees_what_is_in_the_way() -> None:
    figure, ax = plt.subplots()
    ax.text(0.5, 0.5, "one")
    ax.text(0.5, 0.51, "other")
    ax.text(1.2, 0.5, "far out on the right")
    said = in_the_way(figure)
    assert any("'one' and 'other' overlap" in one for one in said)
    assert any("'far out on the right' leaves the figure" in one for one in said)


def test_foreign_names_stay_inside_of_a_small_picture() -> None:
    names = [f"CN=device-{n},OU={'very long unit ' * 9},O=Example" for n in range(9)]
    table = rates([90] * 9, [9] * 9, client_ip=names)
    for size in SIZES:
        ax = charts.plot_failing_clients(table, figsize=size)
        assert in_the_way(ax.figure) == []
        assert len({label.get_text() for label in ax.get_yticklabels()}) > 5


@pytest.mark.parametrize(
    "span", ["70s", "119s", "25min", "119min", "13h", "24h", "47h", "3D", "13D", "59D", "100D",
             "700D", "3000D"],
)  # fmt: skip
def test_a_small_time_axis_has_two_labels_at_least(span: str) -> None:
    """Of any length of time, without a warning that no step fits."""
    width = pd.Timedelta(span) / 70
    starts = pd.date_range("2026-01-01T00:00Z", periods=70, freq=width.round("us"), unit="us")
    table = rates([50] * 70, [1] * 70, bin_start=pd.Series(starts))
    ax = charts.plot_failure_rate(table, figsize=(4, 2.5))
    ax.figure.canvas.draw()
    low, high = ax.get_xlim()
    assert 2 <= sum(low <= tick <= high for tick in ax.get_xticks()) <= 5
    assert in_the_way(ax.figure) == []
