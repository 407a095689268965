"""Tiles, sentences, tables and pictures give the same number for the same thing.

In each of five cases the rows are counted once more, in plain pandas, and all that a page says is
held against that: what the artists of the pictures have drawn, too.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.dates import date2num
from matplotlib.patches import StepPatch

import albconn as ac
from albconn.arrow import to_frame
from albconn.report.drawing import plotted
from albconn.report.page import Fact, Section
from albconn.report.question import Asked, Question, ask
from albconn.report.report import draw_all
from albconn.report.short import summary_of
from albconn.report.tiles import tiles_of
from albconn.words import counted, number, percent
from tests.cases import CASES, case_of
from tests.report.asking import Noting

pytestmark = [
    pytest.mark.long, pytest.mark.filterwarnings("ignore::albconn.AlbconnWarning"),
]  # fmt: skip
UNMAPPED = "UnmappedConnectionError"


class Told(NamedTuple):
    """What a page says, and the rows that it is about, as pandas has them."""

    question: Question
    folder: Noting
    sections: dict[str, Section]
    tiles: dict[str, Fact]
    rows: pd.DataFrame

    def inside(self) -> pd.DataFrame:
        """Return the rows of the incident, at its place."""
        assert self.question.incident is not None
        assert self.question.beside is not None
        start, end = self.question.incident
        rows = self.rows[(self.rows["timestamp"] >= start) & (self.rows["timestamp"] < end)]
        for name, value in self.question.beside.place.items():
            rows = rows[rows[name].astype("str") == value]
        return rows

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as it was saved."""
        return pd.read_csv(self.folder.tables / f"{name}.csv")

    def drawn(self, name: str) -> Any:
        """Return the first Axes of a chart of the page, drawn."""
        chart = next(each for each in self.folder.noted if each.name == name)
        return plotted(chart)


@pytest.fixture(scope="module", params=CASES)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp(request.param)
    source = case_of(request.param, folder / "log").source
    with ac.open_connections(source) as opened:
        question, noting = ask(opened, Asked()), Noting(folder / "out")
        _, sections = draw_all(question, noting)
        rows = ac.read_connections(source) if isinstance(source, str) else to_frame(source)
        return Told(
            question, noting, {section.anchor: section for section in sections},
            {fact.name: fact for fact in tiles_of(question)},
            rows[rows["outcome"].isin(["success", "failed"])],
        )  # fmt: skip


def failed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["outcome"] == "failed"]


def filled(ax: Any, start: Any = None, end: Any = None) -> float:
    """Return the sum of what an Axes has filled, between two moments."""
    low, high = (np.nan if each is None else date2num(each) for each in (start, end))
    total = 0.0
    for patch in (each for each in ax.patches if isinstance(each, StepPatch)):
        values, edges, _ = patch.get_data()
        begins = edges[:-1] + 1e-9
        within = ~((begins < low) | (begins > high))
        total += float(np.nansum(np.where(within, values, 0)))
    return total


def subtitle(ax: Any) -> str:
    (note,) = [text for text in ax.texts if text.get_gid() == "subtitle"]
    return " ".join(note.get_text().split())


def test_the_tiles_are_the_summarys_and_both_are_counted_right(told: Told) -> None:
    summary = summary_of(told.question)
    assert [name for name, _, _ in summary.facts] == list(told.tiles)
    if told.question.incident is None:
        rows, text = told.rows, " ".join(summary.sentences)
        assert told.tiles["failure rate of all"].value in text
    else:
        rows, text = told.inside(), summary.sentences[0]
        rate = percent(len(failed(rows)) / len(rows))
        assert told.tiles["failure rate in it"].value == rate
        assert f"{rate} of {number(len(rows))} TLS connections" in text
    assert told.tiles["failures"].value == number(len(failed(rows)))
    assert told.tiles["failures"].note == f"of {counted(len(rows), 'connection')}"
    assert number(len(failed(rows))) in text


def test_each_table_of_the_incident_adds_up_to_it(told: Told) -> None:
    if told.question.incident is None:
        assert not list(told.folder.tables.glob("incident*.csv"))
        return
    rows = told.inside()
    for name in ("reasons", "networks", "clients"):
        table = told.table(f"incident_{name}")
        assert table["incident_failures"].sum() == len(failed(rows)), name
    clients = told.table("incident_clients")
    assert (clients["incident_failures"] > 0).sum() == failed(rows)["client_ip"].nunique()
    by_reason = told.table("incident_reasons").set_index("failure_reason")["incident_failures"]
    counts = failed(rows)["failure_reason"].value_counts()
    counts = counts[counts > 0]
    assert by_reason[by_reason > 0].to_dict() == counts.to_dict()


def test_the_pictures_of_the_incident_draw_it(told: Told) -> None:
    if told.question.incident is None:
        return
    rows, (start, end) = told.inside(), told.question.incident
    counts = failed(rows)["failure_reason"].value_counts()
    if (counts > 0).sum() > 1:  # of one reason there is no picture
        notes = [text.get_text() for text in told.drawn("incident_reasons").texts]
        for count in counts[counts > 0].head(3):
            assert any(note.endswith(f"({number(count)} of {number(len(rows))})") for note in notes)
    lead = told.drawn("incident")
    panels = lead.figure.axes
    unmapped = int((failed(rows)["failure_reason"] == UNMAPPED).sum())
    if told.question.failing[0].kind == "policy raised":
        assert filled(panels[-1], start, end) == unmapped
        drawn = sum(filled(panel, start, end) for panel in panels[:-1])
        assert drawn == (rows["outcome"] == "success").sum()
    else:
        assert filled(panels[-1], start, end) == len(rows)
    title = " ".join(lead.get_title(loc="left").split())
    who = ("clients that fail", "clients that stopped working", "failure rate in it")
    assert any(told.tiles[name].value in title for name in who if name in told.tiles)
    plt.close("all")


def test_who_stopped_working_is_counted_by_hand(told: Told) -> None:
    """Who fails in the incident and got through last, before it, with what has vanished."""
    if "stopped_working" not in [chart.name for chart in told.folder.noted]:
        assert told.question.incident is None or told.question.failing[0].kind != "policy raised"
        return
    assert told.question.incident is not None
    before = told.rows[told.rows["timestamp"] < told.question.incident[0]]
    last = before[before["outcome"] == "success"].sort_values("timestamp").groupby(
        "client_ip", observed=True
    )["tls_protocol"].last()  # fmt: skip
    gone = last[last.isin(told.question.failing[0].vanished.split(", "))]
    hit = gone[gone.index.isin(failed(told.inside())["client_ip"])]
    value = told.tiles["clients that stopped working"].value
    assert value == number(len(hit))
    chart = told.drawn("stopped_working")
    title = " ".join(chart.get_title(loc="left").split())
    most = hit.value_counts()
    assert (
        title
        == f"{value} clients stopped working; {most.iloc[0]} of them last spoke {most.index[0]}"
    )
    assert sum(bar.get_width() for bar in chart.patches) == len(hit)
    plt.close("all")


def test_the_whole_log_is_the_same_everywhere(told: Told) -> None:
    every, failures = len(told.rows), len(failed(told.rows))
    text = " ".join(summary_of(told.question).sentences)
    assert f"In all, {number(failures)} of {number(every)} TLS connections failed" in text
    rate = told.drawn("failure_rate")
    assert f"{number(failures)} of {number(every)} TLS connections failed" in subtitle(rate)
    assert filled(rate.figure.axes[1]) == every
    assert told.table("failure_reasons")["failures"].sum() == failures
    reasons = told.drawn("failure_reasons")
    assert subtitle(reasons).startswith(counted(failures, "failed TLS connection"))
    rates = told.table("failure_rate")
    assert (rates["failures"].sum(), rates["connections"].sum()) == (failures, every)
    if "nodes" in told.sections:
        panels = told.drawn("failure_rate_by_node")
        of = f"{number(failures)} of {number(every)} TLS connections failed"
        assert of in subtitle(panels)
    plt.close("all")


def test_handshakes_are_the_same_in_their_pictures_and_tables(told: Told) -> None:
    successes = int((told.rows["outcome"] == "success").sum())
    unmapped = int((failed(told.rows)["failure_reason"] == UNMAPPED).sum())
    over_time = told.drawn("handshakes_by_tls_protocol")
    assert subtitle(over_time).startswith(f"{counted(successes, 'successful handshake')}, ")
    assert filled(over_time.figure.axes[-1]) == unmapped
    table = told.table("protocols_and_ciphers")
    assert (table["connections"] - table["failures"]).sum() == successes
    assert table["unmapped_failures"].sum() == unmapped
    plt.close("all")


def test_certificates_and_missing_files_are_counted_once(told: Told) -> None:
    if "certificates" in told.sections:
        text = told.sections["certificates"].paragraphs[0]
        title = " ".join(told.drawn("client_certificates").get_title(loc="left").split())
        ended = re.search(r"([\d,]+) had ended", text)
        assert ended is not None
        if ended[1] != "0":
            assert title.startswith(f"{ended[1]} of ")
        assert len(told.table("client_certificates")) == int(
            text.split(" client certificate")[0].replace(",", "")
        )
    if "coverage" in [chart.name for chart in told.folder.noted]:
        holes = ~told.table("coverage")["seen"]
        title = " ".join(told.drawn("coverage").get_title(loc="left").split())
        assert title.startswith(f"{holes.sum()} log file") or not holes.any()
        seen = number((~holes).sum())
        assert told.sections["coverage"].paragraphs[0].startswith(f"{seen} of ")
    plt.close("all")
