"""Both logs stand side by side; from when on each half should be there follows from their ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from albconn import TableError
from albconn.analysis.joined.both import count_requests, open_both, settled, span_of_requests
from worlds.request_rows import request, requests_frame
from worlds.rows import BEGIN, connection, frame_of

COLUMNS = ("timestamp", "conn_trace_id")
OF_REQUESTS = ("time", "conn_trace_id")


def test_both_are_there_in_their_types() -> None:
    ours, theirs = [connection(0), connection(10)], [request(5), request(7200)]
    with open_both(
        frame_of(ours), requests_frame(theirs), columns=COLUMNS, of_requests=OF_REQUESTS
    ) as counting:
        assert (counting.lines(), count_requests(counting)) == (2, 2)
        assert span_of_requests(counting) == (
            BEGIN + timedelta(seconds=5), BEGIN + timedelta(hours=2),
        )  # fmt: skip
        assert settled(counting) == (BEGIN + timedelta(hours=1), BEGIN + timedelta(hours=1))


@pytest.mark.parametrize("ours", [0, 1])
def test_an_empty_log_settles_nothing(ours: int) -> None:
    with open_both(
        frame_of([connection(0)] * ours),
        requests_frame([request(5)] * (1 - ours)),
        columns=COLUMNS,
        of_requests=OF_REQUESTS,
    ) as counting:
        assert settled(counting) is None


def test_what_is_missing_is_said_of_the_right_log() -> None:
    whole = frame_of([connection(0)])
    with (
        pytest.raises(TableError, match="requests: no column 'time'; read it too"),
        open_both(
            whole, requests_frame([]).drop(columns="time"), columns=COLUMNS, of_requests=OF_REQUESTS
        ),
    ):
        pass
    with (
        pytest.raises(TableError, match="requests: column 'time' has no time zone"),
        open_both(
            whole,
            requests_frame([request(0)]).assign(
                time=lambda rows: rows["time"].dt.tz_localize(None)
            ),
            columns=COLUMNS,
            of_requests=OF_REQUESTS,
        ),
    ):
        pass
