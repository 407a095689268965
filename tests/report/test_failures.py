"""Evidence about failures: each section says its numbers, and is left out where it has none."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from albconn.opened import Opened
from albconn.report.drawing import Chart, plotted
from albconn.report.failures import grouped, since_when, what_changed, where, who, why
from albconn.report.question import Asked, ask
from tests.report.asking import Noting, folder_of, question_of
from worlds.rows import BEGIN, Row, connection
from worlds.traffic.making import make

NODES = ("10.0.1.11", "10.0.2.12")


def world(*, is_broken: bool) -> list[Row]:
    """Return four hours on two nodes; in twenty minutes of them one network fails."""
    return [
        connection(
            10 * n, "ClientCertExpired" if is_broken and 720 <= n < 840 and n % 2 else None,
            client_ip=f"203.0.113.{n % 50}" if n % 2 else "198.51.100.1", ip_address=NODES[n % 2],
        )
        for n in range(1440)
    ]  # fmt: skip


def test_each_section_says_its_numbers(tmp_path: Path) -> None:
    question, folder = question_of(world(is_broken=True)), folder_of(tmp_path)
    assert question.incident == (BEGIN + timedelta(hours=2), BEGIN + timedelta(minutes=140))
    since = since_when(question, folder)
    assert since is not None
    assert "2026-09-23 12:00 UTC from 0 % to 50 %" in since.paragraphs[0]
    changed = what_changed(question, folder)
    assert changed is not None
    assert "against the rest of the log" in changed.paragraphs[0]
    reasons = why(question, folder)
    assert reasons is not None
    # Twenty minutes of a connection every ten seconds, every other one of them failed.
    assert reasons.tables[0].rows == [
        ["ClientCertExpired", "60", "50 % of 120", f"0 % of {1440 - 120 - 60:,}"]
    ]
    assert "has ended" in str(reasons.tables[1].rows[0][1])
    assert reasons.tables[2].rows == [["ClientCertExpired", "60", "100 %"]]
    clients = who(question, folder)
    assert clients is not None
    assert clients.tables[0].rows == [["203.0.113.0/24", "60", "100 % of 60", "0 % of 630"]]
    nodes = where(question, folder)
    assert nodes is not None
    assert [row[1:3] for row in nodes.tables[0].rows] == [["10.0.2.12", "60"], ["10.0.1.11", "0"]]


def test_what_holds_the_same_failures_is_one_row(tmp_path: Path) -> None:
    """The network, its node and the reason are the same sixty failures: one row, two names more."""
    question = question_of(world(is_broken=True))
    assert question.beside is not None
    changed = question.beside.changed
    assert changed["significant"].sum() >= 3
    rows = grouped(changed)
    assert len(rows) == 1
    told = f"{rows['value'].iloc[0]}; {rows['the_same'].iloc[0]}"
    assert all(word in told for word in ("203.0.113.0/24", "10.0.2.12", "ClientCertExpired"))
    section = what_changed(question, folder_of(tmp_path))
    assert section is not None
    assert len(section.tables[0].rows) == 1


def test_where_nothing_failed_there_is_no_why_and_no_who(tmp_path: Path) -> None:
    question, folder = question_of(world(is_broken=False)), folder_of(tmp_path)
    section = since_when(question, folder)
    assert section is not None
    assert section.paragraphs == [
        "The failure rate does not change more than chance would explain."
    ]
    assert section.tables == []
    assert why(question, folder) is who(question, folder) is what_changed(question, folder) is None
    assert where(question, folder) is not None
    assert where(question_of([connection(0, ip_address="10.0.1.11")]), folder) is None


def charts_of(folder: Noting) -> dict[str, Chart]:
    return {chart.name: chart for chart in folder.noted}


def test_the_incident_is_drawn_beside_the_usual(tmp_path: Path) -> None:
    rows = [
        row | {"outcome": "failed", "failure_reason": "Odd"} if n % 35 == 0 else row
        for n, row in enumerate(world(is_broken=True))
    ]
    question, folder = question_of(rows), Noting(tmp_path)
    assert why(question, folder) is not None
    assert who(question, folder) is not None
    drawn = charts_of(folder)
    reasons, clients = drawn["incident_reasons"], drawn["incident_clients"]
    assert {reasons.plot, clients.plot} == {"plot_incident_and_usual"}
    assert list(reasons.table["incident_failures"]) == [58, 3]
    networks = clients.table[clients.table["dimension"] == "client_network"]
    assert networks["incident_failures"].max() == 60
    assert "stopped_working" not in drawn


def test_who_was_locked_out_is_drawn_by_what_they_last_spoke(tmp_path: Path) -> None:
    question = ask(Opened(make("policy_raised", 3).connections, "table"), Asked())
    folder = Noting(tmp_path)
    assert who(question, folder) is not None
    stopped = charts_of(folder)["stopped_working"]
    assert stopped.plot == "plot_stopped_working"
    assert stopped.table["clients"].sum() == question.failing[0].clients
    title = plotted(stopped).get_title(loc="left")
    assert title.startswith(f"{question.failing[0].clients} clients stopped working; ")


def test_one_value_is_said_by_its_table_and_needs_no_picture(tmp_path: Path) -> None:
    question, folder = question_of(world(is_broken=True)), Noting(tmp_path)
    assert why(question, folder) is not None
    assert what_changed(question, folder) is not None
    assert list(charts_of(folder)) == ["failure_reasons"]


def test_nodes_are_named_with_their_load_balancer(tmp_path: Path) -> None:
    question, folder = question_of(world(is_broken=True)), Noting(tmp_path)
    assert where(question, folder) is not None
    (panels,) = folder.noted
    assert {"elb", "ip_address"} < set(panels.table.columns)
