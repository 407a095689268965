"""Never a page about nothing: one line says what there is instead, and nothing is written."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

import albconn as ac
from albconn.report import write_report
from tests.report.asking import question_of
from worlds.lines import line
from worlds.rows import BEGIN, connection, frame_of
from worlds.trees import content, key, plant


@pytest.fixture(params=["log files", "dataset", "table"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    logs = plant(tmp_path / "logs", {key(BEGIN): content(BEGIN)})
    if request.param == "log files":
        return str(logs)
    if request.param == "table":
        return ac.read_connections(logs)
    ac.convert(logs, tmp_path / "dataset")
    return str(tmp_path / "dataset")


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"load_balancer": "nowhere"}, "load_balancer: nothing is of 'nowhere'; there is 'web'"),
        (
            {"start": "2030-01-01T00:00Z"},
            "from 2030-01-01 00:00:00 UTC; there are some of 2026-09-23 ",
        ),
        ({"account_id": "999999999999"}, "nothing is of '999999999999'; there is '123456789012'"),
        ({"region": "eu-north-9"}, "region: nothing is of 'eu-north-9'; there is 'us-east-1'"),
    ],
)
def test_what_matches_nothing_says_what_there_is(
    source: Any, filters: dict[str, Any], said: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is said once, as an error
        with pytest.raises(ac.SourceError) as refused:
            write_report(source, out, **filters)
    text = str(refused.value)
    assert said in text
    assert len(text.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"empty.log": b""}, "there is no connection in it"),
        ({"bad.log": b"nonsense\nmore\n"}, "none of its 2 lines is understood, first "),
        ({}, "neither log files nor an albconn dataset"),
    ],
)
def test_what_holds_nothing_says_why(files: dict[str, bytes], said: str, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for name, held in files.items():
        (tmp_path / "logs" / name).write_bytes(held)
    with pytest.raises(ac.SourceError, match=said):
        write_report(tmp_path / "logs", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("window", ["incident", "baseline"])
def test_a_window_outside_of_the_log_is_refused(window: str, tmp_path: Path) -> None:
    given: Any = {window: ("2026-01-01T00:00Z", "2026-01-01T01:00Z")}
    rows = frame_of([connection(n) for n in range(90)])
    with pytest.raises(ac.TableError) as refused:
        write_report(rows, tmp_path / "out", **given)
    assert str(refused.value) == (
        f"{window}: 2026-01-01 00:00 to 2026-01-01 01:00 UTC holds no connection; there are "
        "connections from 2026-09-23 10:00 to 2026-09-23 10:01 UTC"
    )
    assert not (tmp_path / "out").exists()


def test_what_was_warned_of_is_still_said_where_there_is_something(tmp_path: Path) -> None:
    wide = line("2026-09-23T10:00:01.000000Z") + " new"
    (tmp_path / "a.log").write_text(f"{wide}\n")
    with pytest.warns(ac.AlbconnWarning, match="1 line has more fields"):
        write_report(tmp_path / "a.log", tmp_path / "out")


def test_connections_without_tls_are_something() -> None:
    from worlds.rows import bare

    assert question_of([bare(3)]).totals["not_tls"] == 1
