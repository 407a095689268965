"""Whatever a stranger wrote into a line, every chart draws it as text: in PNG, SVG and PDF."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.text import Text

from tests.charts.test_every_chart import EVERY_CHART

HOSTILE = {
    "mathtext": "$x^$ and $\\frac{",
    "markup": "</text><script>alert(1)</script><!-- ]]> & \" ' -->",
    "controls": "\x1b]0;x\x07\x00\x9b31m\r\n\ta\x7f",
    "directions": "\u202eabc\u2066\u200f\u061c",
    "wide": "W" * 500,
    "tall": "a" + "\u0301" * 300,
    "no font": "\U0001f600\ufdfd中" * 50,
    "a megabyte": "m" * 1_000_000,
}
OURS = ("verdict", "kind", "state", "dimension")  # columns that hold words of ours


def made_hostile(table: pd.DataFrame, text: str) -> pd.DataFrame:
    """Return a table whose texts are a stranger's, still as different as they were."""
    hostile = table.copy()
    for name in table.columns:
        if table[name].dtype.kind == "O" and name not in OURS:
            hostile[name] = [f"{text}{value}" if isinstance(value, str) else value
                             for value in table[name].astype(object)]  # fmt: skip
    return hostile


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
@pytest.mark.parametrize(
    ("plot", "table"), EVERY_CHART, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_strangers_text_is_drawn_as_text(
    plot: Callable[..., Any], table: pd.DataFrame, text: str
) -> None:
    figure = plot(made_hostile(table, text)).figure
    stored = io.BytesIO()
    figure.savefig(stored, format="svg", bbox_inches="tight")
    written = stored.getvalue().decode()
    ElementTree.fromstring(written)  # it is still XML
    assert not re.search(r"<script|\u202e|\u2066|\u200f|[\x00-\x08\x0b-\x1f\x7f-\x9f]", written)
    for artist in figure.findobj(Text):
        assert len(artist.get_text()) < 400
    assert figure.get_tightbbox().width < 2 * figure.get_figwidth()
    plt.close(figure)


def test_it_is_a_document_of_paper_too() -> None:
    plot, table = EVERY_CHART[2]
    figure = plot(made_hostile(table, HOSTILE["mathtext"] + HOSTILE["markup"])).figure
    stored = io.BytesIO()
    figure.savefig(stored, format="pdf")
    assert stored.getvalue().startswith(b"%PDF")
