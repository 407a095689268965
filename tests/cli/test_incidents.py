"""The command tells the sample's incident as a story, and where there is none what it saw."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import albconn as ac
from albconn.analysis.outages.answer import answer_of
from albconn.cli import app
from albconn.cli.incidents import story
from tests.cli.running import FIRST_CASE, TRUTH, printed

BACKGROUND = {"clients": 2, "failures": 9, "source": "192.0.2.1", "source_failures": 8}


def table_of(*rows: dict[str, object], **notes: object) -> pd.DataFrame:
    table = answer_of(list(rows))
    table.attrs = {
        "start": "2026-09-23T10:00:03+00:00", "end": "2026-09-23T13:59:00+00:00",
        "connections": 1234, "clients": 56, "failures": 30, "failures_without_client": 0,
        "background": BACKGROUND | {"failures": 0}, **notes,
    }  # fmt: skip
    return table


def node(**fields: object) -> dict[str, object]:
    return {
        "start": pd.Timestamp("2026-09-23T11:00Z"), "end": pd.Timestamp("2026-09-23T11:20Z"),
        "going_on": False, "kind": "one node", "cause": "ip_address 10.0.0.9",
        "dimension": "ip_address", "value": "10.0.0.9", "elb": "app/shop/1", "reason": "A",
        "clients": 12, "failures": 20, "connections": 25, "failure_rate": 0.8, "usual": 0.01,
        "share_of_excess": 1.0, **fields,
    }  # fmt: skip


def test_an_incident_is_told_with_its_numbers() -> None:
    lines = story(table_of(node()), 90)
    assert " ".join(lines[:2]) == (
        "1 incident in 1,234 TLS connections of 56 clients from 2026-09-23 10:00 to 13:59 UTC; "
        "the strongest first."
    )
    assert lines[3:6] == [
        " 1  one node: ip_address 10.0.0.9",
        "    2026-09-23 11:00 to 11:20 UTC · 12 clients · 20 failures of 25 connections",
        "    1.0 % → 80 %",
    ]
    assert "12 clients failed there and get through at the other nodes." in " ".join(
        " ".join(lines).split()
    )


def test_every_incident_is_told_in_order_and_the_background_last() -> None:
    table = table_of(node(), node(kind="one network", usual=None), background=BACKGROUND)
    lines = story(table, 100)
    assert [line[:4] for line in lines if line.startswith((" 1", " 2"))] == [" 1  ", " 2  "]
    assert any(line.endswith("none before → 80 %") for line in lines)
    assert " ".join(lines).endswith("no outage, and not counted above.")


@pytest.mark.parametrize("width", [60, 80])
def test_a_narrow_terminal_breaks_no_line(width: int) -> None:
    long = "leaf_client_cert_subject CN=fleet-7,OU=devices,O=Example Fleet,C=US"
    lines = story(table_of(node(cause=long), background=BACKGROUND), width)
    assert max(map(len, lines)) <= width


def test_hostile_text_stays_on_its_line() -> None:
    lines = story(table_of(node(cause="CN=\x1b[31m\nroot")), 100)
    assert all(line.isprintable() for line in lines)


def test_no_incident_is_said_in_words() -> None:
    said = " ".join(story(table_of(), 80))
    assert said.startswith("No incident found in 1,234 TLS connections of 56 clients from ")
    assert "30 failures among them" in said
    assert " ".join(story(table_of(connections=0), 80)).startswith(
        "No incident found: there are no TLS connections."
    )


def test_failures_without_address_are_told() -> None:
    assert "7 of 30 failures are of no known address" in " ".join(
        story(table_of(failures_without_client=7), 400)
    )


def test_the_sample_is_told(dataset: str) -> None:
    done = CliRunner().invoke(app, ["incidents", dataset])
    assert done.exit_code == 0
    said = " ".join(done.stdout.split())
    assert "1 incident in" in said
    assert f"{TRUTH['incident']['recovered_clients']} clients" in said
    assert "CN=fleet-7,OU=devices,O=Example Fleet,C=US" in said


def test_csv_is_the_table_and_the_rest_is_told_beside_it(dataset: str) -> None:
    (row,) = printed("incidents", dataset)
    assert list(row) == list(ac.incidents(dataset).columns)
    assert row["start"] == "2026-09-23 10:00:00+00:00"
    done = CliRunner().invoke(app, ["incidents", dataset, "--format", "json"])
    assert len(done.stdout.splitlines()) == 1
    assert "no outage" in done.stderr


def test_time_ranges_are_taken(dataset: str) -> None:
    done = CliRunner().invoke(app, ["incidents", dataset, "--end", "2026-09-23"])
    assert done.stdout.startswith("No incident found in ")


def test_the_first_case_is_no_incident() -> None:
    assert Path(FIRST_CASE).exists()
    done = CliRunner().invoke(app, ["incidents", FIRST_CASE])
    assert done.stdout.startswith("No incident found in 8 TLS connections of 2 clients")
