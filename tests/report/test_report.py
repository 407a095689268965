"""The report: its numbers are the sample's stated truth, and it is safe to open."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

import albconn as ac
from albconn.report import Report, write_report

ROOT = Path(__file__).parents[2]
TRUTH = json.loads((ROOT / "data/sample/truth.json").read_text())
INCIDENT = (datetime(2026, 9, 23, 10, tzinfo=UTC), datetime(2026, 9, 23, 10, 40, tzinfo=UTC))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    out = tmp_path_factory.mktemp("report")
    with pytest.warns(ac.AlbconnWarning, match="more fields than the 15 known"):
        ac.convert(ROOT / "data/sample", out / "dataset")
    return write_report(out / "dataset", out / "review", incident=INCIDENT)


def test_headline_is_the_truth(report: Report) -> None:
    numbers = report.headline()
    counts = ("files", "lines", "rows", "rejected", "tls_connections", "failures")
    assert [numbers[name] for name in counts] == [TRUTH[name] for name in counts]
    assert numbers["top_reason"] == "ClientCertExpired"
    assert numbers["failure_rate"] == "2.0 %"


def test_page_is_one_file_without_scripts(report: Report) -> None:
    page = report.page.read_text()
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', page)
    assert page.count("<img ") == len(list(report.charts.glob("*.png")))
    assert len(list(report.charts.glob("*.svg"))) == len(list(report.charts.glob("*.png"))) >= 8


def test_tables_hold_the_same_numbers(report: Report) -> None:
    reasons = pd.read_csv(report.tables / "failure_reasons.csv")
    counted = dict(zip(reasons["failure_reason"], reasons["failures"], strict=True))
    assert counted == TRUTH["failures_by_reason"]
    rates = pd.read_csv(report.tables / "failure_rate.csv")
    assert rates["connections"].sum() == TRUTH["tls_connections"]


def test_nothing_at_all_still_is_a_page(tmp_path: Path) -> None:
    (tmp_path / "empty.log").write_text("")
    written = write_report(tmp_path / "empty.log", tmp_path / "out")
    assert "no rate can be given" in written.page.read_text()
    assert written.headline()["failures"] == 0


def test_naive_incident_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.log").write_text("")
    with pytest.raises(ac.TableError, match="has no time zone"):
        write_report(
            tmp_path / "empty.log",
            tmp_path / "out",
            incident=(datetime(2026, 1, 1), datetime(2026, 1, 2)),  # noqa: DTZ001
        )
