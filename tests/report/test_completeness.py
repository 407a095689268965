"""Is anything missing, and does CloudWatch agree?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from albconn.opened import open_connections
from albconn.report.completeness import cloudwatch, missing
from albconn.report.page import Folder
from albconn.report.question import Asked, Question
from albconn.report.report import ask
from tests.analysis.cloudwatch import MINUTES, data, world
from tests.report.asking import question_of
from worlds.rows import BEGIN
from worlds.trees import content, key, plant

FIVE = timedelta(minutes=5)


def asked_of(logs: Path, folder: Path) -> Question:
    return ask(open_connections(logs), Asked(), Folder(folder / "out"))


def test_intervals_without_a_file_are_named(tmp_path: Path) -> None:
    ends = [BEGIN + n * FIVE for n in range(6)]
    logs = plant(tmp_path / "logs", {key(end): content(end) for end in ends if end != ends[2]})
    section = missing(asked_of(logs, tmp_path))
    assert section is not None
    assert section.paragraphs[0].startswith("5 of 6 expected node-intervals of five minutes")
    assert "First: node 10.0.0.1 of app/web/" in section.paragraphs[1]
    assert section.paragraphs[1].endswith("ending 2026-09-23 10:10 UTC.")
    assert [len(table.rows) for table in section.tables] == [1]
    assert (tmp_path / "out/tables/coverage_holes.csv").exists()


def test_where_nothing_is_missing_no_hole_is_shown(tmp_path: Path) -> None:
    logs = plant(tmp_path / "logs", {key(BEGIN + n * FIVE): content(BEGIN) for n in range(3)})
    section = missing(asked_of(logs, tmp_path))
    assert section is not None
    assert (len(section.paragraphs), section.tables) == (1, [])
    renamed = plant(tmp_path / "renamed", {"monday.log.gz": content(BEGIN)})
    assert missing(asked_of(renamed, tmp_path)) is None


def test_log_and_metric_stand_side_by_side(tmp_path: Path) -> None:
    section = cloudwatch(question_of(world(), tmp_path, metric=data(MINUTES)))
    assert section is not None
    assert section.paragraphs[0].startswith("The log has 9 failures, the metric ")
    assert "ClientTLSNegotiationErrorCount 5." in section.paragraphs[0]
    assert len(section.tables[0].rows) == 7
    assert cloudwatch(question_of(world(), tmp_path)) is None
