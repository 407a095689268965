"""The truth holds in the data: counted again from nothing but the table."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.worlds.traffic.small import POLICIES, REPAIRED, frame, small, within
from worlds.traffic import INCIDENTS, Incident
from worlds.traffic.truth import Named

MANY = 20  # failures, from which on a rate is compared
LOGGED = ("elb", "ip_address", "listener_port", "failure_reason")  # on every failure


def matching(rows: pd.DataFrame, named: Named) -> pd.DataFrame:
    """Return the rows that have these values."""
    for name, value in named.items():
        if name == "client_network":
            wide = value.endswith("/48")
            start = value.partition("::")[0] + ":" if wide else value.removesuffix("0/24")
            rows = rows[rows["client_ip"].astype(str).str.startswith(start)]
        elif name == "leaf_client_cert_subject" and value.startswith("O="):
            rows = rows[rows[name].astype(str).str.contains(value, regex=False)]
        else:
            rows = rows[rows[name].astype(str) == value]
    return rows


def seen(incident: Incident) -> list[Named]:
    """Return the exact causes that every failure logs."""
    unmapped = {"failure_reason": "UnmappedConnectionError"} in incident.true_of_it
    fields = {*LOGGED, "client_network"} | (set() if unmapped else {"leaf_client_cert_subject"})
    return [cause for cause in incident.causes if cause.keys() <= fields]


@pytest.mark.parametrize("kind", INCIDENTS)
def test_its_failures_are_there(kind: str) -> None:
    rows = frame(kind)
    for incident in small(kind).truth:
        there = within(rows, incident)
        for named in (*seen(incident), *(t for t in incident.true_of_it if t.keys() <= {*LOGGED})):
            found = matching(there, named)
            assert (found["outcome"] == "failed").sum() >= 0.97 * incident.failures
        assert incident.failures <= incident.exposed


@pytest.mark.parametrize("kind", INCIDENTS)
def test_an_exact_cause_fails_more_than_it_did(kind: str) -> None:
    rows = frame(kind)
    for incident in small(kind).truth:
        for named in seen(incident):
            if incident.failures >= MANY and "failure_reason" not in named:
                hit = matching(within(rows, incident), named)
                assert (hit["outcome"] == "failed").mean() > 1.5 * incident.usual or not hit.size


@pytest.mark.parametrize("kind", REPAIRED)
def test_it_ends_when_it_ends(kind: str) -> None:
    rows = frame(kind)
    (incident,) = small(kind).truth
    later = rows[(rows["timestamp"] >= incident.end) & rows["outcome"].notna()]
    hit = matching(within(rows, incident), incident.causes[0])
    rate = (matching(later, incident.causes[0])["outcome"] == "failed").mean()
    assert not rate > 0.5 * (hit["outcome"] == "failed").mean()


@pytest.mark.parametrize("kind", POLICIES)
@pytest.mark.parametrize("seed", range(2))
def test_old_clients_get_through_before_and_not_within(kind: str, seed: int) -> None:
    rows = frame(kind, seed)
    (incident,) = small(kind, seed).truth
    elb = incident.causes[0]["elb"]
    there = rows[rows["elb"].astype(str) == elb]
    old = there["tls_protocol"].isin(list(incident.spoken)) & (there["outcome"] == "success")
    assert (there[old]["timestamp"] < incident.start).sum() > 20
    assert not len(within(there[old], incident))
    had = set(there.loc[old & (there["timestamp"] < incident.start), "client_ip"])
    failed = within(there, incident).query("outcome == 'failed'")
    stopped = set(failed["client_ip"]) & had
    assert len(stopped) >= 0.6 * incident.clients
    if incident.end is not None:
        assert (there[old]["timestamp"] >= incident.end).any()


def test_slow_handshakes_are_slow_and_succeed() -> None:
    rows = frame("slow_handshakes")
    (incident,) = small("slow_handshakes").truth
    hit = matching(within(rows, incident), incident.causes[0])
    before = matching(rows[rows["timestamp"] < incident.start], incident.causes[0])
    medians = [some["tls_handshake_latency"].median() for some in (hit, before)]
    assert medians[0] > 3 * medians[1]
    assert incident.failures == 0


def test_a_job_fails_every_night() -> None:
    world = small("nightly_job")
    assert len(world.truth) >= 6
    assert all(incident.recurs for incident in world.truth)
    starts = {incident.start.time() for incident in world.truth}
    assert len(starts) == 1


@pytest.mark.parametrize("kind", ["two_apart", "two_at_once"])
def test_two_are_two(kind: str) -> None:
    first, second = small(kind).truth
    assert first.causes != second.causes
    assert (kind == "two_apart") is (first.end is not None and first.end < second.start)


def test_edges_of_the_data() -> None:
    world = small("on_at_the_start")
    assert world.truth[0].start == world.begin
    assert small("on_at_the_end").truth[0].end is None


def test_loud_scanners_are_no_incident_but_are_told() -> None:
    world, rows = small("loud_scanners"), frame("loud_scanners")
    loudest = max(world.nuisances, key=lambda nuisance: nuisance.failures)
    assert loudest.failures > 1000
    assert loudest.what == "scanner"
    if "client_network" in loudest.named:
        found = matching(rows, loudest.named)
        assert (found["outcome"] == "failed").sum() == loudest.failures
