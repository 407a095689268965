"""A chart becomes files: laid out once, closed, with real text."""

from __future__ import annotations

import struct
from datetime import timedelta
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import albconn as ac
from albconn.charts import plot_failure_rate
from albconn.report.drawing import Chart, draw, narrow_size, saved
from worlds.rows import BEGIN, connection, frame_of

RATES = ac.failure_rate(frame_of([connection(30 * n) for n in range(60)]), every="5min")


def chart(**more: object) -> Chart:
    return Chart("a_chart", "plot_failure_rate", RATES, **more)  # type: ignore[arg-type]


def test_a_chart_is_saved_twice_and_closed(tmp_path: Path) -> None:
    picture = draw(chart(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a_chart.png", "a_chart.svg"]
    assert (picture.title, picture.kind) == ("TLS failure rate", "svg+xml")
    assert picture.image == (tmp_path / "a_chart.svg").read_bytes()
    assert plt.get_fignums() == []
    assert b"<text" in picture.image  # real text, not its outlines
    width, height = struct.unpack(">II", (tmp_path / "a_chart.png").read_bytes()[16:24])
    assert 1400 < width < 1700
    assert height > 500


def test_a_narrow_drawing_is_made_where_it_is_asked_for(tmp_path: Path) -> None:
    assert draw(chart(), tmp_path).narrow is None
    narrow = draw(chart(narrow="too"), tmp_path).narrow
    assert narrow is not None
    assert b'width="3' in narrow[:2000] or b'width="2' in narrow[:2000]
    assert plt.get_fignums() == []


def test_panels_below_each_other_are_higher_on_a_phone() -> None:
    strips = Chart("a_chart", "plot_handshakes_over_time", RATES)
    assert narrow_size(chart())[0] == narrow_size(strips)[0] < 4.5
    assert narrow_size(chart())[1] < narrow_size(strips)[1]


def test_an_axis_shows_the_span_that_it_is_given(tmp_path: Path) -> None:
    wide = draw(chart(span=(BEGIN - timedelta(days=1), BEGIN + timedelta(days=1))), tmp_path)
    assert wide.image != draw(chart(), tmp_path).image


def test_it_is_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    runs = []
    execute = ConstrainedLayoutEngine.execute

    def counting(self: ConstrainedLayoutEngine, figure: object) -> object:
        runs.append(figure)
        return execute(self, figure)  # type: ignore[arg-type]

    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", counting)
    png, svg = saved(plot_failure_rate(RATES))
    assert png.startswith(b"\x89PNG")
    assert b"<svg" in svg
    assert len(runs) == 1


def test_a_strangers_name_in_a_title_is_drawn_as_text(tmp_path: Path) -> None:
    """No glyph is missing, which would be a warning, and no mark turns the text around."""
    hostile = "3 clients, on app/\ufdfd\u202e$x^$\x1b"
    picture = draw(chart(options={"title": hostile}), tmp_path)
    assert picture.title == "3 clients, on app/\\ufdfd\\u202e$x^$\\x1b"
