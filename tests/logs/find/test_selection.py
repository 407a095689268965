"""Which days a time range can be filed under."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from albconn.logs.find.selection import Selection, bare_name, is_named

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
    first, last = Selection(start=start, end=end).delivery_days() or (None, None)
    assert [f"{first:%m-%d}", f"{last:%m-%d}"] == [days[0], days[-1]]


def test_open_range_has_no_last_day_and_none_has_no_days() -> None:
    assert Selection(start=NOON).delivery_days() == (NOON.date(), date.max)
    assert Selection(end=NOON).delivery_days() == (date.min, (NOON + DAY).date())
    assert Selection(end=datetime.max.replace(tzinfo=UTC)).delivery_days() == (date.min, date.max)
    assert Selection().delivery_days() is None


def test_selection_in_words() -> None:
    assert Selection().told() == ""
    asked = Selection(start=NOON, end=NOON + DAY, load_balancer=("shop", "web"), region=("x",))
    assert asked.told() == (
        "from 2026-09-23 12:00:00 UTC until 2026-09-24 12:00:00 UTC of load_balancer 'shop' or "
        "'web' of region 'x'"
    )
    assert asked.names() == {"load_balancer": ("shop", "web"), "region": ("x",)}


@pytest.mark.parametrize(
    ("argument", "there", "wanted", "is_one"),
    [
        ("load_balancer", "app/web/12", "web", True),
        ("load_balancer", "app/web/12", "app/w*/*", True),
        ("load_balancer", "app/web/12", "12", False),
        ("region", "us-east-1", "us-*", False),
        ("region", "us-east-1", "us-east-1", True),
    ],
)
def test_names_that_are_asked_for(argument: str, there: str, wanted: str, is_one: bool) -> None:
    assert is_named(argument, there, wanted) is is_one


def test_bare_name() -> None:
    assert [bare_name("app/web/12"), bare_name("web")] == ["web", "web"]
