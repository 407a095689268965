"""The ten years in which a log lies: those that hold most connections."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from albconn.analysis.counting.counts import open_counting
from albconn.analysis.counting.stretch import MOST_DAYS, Stretch, find_stretch, keep_stretch
from worlds.rows import Row, connection, frame_of

COLUMNS = ("timestamp", "outcome")


def at(*moments: datetime) -> list[Row]:
    return [connection(timestamp=moment) for moment in moments]


def day(year: int, month: int = 1, date: int = 1) -> datetime:
    return datetime(year, month, date, 7, tzinfo=UTC)


def found(rows: list[Row]) -> Stretch | None:
    with open_counting(frame_of(rows), columns=COLUMNS) as counting:
        return find_stretch(counting)


def test_what_lies_in_ten_years_is_left_alone() -> None:
    assert found([]) is None
    assert found(at(day(2026))) is None
    assert found(at(day(2026), day(2026) + timedelta(days=MOST_DAYS - 1))) is None


def test_the_years_with_most_connections_are_found() -> None:
    rows = at(day(1), day(2024), day(2026, 9, 23), day(2026, 9, 23), day(9999, 12, 31))
    assert found(rows) == Stretch(
        (datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 9, 24, tzinfo=UTC)), 2
    )
    assert found(at(day(1969), day(1969), day(2026))) == Stretch(
        (datetime(1969, 1, 1, tzinfo=UTC), datetime(1969, 1, 2, tzinfo=UTC)), 1
    )


def test_they_end_where_the_calendar_does() -> None:
    stretch = found(at(day(1), day(9999, 12, 31), day(9999, 12, 31)))
    assert stretch is not None
    assert stretch.window == (
        datetime(9999, 12, 31, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    )  # fmt: skip


def test_connections_are_cut_to_them() -> None:
    rows = at(day(1), day(2026), day(2026, 2), day(9999))
    with open_counting(frame_of(rows), columns=COLUMNS) as counting:
        assert keep_stretch(counting) is not None
        assert counting.span() == (day(2026), day(2026, 2))
        assert keep_stretch(counting) is None
