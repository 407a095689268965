"""A question about rows, and a folder to answer it in, as the report's parts are given them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from albconn.opened import Opened
from albconn.report.drawing import Chart
from albconn.report.folder import Folder
from albconn.report.page import Figure
from albconn.report.question import Asked, Question, ask
from albconn.report.studio import Studio
from worlds.rows import Row, table_of


def question_of(rows: Iterable[Row], *, is_table: bool = False, **asked: Any) -> Question:
    table = table_of(rows)
    if is_table:
        return ask(Opened(table, "table"), Asked(**asked))
    count = len(table)
    opened = Opened(
        table, "log files", files=1, foreign=0, lines=count, rows=count, rejected=0, damaged=0
    )
    return ask(opened, Asked(**asked))


def folder_of(out: Path, zone: str = "UTC") -> Folder:
    """Return a folder whose charts are only noted: nothing is drawn before it is asked for."""
    return Folder(out, Studio(processes=0), ZoneInfo(zone))


class Noting(Folder):
    """A folder that keeps its charts to itself, to be looked at."""

    def __init__(self, out: Path, zone: str = "UTC") -> None:
        super().__init__(out, Studio(processes=0), ZoneInfo(zone))
        self.noted: list[Chart] = []

    def draw(self, chart: Chart, alt: str = "") -> Figure:
        self.noted.append(chart)
        return Figure(chart.name, alt)
