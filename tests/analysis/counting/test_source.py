"""One answer for every kind of source; sources that lack something say what."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from pandas.testing import assert_frame_equal

import albconn as ac
from albconn.analysis.counting.counts import open_counting
from albconn.analysis.counting.source import open_source
from tests.conftest import FAKE_KEY, FAKE_SECRET, S3Server
from worlds.lines import API, NOT_TLS, UNMAPPED, line
from worlds.rows import (
    SOURCES,
    Row,
    bare,
    connection,
    first_case,
    folder_of,
    frame_of,
    table_of,
)
from worlds.trees import write_log

QUESTIONS: dict[str, Callable[[Any], pd.DataFrame]] = {
    "rate": ac.failure_rate,
    "rate by protocol": lambda c: ac.failure_rate(c, every="1h", by=("tls_protocol", "elb")),
    "rate by port": lambda c: ac.failure_rate(c, every=None, by=("listener_port", "conn_trace_id")),
    "reasons": lambda c: ac.failure_reasons(c, by="elb"),
    "clients": lambda c: ac.failing_clients(c, ipv4_prefix=24, ipv6_prefix=64, top=2),
    "latency": lambda c: ac.handshake_latency(c, by="client_ip"),
    "totals": ac.outcome_totals,
}


def world() -> list[Row]:
    return [
        *first_case(),
        bare(3),
        bare(4, listener_port=443),
        connection(5, "ClientCertExpired", elb=API, client_ip="2001:db8::1"),
        connection(6, UNMAPPED, elb=None, client_ip=None, listener_port=None),
        connection(700, tls_handshake_latency=0.5, client_ip="10.0.0.1", conn_trace_id="TID_1"),
    ]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("kind", [kind for kind in SOURCES if kind != "frame"])
def test_same_answer_for_every_kind(question: str, kind: str, tmp_path: Path) -> None:
    expected = QUESTIONS[question](frame_of(world()))
    found = QUESTIONS[question](SOURCES[kind](world(), tmp_path))
    assert_frame_equal(found, expected)
    assert found.attrs == expected.attrs
    assert len(expected) > 0


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_converted_dataset_by_its_path(question: str, converted: tuple[Path, Path]) -> None:
    logs, dest = converted
    expected = QUESTIONS[question](ac.read_connections(logs))
    for source in (dest, str(dest), ac.open_dataset(dest), ac.read_dataset(dest)):
        assert_frame_equal(QUESTIONS[question](source), expected)


def test_a_dataset_split_by_its_date(converted: tuple[Path, Path]) -> None:
    rates = ac.failure_rate(converted[1], every=None, by="date")
    assert [str(day) for day in rates["date"]] == ["2026-09-23", "2026-09-24"]
    assert rates["connections"].tolist() == [2, 2]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Convert a log file whose lines lie on both sides of midnight."""
    folder = tmp_path_factory.mktemp("converted")
    expired, unmapped = "Failed:ClientCertExpired", f"Failed:{UNMAPPED}"
    connections: list[dict[str, Any]] = [
        {"timestamp": "2026-09-23T23:59:01.000000Z", "tls_handshake_latency": 0.01},
        {"timestamp": "2026-09-23T23:59:59.999999Z", "tls_verify_status": expired,
         "client_ip": "10.0.0.2"},
        {"timestamp": "2026-09-24T00:00:00.000000Z", "tls_handshake_latency": 0.03},
        {"timestamp": "2026-09-24T00:01:00.000000Z", "tls_verify_status": unmapped,
         "client_ip": "2001:db8::7"},
        {"timestamp": "2026-09-24T00:02:00.000000Z", "client_ip": "10.0.0.9",
         "listener_port": 80, **NOT_TLS},
    ]  # fmt: skip
    usual: dict[str, Any] = {"client_ip": "10.0.0.1", "elb": API, "conn_trace_id": "TID_1"}
    log_file = write_log(
        folder / "logs/lines.log.gz", [line(**usual | fields) for fields in connections]
    )
    ac.convert(log_file.parent, folder / "dataset")
    return log_file.parent, folder / "dataset"


def test_a_converted_dataset_on_s3(
    converted: tuple[Path, Path], s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    dest = converted[1]
    files = [path for path in dest.rglob("*") if path.is_file()]
    bucket = s3_server.make_bucket(
        "logs", {f"out/{path.relative_to(dest)}": path.read_bytes() for path in files}
    )
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", FAKE_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", FAKE_SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.endpoint)
    for name in ("rate", "clients", "totals"):
        assert_frame_equal(QUESTIONS[name](f"{bucket}/out"), QUESTIONS[name](dest))


def test_all_missing_columns_are_named_at_once() -> None:
    table = frame_of(world())[["timestamp", "outcome"]].set_index("timestamp")
    with pytest.raises(ac.TableError) as caught:
        ac.failure_rate(table, by=["elb", "flavour"])
    missing = [problem.partition(";")[0] for problem in caught.value.problems]
    assert missing == [
        "connections: no column 'failure_reason'",
        "connections: 'timestamp' is the index",
        "connections: no column 'elb'",
        "connections: no column 'flavour'",
    ]


def test_naive_times_are_refused() -> None:
    table = frame_of(world())
    table["timestamp"] = table["timestamp"].dt.tz_localize(None)
    for source in (table, pa.Table.from_pandas(table), ds.dataset(pa.Table.from_pandas(table))):
        with pytest.raises(ac.TableError, match="'timestamp' has no time zone; if its times are"):
            ac.failure_rate(source)


def test_times_as_text_are_refused() -> None:
    table = frame_of(world()).astype({"timestamp": str})
    with pytest.raises(ac.TableError, match=r"'timestamp' holds .*string, not times"):
        ac.failure_rate(table)


@pytest.mark.parametrize("wrong", [None, 7, [frame_of([])]])
def test_what_is_no_source(wrong: Any) -> None:
    with pytest.raises(ac.TableError, match="give log files or a converted dataset"):
        ac.failure_rate(wrong)


def test_a_path_without_a_dataset(tmp_path: Path) -> None:
    with pytest.raises(ac.SourceError, match="neither log files nor an albconn dataset"):
        ac.failure_rate(tmp_path)


def test_values_of_another_type_are_refused() -> None:
    table = frame_of(world()).assign(listener_port="https")
    with pytest.raises(ac.TableError, match=r"connections: .*'https'.*; expected the types of"):
        ac.failure_rate(table, by="listener_port")


def test_columns_of_another_type_that_fit_are_taken() -> None:
    table = frame_of(world())
    loose = table.astype({"client_ip": object, "outcome": "str", "elb": object})
    loose["listener_port"] = loose["listener_port"].astype("float64")
    loose["timestamp"] = loose["timestamp"].dt.as_unit("ns")
    by = ("client_ip", "listener_port", "elb")
    assert_frame_equal(ac.failure_rate(loose, by=by), ac.failure_rate(table, by=by))


def test_a_column_that_is_missing_throughout() -> None:
    table = frame_of([connection(0), connection(1)]).assign(failure_reason=None, elb=None)
    rates = ac.failure_rate(table, by="elb")
    assert rates["elb"].isna().tolist() == [True]
    assert rates["failures"].tolist() == [0]
    empty = pd.DataFrame({name: [] for name in table}).assign(timestamp=table["timestamp"].iloc[:0])
    assert str(ac.failure_rate(empty, by="elb").dtypes["elb"]) == "category"


def test_sources_are_not_modified() -> None:
    table, before = frame_of(world()), frame_of(world())
    for question in QUESTIONS.values():
        question(table)
    assert_frame_equal(table, before)
    assert table.attrs == {}


def test_a_time_range_does_not_open_files_that_cannot_hold_it(
    converted: tuple[Path, Path], tmp_path: Path
) -> None:
    dest = Path(shutil.copytree(converted[1], tmp_path / "copy"))
    for part in dest.glob("connections/date=2026-09-23/*.parquet"):
        part.write_bytes(b"unreadable")
    midnight = datetime(2026, 9, 24, tzinfo=UTC)
    with open_counting(dest, columns=["timestamp"], start=midnight) as counting:
        assert counting.table("SELECT count(*) AS n FROM connections")["n"].to_pylist() == [3]


def test_files_of_a_dataset_are_read_by_duckdb_itself(tmp_path: Path) -> None:
    source = ds.dataset(folder_of(world(), tmp_path))
    with open_source(source, columns=["outcome"]) as (database, _):
        (view,) = database.sql(
            "SELECT sql FROM duckdb_views() WHERE view_name = 'connections'"
        ).fetchall()
    assert "read_parquet" in view[0]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ac.failure_rate(table_of(world()))
    with pytest.raises(ac.TableError):
        ac.failure_rate(frame_of(world()).assign(listener_port="https"), by="listener_port")
    assert list(tmp_path.iterdir()) == []
