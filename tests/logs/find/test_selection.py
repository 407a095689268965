"""Which days a time range can be filed under."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from albconn.logs.find.selection import Selection

NOON = datetime(2026, 9, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (NOON, NOON + timedelta(hours=1), ["09-23", "09-24"]),
        (NOON, datetime(2026, 9, 24, tzinfo=UTC), ["09-23", "09-24"]),
        (NOON, datetime(2026, 9, 24, 0, 0, 0, 1, tzinfo=UTC), ["09-23", "09-24", "09-25"]),
        (datetime(2026, 9, 29, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC),
         ["09-29", "09-30", "10-01"]),
    ],
)  # fmt: skip
def test_days_are_those_of_the_range_and_one_more(
    start: datetime, end: datetime, days: list[str]
) -> None:
    assert [f"{day:%m-%d}" for day in Selection(start=start, end=end).days() or ()] == days


def test_open_range_lists_up_to_tomorrow_or_everything() -> None:
    now = datetime.now(UTC)
    days = Selection(start=now - DAY).days()
    assert days is not None
    assert days[0] == (now - DAY).date()
    assert days[-1] >= (now + DAY).date()
    assert Selection(end=now).days() is None
