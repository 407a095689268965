"""Columns that no line has: from the status, the validity, and the key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.logs.scanning import NOON, scanned
from worlds import trees
from worlds.lines import HEX, line


def test_key_fills_what_old_lines_do_not_carry_and_the_line_wins(tmp_path: Path) -> None:
    files = {
        trees.key(NOON): trees.content(NOON, width=11),
        trees.key(NOON, elb="shop"): trees.content(NOON, width=15, elb="renamed"),
        "AWSLogs/plain.log.gz": trees.content(NOON, width=12),
    }
    rows, _ = scanned(trees.plant(tmp_path, files), threads=1)
    seen = {(r["elb"], r["ip_address"], r["account_id"], r["region"]) for r in rows}
    assert seen == {
        (f"app/web/{HEX}", trees.NODE, trees.ACCOUNT, trees.REGION),
        (f"app/renamed/{HEX}", "10.0.0.2", trees.ACCOUNT, trees.REGION),
        (None, None, None, None),
    }


def test_derived_columns(tmp_path: Path) -> None:
    texts = line(NOON).split(" ")
    lines = []
    for status, validity in [
        ("Success", "NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z"),
        ("Failed:ClientCertExpired", "NotBefore=0001-01-01T00:00:00+05:00;NotAfter=never"),
        ("Failed:New:Code", "-"),
        ("Failed", "since-ever"),
        ("-", "NotBefore=2023-09-21T22:43:21;NotAfter=2023-09-22T00:00:00+02:00"),
        ("Maybe", "-"),
    ]:
        lines.append(" ".join([*texts[:8], validity, "-", status, *texts[11:]]))
    rows, _ = scanned(trees.plant(tmp_path, {"a.log.gz": trees.packed(lines)}))
    assert [(row["outcome"], row["failure_reason"]) for row in rows] == [
        ("success", None),
        ("failed", "ClientCertExpired"),
        ("failed", "New:Code"),
        ("failed", None),
        (None, None),
        (None, None),
    ]
    assert [row["cert_not_after"] for row in rows] == [
        datetime(2026, 6, 17, 22, 43, 21, tzinfo=UTC),
        None,
        None,
        None,
        datetime(2023, 9, 21, 22, tzinfo=UTC),
        None,
    ]
    assert rows[0]["cert_not_before"] == datetime(2023, 9, 21, 22, 43, 21, tzinfo=UTC)
    assert rows[4]["cert_not_before"] is None  # a time without zone could mean any instant
