"""Whatever carries a connection, the row is the same: formats, shapes, subsets, orders, names."""

from __future__ import annotations

import gzip
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import albconn as ac
from worlds import strategies, trees, vended
from worlds.lines import LINE_FIELDS, NOT_TLS, USUAL, Record
from worlds.rows import BEGIN

IDENTITY = ["source_file", "line_number"]
SUBSETS = {
    "few": ("time", "client_ip", "tls_verify_status"),
    "another order": ("tls_verify_status", "conn_trace_id", "time", "tls_protocol", "client_ip"),
    "reversed": tuple(reversed(vended.VENDED_FIELDS)),
}
BY_NAME = {  # ways in which fields may be left out, or come in another order
    "json": vended.as_json,
    "w3c": vended.as_w3c,
    "parquet": vended.as_parquet,
    "typed parquet": lambda records, fields: vended.as_parquet(records, fields, types="typed"),
    "athena csv": vended.as_athena_csv,
    "insights csv": vended.as_insights_csv,
}


def connections(count: int) -> list[Record]:
    """Return connections of every kind: successes, failures, certificates, plain HTTP."""
    rng = random.Random(16)
    return [_connection(n, rng) for n in range(count)]


def _connection(n: int, rng: random.Random) -> Record:
    record: Record = USUAL | {
        "timestamp": BEGIN + timedelta(microseconds=n * 29_999_983),
        "client_ip": rng.choice([f"203.0.113.{n % 256}", f"2001:db8::{n:x}", "54.92.36.xxx"]),
        "client_port": rng.randrange(1024, 65536),
        "tls_handshake_latency": rng.randrange(3000) / 1000,
        "conn_trace_id": f"TID_{rng.getrandbits(128):032x}",
        "elb": f"app/web-{n % 3}/0123456789abcdef",
    }
    return record | rng.choice(
        [
            {},
            NOT_TLS | {"listener_port": 80},
            {"tls_verify_status": "Failed:UnmappedConnectionError", "tls_handshake_latency": None},
            {
                "leaf_client_cert_subject": f"CN=client {n % 7},O=a b,C=US",
                "leaf_client_cert_validity": "NotBefore=2023-09-21T22:43:21Z;"
                "NotAfter=2026-06-17T22:43:21Z",
                "leaf_client_cert_serial_number": "03A5B1",
            },
        ]
    )


def written(folder: Path, content: bytes, name: str = "x.log.gz") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, 1) if name.endswith(".gz") else content)
    return path


def plainly(connections: pd.DataFrame) -> pd.DataFrame:
    """Return a table with plain texts for categories, whose order says where a row was met."""
    told = connections.drop(columns=IDENTITY)
    return told.astype({c: object for c in told if told[c].dtype == "category"})


@pytest.fixture(scope="module")
def world() -> list[Record]:
    return connections(10_000)


@pytest.fixture(scope="module")
def legacy(world: list[Record], tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("legacy")
    return plainly(ac.read_connections(written(folder, vended.as_legacy(world))))


@pytest.mark.parametrize("way", vended.RENDERED)
def test_the_same_connections_are_the_same_table(
    way: str, world: list[Record], legacy: pd.DataFrame, tmp_path: Path
) -> None:
    path = written(tmp_path, vended.RENDERED[way](world))
    loaded = ac.load_connections(path)
    pd.testing.assert_frame_equal(plainly(loaded.connections), legacy)
    assert loaded.rejected.empty
    assert loaded.files[["lines", "rows"]].values.tolist() == [[10_000, 10_000]]
    assert loaded.files["format"][0].split()[0] in (
        way.split()[0].rstrip(","), "csv", "json", "legacy", "plain",
    )  # fmt: skip


@pytest.mark.parametrize("fields", SUBSETS.values(), ids=SUBSETS)
@pytest.mark.parametrize("way", BY_NAME)
def test_a_subset_in_any_order(
    way: str, fields: tuple[str, ...], world: list[Record], legacy: pd.DataFrame, tmp_path: Path
) -> None:
    path = written(tmp_path, BY_NAME[way](world, fields))
    found = plainly(ac.read_connections(path))
    there = ["timestamp" if field == "time" else field for field in fields]
    pd.testing.assert_frame_equal(found[there], legacy[there])
    missing = [field for field in LINE_FIELDS if field not in there]
    assert found[missing].isna().all().all()
    pd.testing.assert_series_equal(found["outcome"], legacy["outcome"])


@pytest.mark.parametrize("fields", list(SUBSETS.values())[:2], ids=list(SUBSETS)[:2])
def test_plain_text_whose_fields_are_given(
    fields: tuple[str, ...], world: list[Record], legacy: pd.DataFrame, tmp_path: Path
) -> None:
    for delimiter in (",", "\t", " ", "||"):
        path = written(tmp_path, vended.as_plain(world[:500], fields, delimiter))
        found = plainly(ac.read_connections(path, layout=delimiter.join(fields)))
        there = ["timestamp" if field == "time" else field for field in fields]
        pd.testing.assert_frame_equal(found[there], legacy[there][:500])


LYING = [
    f"{trees.ACCOUNT}_elasticloadbalancing_us-east-1_app.web.{'0' * 16}_20260923T1005Z_10.0.0.1_"
    "57hw2gm1.log.gz",
    trees.name_of(BEGIN + timedelta(minutes=5)),
    f"health_check_log_{trees.ACCOUNT}_x.log.gz",
    "data.parquet",
    "data.json",
    "README.md",
    "part-0000",
]


WAYS = ("json", "w3c, tab", "plain, comma", "parquet of texts", "athena csv", "insights messages",
        "tail of json", "events")  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_name_that_lies_does_not_matter(way: str, tmp_path: Path) -> None:
    records = connections(50)
    content = vended.RENDERED[way](records)
    for name in LYING:
        folder = tmp_path / name
        key = trees.key(BEGIN + timedelta(minutes=5), name=name)
        written(folder, content, key)
        loaded = ac.load_connections(folder)
        assert loaded.files["kind"].tolist() == ["connection_log"], name
        assert loaded.files["rows"].tolist() == [50], name
        assert loaded.connections["account_id"].tolist() == [trees.ACCOUNT] * 50


def test_what_lies_beside_stays_aside(tmp_path: Path) -> None:
    """An access log, notes and numbers under their own names, and one vended file among them."""
    end = BEGIN + timedelta(minutes=5)
    request = (
        "https 2026-09-23T10:01:27.691358Z app/web/0123456789abcdef 203.0.113.7:443 - 0 0 0 200 "
        '200 1 1 "GET https://x:443/ HTTP/1.1" "curl/8"'
    )
    access = f"{trees.ACCOUNT}_elasticloadbalancing_us-east-1_app.w.1_20260923T1005Z_10.0.0.1_"
    written(tmp_path, f"{request}\n".encode() * 9, trees.key(end, name=access + "a.log.gz"))
    written(tmp_path, b'{"some": "settings", "time": "today"}\n' * 9, trees.key(end, name="a.json"))
    written(tmp_path, b"# Notes\n" * 20, trees.key(end, name="README.md"))
    written(tmp_path, vended.as_json(connections(9)), trees.key(end, name=access + "b.log.gz"))
    with pytest.warns(ac.AlbconnWarning, match="skipped 2 other files"):
        loaded = ac.load_connections(tmp_path)
    kinds = sorted(zip(loaded.files["kind"], loaded.files["rows"], strict=True))
    assert kinds == [("access_log", 0), ("connection_log", 9), ("other", 0), ("other", 0)]


def test_unknown_fields_are_kept_by_their_names(tmp_path: Path) -> None:
    records = connections(3)
    more = {"new-field": "a b", "count": 7, "nothing": None}
    lines = [vended.json_line(record, **more) for record in records]
    path = written(tmp_path, ("\n".join(lines) + "\n").encode())
    with pytest.warns(ac.AlbconnWarning, match="3 lines have more fields than the 15 known"):
        kept = ac.read_connections(path)["extra_fields"]
    assert kept.tolist() == ['{"count":"7","new-field":"a b"}'] * 3
    fields = ("new-field", *vended.VENDED_FIELDS)
    records = [record | {"new-field": "x" if n else None} for n, record in enumerate(records)]
    for render in (vended.as_w3c, vended.as_athena_csv, vended.as_parquet):
        path = written(tmp_path, render(records, fields))
        with pytest.warns(ac.AlbconnWarning, match="2 lines have more fields"):
            kept = ac.read_connections(path)["extra_fields"]
        assert kept.isna().tolist() == [True, False, False]
        assert kept.tolist()[1:] == ['{"new-field":"x"}'] * 2


def test_an_exported_table_is_itself(legacy: pd.DataFrame, tmp_path: Path) -> None:
    """Our own columns come back, whether a colleague wrote CSV, Parquet or JSON, with an index."""
    first = ac.read_connections(written(tmp_path, vended.as_legacy(connections(200))))
    first["extra_fields"] = first["extra_fields"].astype(object)
    first.loc[5, "extra_fields"] = "a tail"
    for name, write in (
        ("a.csv", lambda path: first.to_csv(path)),
        ("b.csv", lambda path: first.to_csv(path, index=False, sep="\t")),
        ("a.parquet", lambda path: first.iloc[::-1].iloc[::-1].to_parquet(path)),
        (
            "a.json",
            lambda path: first.to_json(path, orient="records", lines=True, date_format="iso"),
        ),
        (
            "b.json",
            lambda path: first.to_json(path, orient="records", date_format="iso", date_unit="us"),
        ),
    ):
        write(tmp_path / name)
        with pytest.warns(ac.AlbconnWarning, match="1 line has more fields"):
            found = plainly(ac.read_connections(tmp_path / name))
        expected = plainly(first.astype({"extra_fields": "category"}))
        if name == "a.json":  # pandas writes milliseconds
            expected["timestamp"] = expected["timestamp"].dt.floor("ms")
        pd.testing.assert_frame_equal(found, expected)


def test_a_part_of_an_exported_table_keeps_what_was_derived(tmp_path: Path) -> None:
    first = ac.read_connections(written(tmp_path, vended.as_legacy(connections(60))))
    columns = ["timestamp", "outcome", "failure_reason", "region", "account_id", "client_ip"]
    first["region"], first["account_id"] = "eu-west-1", "123456789012"
    first[columns].to_csv(tmp_path / "some.csv", index=False)
    found = ac.read_connections(tmp_path / "some.csv")
    pd.testing.assert_frame_equal(
        found[columns].astype(object), first[columns].astype(object), check_dtype=False
    )
    assert len(ac.read_connections(tmp_path / "some.csv", region="eu-west-1")) == 60


quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _renderings(record: Record) -> dict[str, bytes]:
    """Return one record in each format; those of text only where text can tell it."""
    made = {
        "json": vended.as_json([record], missing=None),
        "parquet": vended.as_parquet([record]),
        "typed": vended.as_parquet([record], types="typed"),
        "events": vended.as_events([vended.json_line(record)]),
        "tail": vended.as_tail([vended.json_line(record)]),
        "w3c": vended.as_w3c([record]),
        "w3c, space": vended.as_w3c([record], delimiter=" "),
        "athena": vended.as_athena_csv([record]),
    }
    texts = [vended.text_of(value) or "" for value in record.values()]
    if any("\t" in text for text in texts if text != record["leaf_client_cert_subject"]):
        del made["w3c"]
    return made


@given(record=strategies.records())
@quick
def test_any_record_in_any_format_is_itself(record: Record, tmp_path: Path) -> None:
    expected = [None if record[name] == "" else record[name] for name in LINE_FIELDS]
    for way, content in _renderings(record).items():
        (tmp_path / "x").write_bytes(content)
        loaded = ac.load_connections(tmp_path / "x")
        assert loaded.files["rows"].tolist() == [1], (way, loaded.rejected.to_dict("records"))
        row = loaded.connections.iloc[0]
        found = [None if pd.isna(row[name]) else row[name] for name in LINE_FIELDS]
        assert found[1:] == expected[1:], way
        assert row["timestamp"] == record["timestamp"], way


STARTS = st.sampled_from(
    [b'{"time":"2026-09-23T07:11:27Z","client_ip":"192.0.2.1"}\n', b"#Fields: time client_ip\n",
     b"time,client_ip\n", b'{"events":[{"message":"x"},', b"[1,", b"@timestamp,@message\n",
     b"2026-09-23T07:11:27Z s {\"time\":\"2026-09-23T07:11:27Z\",\"elb\":\"a\"}\n", b"PAR1", b""]
)  # fmt: skip
PIECES = st.sampled_from(
    [b"\n", b"\r\n", b",", b"\t", b" ", b'"', b'""', b"{", b"}", b"[", b"]", b":", b'"time"',
     b'"2026-09-23T07:11:27Z"', b"2026-09-23T07:11:27Z", b'"client_ip"', b"192.0.2.1", b"null",
     b"-",
     b"#Fields: client_ip time\n", b"\xff", b"\\", b"\\u0000", b"\\ud800", b"1e999", b"PAR1", b"7",
     b'{"time":"2026-09-23T07:11:27Z","client_port":1}', b'{"a":' * 50, b"\0\0\0\0", b"x" * 300]
)  # fmt: skip


@given(start=STARTS, pieces=st.lists(PIECES, max_size=25))
@settings(quick, max_examples=250)
def test_any_bytes_are_rows_and_rejected_lines_that_add_up(
    start: bytes, pieces: list[bytes], tmp_path: Path
) -> None:
    (tmp_path / "x").write_bytes(start + b"".join(pieces))
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = ac.load_connections(tmp_path / "x")
    file = loaded.files.iloc[0]
    assert file["rows"] + file["rejected"] == file["lines"]
    assert len(loaded.connections) == file["rows"]
    assert loaded.rejected["lines"].sum() == file["rejected"]
    assert loaded.connections["line_number"].is_unique


def test_convert_knows_all_of_them(tmp_path: Path) -> None:
    records = connections(40)
    for n, way in enumerate(vended.RENDERED):
        some = [record | {"conn_trace_id": f"TID_{n}_{m}"} for m, record in enumerate(records)]
        written(tmp_path / "logs", vended.RENDERED[way](some), f"{n}.log.gz")
    done = ac.convert(tmp_path / "logs", tmp_path / "out")
    assert (done.files, done.rows, done.written) == (len(vended.RENDERED),) * 1 + (
        40 * len(vended.RENDERED),
    ) * 2
    assert ac.check(tmp_path / "out", tmp_path / "logs").ok
    assert ac.convert(tmp_path / "logs", tmp_path / "out").batches == 0
    held: Any = ac.open_dataset(tmp_path / "out").to_table()
    assert isinstance(held, pa.Table)
    assert len(held) == 40 * len(vended.RENDERED)
