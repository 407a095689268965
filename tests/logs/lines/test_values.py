"""What the text of a field is: a number or a time of its kind, or an error that says what."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from albconn.errors import LineError
from albconn.logs.lines.values import value_of, with_zone
from albconn.schema.connections import CONNECTIONS
from albconn.times import microseconds

TIME, PORT, LATENCY = (
    CONNECTIONS.field(name) for name in ("timestamp", "client_port", "tls_handshake_latency")
)
MOMENT = microseconds(datetime(2026, 9, 23, 7, 11, 27, 500_000, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    ["2026-09-23T07:11:27.5Z", "2026-09-23 07:11:27.500+00:00", "2026-09-23T09:11:27.500000+02:00"],
)
def test_times_with_their_zone(text: str) -> None:
    assert value_of(TIME, text) == value_of(TIME, text, "utc") == MOMENT


@pytest.mark.parametrize("text", ["2026-09-23 07:11:27.5", "2026-09-23T07:11:27.500 UTC"])
def test_a_time_without_a_zone_is_utc_only_where_it_may_be(text: str) -> None:
    assert value_of(TIME, text, "utc") == MOMENT
    with pytest.raises(LineError, match=r"^timestamp: .* is not a time; expected 2026-09-23T07"):
        value_of(TIME, text)


@pytest.mark.parametrize("text", ["2026-09-23", "2026-09-23T07:11:27-0", "x", "07:11", ""])
def test_what_is_no_time_gets_no_zone_either(text: str) -> None:
    with pytest.raises(LineError):
        value_of(TIME, text, "utc")
    assert with_zone("2026-09-23") == "2026-09-23"


def test_numbers_are_in_their_range() -> None:
    assert (value_of(PORT, "443"), value_of(LATENCY, "0.057")) == (443, 0.057)
    for field, text in ((PORT, "65536"), (PORT, "443.0"), (LATENCY, "-1"), (LATENCY, "nan")):
        with pytest.raises(LineError) as caught:
            value_of(field, text)
        assert caught.value.value == text
