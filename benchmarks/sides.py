"""Every side of the comparisons, one whole process each: ``python sides.py SIDE FOLDER OUT``.

Each peer in its best honest configuration: types given, all threads, lines of 15 fields only
(albconn alone reads every width and balances its books). What a side prints last is its number
of rows, so that no side can win by losing lines.
"""

from __future__ import annotations

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


def floor_convert(folder: str, out: str) -> int:
    """The floor: gunzip, split without conversion, and encode an already typed table."""
    from floor import convert

    return convert(folder, out, threads=THREADS)


SIDES = {
    name: side for name, side in list(globals().items())
    if name.endswith(("_convert", "_read")) and callable(side)
}  # fmt: skip

if __name__ == "__main__":
    side, source, target = sys.argv[1:4]
    print(SIDES[side](source, target))
