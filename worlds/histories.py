"""Histories told slowly, in plain Python, and worlds of clients that have them.

Times lie close together, so that successes and failures of one client often share a moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from worlds.lines import API, SHOP
from worlds.rows import BEGIN, Row, connection

LISTENER = ("elb", "listener_port")
SPOKEN = ("tls_protocol", "tls_cipher", "tls_keyexchange", "leaf_client_cert_subject")


@st.composite
def events(draw: st.DrawFn) -> Row:
    """Return a connection of one of few clients, at one of few moments."""
    outcome = draw(st.sampled_from(["success", "failed", "failed", None]))
    reason = draw(st.sampled_from([None, "A", "B"])) if outcome == "failed" else None
    return connection(draw(st.integers(0, 12)), reason) | {
        "outcome": outcome,
        "client_ip": draw(st.sampled_from(["203.0.113.7", "54.92.36.xxx", "2001:db8::1", None])),
        "elb": draw(st.sampled_from([SHOP, API, None])),
        "listener_port": draw(st.sampled_from([443, 8443])),
        "tls_protocol": draw(st.sampled_from(["TLSv1.1", "TLSv1.3"])),
        "tls_keyexchange": draw(st.sampled_from(["x25519", None])),
        "leaf_client_cert_subject": draw(st.sampled_from(["CN=a", None])),
    }


worlds = st.lists(events(), max_size=30)


def by_client(rows: Sequence[Row], by: str) -> dict[str, list[Row]]:
    """Return each client's connections in order of time; a success is the later at one moment."""
    clients: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["timestamp"], row["outcome"] == "success")):
        if row["outcome"] and row[by] is not None:
            clients.setdefault(row[by], []).append(row)
    return clients


def state_of(mine: Sequence[Row], since: datetime) -> str:
    """Return the state of a client whose connections these are, in order of time."""
    told = "".join(row["outcome"][0] for row in mine)
    if "s" not in told:
        return "never worked"
    if told.endswith("ff"):
        return "stopped working"
    if "ffs" in told:
        return "came back"
    return "new" if mine[0]["timestamp"] >= since else "working"


def top_reason(failed: Sequence[Row]) -> str | None:
    """Return the most frequent reason; of equals the first by name, a missing one last."""
    counts = Counter(row["failure_reason"] for row in failed)
    order = sorted(counts, key=lambda reason: (-counts[reason], reason is None, reason or ""))
    return order[0] if order else None


def spoken(successes: Sequence[Row]) -> dict[str, Any]:
    """Return what was logged with the last of these successes."""
    if not successes:
        return dict.fromkeys((*SPOKEN, *LISTENER))
    last = max(row["timestamp"] for row in successes)
    found = [
        [row.get(name) for name in (*SPOKEN, *LISTENER)]
        for row in successes
        if row["timestamp"] == last
    ]
    first = min(found, key=lambda values: [(v is None, "" if v is None else v) for v in values])
    return dict(zip((*SPOKEN, *LISTENER), first, strict=True))


def last_tenth(rows: Sequence[Row]) -> datetime:
    """Return where the last tenth of the time begins that the lines cover."""
    times = [row["timestamp"] for row in rows]
    start, end = min(times, default=BEGIN), max(times, default=BEGIN)
    return end - (end - start) / 10
