"""What may be said of an incident."""

from __future__ import annotations

from datetime import UTC, datetime

from worlds.traffic import Incident

INCIDENT = Incident(
    start=datetime(2026, 9, 23, tzinfo=UTC), end=None, finding="one node", also=("failures",),
    causes=({"ip_address": "10.0.1.1", "listener_port": "443"},),
    true_of_it=({"elb": "app/a/1"}, {"ip_address": "10.0.1.1"}),
    clients=3, failures=9, exposed=10, usual=0.01, words=("10.0.1.1",),
)  # fmt: skip


def test_what_is_exact_and_what_is_true() -> None:
    exact = {"ip_address": "10.0.1.1", "listener_port": "443"}
    assert INCIDENT.is_exact(exact)
    assert INCIDENT.is_exact(exact | {"elb": "app/a/1"})
    assert INCIDENT.holds({"ip_address": "10.0.1.1"})
    assert not INCIDENT.is_exact({"ip_address": "10.0.1.1"})
    assert not INCIDENT.holds(exact | {"elb": "app/b/1"})
    assert INCIDENT.findings == ("one node", "failures")
