"""Whole lines, records, and what is neither, each with its number."""

from __future__ import annotations

from pathlib import Path

import pytest

import albconn as ac
from worlds import trees, vended
from worlds.lines import USUAL
from worlds.rows import BEGIN

RECORD = USUAL | {"timestamp": BEGIN, "conn_trace_id": "TID_1", "elb": "app/web/1"}


def test_a_line_of_json_may_have_a_mebibyte_and_no_more(tmp_path: Path) -> None:
    short = vended.json_line(RECORD, leaf_client_cert_subject="x" * 100_000)
    long = vended.json_line(RECORD, leaf_client_cert_subject="x" * (1 << 20))
    (tmp_path / "x").write_text(f"{short}\n{long}\n{short}\n")
    loaded = ac.load_connections(tmp_path / "x")
    assert loaded.connections["line_number"].tolist() == [1, 3]
    assert loaded.rejected[["line_number", "reason"]].values.tolist() == [
        [2, "the line is longer than 1 MiB"]
    ]


def test_members_of_an_archive_may_be_of_any_format(tmp_path: Path) -> None:
    from tests.logs.bytes.packing import zipped

    (tmp_path / "x.zip").write_bytes(zipped(vended.as_parquet([RECORD] * 2)))
    loaded = ac.load_connections(tmp_path / "x.zip")
    assert loaded.files["format"].tolist() == ["parquet"]
    assert loaded.files["rows"].sum() == len(loaded.connections) > 0


def test_a_damaged_file_of_objects_keeps_what_it_has(tmp_path: Path) -> None:
    content = trees.packed(vended.json_line(RECORD | {"client_port": n}) for n in range(5000))
    (tmp_path / "x.log.gz").write_bytes(content[: len(content) // 2])
    with pytest.warns(ac.AlbconnWarning, match="1 damaged log file"):
        loaded = ac.load_connections(tmp_path / "x.log.gz")
    file = loaded.files.iloc[0]
    assert (file["format"], file["damage"]) == ("json", "the gzip stream is truncated")
    assert 0 < file["rows"] < 5000
    assert file["rows"] + file["rejected"] == file["lines"]
