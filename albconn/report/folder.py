"""The folder of a report: what a run writes there is listed, and what an earlier run wrote goes.

The list is a small file in the folder. Only what such a list names is ever removed, and only where
a report writes: nobody's own file is touched. A page that is there and is no report's is refused.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from albconn.errors import TableError
from albconn.printable import csv_of
from albconn.report.drawing import Chart
from albconn.report.page import Figure
from albconn.report.saving import folder_given
from albconn.report.studio import Studio

MOST_ROWS = 50_000  # of a saved table; the commands print all
_NO_NAME = re.compile(r"[^a-z0-9_-]")  # of a file: a policy of the user's own may be called ../x
LIST = ".albconn-report.json"
_OURS = re.compile(r"index\.html|charts/[\w.-]+\.(?:png|svg)|tables/[\w.-]+\.csv", re.ASCII)
_WRITTEN_BY_US = b'<meta name="generator" content="albconn '
_HEAD = 2_000  # [bytes] of a page, in which it says who wrote it


class Folder:
    """A report's folder: charts and tables are saved there as the page is made.

    Nothing is written before the first of them.

    Raises
    ------
    TableError
        It is no path, a file, cannot be written, or holds a page that no report wrote.
    """

    def __init__(self, out: Path, studio: Studio, zone: ZoneInfo) -> None:
        self.out, self.studio, self.zone = out, studio, zone
        self.charts, self.tables, self.page = out / "charts", out / "tables", out / "index.html"
        self.drawn: list[str] = []
        self.saved: list[str] = []
        self.shortened: dict[str, int] = {}  # tables that were not saved whole, and their rows
        require_room(out)

    def draw(self, chart: Chart, alt: str = "") -> Figure:
        """Have a chart drawn, and return where it stands on the page."""
        chart = replace(chart, name=_NO_NAME.sub("_", chart.name))
        self.charts.mkdir(parents=True, exist_ok=True)
        self.studio.draw(chart, self.charts)
        self.drawn.append(chart.name)
        return Figure(chart.name, alt)

    def save_table(self, table: pd.DataFrame, name: str) -> None:
        """Save a table as CSV, for a spreadsheet: no value runs in it, long ones are cut.

        Of more than ``MOST_ROWS`` rows the first ones are saved, and it is noted.
        """
        saved = table.head(MOST_ROWS)
        if len(saved) < len(table):
            self.shortened[name] = len(table)
        self.tables.mkdir(parents=True, exist_ok=True)
        (self.tables / f"{name}.csv").write_text(csv_of(saved), encoding="utf-8")
        self.saved.append(name)

    def finish(self, page: str) -> None:
        """Write the page, remove what an earlier report left, and list what there is now."""
        self.out.mkdir(parents=True, exist_ok=True)
        earlier = _listed(self.out)
        self.page.write_text(page, encoding="utf-8")
        pictures = [f"charts/{name}.{end}" for name in self.drawn for end in ("png", "svg")]
        written = ["index.html", *pictures, *(f"tables/{name}.csv" for name in self.saved)]
        _remove(self.out, set(earlier) - set(written))
        (self.out / LIST).write_text(json.dumps(sorted(set(written)), indent=1), encoding="utf-8")


def require_room(out: str | os.PathLike[str]) -> Path:
    """Return a folder that a report can be written to; refuse others before anything is read.

    Raises
    ------
    TableError
        It is no path, a file, cannot be written, or holds a page that no report wrote.
    """
    folder = folder_given(out)
    page = folder / "index.html"
    if page.exists() and not _is_ours(page):
        raise TableError(f"out: {page} is there, and no report of albconn; give another folder")
    return folder


def _is_ours(page: Path) -> bool:
    if not page.is_file():
        return False
    with page.open("rb") as file:
        return _WRITTEN_BY_US in file.read(_HEAD)


def _listed(out: Path) -> list[str]:
    """Return what an earlier report wrote; nothing where there was none, or it was changed."""
    try:
        names = json.loads((out / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(names, list):
        return []
    return [name for name in names if isinstance(name, str) and _OURS.fullmatch(name)]


def _remove(out: Path, names: Iterable[str]) -> None:
    for name in names:
        path = out / name
        if path.is_file() or path.is_symlink():
            path.unlink()
