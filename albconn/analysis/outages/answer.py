"""The answer of ``incidents``: its columns, and the notes on what was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from albconn.analysis.counting.counts import Counting
from albconn.analysis.counting.dimensions import JOINED
from albconn.analysis.counting.source import quoted
from albconn.analysis.counting.splits import bin_number
from albconn.analysis.outages.causes import Named
from albconn.analysis.outages.events import background
from albconn.analysis.outages.slow import Slow
from albconn.schema.kind import INSTANT
from albconn.times import Window

COLUMNS = {
    "start": INSTANT,
    "end": INSTANT,
    "going_on": pa.bool_(),
    "kind": pa.string(),
    "cause": pa.string(),
    "dimension": pa.string(),
    "value": pa.string(),
    "elb": pa.string(),
    "network": pa.string(),
    "reason": pa.string(),
    "clients": pa.int64(),
    "failures": pa.int64(),
    "connections": pa.int64(),
    "failure_rate": pa.float64(),
    "usual": pa.float64(),
    "place_failures": pa.int64(),
    "place_connections": pa.int64(),
    "place_usual": pa.float64(),
    "share_of_excess": pa.float64(),
    "spoken": pa.string(),
    "vanished": pa.string(),
    "change": pa.string(),
    "policy_before": pa.string(),
    "policy_after": pa.string(),
    "subjects": pa.int64(),
    "subject": pa.string(),
    "organization": pa.string(),
    "not_after": INSTANT,
    "log_p": pa.float64(),
}
_MINUTE = 60_000_000  # [µs]
_WIDTHS = tuple(minutes * _MINUTE for minutes in (5, 15, 30, 60, 120, 360, 1440))
_MOST_BINS = 200
_COUNTS = tuple(name for name, kind in COLUMNS.items() if kind == pa.int64())
_TYPES = {"tls_handshake_latency": "DOUBLE", "cert_not_after": "TIMESTAMP WITH TIME ZONE"}


def lend(counting: Counting, columns: Sequence[str]) -> None:
    """Let ``connections`` have the columns that the source lacks, without a value.

    ``counting.has`` still says that they are not there.
    """
    lacking = [name for name in columns if not counting.has([name])]
    if not lacking:
        return
    nothing = ", ".join(
        f"NULL::{_TYPES.get(name, 'VARCHAR')} AS {quoted(name)}" for name in lacking
    )
    counting.database.execute("ALTER VIEW connections RENAME TO as_given")
    counting.database.execute(f"CREATE TEMP VIEW connections AS SELECT *, {nothing} FROM as_given")


def slow_row(slow: Slow, everything: Window) -> dict[str, Any]:
    """Return a window of slow handshakes as a row of the answer."""
    return {
        "start": slow.window[0],
        "end": slow.window[1],
        "going_on": slow.window[1] >= everything[1],
        "kind": "slow handshakes",
        "cause": phrase(slow.named),
        "dimension": JOINED.join(slow.named),
        "value": JOINED.join(slow.named.values()),
        "elb": slow.named.get("elb"),
        "clients": slow.clients,
        "failures": 0,
        "connections": slow.timed,
        "failure_rate": slow.slow / slow.timed,
        "usual": slow.usual,
        "log_p": slow.log_p,
    }


def once_each(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows without those that are a part of another: the same cause in a time of its."""
    told: list[dict[str, Any]] = []
    for row in rows:
        same = [
            place
            for place, other in enumerate(told)
            if all(row[name] == other[name] for name in ("kind", "dimension", "value"))
            and overlap(row, other)
        ]
        if not same:
            told.append(row)
        elif row["failures"] > told[same[0]]["failures"]:
            told[same[0]] = row
    return told


def overlap(row: dict[str, Any], other: dict[str, Any]) -> bool:
    """Say whether two incidents were at the same time."""
    return row["start"] < other["end"] and other["start"] < row["end"]


def phrase(named: Named) -> str:
    """Return a cause in words."""
    return ", ".join(f"{name} {value}" for name, value in named.items())


def answer_of(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return incidents as a table; of what does not apply a count is 0, all else is missing."""
    counted = [row | {name: row.get(name) or 0 for name in _COUNTS} for row in rows]
    return pa.Table.from_pylist(counted, schema=pa.schema(list(COLUMNS.items()))).to_pandas()


def plain(answer: pd.DataFrame) -> list[dict[str, Any]]:
    """Return an answer's rows so that they can stand in ``attrs`` and be written as JSON."""
    texts = answer.assign(start=_texts(answer["start"]), end=_texts(answer["end"]))
    rows = texts.drop(columns="not_after").astype(object)
    names = [str(name) for name in rows]
    return [
        dict(zip(names, row, strict=True))
        for row in rows.where(rows.notna(), None).itertuples(index=False, name=None)
    ]


def _texts(moments: pd.Series) -> list[str]:
    return [moment.isoformat() for moment in moments]


def notes_of(counting: Counting) -> dict[str, Any]:
    """Return what was looked at, and what of it is background; right after ``make_sources``."""
    connections, failures, without, clients = counting.database.sql(
        "SELECT coalesce(sum(successes + failures), 0)::BIGINT, "
        "coalesce(sum(failures), 0)::BIGINT, "
        "coalesce(sum(failures) FILTER (client_ip IS NULL), 0)::BIGINT, count(client_ip) "
        "FROM sources"
    ).fetchall()[0]
    start, end = counting.database.sql(
        "SELECT epoch_us(min(timestamp)), epoch_us(max(timestamp)) FROM all_connections"
    ).fetchall()[0]
    return {
        "start": _text(start),
        "end": _text(end),
        "connections": connections,
        "failures": failures,
        "clients": clients,
        "failures_without_client": without,
        "background": background(counting),
        "over_time": _over_time(counting, 0 if start is None else end - start),
    }


def _over_time(counting: Counting, span: int) -> dict[str, Any]:
    """Return, bin by bin, how many clients failed that count, and failures of the background.

    Lists, so that the notes stay plain. Of failures without an address each one counts.
    """
    width = next((each for each in _WIDTHS if span <= _MOST_BINS * each), _WIDTHS[-1])
    counted = counting.table(
        f"WITH bins AS (SELECT DISTINCT {bin_number(width)} AS place FROM all_connections), "
        f"failed AS (SELECT {bin_number(width)} AS place, client_ip, "
        "coalesce(client_ip IN (SELECT client_ip FROM sources WHERE NOT counts), false) AS apart "
        "FROM all_connections WHERE outcome = 'failed') "
        f"SELECT epoch_ms(place * {width // 1000}) AS bin_start, "
        "count(DISTINCT client_ip) FILTER (NOT apart) "
        "+ count(*) FILTER (NOT apart AND client_ip IS NULL) AS clients, "
        "count(*) FILTER (apart) AS background_failures "
        "FROM bins LEFT JOIN failed USING (place) GROUP BY place ORDER BY place"
    ).to_pandas()
    starts = [moment.tz_localize("UTC").isoformat() for moment in counted["bin_start"]]
    counts = {name: counted[name].tolist() for name in ("clients", "background_failures")}
    return {"every": f"{width // _MINUTE}min", "bin_start": starts, **counts}


def _text(moment: int | None) -> str | None:
    return None if moment is None else pd.Timestamp(moment, unit="us", tz="UTC").isoformat()
