"""Tables on the page: few rows, few columns, and the rest in a CSV."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from albconn.report import tables
from albconn.report.page import Cell
from tests.report.asking import folder_of


def printed(table: pd.DataFrame, columns: list[tables.Shown], out: Path) -> list[list[str | Cell]]:
    return tables.save_and_print(folder_of(out), table, "name", "Title", columns).rows


def test_the_first_rows_are_shown_and_all_are_saved(tmp_path: Path) -> None:
    reasons = pd.DataFrame(
        {"failure_reason": [f"R{n}" for n in range(20)], "failures": 1000, "share": 0.05}
    )
    shown = tables.save_and_print(
        folder_of(tmp_path), reasons, "reasons", "Failures by reason", tables.REASONS
    )
    assert [column.name for column in shown.columns] == ["reason", "failures", "share of all"]
    assert [column.kind for column in shown.columns] == ["name", "number", "number"]
    assert shown.rows == [[f"R{n}", "1,000", "5.0 %"] for n in range(tables.ROWS_SHOWN)]
    assert (shown.title, shown.more) == ("Failures by reason", "8 more")
    assert shown.folded == [[f"R{n}", "1,000", "5.0 %"] for n in range(tables.ROWS_SHOWN, 20)]
    assert shown.file == "tables/reasons.csv"
    assert len(pd.read_csv(tmp_path / "tables/reasons.csv")) == 20


def test_what_is_missing_is_a_dash(tmp_path: Path) -> None:
    row = {
        "subject": "CN=a\nb", "common_name": None, "organization": float("nan"),
        "serial": "0123456789abcdef0123", "not_after": pd.NaT, "days_left": float("nan"),
        "handshakes": 3, "failures": 0, "addresses": 1,
    }  # fmt: skip
    assert printed(pd.DataFrame([row]), tables.CERTIFICATES, tmp_path) == [
        [r"CN=a\nb", "0123456789abcde…", "–", "–", "3", "0", "1"]
    ]


def test_a_rate_stands_with_its_n_and_a_chance_has_a_floor(tmp_path: Path) -> None:
    row = {
        "bin_start": pd.Timestamp("2026-09-23T10:00:30Z"), "rate_before": 0.0,
        "connections_before": 0, "rate_after": 0.5, "connections_after": 1200, "p_value": 1e-9,
    }  # fmt: skip
    assert printed(pd.DataFrame([row]), tables.CHANGE_POINTS, tmp_path) == [
        ["2026-09-23 10:00", "no connections", "50 % of 1,200", "< 0.001"]
    ]


def test_a_policys_verdict_is_a_share_of_handshakes_and_clients(tmp_path: Path) -> None:
    counts = {"breaking": (1, 1), "at_risk": (0, 0), "fitting": (3, 2)}
    row: dict[str, object] = {"policy": "P", "lowest_protocol": "TLSv1.2"}
    for kind, (connections, clients) in counts.items():
        row |= {f"connections_{kind}": connections, f"clients_{kind}": clients}
    row["share_of_connections_fitting"] = 0.75
    assert printed(pd.DataFrame([row]), tables.POLICIES, tmp_path) == [
        ["P", "TLSv1.2", "25 % · 1 client", "–", "75 %"]
    ]


def test_a_table_of_very_many_rows_folds_the_first_of_them(tmp_path: Path) -> None:
    many = pd.DataFrame(
        {"failure_reason": [f"R{n}" for n in range(5000)], "failures": 1, "share": 0.1}
    )
    shown = tables.save_and_print(folder_of(tmp_path), many, "reasons", "Title", tables.REASONS)
    assert len(shown.rows) + len(shown.folded) == tables.ROWS_SHOWN + tables.ROWS_FOLDED
    assert shown.more == "4,988 more, the first 200 of them"


def test_times_are_in_the_zone_of_the_page_and_utc_in_the_file(tmp_path: Path) -> None:
    row = {
        "bin_start": pd.Timestamp("2026-09-23T22:00Z"), "rate_before": 0.0, "rate_after": 0.5,
        "connections_before": 10, "connections_after": 1200, "p_value": 0.2,
    }  # fmt: skip
    folder = folder_of(tmp_path, "Europe/Berlin")
    shown = tables.save_and_print(
        folder, pd.DataFrame([row]), "changes", "Title", tables.CHANGE_POINTS
    )
    assert shown.columns[0].name == "at [Europe/Berlin]"
    assert shown.rows[0][0] == "2026-09-24 00:00"
    assert "2026-09-23 22:00:00+00:00" in (tmp_path / "tables/changes.csv").read_text()


def test_a_reason_has_its_meaning_its_next_step_and_awss_page(tmp_path: Path) -> None:
    codes = pd.DataFrame({"failure_reason": ["ClientCertExpired", "Unheard"]})
    (_, told, more), unknown = printed(codes, tables.MEANINGS, tmp_path)
    assert str(told).startswith("The client's certificate has ended. Have these clients renew it")
    assert isinstance(more, Cell)
    assert more.url.startswith("https://docs.aws.amazon.com/elasticloadbalancing/")
    assert str(unknown[1]).startswith("A reason that albconn does not know yet.")
