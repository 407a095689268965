"""The page and its folder: whatever a client wrote is only text."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from albconn.report import write_report
from albconn.report.page import Folder
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
