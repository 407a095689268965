"""Whatever is read and holds nothing of what was asked for says so: every way in, every nothing."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import albconn as ac
from albconn.report import write_report
from tests.cli.running import albconn
from worlds import trees
from worlds.lines import line

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
ACCESS = (
    f"{trees.ACCOUNT}_elasticloadbalancing_us-east-1_app.web.1_20260923T1200Z_10.0.0.1_x.log.gz"
)
WEB = {trees.key(NOON): trees.content(NOON)}
NOTHING: dict[str, tuple[dict[str, bytes], dict[str, Any]]] = {
    "an empty folder": ({"folder/": b""}, {}),
    "only unreadable kinds": ({"a.json": b"{}", "b.parquet": b"PAR1"}, {}),
    "only access logs": ({trees.key(NOON, name=ACCESS): b""}, {}),
    "a mistyped load balancer": (WEB, {"load_balancer": "wbe"}),
    "a mistyped region": (WEB, {"region": "us-east-2"}),
    "a mistyped account": (WEB, {"account_id": "123456789013"}),
    "a quiet time": (WEB, {"start": NOON - timedelta(days=9), "end": NOON - timedelta(days=8)}),
    "rows of another time": ({"a.log": line(NOON).encode()}, {"end": NOON - timedelta(days=8)}),
    "rows of another name": ({"a.log": line(NOON).encode()}, {"load_balancer": "wbe"}),
    "nothing understood": ({"a.log": b"no line\n"}, {}),
}
WAYS: dict[str, Callable[..., Any]] = {
    "read": lambda source, _, **filters: ac.read_connections(source, **filters),
    "load": lambda source, _, **filters: ac.load_connections(source, **filters),
    "iter": lambda source, _, **filters: list(ac.iter_connections(source, **filters)),
    "open": lambda source, _, **filters: ac.open_connections(source, **filters),
    "convert": lambda source, out, **filters: ac.convert(source, out / "dataset", **filters),
    "coverage": lambda source, _, **filters: ac.coverage(source, **filters),
    "report": lambda source, out, **filters: write_report(source, out / "report", **filters),
}
OF_ROWS = ("rows of another time", "rows of another name", "nothing understood")
FINE = ("a quiet time", "rows of another time")  # all is as it was asked for


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


def plant(logs: Path, files: dict[str, bytes]) -> None:
    for path, stored in files.items():
        if path.endswith("/"):
            (logs / path).mkdir()
        else:
            trees.plant(logs, {path: stored})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("nothing", NOTHING)
def test_python_raises_or_warns(logs: Path, tmp_path: Path, nothing: str, way: str) -> None:
    files, filters = NOTHING[nothing]
    plant(logs, files)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        refused = True
        with contextlib.suppress(ac.SourceError):
            WAYS[way](logs, tmp_path, **filters)
            refused = False
    told = [str(w.message) for w in caught if issubclass(w.category, ac.AlbconnWarning)]
    if refused:
        return
    if way == "coverage" and nothing in OF_ROWS:  # it looks at names alone
        assert "names that do not tell" in told[0]
    elif way == "convert" and nothing in OF_ROWS:
        assert told
    else:
        assert any(str(logs) in text for text in told)


@pytest.mark.parametrize("nothing", NOTHING)
def test_the_command_line_says_it_in_a_line_and_ends_with_1_where_it_is_a_fault(
    logs: Path, nothing: str
) -> None:
    files, filters = NOTHING[nothing]
    plant(logs, files)
    options = [
        text
        for name, value in filters.items()
        for text in (f"--{name.replace('_', '-')}", str(value).replace(" ", "T"))
    ]
    done = albconn("totals", str(logs), *options)
    assert done.returncode == (0 if nothing in FINE else 1)
    assert done.stderr.startswith(f"albconn: {logs}: ")
    assert len(done.stderr.splitlines()) == 1


def test_other_logs_beside_are_said_by_every_command(logs: Path) -> None:
    plant(logs, WEB | {trees.key(NOON, name=ACCESS): b""})
    done = albconn("totals", str(logs))
    assert done.returncode == 0
    assert done.stderr == (
        f"albconn: skipped 1 other file: 1 access log ({logs / trees.key(NOON, name=ACCESS)})\n"
    )


def test_a_source_that_is_gone_does_not_check_clean(logs: Path, tmp_path: Path) -> None:
    plant(logs, WEB)
    ac.convert(logs, tmp_path / "out")
    (logs / trees.key(NOON)).unlink()
    with pytest.raises(ac.SourceError, match="neither log files nor"):
        ac.check(tmp_path / "out", logs)
