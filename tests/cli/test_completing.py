"""What a shell offers, asked as a shell asks: a process of its own, told by the environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from zoneinfo import available_timezones

import pytest
from typer.testing import CliRunner

import albconn as ac
from albconn.analysis.tls.policies import policies
from albconn.cli import app
from albconn.cli.analyses import COMMANDS, name_of
from albconn.cli.charts import PICTURES
from albconn.cli.completing import complete_dimensions, complete_splits
from albconn.schema.connections import CONNECTIONS

COLUMNS = set(CONNECTIONS.columns)
SPLITS = COLUMNS | {"client_network", "date"}


_RUN = "import sys; sys.argv[0] = 'albconn'; from albconn.cli import main; main()"


def asking(*words: str) -> dict[str, str]:
    """Return the environment in which bash asks what the last of these words may become."""
    typed = ["albconn", *words]
    return {
        "_ALBCONN_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(typed),
        "COMP_CWORD": str(len(typed) - 1),
    }


def offered(*words: str) -> list[str]:
    """Return what bash is offered for the last of these words, asked in this process."""
    done = CliRunner().invoke(app, [], env=asking(*words), prog_name="albconn")
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout.split()


def test_a_shell_asks_a_process_which_loads_no_tables() -> None:
    """Not more than it needs: somebody waits between two keystrokes."""
    spy = f"{_RUN[:-6]}import atexit; atexit.register(lambda: print(*sys.modules)); main()"
    done = subprocess.run(
        [sys.executable, "-c", spy],
        env={**os.environ, **asking("rates", "out", "--by", "client_i")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    first, loaded = done.stdout.splitlines()
    assert (first, done.stderr) == ("client_ip", "")
    assert {"pandas", "duckdb", "matplotlib", "s3fs"}.isdisjoint(loaded.split())


@pytest.mark.parametrize("command", ["rates", "reasons", "latency", "slow", "key-exchange"])
def test_columns_to_split_by(command: str) -> None:
    assert set(offered(command, "out", "--by", "")) == SPLITS
    assert offered(command, "out", "--by", "client_n") == ["client_network"]


def test_every_column_that_is_offered_can_be_split_by(dataset: str) -> None:
    for name in complete_splits(""):
        assert name in ac.failure_rate(dataset, every=None, by=name).columns


def test_dimensions_join_by_commas() -> None:
    assert set(offered("compare", "out", "--by", "")) == COLUMNS | {"client_network"}
    assert offered("compare", "out", "--by", "elb,client_i") == ["elb,client_ip"]
    assert "elb,elb" not in complete_dimensions("elb,")


def test_other_columns() -> None:
    assert set(offered("convert", "a", "b", "--drop-columns", "")) == COLUMNS
    assert offered("histories", "out", "--by", "leaf_client_cert_su") == [
        "leaf_client_cert_subject"
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("policy-impact", "out"),
        ("policy-clients", "out"),
        ("policies", "out", "--from-policy"),
        ("report", "out", "page", "--policy"),
        ("report", "out", "page", "--from"),
        ("chart", "policies", "out", "--from-policy"),
    ],
)
def test_policies(words: tuple[str, ...]) -> None:
    known = {name for name in policies() if name.startswith("ELBSecurityPolicy-TLS13-1-3")}
    assert len(known) > 1
    assert set(offered(*words, "ELBSecurityPolicy-TLS13-1-3")) == known


def test_before_a_policy_come_sources(tmp_path: Path) -> None:
    """The shell offers files where nothing is offered."""
    assert offered("policy-impact", "") == []
    assert offered("policy-impact", "/tm") == []
    assert set(offered("policy-impact", "out", "")) == set(policies())
    assert offered("rates", "ELB") == []


def test_ones_own_policies(tmp_path: Path) -> None:
    own = {"Name": "Mine-2026", "SslProtocols": ["TLSv1.3"],
           "Ciphers": [{"Name": "TLS_AES_128_GCM_SHA256", "Priority": 1}]}  # fmt: skip
    file = tmp_path / "own.json"
    file.write_text(json.dumps({"SslPolicies": [own]}))
    words = ["policies", "out", "--policies", str(file), "--from-policy"]
    assert offered(*words, "Mine") == ["Mine-2026"]
    file.write_text("[]")
    assert offered(*words, "Mine") == []
    assert "ELBSecurityPolicy-2016-08" in offered(*words, "ELB")


def test_zones() -> None:
    known = {name for name in available_timezones() if name.startswith("Europe/")}
    for words in (("report", "out", "page"), ("summary", "out"), ("chart", "rates", "out")):
        assert set(offered(*words, "--timezone", "Europe/")) == known


def test_choices_commands_charts_and_tables() -> None:
    formats = ["table", "csv", "json", "markdown", "parquet", "xlsx"]
    assert offered("rates", "out", "--format", "") == formats
    assert offered("ddl", "out", "--dialect", "") == ["athena", "spark", "duckdb"]
    assert offered("convert", "a", "b", "--client-ip", "t") == ["truncate"]
    assert offered("ddl", "out", "--table", "con") == ["connections"]
    assert {name_of(command) for command in COMMANDS.values()} < set(offered(""))
    assert set(offered("chart", "")) == set(PICTURES)
    assert "--since" in offered("rates", "out", "--s")


def test_it_can_be_installed(tmp_path: Path) -> None:
    """Into the home that the environment names; the shell is told by name."""
    home = {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _RUN, "--install-completion", "bash"],
        env={**os.environ, **home}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    script = tmp_path / ".bash_completions/albconn.sh"
    assert "_ALBCONN_COMPLETE" in script.read_text()
    assert str(script) in (tmp_path / ".bashrc").read_text()
