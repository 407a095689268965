"""Both logs are held against each other, request by request."""

from __future__ import annotations

from typing import Any

import albconn as ac
from worlds.request_rows import request, requests_frame
from worlds.rows import bare, connection, frame_of

CIPHER = "TLS_AES_128_GCM_SHA256"


def test_by_hand() -> None:
    connections = [
        connection(0, conn_trace_id="TID_1"),
        connection(1, conn_trace_id="TID_2", tls_protocol="TLSv1.2", tls_cipher="AES128-SHA"),
        bare(2, conn_trace_id="TID_3"),
        connection(3, conn_trace_id=None),
    ]
    plain: dict[str, Any] = {"ssl_protocol": None, "ssl_cipher": None}
    requests = [
        request(0, "TID_1"), request(1, "TID_1"), request(2, "TID_2"),
        request(3, "TID_3", **plain), request(4, None), request(5, "TID_9"),
    ]  # fmt: skip
    rows = ac.handshake_agreement(frame_of(connections), requests_frame(requests))
    shown = rows.astype(object)
    assert shown.where(shown.notna(), None).values.tolist() == [
        ["TLSv1.2", "TLSv1.3", "AES128-SHA", CIPHER, False, 1, 1],
        ["TLSv1.3", "TLSv1.3", CIPHER, CIPHER, True, 1, 2],
        [None, None, None, None, True, 1, 1],
    ]


def test_nothing_in_nothing_out() -> None:
    rows = ac.handshake_agreement(frame_of([]), requests_frame([]))
    assert len(rows) == 0
    assert list(rows.columns)[-3:] == ["agrees", "connections", "requests"]
