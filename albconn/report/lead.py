"""The picture in the first screen: the incident with some time around it, the whole log below.

What an incident is seen best in depends on its kind; one table says which picture that is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd

from albconn import analysis
from albconn.analysis.comparing.beside import Place
from albconn.report.drawing import Chart
from albconn.report.folder import Folder
from albconn.report.page import Figure
from albconn.report.question import Question
from albconn.report.titles import finding
from albconn.times import Window

WHOLE = "TLS failure rate, the whole log"
SMALL = (6.4, 3.4)  # [inch]; it stands below the other picture
Drawn = tuple[str, pd.DataFrame, dict[str, Any]]  # a chart function, its table, its options


def lead(question: Question, folder: Folder) -> list[Figure]:
    """Draw what the page is about: the incident, and below it the whole log."""
    if question.totals["connections"] == 0:
        return []
    first = _nothing(question, folder) if question.incident is None else _incident(question, folder)
    whole = analysis.failure_rate(question.alike, every=question.every)
    folder.save_table(whole, "failure_rate")
    options = question.over_time() | {"title": WHOLE, "figsize": SMALL}
    chart = Chart("failure_rate", "plot_failure_rate", whole, options, question.whole, "too")
    return [first, folder.draw(chart)]


def _nothing(question: Question, folder: Folder) -> Figure:
    """Draw clients that failed over time, without those that make peaks and are no outage."""
    title = finding(question)
    options = {"title": title, "timezone": question.asked.zone.key, "mark": question.marks or None}
    found = question.incidents
    return folder.draw(Chart("incidents", "plot_incidents", found, options, None, "too"), title)


def _incident(question: Question, folder: Folder) -> Figure:
    near = question.near
    assert near is not None
    kind = question.failing[0].kind if question.chosen else ""
    plot, table, options = LEADS.get(kind, _rate)(question, near)
    folder.save_table(table, "incident")
    title = finding(question)
    options = question.over_time() | {"title": title} | options
    return folder.draw(Chart("incident", plot, table, options, near, "too"), title)


def _rate(question: Question, near: Window) -> Drawn:
    """Return the failure rate of the place of the incident, around it."""
    return "plot_failure_rate", _at_its_place(question, near), {}


def _spoken(question: Question, near: Window, *, by: str) -> Drawn:
    """Return what handshakes agreed on, above the failures of which that is not known."""
    return "plot_handshakes_over_time", _at_its_place(question, near, by), {}


def _at_its_place(question: Question, near: Window, *by: str) -> pd.DataFrame:
    """Return the failure rate of the place of the incident, around it."""
    place: Place = question.beside.place if question.beside is not None else {}
    rates = analysis.failure_rate(
        question.within(near), every=question.every_near, by=(*place, *by)
    )
    for name, value in place.items():
        rates = rates[rates[name].astype("str") == value]
    return rates.drop(columns=list(place)).reset_index(drop=True)


# By kind of incident, where another picture than the failure rate says it best.
LEADS: dict[str, Callable[[Question, Window], Drawn]] = {
    "policy raised": partial(_spoken, by="tls_protocol"),
    "cipher removed": partial(_spoken, by="tls_cipher"),
}
