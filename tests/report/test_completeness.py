"""Is anything missing, and does CloudWatch agree?"""

from __future__ import annotations

import gzip
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import albconn as ac
from albconn.opened import open_connections
from albconn.report.completeness import cloudwatch, missing
from albconn.report.page import Section
from albconn.report.question import Asked, ask
from tests.analysis.cloudwatch import MINUTES, data, world
from tests.report.asking import folder_of, question_of
from worlds.lines import line
from worlds.rows import BEGIN, connection
from worlds.trees import content, key, plant

FIVE = timedelta(minutes=5)


def missing_of(logs: Path, out: Path, **filters: Any) -> Section | None:
    question = ask(open_connections(logs, **filters), Asked())
    return missing(question, folder_of(out))


def test_intervals_without_a_file_are_named(tmp_path: Path) -> None:
    ends = [BEGIN + n * FIVE for n in range(6)]
    logs = plant(tmp_path / "logs", {key(end): content(end) for end in ends if end != ends[2]})
    section = missing_of(logs, tmp_path / "out")
    assert section is not None
    assert section.paragraphs[0].startswith("5 of 6 expected node-intervals of five minutes")
    assert "First: node 10.0.0.1 of app/web/" in section.paragraphs[1]
    assert section.paragraphs[1].endswith("ending 2026-09-23 10:10 UTC.")
    assert [len(table.rows) for table in section.tables] == [1]
    assert (tmp_path / "out/tables/coverage_holes.csv").exists()


def test_where_nothing_is_missing_no_hole_is_shown(tmp_path: Path) -> None:
    logs = plant(tmp_path / "logs", {key(BEGIN + n * FIVE): content(BEGIN) for n in range(3)})
    section = missing_of(logs, tmp_path / "out")
    assert section is not None
    assert section.paragraphs[1:] == ["No line was rejected, and no log file is damaged."]
    assert section.tables == []
    renamed = plant(tmp_path / "renamed", {"monday.log.gz": content(BEGIN)})
    said = missing_of(renamed, tmp_path / "out")
    assert said is not None
    assert (said.paragraphs, said.figures) == (section.paragraphs[1:], [])
    assert missing(question_of([connection(0)], is_table=True), folder_of(tmp_path)) is None


@pytest.mark.parametrize("is_converted", [False, True])
def test_what_could_not_be_read_is_named(is_converted: bool, tmp_path: Path) -> None:
    good = line("2026-09-23T10:00:01.000000Z")
    logs = tmp_path / "logs"
    logs.mkdir()
    bad = [good.replace(" 443 ", " port ", 1), "nonsense", good.replace(" 443 ", " tcp ", 1)]
    (logs / "a.log").write_text("\n".join([good, *bad, ""]))
    whole = gzip.compress("\n".join([good] * 4000).encode())
    (logs / "b.log.gz").write_bytes(whole[: len(whole) // 2])
    source = logs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ac.AlbconnWarning)
        if is_converted:
            ac.convert(logs, tmp_path / "dataset")
            source = tmp_path / "dataset"
        section = missing_of(source, tmp_path / "out")
    assert section is not None
    # Three in the one file; and the line at which the other one breaks off.
    assert "4 lines were not understood and are in no count." in section.paragraphs[0]
    by_reason, lines, damaged = section.tables
    assert by_reason.rows[0] == ["listener_port is not a port", "2", "a.log:2"]
    assert [row[:2] for row in lines.rows[:3]] == [["a.log", "2"], ["a.log", "3"], ["a.log", "4"]]
    assert [row[3] for row in lines.rows[:3]] == ["port", "1", "tcp"]
    assert lines.rows[3][0] == "b.log.gz"
    assert [row[0] for row in damaged.rows] == ["b.log.gz"]


def test_log_and_metric_stand_side_by_side(tmp_path: Path) -> None:
    section = cloudwatch(question_of(world(), metric=data(MINUTES)), folder_of(tmp_path))
    assert section is not None
    assert section.paragraphs[0].startswith("The log has 9 failures, the metric ")
    assert "ClientTLSNegotiationErrorCount 5." in section.paragraphs[0]
    assert len(section.tables[0].rows) == 7
    assert cloudwatch(question_of(world()), folder_of(tmp_path)) is None
