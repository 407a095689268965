"""The limits: about a minute, and pauses that grow and differ."""

from __future__ import annotations

from albconn.storage.patience import Patience, patience


def test_an_operation_takes_about_a_minute() -> None:
    limits = patience()
    assert limits.total_seconds == 60
    waits = limits.connect_seconds + limits.answer_seconds
    assert waits * 2 < limits.total_seconds  # more than one attempt has its time


def test_pauses_grow_and_no_two_are_alike() -> None:
    limits = Patience(first_pause=1, longest_pause=5)
    for attempt, longest in ((1, 1), (2, 2), (3, 4), (4, 5), (40, 5)):
        drawn = {limits.pause(attempt) for _ in range(50)}
        assert all(longest / 2 <= pause <= longest for pause in drawn)
        assert len(drawn) > 40


def test_a_busy_store_is_asked_for_half_a_minute() -> None:
    limits = patience()
    longest = sum(
        min(limits.longest_pause, limits.first_pause * 2**n) for n in range(limits.attempts - 1)
    )
    assert 15 < longest / 2 < longest < limits.total_seconds
