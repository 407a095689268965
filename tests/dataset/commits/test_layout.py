"""Names of files, and what a name tells."""

from __future__ import annotations

from datetime import date

from albconn.dataset.commits.layout import (
    DATE_COLUMN,
    batch_name,
    batch_of_record,
    batch_of_rejected,
    date_of_part,
    day_of_part,
    part_path,
    record_path,
    rejected_path,
    schema_of,
)
from albconn.schema.connections import CONNECTIONS


def test_names() -> None:
    assert record_path(batch_name(12)) == "manifest/00000012.json"
    assert batch_of_record("manifest/00000012.json") == "00000012"
    assert batch_of_record("manifest/.00000012.json.aa.half") is None
    assert day_of_part("connections/date=2026-09-23/notes.txt") is None


def test_paths_and_what_they_tell() -> None:
    batch = batch_name(7)
    path = part_path("connections", "2026-09-23", batch, "3fa9c1d2-0001")
    assert path == "connections/date=2026-09-23/part-00000007-3fa9c1d2-0001.parquet"
    assert (day_of_part(path), date_of_part(path)) == ("2026-09-23", date(2026, 9, 23))
    assert rejected_path(batch) == "rejected/00000007.jsonl"
    assert batch_of_rejected("rejected/00000007.jsonl") == batch
    for other in ("rejected/notes.jsonl", "rejected/00000007.jsonl.half", "manifest/00000007.json"):
        assert batch_of_rejected(other) is None
    for other in (
        "connections/date=2026-9-23/part-00000007-x.parquet",
        "connections/part-00000007-x.parquet",
        "connections/date=2026-09-23/part-7-x.parquet",
        "connections/date=2026-09-23/part-00000007-x.parquet.half",
    ):
        assert day_of_part(other) is None


def test_names_sort_like_numbers() -> None:
    numbers = [0, 9, 10, 99_999_999]
    assert sorted(map(batch_name, reversed(numbers))) == [batch_name(n) for n in numbers]


def test_the_date_is_in_the_folder_not_in_the_file() -> None:
    assert schema_of(CONNECTIONS).names == [*CONNECTIONS.columns, DATE_COLUMN]
