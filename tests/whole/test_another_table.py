"""Another log table, with three fields and its own folder, goes the whole way without a change.

The words of the test are all that there is of it: what reads, converts, checks, compacts and
documents connections takes a table as a value.
"""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import albconn as ac
from albconn.dataset import schema_json
from albconn.logs.read import iterate, load
from albconn.logs.reading import Reading
from albconn.schema.field import Field, FromColumn, FromPlace
from albconn.schema.kind import INTEGER, TIMESTAMP, WORD
from albconn.schema.table import FROM_THE_KEY, IDENTITY, LogTable


def shouted(text: str) -> str:
    return text.upper()


NOTES = LogTable(
    name="notes",
    version=7,
    fields=(
        Field("time", TIMESTAMP, "when it was noted", 1, unit="UTC"),
        Field("visitor", WORD, "whose address it was", 2),
        Field("weight", INTEGER, "how heavy it was", 3, unit="g"),
        Field("shouted", WORD, "the visitor, in capitals", origin=FromColumn("visitor", shouted)),
        *FROM_THE_KEY,
        Field("rest", WORD, "what follows", origin=FromPlace.tail),
        *IDENTITY,
    ),
    fewest_fields=2,
    time_column="time",
    private=("visitor",),
)
LINES = [
    "2026-09-22T23:59:59.000001Z 203.0.113.7 12",
    "2026-09-23T00:00:00Z 203.0.113.8",
    '2026-09-23T00:00:01Z "-" -5 and more',
    "2026-09-23T00:00:02Z 203.0.113.7 heavy",
    "2026-09-23T00:00:03Z",
]
VALUES = {
    "visitor": ["203.0.113.7", "203.0.113.8", None],
    "weight": [12, None, -5],
    "shouted": ["203.0.113.7", "203.0.113.8", None],
    "rest": [None, None, "and more"],
}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    for n, first in enumerate((0, 2)):
        text = "".join(line + "\n" for line in LINES[first : first + (2 if n == 0 else 3)])
        (folder / f"notes-{n}.log.gz").write_bytes(gzip.compress(text.encode()))
    return folder


@pytest.fixture(params=["compiled", "plain"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    from albconn.logs.bytes import blocks
    from albconn.logs.lines import block, regular

    if request.param == "compiled" and not regular.COMPILED:
        pytest.skip("no C compiler: the compiled reader is not there")
    for module in (block, blocks):
        monkeypatch.setattr(module, "COMPILED", request.param == "compiled")
    return request.param


def test_it_is_read(logs: Path, reader: str) -> None:
    with pytest.warns(ac.AlbconnWarning, match="than the 3 known; the rest is kept in rest"):
        loaded = load(logs, Reading(NOTES))
    rows = loaded.connections
    assert list(rows.columns) == list(NOTES.columns)
    assert rows["time"].dt.second.tolist() == [59, 0, 1]
    for name, values in VALUES.items():
        found = rows[name].astype(object)
        assert found.where(found.notna(), None).tolist() == values
    assert loaded.rejected["reason"].tolist() == [
        "weight is not a whole number", "too few fields",
    ]  # fmt: skip
    assert loaded.files["lines"].tolist() == [2, 3]
    pieces = list(iterate(logs, Reading(NOTES, columns=("weight",))))
    assert sum(map(len, pieces)) == 3
    assert list(pieces[0].columns) == ["weight"]


def test_it_is_converted_checked_and_compacted(logs: Path, tmp_path: Path, reader: str) -> None:
    dest = tmp_path / "dataset"
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        done = ac.convert(logs, dest, table=NOTES)
    assert (done.rows, done.rejected, done.dates) == (3, 2, (date(2026, 9, 22), date(2026, 9, 23)))
    assert sorted(p.name for p in dest.iterdir()) == ["manifest", "notes", "rejected"]
    assert ac.convert(logs, dest, table=NOTES).files == 0

    extra = logs / "notes-2.log"
    extra.write_text("2026-09-23T00:00:00.5Z 198.51.100.1 7\n")
    assert ac.convert(logs, dest, table=NOTES).written == 1
    assert ac.check(dest, logs, table=NOTES).faults == ()
    moved = ac.compact(dest, table=NOTES)
    assert (moved.parts_before, moved.parts_after) == (2, 1)
    assert ac.check(dest, logs, table=NOTES).faults == ()

    rows = ac.read_dataset(dest, table=NOTES, start="2026-09-23T00:00Z")
    assert rows["weight"].isna().tolist() == [True, False, False]
    assert rows["visitor"].dropna().tolist() == ["203.0.113.8", "198.51.100.1"]
    assert ac.open_dataset(dest, table=NOTES).count_rows() == 4


def test_its_files_say_what_they_are(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "dataset"
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        ac.convert(logs, dest, table=NOTES, client_ip="truncate", drop_columns=["weight"])
    file = pq.ParquetFile(next(dest.glob("notes/date=2026-09-22/*.parquet")))
    assert file.schema_arrow.names == list(NOTES.columns)
    assert file.read().to_pylist()[0]["visitor"] == "203.0.113.0"
    assert file.read().to_pylist()[0]["weight"] is None
    footer = {k.decode(): v.decode() for k, v in file.schema_arrow.metadata.items()} | {
        k.decode(): v.decode() for k, v in file.metadata.metadata.items()
    }
    assert (footer["albconn.table"], footer["albconn.schema_version"]) == ("notes", "7")
    record = json.loads(sorted(dest.glob("manifest/*.json"))[-1].read_text())
    assert (record["table"], record["schema_version"], record["format"]) == ("notes", 7, 3)
    contract = json.loads(schema_json(NOTES))
    assert [c["name"] for c in contract["columns"]] == [*NOTES.columns, "date"]
    assert [c["name"] for c in contract["columns"] if not c["nullable"]] == [
        "time", "source_file", "line_number", "date",
    ]  # fmt: skip


def test_two_tables_share_a_dataset(logs: Path, tmp_path: Path) -> None:
    dest = tmp_path / "dataset"
    connections = tmp_path / "connections.log"
    connections.write_text(
        "2023-12-05T14:27:13.699577Z 54.248.0.1 54414 443 TLSv1.3 TLS_AES_128_GCM_SHA256 0.057 "
        '"-" - - Success\n'
    )
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        ac.convert(logs, dest, table=NOTES, client_ip="truncate")
    ac.convert(connections, dest)  # each table has its own privacy settings
    assert ac.open_dataset(dest).count_rows() == 1
    assert ac.open_dataset(dest, table=NOTES).count_rows() == 3
    assert ac.read_dataset(dest)["client_ip"].tolist() == ["54.248.0.1"]
    assert ac.check(dest, connections, table="connections").ok
    with pytest.raises(ac.TableError, match="'notes' is not a table of albconn; expected 'connec"):
        ac.check(dest)
