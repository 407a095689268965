"""The report: its numbers are the sample's stated truth, and it is safe to open."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

import albconn as ac
from albconn.report import Report, write_report
from albconn.report.folder import LIST
from worlds.rows import bare, frame_of

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
    assert "default-src 'none'" in page
    leads_to = set(re.findall(r'(?:src|href|srcset)="(?!data:|#)([^"]*)"', page))
    aws = {url for url in leads_to if url.startswith("https://docs.aws.amazon.com/")}
    assert all((report.page.parent / file).is_file() for file in leads_to - aws)
    assert aws
    assert page.count("<img ") == len(list(report.charts.glob("*.png")))
    assert len(list(report.charts.glob("*.svg"))) == len(list(report.charts.glob("*.png"))) >= 8


def test_the_folder_lists_what_is_there(report: Report) -> None:
    out = report.page.parent
    there = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert set(json.loads((out / LIST).read_text())) == there - {LIST}


def test_tables_hold_the_same_numbers(report: Report) -> None:
    reasons = pd.read_csv(report.tables / "failure_reasons.csv")
    counted = dict(zip(reasons["failure_reason"], reasons["failures"], strict=True))
    assert counted == TRUTH["failures_by_reason"]
    rates = pd.read_csv(report.tables / "failure_rate.csv")
    assert rates["connections"].sum() == TRUTH["tls_connections"]


def test_the_tiles_the_sentences_the_tables_and_the_lead_give_the_same_numbers(
    report: Report,
) -> None:
    """Against the log itself, counted once more by hand."""
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        rows = ac.read_connections(ROOT / "data/sample", load_balancer="shop")
    rows = rows[rows["outcome"].isin(["success", "failed"])]
    inside = rows[(rows["timestamp"] >= INCIDENT[0]) & (rows["timestamp"] < INCIDENT[1])]
    failed = inside[inside["outcome"] == "failed"]
    told = re.sub(r"[\s\u202f\xa0]+", " ", re.sub("<[^>]*>", " ", report.page.read_text()))
    rate = f"{len(failed) / len(inside):.0%}".replace("%", " %")
    assert f"failure rate in it {rate} " in told
    assert f"failures {len(failed)} of {len(inside):,} connections" in told
    assert f"{rate} of {len(inside):,} TLS connections to app/shop failed ({len(failed)})" in told
    for name in ("reasons", "networks", "clients", "nodes"):
        table = pd.read_csv(report.tables / f"incident_{name}.csv")
        assert table["incident_failures"].sum() == len(failed), name
    reasons = pd.read_csv(report.tables / "incident_reasons.csv", index_col="failure_reason")
    assert (
        reasons.loc["ClientCertExpired", "incident_failures"]
        == (failed["failure_reason"] == "ClientCertExpired").sum()
    )
    lead = pd.read_csv(report.tables / "incident.csv", parse_dates=["bin_start"])
    lead = lead[(lead["bin_start"] >= INCIDENT[0]) & (lead["bin_start"] < INCIDENT[1])]
    assert (lead["failures"].sum(), lead["connections"].sum()) == (len(failed), len(inside))


def test_of_a_log_without_tls_it_is_said(tmp_path: Path) -> None:
    rows = frame_of([bare(3), bare(5)])
    written = write_report(rows, tmp_path / "out")
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
