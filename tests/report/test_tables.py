"""Tables on the page: few rows, few columns, and the rest in a CSV."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from albconn.report import tables
from albconn.report.page import Folder


def printed(table: pd.DataFrame, columns: list[tables.Shown], out: Path) -> list[list[str]]:
    return tables.save_and_print(Folder(out), table, "name", "Title", columns).rows


def test_the_first_rows_are_shown_and_all_are_saved(tmp_path: Path) -> None:
    reasons = pd.DataFrame(
        {"failure_reason": [f"R{n}" for n in range(20)], "failures": 1000, "share": 0.05}
    )
    shown = tables.save_and_print(
        Folder(tmp_path), reasons, "reasons", "Failures by reason", tables.REASONS
    )
    assert [column.name for column in shown.columns] == ["reason", "failures", "share of all"]
    assert [column.kind for column in shown.columns] == ["name", "number", "number"]
    assert shown.rows == [[f"R{n}", "1,000", "5.0 %"] for n in range(tables.ROWS_SHOWN)]
    assert (shown.title, shown.more) == ("Failures by reason", "8 more in tables/reasons.csv")
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
