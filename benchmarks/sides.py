"""Every side of the comparisons, one whole process each: ``python sides.py SIDE FOLDER OUT``.

Each peer in its best honest configuration: types given, all threads, lines of 15 fields only
(albconn alone reads every width and balances its books). What a side prints last is its number
of rows, so that no side can win by losing lines.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAMES = (
    "timestamp", "client_ip", "client_port", "listener_port", "tls_protocol", "tls_cipher",
    "tls_handshake_latency", "leaf_client_cert_subject", "leaf_client_cert_validity",
    "leaf_client_cert_serial_number", "tls_verify_status", "conn_trace_id", "tls_keyexchange",
    "elb", "ip_address",
)  # fmt: skip
PORTS = ("client_port", "listener_port")
THREADS = 2
PEERS = ("albconn", "before", "polars", "duckdb", "pandas", "s3fs", "floor")


def albconn_convert(folder: str, out: str) -> int:
    import albconn

    return albconn.convert(folder, out).rows


def polars_convert(folder: str, out: str) -> int:
    import polars as pl

    scanned = _polars_scan(folder)
    scanned.sink_parquet(
        pl.PartitionBy(out, key="date", include_key=False),
        compression="zstd",
        compression_level=1,
        mkdir=True,
    )
    return pl.scan_parquet(f"{out}/**/*.parquet").select(pl.len()).collect().item()


def polars_read(folder: str, _: str) -> int:
    return len(_polars_scan(folder).drop("date").collect().to_pandas())


def _polars_scan(folder: str):
    import polars as pl

    schema = dict.fromkeys(NAMES, pl.String)
    schema |= dict.fromkeys(PORTS, pl.Int32) | {"tls_handshake_latency": pl.Float64}
    return (
        pl.scan_csv(
            f"{folder}/*.log.gz",
            separator=" ",
            has_header=False,
            schema=schema,
            null_values="-",
        )
        .with_columns(
            pl.col("timestamp").str.to_datetime(
                "%Y-%m-%dT%H:%M:%S%.6fZ", time_unit="us", time_zone="UTC"
            )
        )
        .with_columns(pl.col("timestamp").dt.date().alias("date"))
    )


def duckdb_convert(folder: str, out: str) -> int:
    connection = _duckdb()
    connection.execute(
        f"COPY (SELECT *, timestamp::DATE AS date FROM {_duckdb_scan(folder)}) TO '{out}' "
        "(FORMAT PARQUET, PARTITION_BY (date), COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )
    return connection.execute(f"SELECT count(*) FROM '{out}/**/*.parquet'").fetchall()[0][0]


def duckdb_read(folder: str, _: str) -> int:
    return len(_duckdb().execute(f"SELECT * FROM {_duckdb_scan(folder)}").df())


def _duckdb():
    import duckdb

    connection = duckdb.connect()
    connection.execute(
        f"SET threads = {THREADS}; SET TimeZone = 'UTC'; SET preserve_insertion_order = false"
    )
    return connection


def _duckdb_scan(folder: str) -> str:
    types = dict.fromkeys(NAMES, "VARCHAR") | {
        "timestamp": "TIMESTAMPTZ",
        "tls_handshake_latency": "DOUBLE",
    }
    types |= dict.fromkeys(PORTS, "INTEGER")
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    return (
        f"read_csv('{folder}/*.log.gz', delim=' ', header=false, quote='\"', nullstr='-', "
        f"auto_detect=false, columns={{{columns}}}, parallel=true)"
    )


def pandas_read(folder: str, _: str) -> int:
    import pandas as pd

    types = dict.fromkeys(NAMES, "category") | dict.fromkeys(PORTS, "int32")
    types |= {"tls_handshake_latency": "float64", "conn_trace_id": "str"}
    del types["timestamp"]
    frames = [
        pd.read_csv(
            path, sep=" ", header=None, names=list(NAMES), dtype=types, na_values="-",
            keep_default_na=False, parse_dates=["timestamp"], engine="c",
        )
        for path in sorted(Path(folder).glob("*.log.gz"))
    ]  # fmt: skip
    return len(pd.concat(frames, ignore_index=True))


def albconn_read(folder: str, _: str) -> int:
    import albconn

    return len(albconn.read_connections(folder))


_BIN = "time_bucket(INTERVAL 5 minutes, timestamp) AS bin_start"
_UNMAPPED = "(failure_reason = 'UnmappedConnectionError')"


def albconn_rate_protocol(dataset: str, _: str) -> int:
    import albconn

    return len(albconn.failure_rate(dataset, every="5min", by="tls_protocol"))


def duckdb_rate_protocol(dataset: str, _: str) -> int:
    mapped = f"FILTER ({_UNMAPPED} IS NOT TRUE)"
    return _duckdb_rate(
        dataset,
        f"tls_protocol, count(outcome) {mapped} AS connections, "
        f"count(*) FILTER (outcome = 'failed' AND {_UNMAPPED} IS NOT TRUE) AS failures",
    )


def albconn_rate_client(dataset: str, _: str) -> int:
    import albconn

    return len(albconn.failure_rate(dataset, every="5min", by="client_ip"))


def duckdb_rate_client(dataset: str, _: str) -> int:
    return _duckdb_rate(
        dataset,
        "client_ip, count(outcome) AS connections, "
        "count(*) FILTER (outcome = 'failed') AS failures",
    )


def _duckdb_rate(dataset: str, selected: str) -> int:
    return len(
        _duckdb()
        .execute(
            f"SELECT {_BIN}, {selected}, count(*) FILTER ({_UNMAPPED}) AS unmapped_failures, "
            "failures / connections AS failure_rate "
            f"FROM '{dataset}/connections/**/*.parquet' WHERE outcome IS NOT NULL "
            "GROUP BY ALL ORDER BY 1, 2"
        )
        .df()
    )


def albconn_requests(folder: str, out: str) -> int:
    import albconn

    return albconn.convert(folder, out, table="requests").rows


def polars_requests(folder: str, out: str) -> int:
    """Convert access logs; address and port, and the request, stay in one column each."""
    import polars as pl

    from worlds.request_lines import REQUEST_FIELDS, TIMES

    numbers = ("elb_status_code", "target_status_code", "received_bytes", "sent_bytes")
    schema = dict.fromkeys(map(str, REQUEST_FIELDS), pl.String)
    schema |= dict.fromkeys(TIMES, pl.Float64)
    schema |= dict.fromkeys((*numbers, "matched_rule_priority"), pl.Int64)
    form = "%Y-%m-%dT%H:%M:%S%.6fZ"
    scanned = (
        pl.scan_csv(
            f"{folder}/*.log.gz", separator=" ", has_header=False, schema=schema, null_values="-"
        )
        .with_columns(
            pl.col("time", "request_creation_time").str.to_datetime(
                form, time_unit="us", time_zone="UTC"
            )
        )
        .with_columns(pl.col("time").dt.date().alias("date"))
    )
    scanned.sink_parquet(
        pl.PartitionBy(out, key="date", include_key=False),
        compression="zstd",
        compression_level=1,
        mkdir=True,
    )
    return pl.scan_parquet(f"{out}/**/*.parquet").select(pl.len()).collect().item()


def albconn_join(folder: str, _: str) -> int:
    import pyarrow.dataset as ds

    import albconn

    joined = albconn.requests_per_connection(
        ds.dataset(f"{folder}/connections"), ds.dataset(f"{folder}/requests"), by="tls_protocol"
    )
    return int(joined["requests"].sum())


def duckdb_join(folder: str, _: str) -> int:
    """The same counts in plain SQL, with the hours in which a half may be early or late given."""
    classes = ", ".join(
        f"count(*) FILTER (status_class = '{n}xx') AS status_{n}xx" for n in range(2, 6)
    )
    sums = ", ".join(f"sum(status_{n}xx)" for n in range(2, 6))
    alone = "outcome = 'success' AND requests IS NULL"
    rows = (
        _duckdb()
        .execute(
            f"WITH asked AS (SELECT conn_trace_id, count(*) AS requests, {classes}, "
            f"min(time) AS first_time FROM '{folder}/requests/*.parquet' GROUP BY conn_trace_id), "
            f"c AS (SELECT *, true AS is_there FROM '{folder}/connections/*.parquet') "
            "SELECT is_there IS NULL AS is_alone, "
            f"CASE WHEN {_UNMAPPED} IS NOT TRUE THEN tls_protocol END AS tls_protocol, "
            "count(is_there) AS connections, count(*) FILTER (outcome = 'failed') AS failures, "
            "count(is_there) FILTER (requests IS NOT NULL) AS with_requests, "
            f"sum(requests) AS requests, max(requests) AS most_requests, {sums}, "
            f"count(*) FILTER ({alone}) AS without, count(*) FILTER ({alone} "
            "AND timestamp >= TIMESTAMPTZ '2026-09-23 23:00Z') AS awaiting, "
            "sum(requests) FILTER (is_there IS NULL "
            "AND first_time < TIMESTAMPTZ '2026-09-22 01:00Z') AS early "
            "FROM c FULL JOIN asked USING (conn_trace_id) GROUP BY ALL ORDER BY 1, 2"
        )
        .df()
    )
    return int(rows["requests"].sum())


def s3fs_fetch(url: str, _: str) -> int:
    """Fetch every object and drop it; the rows are those that the bucket is known to hold."""
    import s3fs
    from shapes import SHAPES, SMOKE

    store = s3fs.S3FileSystem()
    paths = store.find(url)
    objects = 0
    for first in range(0, len(paths), 200):
        objects += len(store.cat(paths[first : first + 200], batch_size=48))
    lines = {shapes["small"].files: shapes["small"].lines for shapes in (SHAPES, SMOKE)}
    return objects * lines[objects]


def albconn_import(_: str, __: str) -> int:
    import albconn

    return int(albconn.__version__ == "")


def pandas_import(_: str, __: str) -> int:
    import pandas
    import pyarrow

    return int(pandas.__version__ == pyarrow.__version__)


def albconn_report(source: str, out: str) -> int:
    """Write a report: the finding, the page, its charts and tables."""
    from albconn.report import write_report

    return _connections(write_report(source, out))


def albconn_summary(source: str, out: str) -> int:
    """Say the finding in sentences, as the command does before it draws; nothing is written."""
    del out
    from albconn.report import summary

    return len(summary(source).sentences)


def before_report(source: str, out: str) -> int:
    """Write a report with an earlier albconn, whose folder ``ALBCONN_BEFORE`` names."""
    _step_back()
    from albconn.report import write_report

    return _connections(write_report(source, out))


def before_convert(folder: str, out: str) -> int:
    """Convert with an earlier albconn: a report of its own dataset is what it is compared by."""
    _step_back()
    return albconn_convert(folder, out)


def _step_back() -> None:
    sys.path.insert(0, os.environ["ALBCONN_BEFORE"])


def _connections(report) -> int:
    return report.headline()["tls_connections"]


def floor_convert(folder: str, out: str) -> int:
    """The floor: gunzip, split without conversion, and encode an already typed table."""
    from floor import convert

    return convert(folder, out, threads=THREADS)


SIDES = {
    name: side for name, side in list(globals().items())
    if callable(side) and name.partition("_")[0] in PEERS and "_" in name
}  # fmt: skip

if __name__ == "__main__":
    side, source, target = sys.argv[1:4]
    print(SIDES[side](source, target))
