"""A part that grows on disk is the part that would have been written at once."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from albconn.dataset.parts import spool as spool_module
from albconn.dataset.parts.spool import Spools
from albconn.dataset.parts.write import write_part
from albconn.schema.connections import CONNECTIONS
from albconn.storage.store import open_dest
from albconn.times import microseconds
from tests.dataset.on_disk import read_part
from worlds.rows import BEGIN, connection, table_of

PATH = "connections/date=2026-09-23/part-00000001-aa-0001.parquet"
TABLE = table_of(connection(n, source_file="a.gz", line_number=n + 1) for n in range(50))


def test_pieces_become_one_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "ROW_GROUP_ROWS", 20)
    store = open_dest(tmp_path / "grown")
    with Spools(store, CONNECTIONS) as spools:
        spool = spools.open(PATH)
        for start in (0, 5, 10):
            spool.add(TABLE.slice(start, 40 if start == 10 else 5))
        part = spool.finish()
        assert spool.size == part.size
        spools.stage()
    store.publish([PATH])
    content = store.read(PATH)
    assert (part.path, part.rows, part.size) == (PATH, 50, len(content))
    assert part.sha256 == hashlib.sha256(content).hexdigest()
    assert (part.first, part.last) == (microseconds(BEGIN), microseconds(BEGIN) + 49_000_000)
    at_once = open_dest(tmp_path / "at_once")
    written = write_part(at_once, PATH, TABLE, CONNECTIONS)
    at_once.publish([PATH])
    assert read_part(store, PATH).equals(read_part(at_once, PATH))
    assert (written.rows, written.first, written.last) == (part.rows, part.first, part.last)
    footers = [pq.read_metadata(tmp_path / n / PATH) for n in ("grown", "at_once")]
    assert footers[0].metadata == footers[1].metadata
    assert [footers[0].row_group(n).num_rows for n in range(4)] == [5, 5, 20, 20]


def test_what_is_not_finished_is_not_published(tmp_path: Path) -> None:
    store = open_dest(tmp_path / "out")
    with Spools(store, CONNECTIONS) as spools:
        spools.open(PATH).add(TABLE)
    assert store.sizes("connections") == {}
    assert store.staged() == [f"staging/{PATH}"]
    store.discard()
    assert store.staged() == []
