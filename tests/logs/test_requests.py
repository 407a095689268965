"""Access logs become requests: every line is a row or a rejected line, wherever they lie."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

import albconn as ac
from albconn.schema.requests import REQUESTS
from worlds.lines import HEX, line
from worlds.request_lines import request_line
from worlds.trees import ACCESS_LOG, key, packed, plant

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)


def moment(second: int) -> str:
    return f"2026-09-23T11:58:{second:02d}.000000Z"


LINES = [
    request_line(moment(0), client_ip="2001:db8::1"),
    request_line(moment(1), elb_status_code=502, target_status_code=None, target_ip=None, width=29),
    "no request",
    request_line(moment(2), elb_status_code=404, user_agent="a bot"),
]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A tree in which both logs lie, and the marker of each."""
    return plant(
        tmp_path / "logs",
        {
            key(NOON, begins=ACCESS_LOG): packed(LINES),
            key(NOON, begins=ACCESS_LOG, elb="api"): packed([request_line(moment(3), elb="api")]),
            key(NOON): packed([line(moment(0)), line(moment(1))]),
            "AWSLogs/123456789012/ELBAccessLogTestFile": b"Enable AccessLog for ELB: app/web/1",
        },
    )


def test_the_books_balance(logs: Path) -> None:
    loaded = ac.load_requests(logs)
    assert list(loaded.requests.columns) == list(REQUESTS.columns)
    assert loaded.requests["status_class"].tolist() == ["2xx", "2xx", "5xx", "4xx"]  # by file
    assert loaded.requests["client_ip"].tolist()[1] == "2001:db8::1"
    assert loaded.requests["target_status_code"].isna().tolist() == [False, False, True, False]
    ours = loaded.files[loaded.files["kind"] == "access_log"]
    assert [ours[name].sum() for name in ("lines", "rows", "rejected")] == [5, 4, 1]
    assert sorted(loaded.files["kind"]) == ["access_log"] * 2 + ["connection_log", "test_marker"]
    assert loaded.rejected[["line_number", "reason", "raw_text"]].values.tolist() == [
        [3, "too few fields", "no request"]
    ]


def test_the_key_fills_what_an_old_line_lacks(logs: Path) -> None:
    rows = ac.read_requests(logs, load_balancer="web", columns=["ip_address", "elb", "account_id"])
    assert rows["ip_address"].tolist() == ["10.0.0.2", "10.0.0.1", "10.0.0.2"]
    assert set(rows["elb"]) == {f"app/web/{HEX}"}
    assert set(rows["account_id"]) == {"123456789012"}


def test_time_and_filters(logs: Path) -> None:
    assert len(ac.read_requests(logs, start=moment(1), end=moment(3))) == 2
    assert ac.read_requests(logs, load_balancer="api")["elb"].tolist() == [f"app/api/{HEX}"]
    with pytest.warns(ac.AlbconnWarning, match="no access log from 2020"):
        assert ac.read_requests(logs, start="2020-01-01T00:00Z", end="2020-01-02T00:00Z").empty


def test_pieces(logs: Path) -> None:
    pieces = list(ac.iter_requests(logs, columns=["time", "request_host"]))
    rows = pd.concat(pieces)
    assert len(rows) == 4
    assert set(rows["request_host"]) == {"www.example.com"}


def test_connections_of_the_same_tree_are_the_connections(logs: Path) -> None:
    loaded = ac.load_connections(logs)
    assert len(loaded.connections) == 2
    assert sorted(loaded.files["kind"]) == ["access_log"] * 2 + ["connection_log", "test_marker"]


def test_what_is_there_instead_is_said(tmp_path: Path) -> None:
    connections = plant(tmp_path / "logs", {key(NOON): packed([line(moment(0))])})
    with pytest.raises(ac.SourceError, match="no access log; skipped 1 other file: 1 connection l"):
        ac.read_requests(connections)
    renamed = tmp_path / "monday.log"
    renamed.write_text(line(moment(0)) + "\n")
    with pytest.warns(ac.AlbconnWarning, match="none|only line is not understood"):
        rejected = ac.load_requests(renamed).rejected
    assert rejected["reason"].tolist() == ["looks like a connection log"]
    with pytest.raises(ac.LineError, match="looks like a connection log; expected an access log"):
        ac.read_requests(renamed, on_bad_line="raise")


def test_a_renamed_access_log_is_read(tmp_path: Path) -> None:
    renamed = tmp_path / "monday.txt"
    renamed.write_bytes("".join(f"{text}\r\n" for text in LINES[:2]).encode("utf-16"))
    rows = ac.read_requests(renamed)
    assert rows["client_port"].tolist() == [50000, 50000]
    assert rows["account_id"].isna().all()


def test_wrong_columns_are_named() -> None:
    with pytest.raises(ac.TableError, match="'timestamp' is not a column"):
        ac.read_requests("x", columns=["timestamp"])


def test_nothing_read_has_the_columns_all_the_same(logs: Path) -> None:
    with pytest.warns(ac.AlbconnWarning):
        rows = ac.read_requests(logs, start="2020-01-01T00:00Z", end="2020-01-02T00:00Z")
    full = ac.read_requests(logs, load_balancer="api")
    assert rows.dtypes.to_dict().keys() == full.dtypes.to_dict().keys()
    assert rows["time"].dtype == full["time"].dtype
