"""Commands that look for time ranges find the sample's incident, and say when there is none."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import albconn as ac
from albconn.cli import app
from tests.cli.running import FIRST_CASE, TRUTH, albconn, printed


@pytest.fixture
def quiet_log(tmp_path: Path) -> str:
    """Give a log with one success, in which nothing stands out."""
    log = tmp_path / "quiet.log"
    log.write_text(Path(FIRST_CASE).read_text().splitlines()[-1] + "\n")
    return str(log)


def test_changes_are_found_where_the_incident_begins_and_ends(dataset: str) -> None:
    found = {row["bin_start"]: float(row["rate_after"]) for row in printed("changes", dataset)}
    ends = [datetime.fromisoformat(TRUTH["incident"][end]) for end in ("start", "end")]
    start, end = (found[str(moment)] for moment in ends)
    assert start > 0.3 > 0.01 > end


def test_windows_prints_the_windows(dataset: str) -> None:
    rows = {row["kind"]: row for row in printed("windows", dataset)}
    start, end = ac.worst_window(dataset) or ("", "")
    assert (rows["worst"]["start"], rows["worst"]["end"]) == (str(start), str(end))
    assert rows["quiet"]["end"] == str(start)
    assert int(rows["worst"]["clients"]) == TRUTH["incident"]["recovered_clients"]
    assert 0 < int(rows["worst"]["failures"]) < int(rows["worst"]["connections"])
    assert rows["quiet"]["failures"] == ""
    assert "slow" not in rows
    given = ("--incident", "2026-09-22T15:00Z/2026-09-22T16:00Z")
    quiet = {row["kind"]: row for row in printed("windows", dataset, *given)}["quiet"]
    assert quiet["start"] == "2026-09-22 16:00:00+00:00"


def test_windows_says_that_there_are_none(quiet_log: str) -> None:
    done = CliRunner().invoke(app, ["windows", quiet_log, "--format", "csv"])
    assert (done.exit_code, done.stdout) == (
        0,
        "kind,start,end,clients,failures,connections,usual\n",
    )
    assert done.stderr.splitlines()[-1] == (
        "albconn: nothing stands out: no window with more failures or slow handshakes than usual"
    )


def test_compare_finds_the_fleet_and_says_what_it_compared(dataset: str) -> None:
    done = albconn("compare", dataset, "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert "client_network,203.0.113.0/24" in done.stdout
    worst = ac.worst_window(dataset)
    assert worst is not None
    quiet = ac.quiet_window(dataset, worst)
    assert quiet is not None
    incident, baseline = (
        "/".join(f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in window) for window in (worst, quiet)
    )
    assert done.stderr.splitlines()[-1] == f"albconn: incident {incident}, baseline {baseline}"


def test_compare_takes_dimensions_and_pairs(dataset: str) -> None:
    rows = printed("compare", dataset, "--by", "client_network,elb")
    assert {row["dimension"] for row in rows} == {"client_network × elb"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), "albconn: no time range stands out; give --incident"),
        (("--incident", "2023-12-05T14:00Z/2023-12-05T15:00Z"),
         "albconn: there is no quiet time to compare with; give --baseline"),
    ],
)  # fmt: skip
def test_compare_needs_two_windows(quiet_log: str, given: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(app, ["compare", quiet_log, *given])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == said
