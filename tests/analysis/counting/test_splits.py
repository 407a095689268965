"""Bin widths and the columns that split."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from albconn import TableError, failure_rate
from albconn.analysis.counting.counts import open_counting
from albconn.analysis.counting.splits import bin_number, make_split, parse_width
from albconn.times import microseconds
from worlds.rows import connection, frame_of


@pytest.mark.parametrize(
    ("every", "seconds"),
    [
        ("30s", 30),
        ("5min", 300),
        ("1h", 3600),
        ("1H", 3600),
        ("1D", 86400),
        ("1d", 86400),
        ("1 day", 86400),
        (timedelta(minutes=1), 60),
        (pd.Timedelta("2h"), 7200),
        (np.timedelta64(90, "s"), 90),
        (None, None),
    ],
)
def test_width(every: Any, seconds: int | None) -> None:
    assert parse_width(every) == seconds


@pytest.mark.parametrize(
    "every", ["0s", "-5min", "1.5s", "1M", "soon", "", "5", "NaT", 300, True, timedelta(0)]
)
def test_a_width_that_is_none_is_refused(every: Any) -> None:
    with pytest.raises(
        TableError, match=r"every: .* is not a bin width; expected a positive whole"
    ):
        parse_width(every)


@pytest.mark.parametrize(
    ("every", "text"),
    [("60min", "1h"), ("300s", "5min"), ("48h", "2D"), ("90s", "90s"), (None, None)],
)
def test_width_as_text_is_read_back(every: str | None, text: str | None) -> None:
    split = make_split(every, (), answer=())
    assert split.text == text
    assert parse_width(split.text) == split.width


def test_every_problem_of_by_is_named_at_once() -> None:
    with pytest.raises(TableError) as caught:
        make_split(None, ["elb", "elb", "failures", "bin_start"], answer=["failures"])
    assert caught.value.problems == (
        "by: 'elb' is named twice",
        "by: 'failures' is a column of the answer already; leave it out",
        "by: 'bin_start' is a column of the answer already; leave it out",
    )


@pytest.mark.parametrize(
    ("moment", "every", "start"),
    [
        ("2026-09-23T10:04:59.999999Z", "5min", "2026-09-23T10:00:00Z"),
        ("2026-09-23T10:05:00Z", "5min", "2026-09-23T10:05:00Z"),
        ("2026-09-23T23:59:59Z", "1D", "2026-09-23T00:00:00Z"),
        ("1969-12-31T23:59:59.5Z", "1h", "1969-12-31T23:00:00Z"),
        ("1969-12-31T23:00:00Z", "1h", "1969-12-31T23:00:00Z"),
    ],
)
def test_bins_are_aligned_to_utc(moment: str, every: str, start: str) -> None:
    rates = failure_rate(
        frame_of([connection(timestamp=datetime.fromisoformat(moment))]), every=every
    )
    assert rates["bin_start"].tolist() == [pd.Timestamp(start)]


def test_zone_of_the_column_does_not_move_bins() -> None:
    table = frame_of([connection(timestamp=datetime(2026, 9, 23, 23, tzinfo=UTC))])
    table["timestamp"] = table["timestamp"].dt.tz_convert("Asia/Tokyo")
    assert failure_rate(table, every="1D")["bin_start"].tolist() == [
        pd.Timestamp("2026-09-23", tz="UTC")
    ]


def test_category_values_are_sorted() -> None:
    rows = [connection(tls_cipher=name) for name in ("B", "C", "A")]
    rates = failure_rate(frame_of(rows), every=None, by="tls_cipher")
    assert rates["tls_cipher"].cat.categories.tolist() == ["A", "B", "C"]
    assert rates["tls_cipher"].tolist() == ["A", "B", "C"]


MOMENTS = [
    "0001-01-01T00:00:00", "0001-01-01T06:59:59", "1969-12-31T23:59:59.999999", "1970-01-01T00:00",
    "1969-12-31T20:59:59", "2026-09-23T10:07:03", "9999-12-31T23:59:59.999999",
]  # fmt: skip


@pytest.mark.parametrize("width", [60, 300, 25200, 86400])
def test_bins_are_numbered_alike_before_and_after_1970(width: int) -> None:
    times = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in MOMENTS]
    frame = frame_of([connection(timestamp=moment) for moment in times])
    with open_counting(frame, columns=["timestamp"]) as counting:
        query = f"SELECT {bin_number(width * 1_000_000)} AS n FROM connections ORDER BY timestamp"
        numbers = counting.table(query)["n"].to_pylist()
    assert numbers == [microseconds(each) // 1_000_000 // width for each in sorted(times)]


@pytest.mark.parametrize("every", ["7h", "11h", "1D", "W", "5min"])
def test_no_bin_begins_before_the_calendar(every: str) -> None:
    first = datetime(1, 1, 1, tzinfo=UTC)
    rates = failure_rate(frame_of([connection(timestamp=first)]), every=every)
    assert rates["bin_start"].tolist() == [first]
    assert rates.attrs["start"] == "0001-01-01T00:00:00+00:00"
