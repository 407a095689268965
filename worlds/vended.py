"""Connections as CloudWatch delivers them, and in the shapes in which people carry them about.

A second writer beside ``lines``, which knows nothing of albconn either: a record becomes a file in
each format, in whatever order of fields, with values as texts or as numbers.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from worlds.lines import LINE_FIELDS, QUOTED, Record, write_line

VENDED_FIELDS = ("time", *LINE_FIELDS[1:])
INGESTED = "2026-09-23T07:15:00.123Z"  # when an event came to a log group
STREAM = "app/web/0123456789abcdef"


def text_of(value: Any) -> str | None:
    """Return a value as the log writes it; None where it is missing."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond:06d}Z"
    if value is None:
        return None
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def value(record: Record, field: str) -> Any:
    """Return a record's value by the name that a vended field has."""
    return record.get("timestamp") if field == "time" else record.get(field)


def as_legacy(records: Iterable[Record]) -> bytes:
    return _lines(write_line(record, len(LINE_FIELDS)) for record in records)


def json_line(
    record: Record,
    fields: Sequence[str] = VENDED_FIELDS,
    *,
    missing: str | None = "-",
    numbers: str = "texts",
    **more: Any,
) -> str:
    """Return a record as JSON; ``numbers`` are "texts" or "numbers", ``more`` is added."""
    members = {field: _member(value(record, field), missing, numbers) for field in fields}
    return json.dumps(members | more, ensure_ascii=False, separators=(",", ":"))


def _member(held: Any, missing: str | None, numbers: str) -> Any:
    if held is None:
        return missing
    return held if numbers == "numbers" and isinstance(held, int | float) else text_of(held)


def as_json(records: Iterable[Record], fields: Sequence[str] = VENDED_FIELDS, **how: Any) -> bytes:
    return _lines(json_line(record, fields, **how) for record in records)


def as_w3c(
    records: Iterable[Record], fields: Sequence[str] = VENDED_FIELDS, delimiter: str = "\t"
) -> bytes:
    head = f"#Version: 1.0\n#Fields: {delimiter.join(fields)}\n".encode()
    return head + as_plain(records, fields, delimiter)


def as_plain(
    records: Iterable[Record], fields: Sequence[str] = VENDED_FIELDS, delimiter: str = ","
) -> bytes:
    return _lines(plain_line(record, fields, delimiter) for record in records)


def plain_line(record: Record, fields: Sequence[str], delimiter: str) -> str:
    """Return a record as AWS writes text: the subject in quotes, as it is."""
    return delimiter.join(_plain(field, text_of(value(record, field))) for field in fields)


def _plain(field: str, text: str | None) -> str:
    text = "-" if text is None else text
    return f'"{text}"' if field == QUOTED else text


def as_athena_csv(records: Iterable[Record], fields: Sequence[str] = VENDED_FIELDS) -> bytes:
    """Return what Athena writes: all in quotes, and nothing at all for null."""
    rows = [[text_of(value(record, field)) for field in fields] for record in records]
    names = ",".join(f'"{field}"' for field in fields)
    return _lines([names, *(",".join(map(_doubled, row)) for row in rows)])


def _doubled(text: str | None) -> str:
    return "" if text is None else '"' + text.replace('"', '""') + '"'


def as_insights_csv(records: Iterable[Record], fields: Sequence[str] = VENDED_FIELDS) -> bytes:
    """Return fields that a query asked for, with the time of the event before them."""
    rows = [[_event_time(record), *_texts(record, fields)] for record in records]
    return _csv([["@timestamp", *fields], *rows])


def as_insights_messages(records: Iterable[Record], **how: Any) -> bytes:
    """Return whole messages of JSON, as the console's own query gives them."""
    rows = [[_event_time(record), json_line(record, **how), "p"] for record in records]
    return _csv([["@timestamp", "@message", "@ptr"], *rows])


def _texts(record: Record, fields: Sequence[str]) -> list[str]:
    return [text_of(value(record, field)) or "" for field in fields]


def _event_time(record: Record) -> str:
    return f"{record['timestamp']:%Y-%m-%d %H:%M:%S}.{record['timestamp'].microsecond // 1000:03d}"


def as_export(messages: Iterable[str]) -> bytes:
    """Return CloudWatch's export to S3: a time before each message."""
    return _lines(f"{INGESTED} {message}" for message in messages)


def as_tail(messages: Iterable[str]) -> bytes:
    """Return what ``aws logs tail`` prints."""
    return _lines(f"2026-09-23T07:15:00.123000+00:00 {STREAM} {message}" for message in messages)


def as_events(messages: Iterable[str], indent: int | None = 4) -> bytes:
    """Return what ``aws logs filter-log-events`` prints."""
    events = [
        {"logStreamName": STREAM, "timestamp": 1_790_147_700_123 + n, "message": message,
         "ingestionTime": 1_790_147_701_000, "eventId": f"{n:056d}"}
        for n, message in enumerate(messages)
    ]  # fmt: skip
    return json.dumps({"events": events, "searchedLogStreams": []}, indent=indent).encode()


def as_parquet(
    records: Sequence[Record], fields: Sequence[str] = VENDED_FIELDS, types: str = "texts"
) -> bytes:
    """Return Parquet with columns of "texts", or "typed"."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {}
    for field in fields:
        held = [value(record, field) for record in records]
        if types == "texts":
            columns[field] = pa.array([text_of(each) for each in held], pa.string())
        else:
            columns[field] = pa.array(held, _types(pa).get(field, pa.string()))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


def _types(pa: Any) -> dict[str, Any]:
    return {
        "time": pa.timestamp("us", tz="UTC"), "client_port": pa.int64(),
        "listener_port": pa.int32(), "tls_handshake_latency": pa.float64(),
    }  # fmt: skip


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\n").writerows(rows)
    return sink.getvalue().encode()


def _lines(texts: Iterable[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


# Every way in which all fields of a connection are told, each in a file.
RENDERED: dict[str, Callable[[Sequence[Record]], bytes]] = {
    "json": as_json,
    "json of numbers": lambda records: as_json(records, numbers="numbers", missing=None),
    "json with blanks": lambda records: as_json(records, missing="").replace(b'","', b'", "'),
    "w3c, tab": as_w3c,
    "w3c, space": lambda records: as_w3c(records, delimiter=" "),
    "plain, comma": as_plain,
    "plain, tab": lambda records: as_plain(records, delimiter="\t"),
    "plain, two bars": lambda records: as_plain(records, delimiter="||"),
    "parquet of texts": as_parquet,
    "parquet, typed": lambda records: as_parquet(records, types="typed"),
    "athena csv": as_athena_csv,
    "insights csv": as_insights_csv,
    "insights messages": as_insights_messages,
    "export of json": lambda records: as_export(map(json_line, records)),
    "export of legacy": lambda records: as_export(as_legacy(records).decode().splitlines()),
    "tail of json": lambda records: as_tail(map(json_line, records)),
    "tail of plain": lambda records: as_tail(as_plain(records).decode().splitlines()),
    "events": lambda records: as_events(map(json_line, records)),
    "events in one line": lambda records: as_events(map(json_line, records), indent=None),
}
