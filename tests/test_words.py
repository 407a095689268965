"""Numbers, times and strangers' values as text: one way each."""

from datetime import UTC, datetime

import pytest

from albconn.words import counted, instant, join, number, one_line, percent


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.000004, "< 0.001 %"),
        (0.00021, "0.021 %"),
        (0.0061, "0.61 %"),
        (0.0199, "2.0 %"),
        (0.0994, "9.9 %"),
        (0.3712, "37 %"),
        (0.99499, "99 %"),
        (0.9987, "99.87 %"),
        (0.999999, "99.99 %"),
        (1.0, "100 %"),
        (float("nan"), "–"),
    ],
)
def test_percent_has_more_digits_the_smaller_it_is(share: float, text: str) -> None:
    assert percent(share) == text


def test_counts_have_their_thousands_and_their_nouns() -> None:
    assert [number(n) for n in (0, 999, 30_112, 1e6)] == ["0", "999", "30,112", "1,000,000"]
    assert [counted(n, "client") for n in (0, 1, 2)] == ["0 clients", "1 client", "2 clients"]


def test_an_instant_has_no_seconds() -> None:
    assert instant(datetime(2026, 9, 23, 10, 5, 59, tzinfo=UTC)) == "2026-09-23 10:05"


def test_a_strangers_value_is_one_short_line() -> None:
    assert one_line("CN=a\nb\x1b[31m") == r"CN=a\nb\x1b[31m"
    assert one_line("x" * 60) == "x" * 60
    assert one_line("x" * 61) == "x" * 59 + "…"
    assert one_line("abcdef", longest=3) == "ab…"


def test_words_are_joined_as_in_a_sentence() -> None:
    assert [join(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == [
        "a", "a and b", "a, b and c",
    ]  # fmt: skip
