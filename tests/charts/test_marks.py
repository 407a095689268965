"""Marks are shaded or ruled where they belong, and refused when they are ambiguous."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from albconn.charts import plot_failure_rate
from albconn.charts.drawing.marks import Span, read_marks
from albconn.errors import TableError
from tests.charts.small_tables import FIRST, bins, rates, texts

TABLE = rates([10] * 12, [1] * 12, bin_start=bins(range(12)))
END = FIRST + pd.Timedelta("20min")


@pytest.mark.parametrize(
    ("mark", "spans"),
    [
        (None, []),
        ((FIRST, END), [Span(FIRST, END, "")]),
        ((FIRST, END, "incident"), [Span(FIRST, END, "incident")]),
        ((FIRST, END, None), [Span(FIRST, END, "")]),
        ((FIRST, "deploy"), [Span(FIRST, None, "deploy")]),
        ((FIRST, None), [Span(FIRST, None, "")]),
        (("2026-11-20T10:00Z", "2026-11-20T11:20+01:00"), [Span(FIRST, END, "")]),
        ([(FIRST, "a"), (FIRST, END)], [Span(FIRST, None, "a"), Span(FIRST, END, "")]),
        ([], []),
    ],
)
def test_every_shape_of_a_mark_is_read(mark: Any, spans: list[Span]) -> None:
    assert read_marks(mark) == spans


def test_other_zones_are_the_same_instants() -> None:
    tokyo = datetime(2026, 11, 20, 19, 0, tzinfo=timezone(timedelta(hours=9)))
    assert read_marks((tokyo, "x")) == [Span(FIRST, None, "x")]


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ((datetime(2026, 11, 20, 10), "x"), "mark: '2026-11-20 10:00:00' has no time zone"),  # noqa: DTZ001
        (("2026-11-20T10:00", "x"), "mark: '2026-11-20T10:00' has no time zone"),
        ((END, FIRST), "is not after the start"),
        ((FIRST, FIRST), "is not after the start"),
        ((FIRST, "one", "two"), "'one' is not an end"),
        ([("noon", "x")], "is not a mark"),
        ("2026-11-20T99:00Z", "is not a time"),
    ],
)
def test_other_marks_are_refused_before_a_figure_exists(mark: Any, message: str) -> None:
    with pytest.raises(TableError, match=message) as caught:
        plot_failure_rate(TABLE, mark=mark)
    assert isinstance(caught.value, ValueError)
    assert not plt.get_fignums()


def test_window_is_shaded_through_all_panels_and_named_once() -> None:
    ax = plot_failure_rate(TABLE, mark=(FIRST, END, "incident"))
    start, end = (mdates.date2num(moment.tz_localize(None)) for moment in (FIRST, END))
    for panel in ax.figure.axes:
        (shade,) = [patch for patch in panel.patches if isinstance(patch, Rectangle)]
        assert shade.get_x() == pytest.approx(start)
        assert shade.get_x() + shade.get_width() == pytest.approx(end)
    assert texts(ax, "mark") == ["incident"]
    assert texts(ax.figure.axes[1], "mark") == []


def test_moment_is_ruled() -> None:
    ax = plot_failure_rate(TABLE, mark=[(END, "deploy $1$"), (FIRST, None)])
    ruled = {float(line.get_xdata()[0]) for line in ax.get_lines()[1:]}  # type: ignore[index]
    assert ruled == {float(mdates.date2num(m.tz_localize(None))) for m in (FIRST, END)}
    assert texts(ax, "mark") == ["deploy $1$"]
    ax.figure.canvas.draw()
