"""Commands that follow clients print the sample's truth: a fleet stopped, and came back."""

from __future__ import annotations

from typer.testing import CliRunner

from albconn.cli import app
from tests.cli.running import TRUTH, printed


def test_histories_count_every_failure_once(dataset: str) -> None:
    rows = printed("histories", dataset)
    assert sum(int(row["failures"]) for row in rows) == TRUTH["failures"]
    assert sum(int(row["connections"]) for row in rows) == TRUTH["tls_connections"]
    assert len(rows) == TRUTH["clients"]
    back = [row["client_ip"] for row in rows if row["state"] == "came back"]
    assert sum(ip.startswith("203.0.113.") for ip in back) == TRUTH["incident"]["recovered_clients"]


def test_histories_take_what_a_client_is_and_since(dataset: str) -> None:
    rows = printed("histories", dataset, "--by", "client_network", "--since", "2026-09-01")
    states = {row["client_network"]: row["state"] for row in rows}
    assert states["203.0.113.0/24"] == "came back"
    assert "working" not in states.values()  # all are first seen after that


def test_stopped_working_names_who_has_only_failed(dataset: str) -> None:
    since, end = TRUTH["incident"]["start"], TRUTH["incident"]["end"]
    rows = printed("stopped-working", dataset, "--since", since, "--end", end)
    fleet = [row for row in rows if row["client_ip"].startswith("203.0.113.")]
    assert len({row["client_ip"] for row in fleet}) > 0.8 * TRUTH["incident"]["recovered_clients"]
    assert {row["top_reason"] for row in fleet} == {"ClientCertExpired"}
    assert {row["last_leaf_client_cert_subject"] for row in fleet} == {
        "CN=fleet-7,OU=devices,O=Example Fleet,C=US"
    }


def test_stopped_working_needs_a_moment(dataset: str) -> None:
    done = CliRunner().invoke(app, ["stopped-working", dataset])
    assert done.exit_code == 2
    assert "--since" in done.output
