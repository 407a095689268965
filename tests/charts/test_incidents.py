"""The picture of incidents says its table's numbers: windows, their ranks, clients, background."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.dates import date2num
from matplotlib.patches import StepPatch

from albconn import charts
from albconn.errors import TableError
from tests.charts.small_tables import FIRST, all_texts, found, subtitle, texts


def panels(ax: Axes) -> list[Axes]:
    return list(ax.figure.axes)


def minutes(number: float) -> float:
    """Return a place on the axis as minutes after the first moment."""
    return round((number - float(date2num(FIRST))) * 1440, 3)


def bars(ax: Axes) -> list[tuple[float, float, float]]:
    """Return each incident's bar: its row, start and end."""
    drawn = [c for c in ax.collections if isinstance(c, PolyCollection) and c.get_gid()]
    corners = [np.asarray(bar.get_paths()[0].vertices) for bar in drawn]
    return [
        (float(np.floor(c[:, 1].min())), minutes(c[:, 0].min()), minutes(c[:, 0].max()))
        for c in corners
    ]


def test_clients_and_background_are_drawn_apart() -> None:
    ax = charts.plot_incidents(found())
    (clients,) = [p for p in ax.patches if isinstance(p, StepPatch)]
    (apart,) = [p for p in panels(ax)[1].patches if isinstance(p, StepPatch)]
    nothing = np.nan  # a bin without connections stays a hole
    expected = [0, 1, 0, nothing, 0, 12, 9, 2, 1, 0, 0, 1, 1, 0, 1, 0]
    np.testing.assert_array_equal(clients.get_data()[0], expected)
    assert np.nansum(apart.get_data()[0]) == 503
    assert panels(ax)[1].get_title(loc="left") == (
        "Not counted above: 503 failures of sources that never get through"
    )
    assert ax.get_ylim()[1] > 12


def test_each_window_is_shaded_and_numbered_in_order() -> None:
    ax = charts.plot_incidents(found())
    shaded = [p.get_extents() for p in ax.patches if p.get_gid() == "window"]
    ends = [ax.transData.inverted().transform([box.p0, box.p1])[:, 0] for box in shaded]
    assert [(minutes(start), minutes(end)) for start, end in ends] == [
        (60, 90), (60, 120), (150, 240)
    ]  # fmt: skip
    assert texts(ax, "number") == ["1", "2", "3"]


def test_numbers_at_one_place_are_stacked() -> None:
    table = found().iloc[[0, 0, 2]]
    table.attrs = found().attrs
    ax = charts.plot_incidents(table)
    heights = [note.xyann[1] for note in ax.texts if note.get_gid() == "number"]  # type: ignore[attr-defined]
    assert heights[1] < heights[0] == heights[2]


def test_each_incident_has_a_line_of_its_own() -> None:
    below = panels(charts.plot_incidents(found()))[-1]
    assert bars(below) == [(0, 60, 90), (1, 60, 120), (2, 150, 240)]
    assert texts(below, "words") == [
        "1  2026-11-20 11:00 – 11:30  one node",
        "12 clients · 300 failures · 1.0 % → 75 % · ip_address 10.0.0.9",
        "2  2026-11-20 11:00 – 12:00  slow handshakes",
        "40 clients · 2.0 % → 50 % slow",
        "3  since 2026-11-20 12:30  policy raised",
        "1 client · 1 failure · none before → 100 % · elb app/$x$/1\\nb",
    ]


def test_title_and_subtitle_say_the_whole() -> None:
    ax = charts.plot_incidents(found(), top=2, timezone="Europe/Berlin")
    assert ax.get_title(loc="left") == "3 incidents, the strongest: one node"
    assert subtitle(ax) == (
        "12,000 TLS connections of 345 clients · the first 2 of 3 incidents · "
        "2026-11-20 11:00 – 15:00 Europe/Berlin"
    )
    assert texts(ax, "number") == ["1", "2"]
    assert charts.plot_incidents(found().iloc[:1]).get_title(loc="left") == "1 incident: one node"


def test_where_nothing_is_found_the_traffic_is_shown_all_the_same() -> None:
    ax = charts.plot_incidents(found().iloc[:0])
    assert ax.get_title(loc="left") == "No incident found"
    assert texts(ax, "nothing") == ["no window stands out"]
    assert len(panels(ax)) == 2
    assert ax.get_ylim()[1] == 24  # what is usual does not fill the picture


def test_a_table_that_lost_its_notes_still_shows_the_incidents() -> None:
    bare = found()
    bare.attrs = {}
    ax = charts.plot_incidents(bare)
    assert len(panels(ax)) == 1
    assert bars(ax) == [(0, 60, 90), (1, 60, 120), (2, 150, 240)]
    assert subtitle(ax) == "UTC"
    empty = charts.plot_incidents(bare.iloc[:0])
    assert "no incident found" in {one.get_text() for one in all_texts(empty)}


def test_times_without_zone_are_refused() -> None:
    table = found()
    table["start"] = table["start"].dt.tz_localize(None)
    with pytest.raises(TableError, match=r"start: .* has no time zone"):
        charts.plot_incidents(table)


def test_a_window_of_minutes_in_a_year_is_seen() -> None:
    table = found().iloc[:1]
    table.attrs = found().attrs | {
        "over_time": {
            "every": "1440min",
            "bin_start": [(FIRST + pd.Timedelta(days=n)).isoformat() for n in range(365)],
            "clients": [1] * 365,
            "background_failures": [0] * 365,
        }
    }
    ((_, start, end),) = bars(panels(charts.plot_incidents(table))[-1])
    assert end - start > 365 * 1440 / 1000
