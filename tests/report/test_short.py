"""The finding in short: the sentences of the page, in which no foreign text is markup."""

from __future__ import annotations

from pathlib import Path

import pytest

import albconn as ac
from albconn.opened import Opened
from albconn.report import summary
from albconn.report.findings import headline, summarize
from albconn.report.question import Asked, ask
from albconn.report.short import Summary
from albconn.report.tiles import tiles_of
from worlds.rows import BEGIN, connection, frame_of
from worlds.traffic.making import make

HOSTILE = "[x](http://e.example) @all <b>|`*_#"


def test_it_says_what_the_page_says() -> None:
    table = make("fleet_certificate_expires", 3).connections
    question = ask(Opened(table, "table"), Asked())
    told = summary(table)
    assert (told.title, list(told.sentences)) == (headline(question), summarize(question))
    assert [(n, v) for n, v, _ in told.facts] == [(f.name, f.value) for f in tiles_of(question)]
    assert told.to_dict()["title"] == told.title
    assert len(told.to_dict()["facts"]) == len(told.facts)


def test_lines_are_no_wider_than_asked() -> None:
    text = summary(make("fleet_certificate_expires", 3).connections).text(width=60)
    assert max(map(len, text.splitlines())) <= 60


def test_foreign_text_is_no_markup() -> None:
    told = Summary("Title", (f"presenting {HOSTILE}.",), (("what", HOSTILE, ""),), "scope")
    markdown = told.markdown()
    assert r"presenting \[x\](http\://e.example) \@all \<b\>\|\`\*\_\#." in markdown
    assert markdown.count("\n| what | **") == 1
    assert Summary("a\x1b[2Jb", (), (), "").text().splitlines()[0] == r"a\x1b[2Jb"


def test_times_are_in_the_zone_that_is_asked_for() -> None:
    rows = [
        connection(20 * n, "A" if 360 <= n < 400 else None, client_ip=f"10.0.0.{n % 50}")
        for n in range(720)
    ]
    told = summary(frame_of(rows), timezone="Asia/Tokyo")
    assert told.sentences[0].startswith(
        "From 2026-09-23 21:00 to 21:15 JST (2026-09-23 12:00 to 12:15 UTC) "
    )
    assert "JST" in told.scope
    with pytest.raises(ac.TableError, match="timezone: 'Mars' is not known"):
        summary(frame_of(rows), timezone="Mars")


def test_of_nothing_there_is_no_summary(tmp_path: Path) -> None:
    with pytest.raises(ac.SourceError, match="source: holds no connection of that time"):
        summary(frame_of([connection(1)]), start=BEGIN.replace(year=2030))
