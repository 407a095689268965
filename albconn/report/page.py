"""What a page is made of, and how it becomes one self-contained HTML file.

Pictures are inside the page as data, there is no script, and every text is escaped by the
template: a certificate's subject is chosen by whoever connects. Should one get through all the
same, the page's Content-Security-Policy lets nothing run and nothing be fetched.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from albconn.printable import csv_of, visible

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# Words of a text may wrap; a name stays on one line; a number does too, and is right-aligned.
Kind = Literal["text", "name", "number"]

LARGEST_SVG = 400_000  # [bytes]; above, the page carries the PNG instead
MOST_ROWS = 50_000  # of a saved table; the commands print all
_NO_NAME = re.compile(r"[^a-z0-9_-]")  # of a file
_RESOLUTION = 160  # [dots per inch]


@dataclass(frozen=True)
class Fact:
    """A number at the head of the page."""

    name: str
    value: str
    accent: bool = False
    is_text: bool = False


@dataclass(frozen=True)
class Figure:
    """A picture: ``image`` is a data URL, ``text`` says what it shows."""

    image: str
    text: str


@dataclass(frozen=True)
class Column:
    """A column of a printed table."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class PrintedTable:
    """A table as text."""

    title: str
    columns: list[Column]
    rows: list[list[str]]
    more: str = ""


@dataclass
class Section:
    """One question and its answer."""

    anchor: str
    title: str
    paragraphs: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    tables: list[PrintedTable] = field(default_factory=list)


class Folder:
    """The report's folder: charts and tables are saved there as the page is made."""

    def __init__(self, out: Path) -> None:
        self.shortened: dict[str, int] = {}  # tables that were not saved whole, and their rows
        self.charts, self.tables, self.page = out / "charts", out / "tables", out / "index.html"
        self.charts.mkdir(parents=True, exist_ok=True)
        self.tables.mkdir(parents=True, exist_ok=True)

    def save_chart(self, axes: Axes, name: str) -> Figure:
        """Save a chart as PNG and SVG, close it, and return it for the page."""
        from matplotlib import pyplot as plt, rc_context

        name = _NO_NAME.sub("_", name)  # a policy of the user's own may be called ../x
        figure: Any = axes.get_figure()
        text = axes.get_title(loc="left") or axes.get_title() or name.replace("_", " ")
        png, svg = self.charts / f"{name}.png", self.charts / f"{name}.svg"
        figure.savefig(png, dpi=_RESOLUTION, bbox_inches="tight")
        with rc_context({"svg.hashsalt": "albconn"}):
            figure.savefig(svg, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)
        picture, kind = (svg, "svg+xml") if svg.stat().st_size <= LARGEST_SVG else (png, "png")
        encoded = base64.b64encode(picture.read_bytes()).decode()
        return Figure(f"data:image/{kind};base64,{encoded}", text)

    def save_table(self, table: pd.DataFrame, name: str) -> None:
        """Save a table as CSV, for a spreadsheet: no value runs in it, long ones are cut.

        Of more than ``MOST_ROWS`` rows the first ones are saved, and it is noted.
        """
        saved = table.head(MOST_ROWS)
        if len(saved) < len(table):
            self.shortened[name] = len(table)
        (self.tables / f"{name}.csv").write_text(csv_of(saved), encoding="utf-8")


def render(**content: Any) -> str:
    """Return the page's HTML."""
    environment = Environment(
        loader=PackageLoader("albconn.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(unbroken=_unbroken, digest=_digest)
    return environment.get_template("page.html.jinja").render(**content)


def _finalize(value: Any) -> Any:
    """Write out what would act on a page though it is escaped: overrides of direction, controls."""
    return visible(value) if type(value) is str else value


def _digest(text: str) -> str:
    """Return what a Content-Security-Policy allows a text by."""
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"


def _unbroken(text: str) -> str:
    """Keep a number and its unit on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%").replace(" UTC", "\N{NO-BREAK SPACE}UTC")
