"""The page and its folder: whatever a client wrote is only text."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from albconn.report import write_report
from albconn.report.page import (
    MOST_ROWS,
    Column,
    Fact,
    Figure,
    Folder,
    PrintedTable,
    Section,
    render,
)
from worlds.lines import line


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


def test_a_spreadsheet_runs_nothing(tmp_path: Path) -> None:
    table = pd.DataFrame({"subject": ["=HYPERLINK(1)", "@x", "-1", "CN=a", None], "n": range(5)})
    Folder(tmp_path).save_table(table, "subjects")
    saved = pd.read_csv(tmp_path / "tables/subjects.csv")
    assert saved["subject"].tolist()[:4] == ["'=HYPERLINK(1)", "'@x", "'-1", "CN=a"]
    assert table["subject"].tolist()[0] == "=HYPERLINK(1)"


def test_a_chart_is_saved_twice_and_closed(tmp_path: Path) -> None:
    _, axes = plt.subplots()
    axes.set_title("What it shows", loc="left")
    figure = Folder(tmp_path).save_chart(axes, "a_chart")
    assert (figure.text, figure.image[:26]) == ("What it shows", "data:image/svg+xml;base64,")
    assert sorted(p.name for p in (tmp_path / "charts").iterdir()) == ["a_chart.png", "a_chart.svg"]
    assert plt.get_fignums() == []
    _, axes = plt.subplots()
    assert Folder(tmp_path).save_chart(axes, "no_title").text == "no title"


def test_what_would_act_on_a_page_is_written_out() -> None:
    hostile = "\u202eabc\u2066\x1b[31m\x00\x9b<b>"
    page = render(
        version="1", title=hostile, scope=hostile, summary=[hostile], facts=[Fact("n", hostile)],
        sections=[Section("a", hostile, [hostile], [Figure("data:,", hostile)],
                          [PrintedTable(hostile, [Column(hostile, "text")], [[hostile]])])],
        method=[hostile],
    )  # fmt: skip
    assert page.replace("\n", "").isprintable()
    assert page.count("&lt;b&gt;") == 13  # each of them, the title and a section's twice
    assert "<b>" not in page


def test_the_page_lets_nothing_run_but_its_own_style() -> None:
    page = render(version="1", title="t", scope="", summary=[], facts=[], sections=[], method=[])
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert not re.search(r"""<script|\son\w+=|\sstyle=|javascript:|https?:""", page)


def test_a_long_table_is_saved_to_a_bound_and_that_is_noted(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.save_table(pd.DataFrame({"n": range(MOST_ROWS + 7)}), "long")
    folder.save_table(pd.DataFrame({"n": range(MOST_ROWS)}), "whole")
    assert len(pd.read_csv(tmp_path / "tables/long.csv")) == MOST_ROWS
    assert folder.shortened == {"long": MOST_ROWS + 7}


def test_a_chart_lies_in_its_folder_whatever_it_is_called(tmp_path: Path) -> None:
    _, axes = plt.subplots()
    Folder(tmp_path / "out").save_chart(axes, "policy_impact_../../../x\x1b/y")
    saved = [path.relative_to(tmp_path) for path in tmp_path.rglob("*.png")]
    assert saved == [Path("out/charts/policy_impact__________x__y.png")]
