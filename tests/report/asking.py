"""A question about rows, as the report's parts are given it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from albconn.opened import Opened
from albconn.report.page import Folder
from albconn.report.question import Asked, Question
from albconn.report.report import ask
from worlds.rows import Row, table_of


def question_of(rows: Iterable[Row], folder: Path, **asked: Any) -> Question:
    table = table_of(rows)
    count = len(table)
    opened = Opened(
        table, "log files", files=1, foreign=0, lines=count, rows=count, rejected=0, damaged=0
    )
    return ask(opened, Asked(**asked), Folder(folder))
