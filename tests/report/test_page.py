"""The page and its folder: whatever a client wrote is only text."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from albconn.report import write_report
from albconn.report.drawing import Picture
from albconn.report.page import Cell, Column, Fact, Figure, PrintedTable, Section, render
from worlds.lines import line

PICTURE = Picture("What it shows", b"wide", "svg+xml", b"narrow")


def test_hostile_subject_is_only_text(tmp_path: Path) -> None:
    hostile = line(
        "2026-09-23T10:00:01.000000Z",
        leaf_client_cert_subject="CN=<script>alert(1)</script>$x^$",
        leaf_client_cert_serial_number="01",
        tls_verify_status="Failed:<b>Oops",
    )
    (tmp_path / "hostile.log").write_text(f"{hostile}\n" * 3)
    page = write_report(tmp_path / "hostile.log", tmp_path / "out").page.read_text()
    assert "<script" not in page
    assert "<b>Oops" not in page


def page_of(**content: object) -> str:
    usual = {
        "version": "1", "title": "Title", "scope": "scope", "summary": ["One."], "besides": [],
        "facts": [], "lead": [], "sections": [], "method": [],
    }  # fmt: skip
    return render({"a": PICTURE}, **usual | content)


def test_a_narrow_drawing_is_for_narrow_screens_and_a_wide_one_for_all() -> None:
    page = page_of(lead=[Figure("a", "39 clients <fail>")])
    assert f'srcset="data:image/svg+xml;base64,{b64(b"narrow")}"' in page
    assert f'src="data:image/svg+xml;base64,{b64(b"wide")}" alt="39 clients &lt;fail&gt;"' in page
    untold = page_of(lead=[Figure("a")])
    assert 'alt="What it shows"' in untold


def test_more_rows_fold_and_the_file_that_holds_all_is_linked() -> None:
    table = PrintedTable("T", [Column("n", "number")], [["1"]], [["2"]], "1 more", "tables/t.csv")
    page = page_of(sections=[Section("s", "S", tables=[table])])
    assert "<details><summary>1 more</summary>" in page
    assert '<a href="tables/t.csv">' in page
    assert page.count('<td class="number" data-label="n">') == 2


def test_a_cell_may_lead_somewhere() -> None:
    table = PrintedTable("T", [Column("n", "name")], [[Cell("AWS", "https://a.example/?a=1&b=2")]])
    page = page_of(sections=[Section("s", "S", tables=[table])])
    assert '<a href="https://a.example/?a=1&amp;b=2" rel="noreferrer">AWS</a>' in page


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_what_would_act_on_a_page_is_written_out() -> None:
    hostile = "\u202eabc\u2066\x1b[31m\x00\x9b<b>"
    column = Column(hostile, "text")
    page = page_of(
        title=hostile, scope=hostile, summary=[hostile], besides=[hostile],
        facts=[Fact("n", hostile, hostile)], lead=[Figure("a", hostile)],
        sections=[Section("a", hostile, [hostile], [Figure("a", hostile)],
                          [PrintedTable(hostile, [column], [[hostile], [Cell(hostile, "u")]],
                                        [[hostile]], hostile, "t.csv")])],
        method=[hostile],
    )  # fmt: skip
    assert page.replace("\n", "").isprintable()
    assert page.count("&lt;b&gt;") >= 17
    assert "<b>" not in page


def test_the_page_lets_nothing_run_but_its_own_style() -> None:
    page = page_of()
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert not re.search(r"""<script|\son\w+=|\sstyle=|javascript:|https?:""", page)


def test_a_long_code_may_break_between_its_words_and_stays_text() -> None:
    page = page_of(facts=[Fact("what", "policy raised", "UnmappedConnectionError<b>x</b>", "text")])
    assert "Unmapped<wbr>Connection<wbr>Error&lt;b&gt;" in page
    assert "<b>" not in page
