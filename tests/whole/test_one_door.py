"""Whatever holds connections is opened through one door, once: the same answer for all of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

import albconn as ac
import albconn.database as database_module
import albconn.dataset.commits.ledger as ledger
from albconn.report import write_report

SAMPLE = Path(__file__).parents[2] / "data/sample"
START = datetime(2026, 9, 23, 6, 0, tzinfo=UTC)
END = START + timedelta(hours=6)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dest = tmp_path_factory.mktemp("door") / "dataset"
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        ac.convert(SAMPLE, dest)
    return dest


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        return ac.read_connections(SAMPLE)


def _relation(frame: pd.DataFrame) -> Any:
    cursor = duckdb.connect()
    cursor.register("frame", frame)
    return cursor.sql("SELECT * FROM frame")


KINDS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "frame": lambda frame, _: frame,
    "arrow table": lambda frame, _: pa.Table.from_pandas(frame, preserve_index=False),
    "arrow dataset": lambda _, dest: ac.open_dataset(dest),
    "record batch reader": lambda frame, _: pa.Table.from_pandas(
        frame, preserve_index=False
    ).to_reader(),
    "polars": lambda frame, _: pl.from_pandas(frame),
    "duckdb relation": lambda frame, _: _relation(frame),
    "dataset's path": lambda _, dest: dest,
    "dataset's path as text": lambda _, dest: str(dest),
    "log files": lambda *_: SAMPLE,
    "several log folders": lambda *_: [str(p) for p in sorted(SAMPLE.glob("AWSLogs/*"))],
}


@pytest.mark.filterwarnings("ignore:.*more fields than the 15 known")
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_answer_for_all(kind: str, frame: pd.DataFrame, dataset: Path) -> None:
    inside = frame[(frame["timestamp"] >= START) & (frame["timestamp"] < END)]
    known = inside[inside["outcome"].isin(["success", "failed"])]
    expected = known.assign(failed=known["outcome"] == "failed").groupby("elb", observed=True)
    with ac.open_connections(
        KINDS[kind](frame, dataset), start=START.isoformat(), end=END
    ) as opened:
        rates = ac.failure_rate(opened, every=None, by="elb")
        assert dict(zip(rates["elb"], rates["connections"], strict=True)) == (
            expected.size().to_dict()
        )
        assert dict(zip(rates["elb"], rates["failures"], strict=True)) == (
            expected["failed"].sum().to_dict()
        )
        totals = ac.outcome_totals(opened).iloc[0]
        assert totals["rows"] == len(inside)
        assert START <= totals["first_timestamp"] <= totals["last_timestamp"] < END


@pytest.mark.filterwarnings("ignore:.*more fields than the 15 known")
@pytest.mark.parametrize("kind", KINDS)
def test_filters_work_on_all(kind: str, frame: pd.DataFrame, dataset: Path) -> None:
    name = frame["elb"].dropna().unique()[0].split("/")[1]
    wanted = frame["elb"].astype(str).str.contains(f"/{name}/")
    with ac.open_connections(KINDS[kind](frame, dataset), load_balancer=name) as opened:
        totals = ac.outcome_totals(opened).iloc[0]
        assert totals["rows"] == wanted.sum() < len(frame)
        assert set(ac.failure_rate(opened, every=None, by="elb")["elb"]) == set(
            frame.loc[wanted, "elb"].dropna()
        )


def test_a_path_in_a_plain_call_may_be_log_files(frame: pd.DataFrame) -> None:
    read = ac.failing_clients(frame)
    pd.testing.assert_frame_equal(ac.failing_clients(SAMPLE), read)


def test_books_and_rows_are_of_the_same_state(dataset: Path, tmp_path: Path) -> None:
    with ac.open_connections(dataset) as opened:
        assert opened.kind == "dataset"
        assert opened.rows == opened.connections.count_rows()  # type: ignore[union-attr]
        assert opened.lines == opened.rows + opened.rejected  # type: ignore[operator]
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        logs = ac.open_connections(SAMPLE)
    assert (logs.kind, logs.rows, logs.foreign) == ("log files", opened.rows, 2)
    assert ac.open_connections(pd.DataFrame()).rows is None


def test_coverage_takes_what_is_open(dataset: Path, frame: pd.DataFrame) -> None:
    with ac.open_connections(dataset) as opened:
        pd.testing.assert_frame_equal(ac.coverage(opened), ac.coverage(SAMPLE))
    with pytest.raises(ac.TableError, match="a Opened does not know which log files there were"):
        ac.coverage(ac.open_connections(frame))


def test_a_report_connects_once_and_loads_the_records_once(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected, loaded = [], []
    connect, load = duckdb.connect, ledger.read_chain

    def counted_connect(*args: Any, **how: Any) -> Any:
        connected.append(args)
        return connect(*args, **how)

    def counted_load(store: Any) -> Any:
        loaded.append(store.location)
        return load(store)

    monkeypatch.setattr(database_module.duckdb, "connect", counted_connect)
    monkeypatch.setattr(ledger, "read_chain", counted_load)
    write_report(dataset, tmp_path / "report")
    assert len(connected) == 1
    assert len(loaded) == 1


def test_a_report_of_a_table_says_what_it_cannot_know(frame: pd.DataFrame, tmp_path: Path) -> None:
    written = write_report(frame, tmp_path / "report", start=START, end=END)
    page = written.page.read_text()
    assert "whether lines were rejected or files are missing is not known here" in page
    assert "a table" in page
    assert written.numbers["files"] is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (None, "None is a NoneType"),
        (42, "42 is a int"),
        (pd.Series([1]), "is a Series"),
        ([pd.DataFrame()], "is a list"),
        (pl.DataFrame({"a": [1]}).lazy(), "is a LazyFrame"),
    ],
    ids=["None", "a number", "a Series", "a list of frames", "a lazy frame"],
)
def test_what_is_no_source_is_refused(wrong: Any, said: str) -> None:
    with pytest.raises(ac.TableError, match=said) as raised:
        ac.open_connections(wrong)
    assert len(str(raised.value)) < 300


def test_nothing_at_the_path(tmp_path: Path) -> None:
    with pytest.raises(ac.SourceError, match="no such file or folder"):
        ac.failure_rate(tmp_path / "nowhere")
    (tmp_path / "README").write_text("not a log")
    with pytest.raises(ac.SourceError, match=r"no connection log; skipped 1 other file: .*README"):
        ac.failure_rate(tmp_path)


def test_a_table_without_what_is_looked_at_is_refused() -> None:
    table = pd.DataFrame({"outcome": ["success"]})
    with pytest.raises(ac.TableError, match="no column 'timestamp'"):
        ac.open_connections(table, start=START)
    with pytest.raises(ac.TableError, match="no column 'elb'"):
        ac.open_connections(pa.table({"outcome": ["success"]}), load_balancer="shop")
    naive = pd.DataFrame({"timestamp": pd.to_datetime(["2026-09-23T10:00"])})
    with pytest.raises(ac.TableError, match="has no time zone"):
        ac.open_connections(naive, start=START)


def test_a_missing_time_is_in_no_range() -> None:
    table = pd.DataFrame({"timestamp": pd.to_datetime(pd.Series(["2026-09-23T07:00Z", None]))})
    for rows in (table, pa.Table.from_pandas(table)):
        assert len(ac.open_connections(rows, start=START).connections) == 1


def test_storage_options_reach_every_analysis(s3_server: Any, dataset: Path) -> None:
    root = s3_server.make_bucket(
        "door",
        {
            path.relative_to(dataset).as_posix(): path.read_bytes()
            for path in dataset.rglob("*")
            if path.is_file()
        },
    )
    options = s3_server.storage_options
    local, remote = (
        ac.failure_rate(place, every="1D", storage_options=how)
        for place, how in ((dataset, None), (root, options))
    )
    pd.testing.assert_frame_equal(local, remote)
    assert ac.outcome_totals(root, storage_options=options)["rows"].item() == len(
        ac.read_dataset(dataset)
    )
    with ac.open_connections(root, storage_options=options) as opened:
        s3_server.seen.clear()
        ac.coverage(opened)
        assert not s3_server.seen  # the records were loaded when it was opened


def test_two_threads_ask_at_once(dataset: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ac.open_connections(dataset) as opened, ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda by: ac.failure_rate(opened, every="1D", by=by), ["elb", "outcome"] * 8)
        )
    for answer in answers[2:]:
        assert any(answer.equals(first) for first in answers[:2])


def test_a_dataset_stays_where_it_is_under_a_filter(dataset: Path) -> None:
    with ac.open_connections(dataset, load_balancer="*") as opened:
        assert isinstance(opened.connections, ds.Dataset)
