"""Every table of bins says from when to when the lines are, whatever of them it counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

import albconn as ac
from albconn.analysis.counting.ends import noted
from worlds.rows import BEGIN, bare, connection, frame_of

BINNED: list[Callable[..., pd.DataFrame]] = [
    ac.failure_rate, ac.failure_reasons, ac.handshake_latency, ac.slow_handshakes,
    ac.key_exchange_share,
]  # fmt: skip
# What is counted lies in the middle; a line before it and one after it are in no count.
ROWS = [
    bare(-700),
    connection(10, tls_keyexchange="x25519"),
    connection(400, "ClientCertExpired"),
    connection(900, tls_keyexchange="x25519"),
    bare(1500),
]
ENDS = {
    "start": (BEGIN - timedelta(seconds=700)).isoformat(),
    "end": (BEGIN + timedelta(seconds=1500)).isoformat(),
}


def ends(table: pd.DataFrame) -> dict[str, Any]:
    return {name: table.attrs[name] for name in ENDS}


@pytest.mark.parametrize("analysis", BINNED, ids=lambda each: each.__name__)
@pytest.mark.parametrize("by", [(), "elb"])
def test_lines_that_are_not_counted_are_within_the_ends(
    analysis: Callable[..., pd.DataFrame], by: Any
) -> None:
    assert ends(analysis(frame_of(ROWS), every="5min", by=by)) == ENDS


@pytest.mark.parametrize("analysis", BINNED, ids=lambda each: each.__name__)
def test_without_lines_there_is_no_end(analysis: Callable[..., pd.DataFrame]) -> None:
    assert ends(analysis(frame_of([]), every="5min")) == dict.fromkeys(ENDS)


@pytest.mark.parametrize("analysis", BINNED[1:], ids=lambda each: each.__name__)
def test_without_bins_no_end_is_looked_for(analysis: Callable[..., pd.DataFrame]) -> None:
    assert ends(analysis(frame_of(ROWS), every=None)) == dict.fromkeys(ENDS)


def test_text_is_iso_with_its_zone() -> None:
    moment = datetime(2026, 9, 23, 10, tzinfo=UTC)
    assert noted((moment, None)) == {"start": "2026-09-23T10:00:00+00:00", "end": None}
