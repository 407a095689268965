"""One half-open filter for a DataFrame, an Arrow table and a dataset; pandas says what is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from albconn.errors import TableError
from albconn.logs.find.selection import EVERYTHING, make_selection
from albconn.opened.rows import (
    half_open,
    require_columns,
    require_instants,
    selected,
    to_arrow,
    within,
)
from albconn.schema.connections import CONNECTIONS
from albconn.schema.kind import INSTANT
from worlds.lines import API, SHOP
from worlds.rows import BEGIN, SOURCES, connection, frame_of, table_of

MICROSECOND = timedelta(microseconds=1)
KNOWN: dict[str, Any] = {"account_id": "123456789012", "region": "us-east-1"}
ROWS = [
    connection(-3600, conn_trace_id="before", **KNOWN),
    connection(-1e-6, conn_trace_id="just before", region="eu-west-1", account_id="210987654321"),
    connection(0, conn_trace_id="start", **KNOWN),
    connection(60, conn_trace_id="inside", elb=API, **KNOWN),
    connection(70, conn_trace_id="of nobody", elb=None, region=None),
    connection(119.999999, conn_trace_id="just inside", elb=API, region="eu-west-1"),
    connection(120, conn_trace_id="end", **KNOWN),
    connection(timestamp=None, conn_trace_id="no time", **KNOWN),
]
END = BEGIN + timedelta(minutes=2)
KINDS = [kind for kind in SOURCES if kind != "dataset with a filter"]  # it filters by region


def names_in(rows: Any) -> list[str]:
    """Return the names of the rows, whatever holds them."""
    column = rows.to_table() if isinstance(rows, ds.Dataset) else rows
    names = column["conn_trace_id"]
    return sorted(names.to_list() if isinstance(names, pd.Series) else names.to_pylist())


def names_by_pandas(wanted: Callable[[pd.DataFrame], Any]) -> list[str]:
    frame = pd.DataFrame(ROWS)
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True)
    return sorted(frame[wanted(frame).astype(bool)]["conn_trace_id"])


def refusal(check: Callable[..., Any], *given: Any) -> tuple[str, ...]:
    with pytest.raises(TableError) as refused:
        check(*given)
    return refused.value.problems


# ---- a time range -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (BEGIN, END),
        (BEGIN, None),
        (None, END),
        (BEGIN - MICROSECOND, END + MICROSECOND),
        (BEGIN + MICROSECOND, END - MICROSECOND),
        (END, BEGIN + timedelta(days=1)),
        (BEGIN + timedelta(days=1), None),
    ],
)
def test_within_is_half_open(
    kind: str, start: datetime | None, end: datetime | None, tmp_path: Path
) -> None:
    expected = names_by_pandas(
        lambda f: (
            (f["timestamp"] >= (start or datetime.min.replace(tzinfo=UTC)))
            & (f["timestamp"] < (end or datetime.max.replace(tzinfo=UTC)))
        )
    )
    rows = SOURCES[kind](ROWS, tmp_path)
    inside = within(rows, start, end)
    assert names_in(inside) == expected
    assert "no time" not in expected
    assert isinstance(inside, pd.DataFrame if kind == "frame" else type(rows))


def test_within_by_hand(tmp_path: Path) -> None:
    expected = ["inside", "just inside", "of nobody", "start"]
    for kind in KINDS:
        folder = tmp_path / kind
        assert names_in(within(SOURCES[kind](ROWS, folder), BEGIN, END)) == expected


@pytest.mark.parametrize("kind", SOURCES)
def test_without_a_range_rows_are_as_they_are(kind: str, tmp_path: Path) -> None:
    rows = SOURCES[kind](ROWS, tmp_path)
    assert within(rows, None, None) is rows
    assert selected(rows, EVERYTHING) is rows


def test_a_dataset_that_had_a_filter_keeps_it(tmp_path: Path) -> None:
    rows = SOURCES["dataset with a filter"](ROWS, tmp_path)
    assert names_in(within(rows, BEGIN, END)) == ["of nobody"]


def test_a_frame_keeps_its_index_and_is_not_touched() -> None:
    frame = frame_of(ROWS).set_index("conn_trace_id", drop=False)
    before = frame.copy()
    inside: Any = within(frame, BEGIN, END)
    assert list(inside.index) == ["start", "inside", "of nobody", "just inside"]
    pd.testing.assert_frame_equal(frame, before)


def test_times_of_another_zone_and_unit_are_the_same_times() -> None:
    tokyo = frame_of(ROWS)
    tokyo["timestamp"] = tokyo["timestamp"].dt.tz_convert("Asia/Tokyo").dt.as_unit("ns")
    assert names_in(within(tokyo, BEGIN, END)) == names_in(within(frame_of(ROWS), BEGIN, END))


def test_of_a_dataset_only_the_dates_that_can_hold_it_are_opened(tmp_path: Path) -> None:
    for day in (22, 23, 24):
        folder = tmp_path / f"date=2026-09-{day}"
        folder.mkdir()
        (folder / "a.parquet").write_bytes(b"unreadable")
    rows = [row for row in ROWS if row["timestamp"] is not None]
    pq.write_table(table_of(rows, CONNECTIONS.file_schema), tmp_path / "date=2026-09-23/a.parquet")
    parts = ds.partitioning(pa.schema([("date", pa.date32())]), flavor="hive")
    schema = CONNECTIONS.file_schema.append(pa.field("date", pa.date32()))
    dataset = ds.dataset(tmp_path, schema, format="parquet", partitioning=parts)
    midnight = datetime(2026, 9, 24, tzinfo=UTC)
    inside = within(dataset, datetime(2026, 9, 23, tzinfo=UTC), midnight - MICROSECOND)
    assert names_in(inside) == sorted(row["conn_trace_id"] for row in rows)
    with pytest.raises(pa.ArrowInvalid):
        names_in(within(dataset, None, midnight))


def test_the_filter_looks_at_dates_only_where_they_are() -> None:
    plain, dated = (
        half_open(names, BEGIN, END) for names in (["timestamp"], ["timestamp", "date"])
    )
    expected = (ds.field("timestamp") >= pa.scalar(BEGIN, INSTANT)) & (
        ds.field("timestamp") < pa.scalar(END, INSTANT)
    )
    assert plain.equals(expected)
    assert "date" not in str(plain)
    assert str(dated).count("date") == 2


# ---- a selection ------------------------------------------------------------------------------

SELECTIONS: dict[str, tuple[dict[str, Any], Callable[[pd.DataFrame], Any]]] = {
    "a name": ({"load_balancer": "api"}, lambda f: f["elb"] == API),
    "its whole name": ({"load_balancer": SHOP}, lambda f: f["elb"] == SHOP),
    "a glob": (
        {"load_balancer": "app/*"},
        lambda f: f["elb"].map(lambda elb: isinstance(elb, str) and fnmatch(elb, "app/*")),
    ),
    "several": ({"load_balancer": ["api", "shop"]}, lambda f: f["elb"].isin([API, SHOP])),
    "nobody": ({"load_balancer": "none"}, lambda f: f["elb"] == "none"),
    "a region": ({"region": "eu-west-1"}, lambda f: f["region"] == "eu-west-1"),
    "an account": (
        {"account_id": KNOWN["account_id"]},
        lambda f: f["account_id"] == KNOWN["account_id"],
    ),
    "all at once": (
        {"load_balancer": "shop", "region": ["us-east-1"], "account_id": KNOWN["account_id"],
         "start": BEGIN, "end": END},
        lambda f: (f["elb"] == SHOP) & (f["region"] == "us-east-1")
        & (f["account_id"] == KNOWN["account_id"])
        & (f["timestamp"] >= BEGIN) & (f["timestamp"] < END),
    ),
    "a time and a name": (
        {"load_balancer": "api", "start": BEGIN + timedelta(seconds=60, microseconds=1)},
        lambda f: (f["elb"] == API) & (f["timestamp"] > BEGIN + timedelta(seconds=60)),
    ),
}  # fmt: skip


CASES = [pytest.param(kind, which) for kind in KINDS for which in SELECTIONS]


@pytest.mark.parametrize(("kind", "which"), CASES)
def test_a_selection_of_each_kind(kind: str, which: str, tmp_path: Path) -> None:
    filters, by_pandas = SELECTIONS[which]
    found = selected(SOURCES[kind](ROWS, tmp_path), make_selection(**filters))
    assert names_in(found) == names_by_pandas(by_pandas)
    assert isinstance(found, ds.Dataset if kind.startswith("dataset") else pa.Table)


@pytest.mark.parametrize("kind", ["frame", "table", "dataset in memory"])
def test_of_nothing_nothing_is_selected(kind: str, tmp_path: Path) -> None:
    found = selected(SOURCES[kind]([], tmp_path), make_selection(load_balancer="api"))
    assert names_in(found) == []
    assert isinstance(found, pa.Table | ds.Dataset)
    assert found.schema.names == list(CONNECTIONS.columns)


@pytest.mark.parametrize("kind", ["frame", "table", "dataset in memory"])
def test_what_a_selection_looks_at_must_be_there(kind: str, tmp_path: Path) -> None:
    drop = {"elb", "region"}
    kept = [name for name in CONNECTIONS.columns if name not in drop]
    table = table_of(ROWS).select(kept)
    rows = {"frame": frame_of(ROWS)[kept], "table": table, "dataset in memory": ds.dataset(table)}
    both = make_selection(load_balancer="api", region="us-east-1")
    assert refusal(selected, rows[kind], both) == (
        "connections: no column 'elb'; read it too (columns=)",
        "connections: no column 'region'; read it too (columns=)",
    )


# ---- what rows must have ----------------------------------------------------------------------


def test_columns_must_be_there_once() -> None:
    require_columns(["elb", "timestamp"], ["timestamp", "timestamp"])
    assert refusal(require_columns, ["elb", "elb"], ["elb", "region", "colour", "region"]) == (
        "connections: column 'elb' is there twice; keep one",
        "connections: no column 'region'; read it too (columns=)",
        f"connections: no column 'colour'; expected of {', '.join(CONNECTIONS.columns)}",
    )


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("client_pi", "client_ip"), ("client_netwrok", "client_network"), ("my_colum", "my_column")],
)
def test_the_column_that_was_meant_is_named(asked: str, meant: str) -> None:
    (said,) = refusal(require_columns, ["elb", "my_column"], [asked])
    assert said.endswith(f"; did you mean {meant}?")


def test_instants_must_be_times_with_a_zone() -> None:
    good = pa.schema([("timestamp", pa.timestamp("s", "Asia/Tokyo")), ("elb", pa.string()),
                      ("cert_not_after", pa.null())])  # fmt: skip
    require_instants(good, ["timestamp", "elb", "cert_not_after"])
    bad = pa.schema([("timestamp", pa.timestamp("us")), ("cert_not_after", pa.string())])
    assert refusal(require_instants, bad, ["timestamp", "cert_not_after"]) == (
        "connections: column 'timestamp' has no time zone; if its times are UTC, say so with "
        '.dt.tz_localize("UTC")',
        "connections: column 'cert_not_after' holds string, not times; convert it with "
        "pandas.to_datetime(..., utc=True)",
    )


@pytest.mark.parametrize("kind", ["frame", "table", "dataset in memory"])
def test_within_asks_for_times(kind: str) -> None:
    def refused(table: pa.Table) -> tuple[str, ...]:
        made = {"frame": table.to_pandas, "table": lambda: table,
                "dataset in memory": lambda: ds.dataset(table)}  # fmt: skip
        return refusal(within, made[kind](), BEGIN, None)

    times = table_of(ROWS)["timestamp"]
    assert refused(pa.table({"elb": ["a"]})) == (
        "connections: no column 'timestamp'; read it too (columns=)",
    )
    assert refused(pa.table({"timestamp": times.cast(pa.timestamp("us"))})) == (
        "connections: column 'timestamp' has no time zone; if its times are UTC, say so with "
        '.dt.tz_localize("UTC")',
    )
    assert refused(pa.table({"timestamp": [1, 2]})) == (
        "connections: column 'timestamp' holds int64, not times; convert it with "
        "pandas.to_datetime(..., utc=True)",
    )


def test_to_arrow_takes_columns_and_refuses_a_mixture() -> None:
    frame = frame_of(ROWS)
    found = to_arrow(frame, ["elb", "timestamp"])
    assert found.column_names == ["elb", "timestamp"]
    assert found["elb"].to_pylist() == [row["elb"] for row in ROWS]
    assert found["timestamp"].to_pylist() == [row["timestamp"] for row in ROWS]
    mixed = frame.assign(elb=pd.Series([1, "a", date(2026, 9, 23), None] * 2, dtype=object))
    (said,) = refusal(to_arrow, mixed, ["elb"])
    assert re.fullmatch(r"connections: .*elb.*; expected the types of the table", said)
