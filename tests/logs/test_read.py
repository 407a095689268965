"""Readers: frames with fixed types, books for the user, warnings once, no thread left."""

from __future__ import annotations

import gzip
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import albconn as ac
from albconn.logs.bytes import blocks, unpack
from albconn.schema.connections import CONNECTIONS
from albconn.schema.kind import CATEGORY
from worlds import trees
from worlds.lines import HEX, line

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EXACT = {
    "timestamp": "datetime64[us, UTC]",
    "client_port": "int32",
    "listener_port": "int32",
    "tls_handshake_latency": "float64",
    "conn_trace_id": "str",
    "cert_not_before": "datetime64[us, UTC]",
    "cert_not_after": "datetime64[us, UTC]",
    "line_number": "int64",
}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Two nodes, six intervals of an hour, three connections in each file."""
    files = {
        trees.key(end, node=node): trees.content(end, elb="web")
        for node in ("10.0.0.1", "10.0.0.2")
        for end in (NOON + n * 5 * MINUTE for n in range(6))
    }
    return trees.plant(tmp_path / "logs", files)


def test_columns_and_types_are_the_fixed_ones(logs: Path, tmp_path: Path) -> None:
    right = {name: EXACT.get(name, "category") for name in CONNECTIONS.columns}
    connections = ac.read_connections(logs)
    assert {n: str(t) for n, t in connections.dtypes.items()} == right
    trees.plant(tmp_path / "empty", {"empty.log.gz": b""})
    nothing = ac.read_connections(tmp_path / "empty")
    assert nothing.empty
    assert {n: str(t) for n, t in nothing.dtypes.items()} == right


def test_missing_port_stays_missing_and_does_not_become_float(tmp_path: Path) -> None:
    lines = [line(NOON), line(NOON).replace(" 50000 ", " - ")]
    connections = ac.read_connections(trees.plant(tmp_path, {"a.gz": trees.packed(lines)}))
    assert connections["client_port"].tolist() == [50000, pd.NA]
    assert str(connections["client_port"].dtype) == "Int32"


def test_category_is_one_over_all_blocks(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
    connections = ac.read_connections(logs)
    assert len(connections) == 36
    assert list(connections["elb"].cat.categories) == [f"app/web/{HEX}"]
    assert connections["source_file"].nunique() == 12
    doubled = pd.concat([connections, connections])
    assert str(doubled["elb"].dtype) == "category"


@pytest.mark.parametrize(
    "columns",
    [["elb"], ["line_number", "client_ip"], ["outcome"], ["source_file"], ["extra_fields"], "elb"],
)
def test_columns_are_those_asked_for_in_the_tables_order(
    logs: Path, columns: list[str] | str
) -> None:
    everything, some = ac.read_connections(logs), ac.read_connections(logs, columns=columns)
    names = [
        name for name in CONNECTIONS.columns if name in ([columns] if columns == "elb" else columns)
    ]
    pd.testing.assert_frame_equal(some, everything[names])


def test_unknown_columns_are_all_named(logs: Path) -> None:
    with pytest.raises(ac.TableError) as caught:
        ac.read_connections(logs, columns=["port", "elb", "ip"])
    assert len(caught.value.problems) == 2
    assert str(caught.value).startswith("columns: 'port' is not a column; expected of timestamp, ")


def test_range_is_half_open_to_the_microsecond(tmp_path: Path) -> None:
    micro = timedelta(microseconds=1)
    instants = [NOON - micro, NOON, NOON + MINUTE - micro, NOON + MINUTE]
    trees.plant(tmp_path, {"a.gz": trees.packed(map(line, instants))})
    loaded = ac.load_connections(tmp_path, start=NOON, end=NOON + MINUTE)
    assert loaded.connections["timestamp"].tolist() == instants[1:3]
    assert loaded.files[["lines", "rows", "filtered"]].values.tolist() == [[4, 4, 2]]
    tokyo = timezone(timedelta(hours=9))
    same = ac.read_connections(
        tmp_path, start=NOON.astimezone(tokyo), end=(NOON + MINUTE).astimezone(tokyo)
    )
    pd.testing.assert_frame_equal(same, loaded.connections)


@pytest.mark.parametrize("reader", [ac.read_connections, ac.load_connections, ac.iter_connections])
def test_naive_time_is_refused_at_the_call(logs: Path, reader: Any) -> None:
    with pytest.raises(ac.TableError) as caught:
        reader(logs, start=datetime(2026, 9, 23, 10))  # noqa: DTZ001
    assert str(caught.value) == (
        "start: 2026-09-23T10:00:00 has no time zone; "
        "give an aware time, for example datetime(2026, 9, 23, 10, tzinfo=UTC)"
    )
    with pytest.raises(ac.TableError, match=r"^end: 2026-09-23 has no time zone; "):
        reader(logs, end="2026-09-23")
    with pytest.raises(ac.TableError, match="is not before end"):
        reader(logs, start=NOON, end=NOON)


def test_filters_decide_on_rows_where_keys_say_nothing(tmp_path: Path) -> None:
    lines = [line(NOON, elb=elb, client_port=n) for n, elb in enumerate(["web", "shop", "web-2"])]
    trees.plant(tmp_path, {"renamed.gz": trees.packed(lines)})
    assert ac.read_connections(tmp_path, load_balancer="web")["client_port"].tolist() == [0]
    assert ac.read_connections(tmp_path, load_balancer="web*")["client_port"].tolist() == [0, 2]
    with pytest.warns(ac.AlbconnWarning, match="neither its names nor its lines tell account_id"):
        assert ac.read_connections(tmp_path, account_id=trees.ACCOUNT).empty


def test_books_balance_and_name_foreign_files(logs: Path) -> None:
    end = NOON + 30 * MINUTE
    bad = line(NOON).replace(" 443 ", " no-port ")
    trees.plant(
        logs,
        {
            trees.key(end): trees.packed([line(end), "", bad, line(end), "x" * 200]),
            trees.key(end, name="health_check_log_1_x.log.gz"): b"whatever",
            f"AWSLogs/{trees.ACCOUNT}/ELBConnectionLogTestFile": b"",
        },
    )
    loaded = ac.load_connections(logs)
    files = loaded.files
    assert (files["rows"] + files["rejected"] == files["lines"]).all()
    assert files["lines"].sum() == 36 + 4
    assert len(loaded.connections) == files["rows"].sum() == 38
    assert sorted(files["kind"]) == ["connection_log"] * 13 + ["health_check_log", "test_marker"]
    assert files["interval_end"].max() == end
    assert not files["damaged"].any()
    assert loaded.rejected["line_number"].tolist() == [3, 5]
    assert loaded.rejected["reason"].tolist() == [
        "listener_port is not a port", "too few fields",
    ]  # fmt: skip
    assert loaded.rejected["value"].tolist() == ["no-port", "1"]
    assert loaded.rejected["lines"].tolist() == [1, 1]
    assert loaded.rejected["raw_text"].tolist() == [bad, "x" * 200]
    assert loaded.rejected["source_file"].unique().tolist() == [str(logs / trees.key(end))]


def test_first_bad_line_can_be_raised(logs: Path) -> None:
    bad = line(NOON).replace(" 50000 ", " abc ")
    a_file = logs / trees.key(NOON)
    a_file.write_bytes(trees.packed([line(NOON), bad]))
    message = f"{a_file}:2: client_port: 'abc' is not a port; expected 0–65535"
    for reader in (ac.read_connections, lambda *a, **k: list(ac.iter_connections(*a, **k))):
        with pytest.raises(ac.LineError) as caught:
            reader(logs, on_bad_line="raise")
        assert str(caught.value) == message


def test_damaged_files_are_marked_and_warned_of_once(logs: Path) -> None:
    stored = trees.content(NOON, count=400)
    for node in ("10.0.0.1", "10.0.0.2"):
        (logs / trees.key(NOON, node=node)).write_bytes(stored[: len(stored) // 2])
    first = logs / trees.key(NOON, node="10.0.0.1")
    with pytest.warns(ac.AlbconnWarning) as caught:
        loaded = ac.load_connections(logs)
    assert len(caught) == 2  # the other tells of the lines that the cuts left without an end
    damaged = loaded.files[loaded.files["damaged"]]
    assert damaged["damage"].tolist() == ["the gzip stream is truncated"] * 2
    assert str(caught[0].message) == (
        f"2 damaged log files, first {first}: the gzip stream is truncated; "
        f"{damaged['rows'].iloc[0]:,} rows of it were salvaged; see the files' books"
    )
    assert len(loaded.connections) == loaded.files["rows"].sum() > 30


@pytest.mark.parametrize("reader", ["read", "iter"])
def test_wider_lines_are_reported_once_a_run_and_kept(logs: Path, reader: str) -> None:
    for n in range(4):
        end = NOON + n * 5 * MINUTE
        (logs / trees.key(end)).write_bytes(trees.content(end, width=17))
    read = {
        "read": ac.read_connections,
        "iter": lambda source: pd.concat(list(ac.iter_connections(source))),
    }
    with pytest.warns(ac.AlbconnWarning) as caught:
        connections = read[reader](logs)
    assert [str(w.message) for w in caught] == [
        "12 lines have more fields than the 15 known; the rest is kept in extra_fields"
    ]
    assert connections["extra_fields"].value_counts().to_dict() == {"extra-16 extra-17": 12}


def test_pieces_are_the_whole(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
    pieces = list(ac.iter_connections(logs, columns=["source_file", "line_number", "client_port"]))
    assert len(pieces) == 12
    whole = pd.concat(pieces).astype({"source_file": str})
    whole = whole.sort_values(["source_file", "line_number"], ignore_index=True)
    right = ac.read_connections(logs, columns=["source_file", "line_number", "client_port"])
    pd.testing.assert_frame_equal(whole, right.astype({"source_file": str}))


def albconn_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("albconn")]


@pytest.mark.parametrize("taken", [0, 1, 2, 9, 12])
def test_early_stop_leaves_no_thread(
    logs: Path, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
    pieces = ac.iter_connections(logs)
    for _ in range(taken):
        next(pieces)
    time.sleep(0.05)
    pieces.close()  # type: ignore[attr-defined]
    assert albconn_threads() == []


def test_early_stop_does_not_read_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where all the rest is filtered out, so that no piece would ever come."""
    files = {f"{n:03d}.gz": trees.packed([line(NOON + n * MINUTE)]) for n in range(200)}
    trees.plant(tmp_path, files)
    read: list[str] = []
    inflate = unpack.inflate

    def slow_inflate(open_raw: Any) -> Any:
        read.append("file")
        time.sleep(0.01)
        return inflate(open_raw)

    monkeypatch.setattr(unpack, "inflate", slow_inflate)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
    pieces = ac.iter_connections(tmp_path, end=NOON + MINUTE)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert len(read) < 150
    assert albconn_threads() == []


def test_slow_caller_holds_the_readers_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"{n:03d}.gz": trees.packed([line(NOON)]) for n in range(100)}
    trees.plant(tmp_path, files)
    opened: list[int] = []
    inflate = unpack.inflate
    monkeypatch.setattr(unpack, "inflate", lambda raw: (opened.append(1), inflate(raw))[1])
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
    pieces = ac.iter_connections(tmp_path)
    next(pieces)
    time.sleep(0.3)
    assert len(opened) < 30
    assert sum(map(len, pieces)) == 99


def test_error_reaches_the_callers_loop(logs: Path) -> None:
    pieces = ac.iter_connections(logs)
    for path in logs.rglob("*.gz"):
        path.unlink()
        path.mkdir()
    with pytest.raises(ac.SourceError, match="Is a directory; it is a folder; name the file"):
        list(pieces)
    assert albconn_threads() == []


def test_every_repeated_string_is_a_category() -> None:
    assert {f.name for f in CONNECTIONS.fields if not f.repeated} == set(EXACT)
    assert str(CATEGORY) == "dictionary<values=string, indices=int32, ordered=0>"


def test_plain_text_and_gzip_read_alike(tmp_path: Path) -> None:
    text = "".join(line(NOON, client_port=n) + "\n" for n in range(50)).encode()
    trees.plant(tmp_path, {"a.log": text, "b.log.gz": gzip.compress(text)})
    plain, packed = (
        ac.read_connections(tmp_path / name).drop(columns="source_file")
        for name in ("a.log", "b.log.gz")
    )
    pd.testing.assert_frame_equal(plain, packed)
