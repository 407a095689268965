"""Small tables written by hand, as the analyses return them; no analysis is imported here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text

FIRST = pd.Timestamp("2026-11-20 10:00", tz="UTC")


def bins(numbers: Iterable[int], every: str = "5min") -> pd.Series:
    """Return bin starts: the first one plus so many bins."""
    starts = [FIRST + number * pd.Timedelta(every) for number in numbers]
    return pd.Series(starts, dtype="datetime64[us, UTC]", name="bin_start")


def rates(
    connections: Sequence[int],
    failures: Sequence[int],
    unmapped: Sequence[int] | None = None,
    **columns: Sequence[object] | pd.Series,
) -> pd.DataFrame:
    """Return a table of rates; the interval is any interval, charts do not count it."""
    table = pd.DataFrame(
        {
            **columns,
            "connections": pd.Series(connections, dtype="int64"),
            "failures": pd.Series(failures, dtype="int64"),
            "unmapped_failures": pd.Series(unmapped or [0] * len(connections), dtype="int64"),
        }
    )
    table["failure_rate"] = [
        k / n if n else float("nan") for k, n in zip(failures, connections, strict=True)
    ]
    table["rate_low"] = table["failure_rate"] * 0.5
    table["rate_high"] = (table["failure_rate"] * 1.5).clip(upper=1.0)
    return table


def latencies(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "bin_start": bins([0, 1]),
            **columns,
            "connections": [5, 7],
            "p50": [0.01, 0.02],
            "p95": [0.03, 0.04],
            "p99": [0.05, 0.06],
            "max": [0.07, 0.08],
        }
    )


def key_exchange() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "bin_start": bins([0, 0, 1, 1, 1], "1D"),
            "tls_keyexchange": ["x25519", "X25519MLKEM768", "x25519", "x25519mlkem768", None],
            "connections": [75, 25, 50, 41, 9],
            "share": [0.75, 0.25, 0.5, 0.41, 0.09],
        }
    )


def coverage() -> pd.DataFrame:
    ends = bins([1, 2, 3, 4] * 2).rename("interval_end")
    return pd.DataFrame(
        {
            "elb": "app/shop/1234567890abcdef",
            "ip_address": ["10.0.0.1"] * 4 + ["10.0.0.2"] * 4,
            "interval_end": ends,
            "seen": [True, False, False, True] + [True] * 4,
        }
    )


def comparison() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "dimension": ["client_network", "client_network × tls_protocol"],
            "value": ["203.0.113.0/24", "203.0.113.0/24 × TLSv1.2"],
            "baseline_rate": [0.006, np.nan],
            "incident_rate": [0.98, 0.5],
            "incident_connections": [390, 20],
            "excess_failures": [388.4, 9.0],
            "share_of_excess": [0.98, 0.02],
            "significant": [True, False],
        }
    )


def usual() -> pd.DataFrame:
    """Return a comparison by single dimensions, and one that is not drawn."""
    return pd.DataFrame(
        {
            "dimension": ["failure_reason", "failure_reason", "ip_address", "elb × ip_address"],
            "value": ["ClientCertExpired", "Other$x$", "10.0.0.1", "a × b"],
            "baseline_rate": [0.0, 0.02, float("nan"), 0.0],
            "incident_rate": [0.3, 0.02, 0.5, 1.0],
            "baseline_connections": [1000, 1000, 0, 1],
            "incident_connections": [400, 400, 240, 1],
            "incident_failures": [120, 8, 120, 1],
            "excess_failures": [120.0, 0.0, 120.0, 1.0],
            "share_of_excess": [0.98, 0.0, 0.98, 0.01],
        }
    )


def certificates() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": ["CN=late,O=x", "CN=fleet\\,7,O=x", "O=$none$ $x$,C=US", "CN=soon"],
            "serial": ["01", "02", "03", "04"],
            "days_left": [400, -2.0, 60, 7],
            "handshakes": [10, 1200, 5, 1],
        }
    )


def policy() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tls_protocol": ["TLSv1.3", "TLSv1", "TLSv1.2"],
            "tls_cipher": ["A", "B", "C"],
            "verdict": ["fits", "breaks", "at risk"],
            "connections": [900, 40, 60],
            "clients": [50, 5, 45],
            "share_of_connections": [0.9, 0.04, 0.06],
            "share_of_clients": [0.5, 0.05, 0.45],
        }
    )


def reconciled() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "bin_start": bins([0, 1]),
            "log_failures": [5, 0],
            "metric_errors": [7, 0],
            "difference": [-2, 0],
        }
    )


def totals() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rows": [1000],
            "connections": [900],
            "successes": [870],
            "failures": [30],
            "unmapped_failures": [10],
            "unclassified": [60],
            "not_tls": [40],
            "first_timestamp": [FIRST],
            "last_timestamp": [FIRST + pd.Timedelta("2h")],
            "top_reason": ["Reason$1$"],
        }
    )


def changes() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "bin_start": bins([24, 0, 48]),  # an analysis' order is its own affair
            "connections_before": [200, 100, 300],
            "connections_after": [300, 200, 50],
            "failures_before": [40, 1, 6],
            "failures_after": [6, 40, 25],
            "rate_before": [0.2, 0.01, 0.02],
            "rate_after": [0.02, 0.2, 0.5],
            "p_value": [1e-9, 1e-4, 1e-20],
        }
    )


def found() -> pd.DataFrame:
    """Return three incidents in four hours of quarters; two begin together, the last goes on."""
    at = [FIRST + pd.Timedelta(minutes=minutes) for minutes in (60, 60, 150)]
    ends = [FIRST + pd.Timedelta(minutes=minutes) for minutes in (90, 120, 240)]
    table = pd.DataFrame(
        {
            "start": pd.Series(at, dtype="datetime64[us, UTC]"),
            "end": pd.Series(ends, dtype="datetime64[us, UTC]"),
            "going_on": [False, False, True],
            "kind": ["one node", "slow handshakes", "policy raised"],
            "cause": ["ip_address 10.0.0.9", "", "elb app/$x$/1\nb"],
            "clients": [12, 40, 1],
            "failures": [300, 0, 1],
            "connections": [400, 80, 1],
            "failure_rate": [0.75, 0.5, 1.0],
            "usual": [0.01, 0.02, float("nan")],
        }
    )
    table.attrs.update(
        connections=12_000,
        clients=345,
        over_time={
            "every": "15min",
            "bin_start": [
                (FIRST + n * pd.Timedelta(minutes=15)).isoformat() for n in range(16) if n != 3
            ],
            "clients": [0, 1, 0, 0, 12, 9, 2, 1, 0, 0, 1, 1, 0, 1, 0],
            "background_failures": [0, 0, 500, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0],
        },
    )
    return table


def locked_out() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "client_ip": ["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"],
            "verdict": ["fits", "at risk", "breaks", "breaks"],
            "connections": [500, 70, 9, 40],
            "affected": [500, 60, 9, 30],
            "tls_protocol": ["TLSv1.3", "TLSv1.2", "TLSv1", "TLSv1.1"],
            "tls_cipher": ["A", "B", "C", None],
        }
    )


def overview() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "policy": ["Wide", "Strict"],
            "clients_breaking": [0, 3],
            "clients_at_risk": [1, 0],
            "clients_fitting": [11, 9],
            "lowest_protocol": ["TLSv1", "TLSv1.3"],
        }
    )


def concentration() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "clients": [100],
            "failing_clients": [20],
            "failures": [400],
            "top_1_share": [0.5],
            "top_10_share": [0.75],
            "gini": [0.61],
        }
    )


def recovered() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "client_ip": ["a", "b", "c", "d"],
            "seconds_to_success": [30.0, float("nan"), 0.0, 90.0],
            "still_failing": [False, True, False, True],
        }
    )


def lives() -> pd.DataFrame:
    """Return a client in each state; hours of success and failure after the first moment."""
    hours = {
        "first_success": [0, None, 0, 9, 0],
        "last_success": [4, None, 9, 9, 9],
        "first_failure": [1, 2, 3, None, 5],
        "last_failure": [8, 2, 6, None, 5],
    }
    table = pd.DataFrame(
        {
            "client_ip": ["10.0.0.1", "$x$", "10.0.0.3", "10.0.0.4", "10.0.0.5"],
            "state": ["stopped working", "never worked", "came back", "new", "working"],
            "connections": [90, 1, 30, 2, 50],
            "failures": [40, 1, 9, 0, 1],
            "last_tls_protocol": ["TLSv1.1", None, "TLSv1.3", "TLSv1.3", "TLSv1.3"],
            "last_tls_cipher": ["AES128-SHA", None, None, "A", "A"],
        }
    )
    for name, times in hours.items():
        moments = [None if n is None else FIRST + pd.Timedelta(hours=n) for n in times]
        table[name] = pd.Series(moments, dtype="datetime64[us, UTC]")
    return table


def stopped() -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "client_ip": ["a", "b", "c", "a"],
            "elb": ["app/shop/1", "app/api/2", "app/shop/1", "app/api/2"],
            "listener_port": [443, 443, 443, 443],
            "last_tls_protocol": ["TLSv1.1", "TLSv1.1", "TLSv1.2", "TLSv1.2"],
            "last_tls_cipher": ["A", "A", None, "B"],
            "failures": [50, 30, 4, 1],
        }
    )
    table.attrs.update(
        since=FIRST.isoformat(), clients=3, failures=85, failures_of_others=10,
        failures_without_client=5,
    )  # fmt: skip
    return table


def slow() -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "bin_start": bins([0, 1]),
            "connections": [10, 30],
            "slow": [1, 9],
            "slow_rate": [0.1, 0.3],
            "rate_low": [0.05, 0.2],
            "rate_high": [0.2, 0.4],
        }
    )
    table.attrs["slower_than"] = 0.25
    return table


def texts(ax: Axes, gid: str) -> list[str]:
    """Return the texts of `ax` with that role, as drawn."""
    return [text.get_text() for text in ax.texts if text.get_gid() == gid]


def subtitle(ax: Axes) -> str:
    """Return the subtitle, its lines joined."""
    (text,) = texts(ax, "subtitle")
    return text.replace("\n", " ")


def all_texts(ax: Axes) -> list[Text]:
    """Return every text of the figure that holds `ax`."""
    figure = ax.get_figure()
    assert figure is not None
    return [text for text in figure.findobj(Text) if isinstance(text, Text | Annotation)]


def caption_of(ax: Axes) -> str:
    """Return the caption, on whichever panel of the figure it stands."""
    figure = ax.get_figure()
    assert figure is not None
    captions = [text for panel in figure.axes for text in texts(panel, "caption")]
    return " ".join(captions).replace("\n", " ")


def row_labels(ax: Any) -> list[str]:
    """Return the rows' names, from the top."""
    return [label.get_text() for label in ax.get_yticklabels()]


def asked() -> pd.DataFrame:
    """What ``requests_per_connection`` returns, by protocol."""
    counts = {f"status_{name}": [5, 1, 0] for name in ("2xx", "3xx", "4xx", "5xx", "other")}
    return pd.DataFrame(
        {
            "half": ["connections", "connections", "requests alone"],
            "tls_protocol": ["TLSv1.3", "TLSv1.2", None],
            "connections": [20, 9, 0],
            "with_requests": [18, 4, 0],
            "requests": [25, 5, 0],
        }
        | counts
    )


def felt() -> pd.DataFrame:
    """What ``felt_failures`` returns."""
    return pd.DataFrame(
        {
            "client_ip": ["203.0.113.7", "203.0.113.8", "203.0.113.9"],
            "agent": ["user", "crawler", None],
            "failures": [3, 1, 1],
            "seconds_to_return": [61.0, 600.0, 5.0],
            "request_host": ["www.example.com", "www.example.com", None],
            "request_path": ["/login", "/robots.txt", None],
        }
    )


def cut_off() -> pd.DataFrame:
    """What ``policy_exceptions`` returns, by host."""
    return pd.DataFrame(
        {
            "request_host": ["old.example.com", "www.example.com"],
            "requests": [40, 90],
            "requests_breaking": [30, 0],
            "requests_at_risk": [5, 9],
            "clients_breaking": [4, 0],
            "users_breaking": [3, 0],
        }
    )


def agreed() -> pd.DataFrame:
    """What ``handshake_agreement`` returns."""
    return pd.DataFrame(
        {
            "tls_protocol": ["TLSv1.2", "TLSv1.3"],
            "ssl_protocol": ["TLSv1.3", "TLSv1.3"],
            "tls_cipher": ["AES128-SHA", "TLS_AES_128_GCM_SHA256"],
            "ssl_cipher": ["TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"],
            "agrees": [False, True],
            "requests": [7, 90],
        }
    )
