"""Of connections that came by both routes one row is read, and the books still balance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import albconn as ac
from tests.whole.test_vended import connections
from worlds import vended

RECORDS = connections(300)
LEGACY, VENDED = RECORDS[:200], RECORDS[100:]


@pytest.fixture
def both(tmp_path: Path) -> Path:
    (tmp_path / "a.log").write_bytes(vended.as_legacy(LEGACY) + b"no line\n")
    (tmp_path / "b.log").write_bytes(vended.as_json(VENDED))
    return tmp_path


def test_both_stay_and_it_is_said(both: Path) -> None:
    with pytest.warns(ac.AlbconnWarning, match="100 connections are there twice, from AWS's text"):
        found = ac.read_connections(both)
    assert len(found) == 400
    with pytest.warns(ac.AlbconnWarning, match="some connections may be there twice"):
        assert len(ac.read_connections(both, columns=["elb"])) == 400
    with pytest.warns(ac.AlbconnWarning, match="some connections may be there twice"):
        assert sum(map(len, ac.iter_connections(both))) == 400
    with pytest.warns(ac.AlbconnWarning, match="100 connections are there twice"):
        assert ac.open_connections(both).rows == 400


@pytest.mark.parametrize(("prefer", "kept"), [("legacy", (200, 100)), ("vended", (100, 200))])
@pytest.mark.parametrize("columns", [None, ["elb"], ["conn_trace_id", "source_file"]])
def test_one_route_is_kept(both: Path, prefer: Any, kept: tuple[int, int], columns: Any) -> None:
    with pytest.warns(ac.AlbconnWarning, match="100 connections came by both routes; the other"):
        loaded = ac.load_connections(both, prefer=prefer, columns=columns)
    files = loaded.files.set_index("format")
    written = (files["rows"] - files["filtered"]).to_dict()
    assert (written["legacy"], written["json"]) == kept
    assert (files["rows"] + files["rejected"]).tolist() == files["lines"].tolist()
    assert len(loaded.connections) == 300
    assert len(loaded.rejected) == 1
    assert columns is None or loaded.connections.columns.tolist() == columns
    with pytest.warns(ac.AlbconnWarning, match="100 connections came by both routes"):
        pieces = pd.concat(ac.iter_connections(both, prefer=prefer))
    assert pieces["conn_trace_id"].is_unique
    assert len(pieces) == 300


def test_within_one_route_no_file_is_preferred(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(vended.as_legacy(LEGACY))
    (tmp_path / "b.log").write_bytes(vended.as_legacy(VENDED))
    assert len(ac.read_connections(tmp_path)) == 400
    assert len(ac.read_connections(tmp_path, prefer="vended")) == 400


def test_another_word_is_refused(both: Path) -> None:
    with pytest.raises(ac.TableError, match=r"^prefer: 'new'; expected 'legacy' or 'vended'"):
        ac.read_connections(both, prefer="new")  # type: ignore[arg-type]
