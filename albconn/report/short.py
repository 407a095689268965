"""The finding in a few sentences, before anything is drawn: for a terminal, a ticket or a chat."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from albconn.logs.find.selection import Names
from albconn.opened import Connections, Opened, open_connections
from albconn.printable import markdown_text, visible
from albconn.report.account import scope_of
from albconn.report.findings import headline, summarize
from albconn.report.page import Fact
from albconn.report.question import Question
from albconn.report.report import asking, read_asked
from albconn.report.tiles import tiles_of
from albconn.storage.places import StorageOptions
from albconn.times import GivenWindow, Instant


@dataclass(frozen=True)
class Summary:
    """What happened, in words and in a few numbers.

    Attributes
    ----------
    title : str
        What it is about.
    sentences : tuple of str
        What happened, to whom, since when; then the log as a whole.
    facts : tuple of (str, str, str)
        Name, value, and what it is to be held against: the tiles of the page.
    scope : str
        Which connections it is about.
    """

    title: str
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...]
    scope: str

    def text(self, *, width: int = 80) -> str:
        """Return it as lines of plain text."""
        paragraphs = [self.title, *self.sentences, self.scope]
        wrapped = ("\n".join(textwrap.wrap(visible(each), width)) for each in paragraphs)
        return "\n\n".join(wrapped)

    def markdown(self) -> str:
        """Return it as Markdown; no foreign text is markup, a link or a mention."""
        rows = [
            f"| {markdown_text(n)} | **{markdown_text(v)}** | {markdown_text(note)} |"
            for n, v, note in self.facts
        ]
        table = "\n".join(["| | | |", "|---|---|---|", *rows])
        sentences = "\n\n".join(map(markdown_text, self.sentences))
        title, scope = markdown_text(self.title), markdown_text(self.scope)
        return f"## {title}\n\n{sentences}\n\n{table}\n\n*{scope}*"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        facts = [{"name": name, "value": value, "note": note} for name, value, note in self.facts]
        sentences = list(self.sentences)
        return {"title": self.title, "sentences": sentences, "facts": facts, "scope": self.scope}


def summary(
    source: Connections,
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    load_balancer: Names = None,
    account_id: Names = None,
    region: Names = None,
    incident: GivenWindow | None = None,
    baseline: GivenWindow | None = None,
    timezone: str = "UTC",
    storage_options: StorageOptions = None,
) -> Summary:
    """Return the finding in sentences: what ``write_report`` says first, without a page.

    Parameters
    ----------
    source : what ``open_connections`` takes, or returned
        Log files, a converted dataset, a DataFrame or Arrow data.
    start, end, load_balancer, account_id, region
        What to look at; see ``read_connections``.
    incident, baseline, timezone
        As for ``write_report``.
    storage_options : dict, optional
        Passed to the store (s3fs).

    Returns
    -------
    Summary
        Its title, its sentences and its numbers; as text and as Markdown.

    Raises
    ------
    SourceError, DatasetError, TableError
        As ``write_report``.
    """
    asked = read_asked(incident=incident, baseline=baseline, timezone=timezone)

    def opening_source() -> Opened:
        return open_connections(
            source, start=start, end=end, load_balancer=load_balancer, account_id=account_id,
            region=region, storage_options=storage_options,
        )  # fmt: skip

    with asking(opening_source, asked) as question:
        return summary_of(question)


def summary_of(question: Question) -> Summary:
    """Return the finding of a question."""
    return Summary(
        headline(question),
        tuple(summarize(question)),
        tuple(map(_told, tiles_of(question))),
        scope_of(question, question.connections),
    )


def _told(fact: Fact) -> tuple[str, str, str]:
    return fact.name, fact.value, fact.note
