"""Moments and windows: a zone is asked for, and all becomes UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from albconn import TableError
from albconn.times import (
    FIRST,
    LAST,
    check_window,
    check_windows,
    microseconds,
    moment_of,
    moved,
    read_zone,
    utc_instant,
)

TEN = datetime(2026, 9, 23, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOKYO = timezone(timedelta(hours=9))


def test_microseconds_are_exact_on_both_sides_of_1970() -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert microseconds(epoch) == 0
    assert microseconds(epoch - timedelta(microseconds=1)) == -1
    assert microseconds(datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)) == 253402300799999999
    assert microseconds(TEN.astimezone(TOKYO)) == microseconds(TEN)


def test_an_aware_time_becomes_utc() -> None:
    found = utc_instant("start", TEN.astimezone(TOKYO))
    assert found == TEN
    assert found is not None
    assert found.tzinfo is UTC
    assert utc_instant("start", None) is None


def test_what_is_no_aware_time_is_refused() -> None:
    with pytest.raises(TableError) as naive:
        utc_instant("end", datetime(2026, 9, 23, 10))  # noqa: DTZ001
    assert str(naive.value) == (
        "end: 2026-09-23T10:00:00 has no time zone; "
        "give an aware time, for example datetime(2026, 9, 23, 10, tzinfo=UTC)"
    )
    with pytest.raises(TableError, match=r"^end: 2026-09-23 has no time zone; give an aware"):
        utc_instant("end", "2026-09-23")  # type: ignore[arg-type]


@pytest.mark.parametrize("window", [None, TEN, (TEN,), (TEN, TEN, TEN), "10:00/11:00"])
def test_what_is_no_pair(window: Any) -> None:
    with pytest.raises(TableError, match=r"^incident: .* is not a \(start, end\) pair of times$"):
        check_window("incident", window)


def test_a_window_has_a_length() -> None:
    assert check_window("w", (TEN.astimezone(TOKYO), TEN + HOUR)) == (TEN, TEN + HOUR)
    for empty in ((TEN, TEN), (TEN + HOUR, TEN)):
        with pytest.raises(TableError, match="is empty; its start must be before its end"):
            check_window("w", empty)


def test_every_problem_of_two_windows_is_named() -> None:
    with pytest.raises(TableError) as caught:
        check_windows((TEN, TEN), (TEN,))  # type: ignore[arg-type]
    assert [p.partition(":")[0] for p in caught.value.problems] == ["baseline", "incident"]


def test_windows_may_touch_and_not_overlap() -> None:
    before, after = (TEN, TEN + HOUR), (TEN + HOUR, TEN + 2 * HOUR)
    assert check_windows(before, after) == (before, after)
    assert check_windows(after, before) == (after, before)
    with pytest.raises(TableError) as caught:
        check_windows((TEN, TEN + 2 * HOUR), (TEN + HOUR, TEN + 3 * HOUR))
    assert str(caught.value) == (
        "baseline and incident overlap from 2026-09-23T11:00:00+00:00 to "
        "2026-09-23T12:00:00+00:00; a baseline must not hold the incident"
    )


def test_a_moment_moved_beyond_the_calendar_is_its_end() -> None:
    assert moved(TEN, HOUR) == TEN + HOUR
    assert moved(LAST, HOUR) == LAST == datetime.max.replace(tzinfo=UTC)
    assert moved(FIRST, -HOUR) == FIRST == datetime.min.replace(tzinfo=UTC)
    assert moment_of(microseconds(LAST) + 1) == LAST
    assert moment_of(microseconds(FIRST) - 1) == FIRST
    assert moment_of(microseconds(LAST)) == LAST


def test_the_zone_that_was_meant_is_named() -> None:
    assert read_zone("Europe/Berlin").key == "Europe/Berlin"
    with pytest.raises(
        TableError, match=r"timezone: 'europe/berln' is not known; .*Europe/Berlin\?"
    ):
        read_zone("europe/berln")
