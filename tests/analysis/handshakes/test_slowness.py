"""Slow handshakes, and when they were slow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from albconn import TableError
from albconn.analysis.changes import worst_window
from albconn.analysis.handshakes.slowness import slow_handshakes, slow_window
from worlds.rows import BEGIN, connection, frame_of


def test_slow_handshakes_are_counted_and_found() -> None:
    rows = [
        connection(10 * n, tls_handshake_latency=0.2 if 300 <= n < 360 else 0.04)
        for n in range(900)
    ]
    rows += [connection(5, "ClientCertExpired"), connection(6, tls_handshake_latency=None)]
    slow = slow_handshakes(frame_of(rows))
    assert slow.attrs["slower_than"] == pytest.approx(0.12)
    assert slow["connections"].sum() == 900
    assert list(slow.loc[slow["slow"] > 0, "slow"]) == [30, 30]
    window = (BEGIN + timedelta(minutes=50), BEGIN + timedelta(minutes=60))
    assert slow_window(frame_of(rows)) == window
    assert worst_window(frame_of(rows)) is None
    whole = slow_handshakes(frame_of(rows), every=None, by="elb", slower_than=0.1)
    assert whole[["connections", "slow"]].values.tolist() == [[900, 60]]
    with pytest.raises(TableError, match="slower_than"):
        slow_handshakes(frame_of(rows), slower_than=-1)
