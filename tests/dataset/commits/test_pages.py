"""Entries there and back, each on the page where it will be looked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from albconn.dataset.commits.layout import part_path, rejected_path
from albconn.dataset.commits.pages import (
    PARTS,
    REJECTED,
    SOURCES,
    Converted,
    page_of_part,
    page_of_source,
    pages_of_dates,
    pages_of_days,
)
from albconn.dataset.commits.record import Part, RejectedFile
from albconn.logs.find.selection import EVERYTHING
from tests.dataset.commits.records import API, SHOP, source
from worlds.trees import log_path

NAME = log_path(Path("AWSLogs"), "20260924T0000Z", n=7).name
URLS = [
    f"s3://logs/AWSLogs/1/elasticloadbalancing/eu-west-1/2026/09/24/{NAME}",
    f"s3a://moved/{NAME}",
    f"/home/ann/{NAME.removesuffix('.log.gz')} (1).log.gz",
    f"/home/ann/{NAME.removesuffix('.gz')}",
    "/logs/ä 🚚/renamed.log.gz",
    "renamed",
    "s3://logs/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/09/23/renamed.gz",
]


def converted(url: str, **facts: Any) -> Converted:
    return Converted(source(url)._replace(**facts), 7, (API, SHOP, EVERYTHING)[: len(url) % 3 + 1])


def sources() -> list[Converted]:
    damage = [None, "cut off after 3 lines: ä"]
    return [
        converted(url, damage=damage[n % 2], written=7, size=n << 40) for n, url in enumerate(URLS)
    ]


def test_sources_there_and_back() -> None:
    entries = sources()
    content = SOURCES.encode(SOURCES.rows(entries))
    assert sorted(SOURCES.entries(SOURCES.decode(content))) == sorted(entries)
    assert all(field.type in (pa.string(), pa.int64()) for field in SOURCES.decode(content).schema)


def test_parts_and_rejected_files_there_and_back() -> None:
    parts = [Part(part_path("t", "0001-01-01", "00000007", "a"), 5, 6, "s", -(1 << 62), 1 << 62)]
    assert PARTS.entries(PARTS.decode(PARTS.encode(PARTS.rows(parts)))) == parts
    kept = [RejectedFile(rejected_path("00000007"), 5, 6, "s")]
    assert REJECTED.entries(REJECTED.decode(REJECTED.encode(REJECTED.rows(kept)))) == kept
    for kind in (SOURCES, PARTS, REJECTED):
        assert kind.entries(kind.decode(kind.encode(kind.rows([])))) == []


def test_a_page_is_searched_by_the_delivered_name() -> None:
    entries = sources()
    content = SOURCES.encode(SOURCES.rows(entries))
    same = SOURCES.matching(content, {SOURCES.sought_of(URLS[0])})
    assert {known.source.url for known in same} == set(URLS[:4])
    assert SOURCES.matching(content, {"nothing"}) == []
    rest = SOURCES.without(SOURCES.decode(content), {URLS[1], "/elsewhere/renamed.log.gz"})
    assert {known.source.url for known in SOURCES.entries(rest)} == set(URLS) - {URLS[1]}


def test_only_what_is_found_is_read_but_for_one_column(monkeypatch: pytest.MonkeyPatch) -> None:
    content = SOURCES.encode(SOURCES.rows(sources()))
    read, whole = list[Any](), pq.ParquetFile.read
    monkeypatch.setattr(
        pq.ParquetFile, "read", lambda *a, **k: read.append(a[1:]) or whole(*a, **k)
    )
    SOURCES.matching(content, {"nothing"})
    assert read == [(["name"],)]


def test_copies_stand_on_one_page() -> None:
    assert {page_of_source(url) for url in URLS[:4]} == {"2026-09-24"}  # of the interval's end
    assert page_of_source(URLS[6]) == "2026-09-23"  # of its folder
    assert page_of_source(URLS[4]).startswith("undated-")
    old = log_path(Path(), "19700101T0005Z").as_posix()
    assert page_of_source(old) == page_of_source(f"/elsewhere/{Path(old).name}")
    assert page_of_source(old).startswith("undated-")


def test_which_pages_can_hold_what_is_asked_for() -> None:
    keys = ["2026-09-22", "2026-09-23", "2026-10-01", "undated-03"]
    day = date(2026, 9, 23)
    assert pages_of_days(day, day, keys) == ["2026-09-23", "undated-03"]
    assert pages_of_days(None, day, keys) == ["2026-09-22", "2026-09-23", "undated-03"]
    assert pages_of_days(day, None, keys) == keys[1:]
    months = ["2026-08", "2026-09", "2026-10", "elsewhen"]
    assert pages_of_dates(day, day, months) == ["2026-09"]
    assert pages_of_dates(day, None, months) == ["2026-09", "2026-10", "elsewhen"]
    assert pages_of_dates(date(1969, 1, 1), date(1970, 1, 1), months) == ["elsewhen"]
    assert pages_of_dates(None, None, months) == months


@pytest.mark.parametrize(
    "day", ["0001-01-01", "1969-12-31", "2019-12-31", "2100-01-01", "9999-12-31"]
)
def test_dates_beyond_all_logs_share_a_page(day: str) -> None:
    assert page_of_part(part_path("connections", day, "00000001", "a")) == "elsewhen"
