"""Small worlds, made once: a seventh of the traffic is enough to see whether the truth holds."""

from __future__ import annotations

from functools import cache

import pandas as pd

from albconn.arrow import to_frame
from worlds.traffic import Incident, World, make

SIZE = 0.12
# Kinds whose rates are looked at: a rate of a handful of connections says nothing.
REPAIRED = (
    "node_broken", "balancer_broken", "listener_broken", "network_fails", "six_network_fails",
    "very_short", "everywhere",
)  # fmt: skip
SPARSE = ("two_apart", "node_and_listener", "on_at_the_end")
POLICIES = ("policy_raised", "policy_rolled_back")
LARGER = {"tiny_balancer_broken": 1.0, **dict.fromkeys((*REPAIRED, *POLICIES, *SPARSE), 0.4)}
COLUMNS = [
    "timestamp", "client_ip", "listener_port", "tls_protocol", "tls_cipher",
    "tls_handshake_latency", "leaf_client_cert_subject", "tls_verify_status", "tls_keyexchange",
    "elb", "ip_address", "outcome", "failure_reason", "cert_not_before", "cert_not_after",
    "source_file", "line_number",
]  # fmt: skip


@cache
def small(kind: str, seed: int = 0) -> World:
    return make(kind, seed, size=LARGER.get(kind, SIZE))


@cache
def frame(kind: str, seed: int = 0) -> pd.DataFrame:
    """Return the columns that are looked at; most of the time of making a frame is the others'."""
    return to_frame(small(kind, seed).connections.select(COLUMNS))


def within(connections: pd.DataFrame, incident: Incident) -> pd.DataFrame:
    """Return the TLS connections of an incident's window."""
    there = connections["timestamp"] >= incident.start
    if incident.end is not None:
        there &= connections["timestamp"] < incident.end
    return connections[there & connections["outcome"].notna()]
