"""The lead picture: the incident with some time around it, of its own place and numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from albconn.opened import Opened
from albconn.report import lead as leading
from albconn.report.question import Asked, ask
from albconn.report.titles import finding
from tests.report.asking import Noting, folder_of, question_of
from worlds.rows import bare, connection
from worlds.traffic.making import make


@pytest.mark.parametrize("kind", ["fleet_certificate_expires", "node_broken"])
def test_it_is_of_the_incidents_place_and_its_bins_add_up_to_the_tiles(
    kind: str, tmp_path: Path
) -> None:
    question = ask(Opened(make(kind, 3).connections, "table"), Asked())
    folder = folder_of(tmp_path)
    figures = leading.lead(question, folder)
    assert [figure.name for figure in figures] == ["incident", "failure_rate"]
    rates = pd.read_csv(tmp_path / "tables/incident.csv", parse_dates=["bin_start"])
    assert question.incident is not None
    assert question.near is not None
    start, end = question.incident
    inside = rates[(rates["bin_start"] >= start) & (rates["bin_start"] < end)]
    first = question.failing[0]
    assert inside["failures"].sum() == first.place_failures
    assert inside["connections"].sum() == first.place_connections
    assert rates["bin_start"].min() >= question.near[0]
    assert rates["bin_start"].max() < question.near[1]


@pytest.mark.parametrize(
    ("kind", "by"), [("policy_raised", "tls_protocol"), ("cipher_removed", "tls_cipher")]
)
def test_of_a_policy_it_is_what_handshakes_agree_on_over_time(
    kind: str, by: str, tmp_path: Path
) -> None:
    question = ask(Opened(make(kind, 3).connections, "table"), Asked())
    folder = Noting(tmp_path)
    figures = leading.lead(question, folder)
    lead = folder.noted[0]
    assert lead.plot == "plot_handshakes_over_time"
    assert by in lead.table.columns
    assert lead.options["title"] == figures[0].alt == finding(question)
    assert question.incident is not None
    start, end = question.incident
    inside = lead.table[(lead.table["bin_start"] >= start) & (lead.table["bin_start"] < end)]
    first = question.failing[0]
    assert first.kind == kind.replace("_", " ")
    failed, unmapped = inside["failures"].sum(), inside["unmapped_failures"].sum()
    assert failed + unmapped == first.place_failures
    assert inside["connections"].sum() + unmapped == first.place_connections


def test_without_an_incident_it_is_the_whole_log(tmp_path: Path) -> None:
    quiet = question_of([connection(20 * n) for n in range(200)])
    found = leading.lead(quiet, folder_of(tmp_path))
    assert [figure.name for figure in found] == ["incidents", "failure_rate"]
    assert leading.lead(question_of([bare(3)]), folder_of(tmp_path / "none")) == []


def test_a_kind_may_have_a_picture_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = ask(Opened(make("node_broken", 3).connections, "table"), Asked())
    drawn: list[Any] = []

    def picture(*asked: Any) -> leading.Drawn:
        drawn.append(asked)
        return "plot_failure_rate", pd.DataFrame({"n": [1]}), {}

    monkeypatch.setitem(leading.LEADS, question.failing[0].kind, picture)
    leading.lead(question, folder_of(tmp_path))
    assert drawn == [(question, question.near)]
