"""The picture in the first screen: the incident with some time around it, the whole log below.

What an incident is seen best in depends on its kind; one table says which picture that is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from albconn import analysis
from albconn.analysis.comparing.beside import Place
from albconn.report.drawing import Chart
from albconn.report.findings import headline
from albconn.report.folder import Folder
from albconn.report.page import Figure
from albconn.report.question import Question
from albconn.times import Window

Drawn = tuple[str, pd.DataFrame, dict[str, Any]]  # a chart function, its table, its options


def lead(question: Question, folder: Folder) -> list[Figure]:
    """Draw what the page is about: the incident, and below it the whole log."""
    if question.totals["connections"] == 0:
        return []
    whole = analysis.failure_rate(question.alike, every=question.every)
    folder.save_table(whole, "failure_rate")
    chart = Chart(
        "failure_rate", "plot_failure_rate", whole, question.over_time(), question.whole, "too"
    )
    if question.incident is None:
        return [folder.draw(chart)]
    return [_incident(question, folder), folder.draw(chart)]


def _incident(question: Question, folder: Folder) -> Figure:
    near = question.near
    assert near is not None
    kind = question.failing[0].kind if question.chosen else ""
    plot, table, options = LEADS.get(kind, _rate)(question, near)
    folder.save_table(table, "incident")
    options = question.over_time() | options
    return folder.draw(Chart("incident", plot, table, options, near, "too"), headline(question))


def _rate(question: Question, near: Window) -> Drawn:
    """Return the failure rate of the place of the incident, around it."""
    place: Place = question.beside.place if question.beside is not None else {}
    rates = analysis.failure_rate(question.within(near), every=question.every_near, by=tuple(place))
    for name, value in place.items():
        rates = rates[rates[name].astype("str") == value]
    return "plot_failure_rate", rates.drop(columns=list(place)).reset_index(drop=True), {}


# By kind of incident, where another picture than the failure rate says it best.
LEADS: dict[str, Callable[[Question, Window], Drawn]] = {}
