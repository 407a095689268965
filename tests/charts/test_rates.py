"""The failure rate's picture says the table's numbers, with holes as holes."""

from __future__ import annotations

import itertools
from typing import Any, cast

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import StepPatch
from matplotlib.text import Annotation

from albconn.charts import plot_failure_rate
from albconn.errors import TableError
from tests.charts.small_tables import (
    FIRST,
    all_texts,
    bins,
    caption_of,
    rates,
    subtitle,
    texts,
)

MARK = (FIRST, FIRST + pd.Timedelta("10min"), "fleet-7 expired")


def panels_of(ax: Any) -> list[Any]:
    return [panel for panel in ax.figure.axes if panel is not ax]


def steps_of(panel: Any) -> list[StepPatch]:
    return [patch for patch in panel.patches if isinstance(patch, StepPatch)]


def number(text: str) -> float:
    return float(mdates.date2num(pd.Timestamp(text)))


def test_line_is_level_over_each_bin_and_breaks_at_a_hole() -> None:
    ax = plot_failure_rate(rates([100, 200, 400], [10, 20, 100], bin_start=bins([0, 1, 4])))
    (line,) = ax.get_lines()
    assert line.get_drawstyle() == "steps-post"
    np.testing.assert_allclose(
        np.asarray(line.get_ydata(), float), [0.1, 0.1, np.nan, 0.25, 0.25], equal_nan=True
    )
    expected = ["10:00", "10:05", "10:10", "10:20", "10:25"]
    found = [mdates.num2date(x).strftime("%H:%M") for x in cast(Any, line.get_xdata())]
    assert found == expected


def test_band_and_traffic_show_the_interval_and_the_connections() -> None:
    ax = plot_failure_rate(rates([10, 40], [1, 10], bin_start=bins([0, 1])))
    (band,) = steps_of(ax)
    np.testing.assert_allclose(band.get_data()[0], [0.15, 0.375])
    np.testing.assert_allclose(np.asarray(band.get_data()[2]), [0.05, 0.125])
    (traffic,) = panels_of(ax)
    np.testing.assert_array_equal(steps_of(traffic)[0].get_data()[0], [10, 40])
    assert traffic.get_title(loc="left") == "Connections per 5 min"
    assert traffic.get_shared_x_axes().joined(traffic, ax)


def test_title_says_what_and_subtitle_n_range_and_zone() -> None:
    ax = plot_failure_rate(rates([100, 200], [1, 5], bin_start=bins([0, 1])))
    assert ax.get_title(loc="left") == "TLS failure rate"
    assert subtitle(ax) == (
        "6 of 300 TLS connections failed (2.0 %) · 2026-11-20 10:00 – 10:10 UTC · "
        "bins of 5 min · band: 95 % interval"
    )
    assert ax.get_ylabel() == "Failure rate"
    assert panels_of(ax)[0].get_xlabel() == "Time [UTC]"


def test_order_of_rows_does_not_matter() -> None:
    table = rates([10, 20, 40], [1, 2, 10], bin_start=bins([0, 1, 2]))
    straight, turned = plot_failure_rate(table), plot_failure_rate(table.iloc[::-1])
    np.testing.assert_array_equal(
        np.asarray(straight.lines[0].get_ydata()), np.asarray(turned.lines[0].get_ydata())
    )


def test_zone_changes_labels_and_not_positions() -> None:
    table = rates([10, 20], [1, 2], bin_start=bins([0, 1], "1h"))
    utc, tokyo = plot_failure_rate(table), plot_failure_rate(table, timezone="Asia/Tokyo")
    np.testing.assert_array_equal(
        np.asarray(utc.lines[0].get_xdata()), np.asarray(tokyo.lines[0].get_xdata())
    )
    assert "2026-11-20 19:00 – 21:00 Asia/Tokyo" in subtitle(tokyo)
    panel = panels_of(tokyo)[0]
    panel.figure.canvas.draw()
    labels = {tick.get_text() for tick in panel.get_xticklabels()}
    assert "20:00" in labels
    assert "10:00" not in labels
    assert panel.get_xlabel() == "Time [Asia/Tokyo]"


def test_unknown_zone_is_refused_before_a_figure_exists() -> None:
    with pytest.raises(TableError, match=r"timezone: 'Mars/Base' is not known; expected a name"):
        plot_failure_rate(rates([1], [0], bin_start=bins([0])), timezone="Mars/Base")
    assert not plt.get_fignums()


def test_split_draws_a_line_per_value_named_at_its_end() -> None:
    table = rates(
        [100, 100, 50], [1, 3, 25], bin_start=bins([0, 1, 1]), elb=["app/a/1", "app/a/1", None]
    )
    ax = plot_failure_rate(table)
    assert ax.get_title(loc="left") == "TLS failure rate by load balancer"
    assert sorted(texts(ax, "end label")) == ["app/a/1  2.0 % of 200", "not logged  50 % of 50"]
    ends = sorted(np.asarray(line.get_ydata(), float)[-1] for line in ax.get_lines())
    np.testing.assert_allclose(ends, [0.03, 0.5])


def test_groups_beyond_top_are_added_up_as_other() -> None:
    names = [f"203.0.113.{host}" for host in range(200)]
    failures = [100 - rank if rank < 3 else 1 for rank in range(200)]
    table = rates([200] * 200, failures, bin_start=bins([0] * 200), client_ip=names)
    ax = plot_failure_rate(table, top=2)
    assert len(ax.get_lines()) == 3
    # 198 clients of 200 connections each; 98 + 197 × 1 failures
    assert "other (198)  0.74 % of 39,600" in texts(ax, "end label")
    np.testing.assert_allclose(np.asarray(ax.lines[2].get_ydata(), float), 295 / 39_600)
    (traffic,) = panels_of(ax)
    np.testing.assert_array_equal(steps_of(traffic)[0].get_data()[0], [40_000])


@pytest.mark.parametrize("failures", [0, 5, 10])
def test_names_of_equal_lines_lie_apart_and_inside(failures: int) -> None:
    table = rates([10] * 6, [failures] * 6, bin_start=bins([0] * 6), listener_port=range(6))
    ax = plot_failure_rate(table)
    ax.figure.canvas.draw()
    boxes = [
        super(Annotation, note).get_window_extent()
        for note in ax.texts
        if isinstance(note, Annotation) and note.get_gid() == "end label"
    ]
    boxes.sort(key=lambda box: box.y0)
    assert len(boxes) == 6
    assert all(low.y1 <= high.y0 + 1 for low, high in itertools.pairwise(boxes))
    assert boxes[-1].y1 <= ax.get_window_extent().y1 + 8


def test_many_lines_carry_no_bands_and_do_not_claim_one() -> None:
    table = rates([9] * 5, [1] * 5, bin_start=bins([0] * 5), listener_port=[1, 2, 3, 4, 5])
    ax = plot_failure_rate(table)
    assert not steps_of(ax)
    assert "band" not in subtitle(ax)


@pytest.mark.parametrize("column", ["tls_protocol", "tls_cipher", "tls_keyexchange"])
def test_unmapped_failures_are_drawn_apart_when_split_by_handshake(column: str) -> None:
    table = rates(
        [10, 20, 0],
        [1, 2, 0],
        [4, 0, 3],
        bin_start=bins([0, 1, 1]),
        **{column: ["a", "a", "b"]},
    )
    ax = plot_failure_rate(table)
    unmapped, traffic = panels_of(ax)
    np.testing.assert_array_equal(steps_of(unmapped)[0].get_data()[0], [4, 3])
    np.testing.assert_array_equal(steps_of(traffic)[0].get_data()[0], [10, 20])
    assert unmapped.get_title(loc="left") == "Unmapped failures per 5 min"
    assert "3 of 30 TLS connections failed (10 %) · 7 unmapped apart" in subtitle(ax)
    assert caption_of(ax) == (
        "7 failures with UnmappedConnectionError are drawn apart: the protocol and cipher "
        "logged for them are not the client's."
    )
    assert len(ax.get_lines()) == 1  # the value with nothing but unmapped failures has no rate


def test_other_splits_count_unmapped_failures_and_need_no_caption() -> None:
    table = rates([10, 20], [4, 2], [4, 0], bin_start=bins([0, 1]))
    ax = plot_failure_rate(table)
    assert len(panels_of(ax)) == 1
    assert "6 of 30 TLS connections failed (20 %), 4 of them unmapped" in subtitle(ax)
    assert caption_of(ax) == ""


def test_first_case_of_only_unmapped_failures_blames_no_version() -> None:
    table = rates([0, 1], [0, 0], [7, 0], bin_start=bins([0, 0]), tls_protocol=["v2", "v3"])
    ax = plot_failure_rate(table)
    assert texts(ax, "end label") == ["v3  0 % of 1"]
    assert caption_of(ax).startswith("7 failures")


def test_nothing_but_unmapped_failures_still_draws() -> None:
    table = rates([0], [0], [7], bin_start=bins([0]), tls_protocol=["TLSv1.2"])
    ax = plot_failure_rate(table)
    assert not ax.get_lines()
    assert subtitle(ax).startswith("0 of 0 TLS connections failed · 7 unmapped apart")
    ax.figure.canvas.draw()


def test_without_bins_each_group_is_a_dot_with_its_interval() -> None:
    table = rates([100, 50], [1, 25], client_ip=["192.0.2.1", "192.0.2.2"])
    ax = plot_failure_rate(table)
    np.testing.assert_allclose(np.asarray(ax.lines[0].get_xdata(), float), [0.5, 0.01])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["192.0.2.2", "192.0.2.1"]
    assert texts(ax, "row note") == ["50 % of 50", "1.0 % of 100"]


def test_empty_table_says_so() -> None:
    empty = rates([1], [0], bin_start=bins([0])).iloc[:0]
    ax = plot_failure_rate(empty)
    assert "no TLS connections" in [text.get_text() for text in ax.texts]
    ax.figure.canvas.draw()
    assert "no TLS connections" in [
        text.get_text() for text in plot_failure_rate(empty.drop(columns="bin_start")).texts
    ]


def test_one_bin_spans_its_true_width() -> None:
    table = rates([57], [16], bin_start=bins([0]))
    table.attrs["every"] = "1h"
    ax = plot_failure_rate(table)
    np.testing.assert_allclose(
        ax.get_xlim(), [number("2026-11-20 10:00"), number("2026-11-20 11:00")]
    )
    ax.figure.canvas.draw()


def test_month_of_bins_draws_every_bin() -> None:
    count = 8928
    table = rates([50] * count, [1] * count, bin_start=bins(range(count)))
    ax = plot_failure_rate(table)
    assert len(np.asarray(ax.lines[0].get_ydata())) == count + 1
    assert "2026-11-20 10:00 – 2026-12-21 10:00 UTC" in subtitle(ax)
    ax.figure.canvas.draw()


def test_quiet_hour_does_not_fill_the_axis() -> None:
    ax = plot_failure_rate(rates([10_000], [1], bin_start=bins([0])))
    assert ax.get_ylim() == (0, 0.01)


def test_tall_rates_stay_inside_and_percent_ends_at_100() -> None:
    ax = plot_failure_rate(rates([4], [4], bin_start=bins([0])), mark=MARK)
    ax.figure.canvas.draw()
    assert ax.get_ylim()[1] > 1.04
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert "100 %" in labels
    assert "120 %" not in labels


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(TableError) as caught:
        plot_failure_rate(pd.DataFrame({"bin_start": bins([0]), "connections": [1]}))
    assert len(caught.value.problems) == 5
    assert "no column 'failures'; expected the table that failure_rate() returns" in str(
        caught.value
    )


def test_naive_bins_and_useless_top_are_refused() -> None:
    table = rates([1], [0], bin_start=bins([0]).dt.tz_localize(None))
    with pytest.raises(TableError, match=r"bin_start: datetime64.* has no time zone"):
        plot_failure_rate(table)
    with pytest.raises(TableError, match="top: 0 draws nothing"):
        plot_failure_rate(rates([1], [0], bin_start=bins([0])), top=0)
    assert not plt.get_fignums()


def test_given_axes_are_drawn_on_and_keep_their_cell() -> None:
    figure, grid = plt.subplots(1, 2, figsize=(12, 4))
    before = grid[0].get_position().frozen()
    ax = plot_failure_rate(rates([10, 20], [1, 2], bin_start=bins([0, 1])), ax=grid[0])
    assert ax is grid[0]
    (traffic,) = [panel for panel in figure.axes if panel not in list(grid)]
    assert traffic.get_position().y0 == pytest.approx(before.y0)
    assert before.y1 - 0.1 < ax.get_position().y1 <= before.y1  # its headline is in the figure
    assert ax.get_position().y0 > traffic.get_position().y1
    assert plt.get_fignums() == [figure.number]


def test_axes_without_a_grid_keep_their_place() -> None:
    figure = plt.figure()
    ax = figure.add_axes((0.2, 0.2, 0.5, 0.6))
    plot_failure_rate(rates([10], [1], bin_start=bins([0])), ax=ax)
    traffic = figure.axes[1]
    assert traffic.get_position().y0 == pytest.approx(0.2)
    assert ax.get_position().y1 == pytest.approx(0.8)
    assert ax.get_position().x0 == pytest.approx(0.2)


def test_table_is_not_changed_and_one_figure_is_made() -> None:
    table = rates([10, 20], [1, 2], bin_start=bins([1, 0]))
    before = table.copy()
    plot_failure_rate(table)
    pd.testing.assert_frame_equal(table, before)
    assert len(plt.get_fignums()) == 1


def test_foreign_text_is_not_a_formula_and_is_cut() -> None:
    names = ["CN=$\\frac$ $x$", "a\nb\u202e", "x" * 5000]
    table = rates([9, 9, 9], [3, 2, 1], bin_start=bins([0, 0, 0]), leaf_client_cert_subject=names)
    ax = plot_failure_rate(table)
    ax.figure.canvas.draw()  # a formula would raise here
    shown = texts(ax, "end label")
    assert shown[0].startswith("x" * 59 + "…  ")
    assert any(text.startswith("a\\nb\\u202e  ") for text in shown)
    assert all("\n" not in text for text in shown)
    ends = [text for text in all_texts(ax) if text.get_gid() == "end label"]
    assert not any(text.get_parse_math() for text in ends)


def test_the_axis_of_time_follows_its_reader() -> None:
    """What a calendar answered is kept, but not for another question."""
    ax = plot_failure_rate(rates([100] * 48, [1] * 48, bin_start=bins(range(48))))
    lowest: Any = ax.figure.axes[-1]

    def labels() -> list[str]:
        ax.figure.canvas.draw()
        return [label.get_text() for label in lowest.get_xticklabels()]

    whole = labels()
    assert labels() == whole
    first, last = ax.get_xlim()
    ax.set_xlim(first, first + (last - first) / 8)
    near = labels()
    assert near != whole
    locator: Any = ax.xaxis.get_major_locator()
    locator.minticks, locator.maxticks = 1, dict.fromkeys(locator.maxticks, 4)
    assert len(labels()) < len(near)
    formatter: Any = ax.xaxis.get_major_formatter()
    formatter.formats = formatter.zero_formats = ["%M"] * 6
    assert set(labels()) <= {f"{minute:02d}" for minute in range(60)}
