"""Moments as they are typed, from now too; and the commands that take them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from albconn.cli import app, moments
from albconn.cli.moments import now, parse_moment, parse_since, parse_time
from tests.cli.running import SAMPLE, albconn, printed
from worlds import trees

NOW = datetime(2026, 9, 23, 12, tzinfo=UTC)
NOON = "2026-09-23T12:00:00"


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90s", "2026-09-23T11:58:30"),
        ("30m", "2026-09-23T11:30:00"),
        ("30min", "2026-09-23T11:30:00"),
        ("2h", "2026-09-23T10:00:00"),
        (" 2H ", "2026-09-23T10:00:00"),
        ("7d", "2026-09-16T12:00:00"),
        ("1w", "2026-09-16T12:00:00"),
        ("1d12h", "2026-09-22T00:00:00"),
        ("52w", "2025-09-24T12:00:00"),
        ("999999w", "0001-01-01T00:00:00"),  # where the calendar begins
        ("2026-09-23T10:00+02:00", "2026-09-23T08:00:00"),
        ("2026-09-23", "2026-09-23T00:00:00"),
        (f"{NOON}Z", NOON),
    ],
)
@pytest.mark.usefixtures("at_noon")
def test_how_long_ago_or_a_time(text: str, moment: str) -> None:
    assert parse_since(text).isoformat() == f"{moment}+00:00"
    assert parse_moment(text) == parse_since(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-2h", "'-2h' is neither how long ago (expected 30m, 2h, 7d or 1w) nor a time with its"),
        ("", "'' is neither"),
        ("2", "'2' is neither"),
        ("h", "'h' is neither"),
        ("2y", "'2y' is neither"),
        ("1.5h", "'1.5h' is neither"),
        ("12h1d", "'12h1d' is neither"),
        ("yesterday", "'yesterday' is neither"),
        (NOON, f"'{NOON}' is neither"),  # without a zone
        ("0h", "'0h' is no time ago; expected 30m, 2h, 7d or 1w"),
        ("9" * 30 + "d", "is longer ago than the calendar goes"),
        ("2026-09-23T12:00:01Z", "'2026-09-23T12:00:01Z' is in the future; expected 30m"),
        ("x" * 1000, "…"),
    ],
)
@pytest.mark.usefixtures("at_noon")
def test_what_is_no_since(text: str, said: str) -> None:
    with pytest.raises(typer.BadParameter) as refused:
        parse_since(text)
    assert said in refused.value.message
    assert len(refused.value.message) < 300


@pytest.mark.usefixtures("at_noon")
def test_a_moment_may_be_of_any_year() -> None:
    assert parse_moment("2099-01-01").year == 2099


def test_now_is_a_whole_second_in_utc() -> None:
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=2)
    assert now().microsecond == 0
    assert parse_time("2026-09-23") == NOW.replace(hour=0)


@pytest.fixture(scope="module")
def recent(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Log files of one and of five hours ago, three connections in each."""
    ends = [datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=h) for h in (1, 5)]
    ends = [end - timedelta(minutes=end.minute % 5) for end in ends]
    files = {trees.key(end): trees.content(end) for end in ends}
    return str(trees.plant(tmp_path_factory.mktemp("recent"), files))


@pytest.mark.parametrize(("since", "rows"), [("30m", 0), ("2h", 3), ("1d", 6), ("1w", 6)])
def test_what_is_older_is_left_out(recent: str, since: str, rows: int) -> None:
    done = albconn("totals", recent, "--since", since, "--format", "csv")
    assert done.returncode == 0
    assert int(next(csv.DictReader(io.StringIO(done.stdout)))["rows"]) == rows
    assert ("none of the 3 rows is from " in done.stderr) is (rows == 0)


def test_since_goes_with_an_end(recent: str) -> None:
    end = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    assert printed("totals", recent, "--since", "1d", "--end", end)[0]["rows"] == "3"


def test_where_nothing_is_found_the_moment_is_named(dataset: str) -> None:
    for source in (SAMPLE, dataset):
        before = now() - timedelta(hours=2)
        done = albconn("totals", source, "--since", "2h")
        named = [before + timedelta(seconds=n) for n in range(60)]
        assert done.returncode == 0
        assert any(f"from {moment:%Y-%m-%d %H:%M:%S} UTC" in done.stderr for moment in named)
        assert "there are some of 2026-09-22" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--since", "2h", "--start", "2026-09-23"], "give one of --since and --start"),
        (["--since", "2099-01-01"], "is in the future"),
        (["--since", "soon"], "is neither how long ago"),
    ],
)
@pytest.mark.parametrize("command", [["rates", "x"], ["summary", "x"], ["convert", "x", "y"]])
def test_what_is_wrong_is_a_usage_error(command: list[str], options: list[str], said: str) -> None:
    done = CliRunner().invoke(app, [*command, *options])
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_since_of_those_who_stopped_is_their_moment_and_may_be_told_from_now(
    recent: str, dataset: str, tmp_path: Path
) -> None:
    assert printed("stopped-working", recent, "--since", "2h") == []
    states = {row["state"] for row in printed("histories", dataset, "--since", "2h")}
    assert "new" not in states  # the sample is older
    assert len(states) > 1
    picture = tmp_path / "h.svg"
    done = CliRunner().invoke(
        app, ["chart", "histories", dataset, "--since", "1w", "-o", str(picture)]
    )
    assert done.exit_code == 0
