"""First bytes say which of the files that are called something else are logs; on disk and on S3."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from albconn.logs import sifting
from albconn.logs.find.selection import EVERYTHING, make_selection
from albconn.logs.reading import Reading
from albconn.logs.sifting import formats_of, list_logs
from albconn.schema.connections import CONNECTIONS
from tests.conftest import S3Server
from tests.whole.test_vended import connections
from worlds import trees, vended
from worlds.rows import BEGIN

END = BEGIN + timedelta(minutes=5)
RECORDS = connections(30)
ACCESS = f"{trees.ACCOUNT}_elasticloadbalancing_us-east-1_app.w.1_20260923T1005Z_10.0.0.1_"
FILES = {
    trees.key(END): gzip.compress(vended.as_legacy(RECORDS)),
    trees.key(END, name=ACCESS + "a.log.gz"): gzip.compress(vended.as_json(RECORDS)),
    trees.key(END, name=ACCESS + "b.log.gz"): gzip.compress(b"https 2026 x\n" * 900),
    trees.key(END, name="a.parquet"): vended.as_parquet(RECORDS),
    trees.key(END, name="b.parquet"): b"PAR1" + bytes(900) + b"PAR1",
    trees.key(END, name="c.csv"): vended.as_athena_csv(RECORDS),
    trees.key(END, name="d.csv"): b"name,value\n" * 90,
    f"AWSLogs/{trees.ACCOUNT}/ELBConnectionLogTestFile": b"Enable ConnectionLog for ELB" * 9,
}
OURS = {"a.log.gz", "a.parquet", "c.csv"}


def names(urls: object) -> set[str]:
    return {str(url).rpartition("/")[2].removeprefix(ACCESS) for url in urls}  # type: ignore[attr-defined]


def check(source: object, options: object = None) -> None:
    listing = list_logs(source, CONNECTIONS, selection=EVERYTHING, storage_options=options)  # type: ignore[arg-type]
    assert names(f.url for f in listing.log_files) == {*OURS, trees.name_of(END)}
    assert names(f.url for f in listing.foreign) == {
        "b.log.gz", "b.parquet", "d.csv", "ELBConnectionLogTestFile",
    }  # fmt: skip
    reading = Reading(CONNECTIONS, storage_options=options)  # type: ignore[arg-type]
    told = formats_of(listing.log_files, reading)
    assert sorted(told.values()) == ["csv", "json", "legacy", "parquet"]


def test_on_a_disk(tmp_path: Path) -> None:
    check(trees.plant(tmp_path, FILES))


def test_on_s3_by_their_heads(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sifting, "HEAD_BYTES", 4096)
    bucket = s3_server.make_bucket("logs", FILES)
    check(bucket, s3_server.storage_options)
    looked_at = [r for r in s3_server.seen if r.is_object_read]
    assert names(r.path for r in looked_at) == {
        *OURS, "b.log.gz", "b.parquet", "d.csv", trees.name_of(END),
    }  # fmt: skip


def test_what_is_of_another_time_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees.plant(tmp_path, FILES)
    monkeypatch.setattr(sifting, "ours", lambda *_: pytest.fail("looked at"))
    selection = make_selection(account_id="999999999999")
    listing = list_logs(tmp_path, CONNECTIONS, selection=selection)
    assert listing.log_files == []
