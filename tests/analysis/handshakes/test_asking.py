"""Policies count users and crawlers apart, where the access log is given."""

from __future__ import annotations

import pandas as pd

import albconn as ac
from albconn.analysis.handshakes.asking import clients_asking
from worlds.request_rows import request, requests_frame
from worlds.rows import connection, frame_of

POLICY = "ELBSecurityPolicy-TLS13-1-3-2021-06"
OLD = {"tls_protocol": "TLSv1.2", "tls_cipher": "ECDHE-RSA-AES128-GCM-SHA256"}
CONNECTIONS = [
    connection(0, client_ip="203.0.113.1"),
    connection(1, client_ip="203.0.113.2", **OLD),
    connection(2, client_ip="203.0.113.2"),
    connection(3, client_ip="203.0.113.3", **OLD),
    connection(4, client_ip="203.0.113.4", **OLD),
]
REQUESTS = [
    request(0, client_ip="203.0.113.1"),
    request(1, client_ip="203.0.113.2", user_agent="Device/1"),
    request(2, client_ip="203.0.113.2", user_agent="AhrefsBot"),
    request(3, client_ip="203.0.113.2", user_agent="AhrefsBot"),
    request(4, client_ip="203.0.113.3", user_agent="AhrefsBot"),
    request(5, client_ip="198.51.100.1"),
]


def test_impact() -> None:
    rows = ac.policy_impact(frame_of(CONNECTIONS), POLICY, requests=requests_frame(REQUESTS))
    counts = rows[["tls_protocol", "clients", "users", "crawlers"]].astype(object)
    assert counts.values.tolist() == [["TLSv1.2", 3, 1, 1], ["TLSv1.3", 2, 2, 0]]
    told = {str(name): value for name, value in rows.attrs.items()}
    assert {n: v for n, v in told.items() if n.endswith(("_breaking", "_fitting"))} == {
        "clients_breaking": 3, "users_breaking": 1, "crawlers_breaking": 1,
        "clients_fitting": 1, "users_fitting": 1, "crawlers_fitting": 0,
    }  # fmt: skip


def test_without_requests_nothing_changes() -> None:
    alone = ac.policy_impact(frame_of(CONNECTIONS), POLICY)
    both = ac.policy_impact(frame_of(CONNECTIONS), POLICY, requests=requests_frame(REQUESTS))
    pd.testing.assert_frame_equal(both.drop(columns=["users", "crawlers"]), alone)
    assert alone.attrs.items() <= both.attrs.items()


def test_clients() -> None:
    rows = ac.policy_clients(frame_of(CONNECTIONS), POLICY, requests=requests_frame(REQUESTS))
    rows = rows.set_index("client_ip")[["agent", "requests", "user_agent"]].astype(object)
    told = rows.where(rows.notna(), None).T.to_dict("list")
    assert told == {
        "203.0.113.2": ["user", 3, "AhrefsBot"],
        "203.0.113.3": ["crawler", 1, "AhrefsBot"],
        "203.0.113.4": [None, 0, None],
        "203.0.113.1": ["user", 1, "Mozilla/5.0 (X11; Linux x86_64)"],
    }


def test_where_nobody_asks() -> None:
    nothing = requests_frame([])
    assert clients_asking(nothing, None).empty
    rows = ac.policy_impact(frame_of(CONNECTIONS), POLICY, requests=nothing)
    assert rows[["users", "crawlers"]].sum().tolist() == [0, 0]
    assert ac.policy_clients(frame_of(CONNECTIONS), POLICY, requests=nothing)["agent"].isna().all()
