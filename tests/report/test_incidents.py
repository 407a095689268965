"""Incidents in words: each kind's sentences, whole."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from albconn.report.incidents import background, in_short, is_again, rows_of, span, told, when

USUAL: dict[str, Any] = {
    "start": pd.Timestamp("2026-09-23 10:00Z"), "end": pd.Timestamp("2026-09-23 10:40Z"),
    "going_on": False, "kind": "one load balancer", "cause": "elb app/shop/1",
    "dimension": "elb", "value": "app/shop/1", "elb": "app/shop/1", "network": None,
    "reason": "UnmappedConnectionError", "clients": 37, "failures": 1620, "connections": 16200,
    "failure_rate": 0.1, "usual": 0.005, "share_of_excess": 0.98, "spoken": None, "vanished": None,
    "change": None, "policy_before": None, "policy_after": None, "subjects": 0, "subject": None,
    "organization": None, "not_after": pd.NaT, "log_p": -99.0, "place_failures": 1620,
    "place_connections": 16200, "place_usual": 0.005,
}  # fmt: skip
HEAD = (
    "From 2026-09-23 10:00 to 10:40 UTC 10 % of 16,200 TLS connections to app/shop/1 failed "
    "(1,620; usually 0.50 %)."
)


def row(**fields: Any) -> Any:
    (only,) = rows_of(pd.DataFrame([USUAL | fields]))
    return only


def plain(sentences: list[str]) -> list[str]:
    """Return sentences with ordinary spaces."""
    return [text.replace("\u202f", " ").replace("\xa0", " ") for text in sentences]


def test_one_load_balancer_in_full() -> None:
    assert plain(told(row())) == [
        HEAD,
        "37 clients failed with UnmappedConnectionError; the other listeners and load balancers "
        "are as usual, and no network, certificate or TLS version stands out.",
    ]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"kind": "one node", "dimension": "ip_address", "value": "10.0.1.2"},
            "Node 10.0.1.2 has 98 % of it, with UnmappedConnectionError: 37 clients failed there "
            "and get through at the other nodes.",
        ),
        (
            {"kind": "one network", "dimension": "client_network × tls_protocol",
             "value": "192.0.2.0/24 × TLSv1.2", "share_of_excess": 1.7},
            "All of the excess is 37 clients in 192.0.2.0/24 that speak TLSv1.2, with "
            "UnmappedConnectionError.",
        ),
        (
            {"kind": "server-side everywhere", "dimension": "", "value": "", "clients": 1},
            "1 client failed with UnmappedConnectionError, on all load balancers and nodes alike: "
            "no network, certificate or TLS version stands out, so it is on the servers' side or "
            "before it.",
        ),
        (
            {"kind": "failures", "cause": "tls_protocol TLSv1.2", "dimension": "tls_protocol",
             "value": "TLSv1.2"},
            "98 % of the excess is 37 clients (tls_protocol TLSv1.2), with "
            "UnmappedConnectionError.",
        ),
        (
            {"kind": "client certificates rejected", "reason": "ClientCertUntrusted",
             "subjects": 12, "network": "192.0.2.0/24"},
            "98 % of the excess is 37 clients in 192.0.2.0/24 with 12 certificates, refused with "
            "ClientCertUntrusted.",
        ),
    ],
)  # fmt: skip
def test_what_each_kind_says(fields: dict[str, Any], sentence: str) -> None:
    assert plain(told(row(**fields)))[1:] == [sentence]


def test_a_policy_that_was_raised() -> None:
    raised = {
        "kind": "policy raised", "spoken": "TLSv1 (22), TLSv1.1 (3)", "vanished": "TLSv1, TLSv1.1",
        "change": "TLS 1.2 and newer", "policy_before": "Old", "policy_after": "New",
    }  # fmt: skip
    assert plain(told(row(**raised)))[1:] == [
        "37 clients that got through before stopped working: they had last spoken TLSv1 (22) and "
        "TLSv1.1 (3). Nobody gets through with TLSv1 or TLSv1.1 any more.",
        "That is what a raised security policy does, and consistent with Old → New: "
        "TLS 1.2 and newer.",
    ]
    alone = told(row(**raised | {"policy_before": None, "change": None}))
    assert alone[-1].endswith("consistent with a change to New.")
    unknown = row(**raised | {"policy_after": None, "spoken": None})
    assert plain(told(unknown))[1:] == [
        "37 clients that got through before stopped working. "
        "Nobody gets through with TLSv1 or TLSv1.1 any more.",
        "That is what a security policy without it does.",
    ]


def test_certificates_that_ended() -> None:
    ended = {
        "kind": "client certificates expired", "reason": "ClientCertExpired", "subjects": 12,
        "organization": "Acme", "not_after": pd.Timestamp("2026-09-23 10:00Z"),
    }  # fmt: skip
    assert plain(told(row(**ended)))[1:] == [
        "98 % of the excess is 37 clients with 12 certificates of Acme, refused with "
        "ClientCertExpired.",
        "These certificates ended at 2026-09-23 10:00 UTC.",
    ]
    one = plain(told(row(**ended | {"subjects": 1, "subject": "CN=a,O=Acme"})))
    assert "37 clients presenting CN=a,O=Acme, refused" in one[1]
    assert one[2] == "That certificate ended at 2026-09-23 10:00 UTC."
    revoked = ended | {"kind": "client certificates revoked", "reason": "ClientCertCrlHit"}
    assert len(told(row(**revoked))) == 2


def test_slow_handshakes_did_not_fail() -> None:
    slow = row(kind="slow handshakes", dimension="elb × ip_address", value="app/shop/1 × 10.0.1.2")
    assert plain(told(slow)) == [
        "From 2026-09-23 10:00 to 10:40 UTC 10 % of 16,200 successful handshakes at app/shop/1, "
        "node 10.0.1.2 took more than three times as long as usual (else 0.50 %), for 37 clients; "
        "they did not fail."
    ]


@pytest.mark.parametrize("usual", [0.0, None, float("nan")])
def test_none_before_is_said_so(usual: float | None) -> None:
    assert "(1,620; none did before)" in plain(told(row(place_usual=usual)))[0]


def test_when_it_was() -> None:
    assert span(row()) == "From 2026-09-23 10:00 to 10:40 UTC"
    assert when(row()) == "2026-09-23 10:00 to 10:40 UTC"
    later = row(end=pd.Timestamp("2026-09-24 01:00Z"))
    assert span(later) == "From 2026-09-23 10:00 to 2026-09-24 01:00 UTC"
    going_on = row(going_on=True)
    assert span(going_on) == "From 2026-09-23 10:00 UTC on"
    assert when(going_on) == "since 2026-09-23 10:00 UTC"
    assert told(going_on)[0].endswith(", and it goes on when the log ends.")


def test_in_short() -> None:
    assert in_short(row()) == (
        "2026-09-23 10:00 to 10:40 UTC: one load balancer (elb app/shop/1), "
        "1,620 failures of 37 clients"
    )
    slow = row(kind="slow handshakes", cause="", clients=1)
    assert in_short(slow) == "2026-09-23 10:00 to 10:40 UTC: slow handshakes, 1 client"


@pytest.mark.parametrize(
    ("start", "fields", "again"),
    [
        ("2026-09-24 10:25Z", {}, True),
        ("2026-09-25 09:31Z", {}, True),
        ("2026-09-24 10:31Z", {}, False),
        ("2026-09-23 10:10Z", {}, False),  # the same day
        ("2026-09-24 10:00Z", {"value": "app/api/2"}, False),
        ("2026-09-24 10:00Z", {"kind": "one node"}, False),
    ],
)
def test_the_same_at_the_same_time_of_another_day(
    start: str, fields: dict[str, Any], again: bool
) -> None:
    assert is_again(row(), row(start=pd.Timestamp(start), **fields)) is again


def test_at_midnight_it_is_the_same_time_of_the_day() -> None:
    first = row(start=pd.Timestamp("2026-09-23 00:05Z"))
    assert is_again(first, row(start=pd.Timestamp("2026-09-24 23:50Z")))


def test_the_background_is_told_apart() -> None:
    apart = {"clients": 3, "failures": 16, "source": "198.51.100.0/24", "source_failures": 9}
    assert background(apart) == [
        "16 failures are of 3 addresses that do not get through at any time (scanners, or clients "
        "that never could), 9 of them from 198.51.100.0/24: no outage, and not counted above."
    ]
    assert ", 4 of them" not in background(apart | {"source_failures": 4})[0]
    one = background({"clients": 1, "failures": 1, "source": None, "source_failures": 0})
    assert one[0].startswith("1 failure is of 1 address that")
    assert background(apart | {"failures": 0}) == []
    assert background(None) == []


def test_missing_values_are_none() -> None:
    only = row(end=pd.NaT, usual=float("nan"))
    assert (only.end, only.usual, only.network, only.not_after) == (None, None, None, None)
    assert rows_of(pd.DataFrame([USUAL]).iloc[:0]) == []
