"""What a page is made of, and how it becomes one self-contained HTML file.

Pictures are inside the page as images, there is no script, and every text is escaped by the
template: a certificate's subject is chosen by whoever connects. Should one get through all the
same, the page's Content-Security-Policy lets nothing run and nothing be fetched.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from albconn.printable import visible
from albconn.report.drawing import Picture

_BETWEEN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Words of a text may wrap; a name stays on one line; a number does too, and is right-aligned.
Kind = Literal["text", "name", "number"]


@dataclass(frozen=True)
class Fact:
    """A number at the head of the page, and what it is to be held against."""

    name: str
    value: str
    note: str = ""
    kind: Literal["number", "loud", "text"] = "number"


@dataclass(frozen=True)
class Figure:
    """Where a picture stands: its chart's name; ``alt`` says what it shows, else its title does."""

    name: str
    alt: str = ""


class Image(NamedTuple):
    """A picture as the page has it: data URLs, for wide screens and for narrow ones."""

    wide: str
    narrow: str
    text: str


@dataclass(frozen=True)
class Column:
    """A column of a printed table."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Cell:
    """A text with the address that it leads to."""

    text: str
    url: str


@dataclass(frozen=True)
class PrintedTable:
    """A table as text: its first rows, those that fold, and the file that holds it whole."""

    title: str
    columns: list[Column]
    rows: list[list[str | Cell]]
    folded: list[list[str | Cell]] = field(default_factory=list)
    more: str = ""
    file: str = ""


@dataclass
class Section:
    """One question and its answer."""

    anchor: str
    title: str
    paragraphs: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    tables: list[PrintedTable] = field(default_factory=list)


def render(pictures: Mapping[str, Picture], **content: Any) -> str:
    """Return the page's HTML; of figures that were not drawn nothing is left."""
    return template().render(
        image_of=lambda figure: _image(figure, pictures[figure.name]), **content
    )


@cache
def template() -> Any:
    """Return the page's template, compiled: it can be made while the pictures are."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("albconn.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(unbroken=_unbroken, breakable=_breakable, digest=_digest)
    environment.tests["linked"] = lambda cell: isinstance(cell, Cell)
    return environment.get_template("page.html.jinja")


def _image(figure: Figure, picture: Picture) -> Image:
    narrow = _data_url(picture.narrow, "svg+xml") if picture.narrow else ""
    return Image(_data_url(picture.image, picture.kind), narrow, figure.alt or picture.title)


def _data_url(image: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}"


def _finalize(value: Any) -> Any:
    """Write out what would act on a page though it is escaped: overrides of direction, controls."""
    return visible(value) if type(value) is str else value


def _digest(text: str) -> str:
    """Return what a Content-Security-Policy allows a text by."""
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"


def _breakable(text: str) -> str:
    """Let a long code break between its words: UnmappedConnectionError, where there is no room."""
    from markupsafe import Markup, escape

    return Markup(_BETWEEN_WORDS.sub("<wbr>", str(escape(visible(text)))))


def _unbroken(text: str) -> str:
    """Keep a number and its unit on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%").replace(" UTC", "\N{NO-BREAK SPACE}UTC")
