"""What could not be read, by name: of log files, and of the dataset that was made of them."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import albconn as ac
from albconn.opened import doubts, open_connections
from worlds.lines import line
from worlds.rows import connection, frame_of

GOOD = line("2026-09-23T10:00:01.000000Z")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "b.log").write_text(f"{GOOD}\nnonsense\n")
    (folder / "a.log").write_text(f"nothing\n{GOOD}\nno line\n")
    return folder


def found(source: object) -> list[tuple[str, int]]:
    with open_connections(source) as opened:  # type: ignore[arg-type]
        lines = doubts.doubts_of(opened).rejected
    return [(line.source_file.rsplit("/", 1)[-1], line.line_number) for line in lines]


def test_log_files_and_their_dataset_name_the_same_lines(logs: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ac.AlbconnWarning)
        ac.convert(logs, tmp_path / "dataset")
        assert (
            found(logs) == found(tmp_path / "dataset") == [("a.log", 1), ("a.log", 3), ("b.log", 2)]
        )


def test_of_very_many_the_first_are_kept(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubts, "MOST_KEPT", 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ac.AlbconnWarning)
        ac.convert(logs, tmp_path / "dataset")
        assert found(logs) == found(tmp_path / "dataset") == [("a.log", 1), ("a.log", 3)]


def test_of_a_table_nothing_is_known() -> None:
    assert found(frame_of([connection(1)])) == []
