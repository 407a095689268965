"""Every chart takes the same six options; what is wrong with one is said before a figure exists."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from typing import Any, cast

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from albconn import charts
from albconn.charts.drawing.look import Look, LookOptions, read_look
from albconn.errors import TableError
from tests.charts.looking import in_the_way
from tests.charts.small_tables import subtitle
from tests.charts.test_every_chart import EVERY_CHART

Plot = Callable[..., Any]
every_chart = pytest.mark.parametrize(
    ("plot", "table"), EVERY_CHART, ids=lambda one: getattr(one, "__name__", "")
)


def titles(ax: Any) -> list[str]:
    return [text for loc in ("left", "center", "right") if (text := ax.get_title(loc=loc))]


def colours_of(figure: Any) -> set[str]:
    """Return every colour that a mark of the figure has."""
    found = set()
    for ax in figure.axes:
        for artist in (*ax.lines, *ax.collections, *ax.patches, *ax.texts):
            for name in ("get_color", "get_facecolor"):
                value = getattr(artist, name, list)()
                rows = value if getattr(value, "ndim", 1) == 2 else [value]
                found |= {to_hex(cast(Any, row)) for row in rows if len(row)}
    return found


@every_chart
class TestEveryChart:
    def test_takes_the_options_in_one_place(self, plot: Plot, table: pd.DataFrame) -> None:
        del table
        parameters = inspect.signature(plot).parameters
        assert parameters["options"].kind is inspect.Parameter.VAR_KEYWORD
        assert not set(parameters) & set(LookOptions.__annotations__)

    def test_title_subtitle_and_size_are_the_readers(self, plot: Plot, table: pd.DataFrame) -> None:
        ax = plot(table, title="Mine", subtitle="of $today$", figsize=(7, 4))
        assert titles(ax) == ["Mine"]
        assert subtitle(ax) == "of $today$"
        assert tuple(ax.figure.get_size_inches()) == (7, 4)

    def test_a_title_set_afterwards_replaces_ours(self, plot: Plot, table: pd.DataFrame) -> None:
        for where in ("center", "left"):
            ax = plot(table)
            ax.set_title("Mine", loc=where)
            assert titles(ax) == ["Mine"]
            assert in_the_way(ax.figure) == []

    def test_every_zone_is_taken_and_an_unknown_one_refused(
        self, plot: Plot, table: pd.DataFrame
    ) -> None:
        plot(table, timezone="Asia/Kolkata")
        plt.close("all")
        with pytest.raises(TableError, match=r"^timezone: 'Mars/Base' is not known"):
            plot(table, timezone="Mars/Base")
        assert not plt.get_fignums()

    @pytest.mark.parametrize("axis", ["x", "y"])
    def test_a_log_axis_never_fails(self, plot: Plot, table: pd.DataFrame, axis: Any) -> None:
        ax = plot(table, log=axis)
        ax.figure.canvas.draw()
        for name in ("x", "y"):
            if getattr(ax, f"get_{name}scale")() == "log":
                assert min(getattr(ax, f"get_{name}lim")()) > 0

    def test_a_log_axis_set_afterwards_has_no_zero(self, plot: Plot, table: pd.DataFrame) -> None:
        ax = plot(table)
        if not ax.yaxis_inverted() and min(ax.get_ylim()) == 0:
            ax.set_yscale("log")
            ax.figure.canvas.draw()
            low, high = ax.get_ylim()
            assert 0 < low < high
            assert in_the_way(ax.figure) == []

    def test_a_figure_can_be_kept(self, plot: Plot, table: pd.DataFrame) -> None:
        kept = pickle.loads(pickle.dumps(plot(table).figure))
        kept.canvas.draw()

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"figsize": (0, 5)}, r"^figsize: \(0, 5\) is not a size; expected \(width, height\)"),
            ({"figsize": "large"}, r"^figsize: 'large' is not a size"),
            ({"palette": "red"}, r"^palette: 'red' is not a palette; expected a list"),
            ({"palette": ["no colour"]}, r"^palette: 'no colour' is not a colour"),
            ({"log": True}, r"^log: True is not an axis; expected 'x', 'y' or None"),
            ({"title": 5}, r"^title: 5 is not a text"),
        ],
    )
    def test_what_is_wrong_is_refused_before_a_figure_exists(
        self, plot: Plot, table: pd.DataFrame, wrong: dict[str, Any], said: str
    ) -> None:
        with pytest.raises(TableError, match=said):
            plot(table, **wrong)
        with pytest.raises(TypeError, match="unexpected keyword argument 'titel'; charts also"):
            plot(table, titel="x")
        assert not plt.get_fignums()


def test_a_palette_is_drawn_in_its_order_or_by_name() -> None:
    plain = {plot.__name__: (plot, table) for plot, table in EVERY_CHART}
    plot, table = plain["plot_failure_rate"]
    assert "#123456" in colours_of(plot(table, palette=["#123456"]).figure)
    split = table.assign(elb=["a", "b"])
    by_name = plot(split, palette={"b": "#654321"})
    assert "#654321" in colours_of(by_name.figure)
    plot, table = plain["plot_failure_reasons"]
    assert "#abcdef" in colours_of(plot(table, palette={"A": "#ABCDEF"}).figure)


def test_a_look_is_a_value() -> None:
    look = read_look({"title": "T", "palette": ["red"]})
    assert look == Look(title="T", palette=["red"])
    with pytest.raises(AttributeError):
        look.title = "other"  # type: ignore[misc]
    assert read_look({}) == Look()


def test_texts_grow_with_a_slide_and_shrink_with_a_thumbnail() -> None:
    plot, table = EVERY_CHART[0]
    sizes = []
    for size in ((4, 2.5), (10, 5), (13.33, 7.5)):
        (note,) = [one for one in plot(table, figsize=size).texts if one.get_gid() == "subtitle"]
        sizes.append(note.get_fontsize())
    assert sizes[0] < sizes[1] < sizes[2]


def test_a_picture_is_written_with_real_text_and_the_same_bytes(tmp_path: Any) -> None:
    plot, table = EVERY_CHART[0]
    before = dict(plt.rcParams)
    for name in ("a.svg", "b.svg"):
        assert charts.write_picture(plot(table, title="Find me"), tmp_path / name).exists()
    text = (tmp_path / "a.svg").read_text()
    assert ">Find me<" in text
    assert text == (tmp_path / "b.svg").read_text()
    charts.write_picture(plot(table), tmp_path / "c.pdf")
    assert (
        b"/TrueType" in (tmp_path / "c.pdf").read_bytes()
        or b"Type0" in (tmp_path / "c.pdf").read_bytes()
    )
    assert dict(plt.rcParams) == before
    with pytest.raises(TableError, match=r"^path: 'd.gif' is no picture's name; expected"):
        charts.write_picture(plot(table), tmp_path / "d.gif")
