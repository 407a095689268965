"""Who counts and what an event is: by hand, and told slowly in plain Python."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from albconn.analysis.counting.counts import Counting, open_counting
from albconn.analysis.outages.events import (
    NEEDED,
    OPTIONAL,
    background,
    count_networks,
    hide,
    make_sources,
    span_of,
    take_out,
)
from tests.analysis.outages.prepared import WIDTH, prepared
from worlds.lines import API, SHOP
from worlds.rows import BEGIN, Row, bare, connection, frame_of

HOUR = 3600
ME = "203.0.113.7"


def fetched(counting: Counting, query: str) -> list[tuple[Any, ...]]:
    return counting.database.sql(query).fetchall()


def who_counts(rows: list[Row]) -> set[str | None]:
    with prepared(rows) as counting:
        return {
            client for (client,) in fetched(counting, "SELECT client_ip FROM sources WHERE counts")
        }


def bin_of(row: Row) -> int:
    return int((row["timestamp"].timestamp() * 1e6) // WIDTH)


# --- the same in plain Python ---


def network_of(client: str) -> str:
    length = 24 if ip_address(client).version == 4 else 48
    return str(ip_network(f"{client}/{length}", strict=False))


def plain_counting(rows: list[Row]) -> set[str | None]:
    """Return who counts, hour by hour."""
    rows = [row for row in rows if row["outcome"]]
    proven = {row["leaf_client_cert_subject"] for row in rows if row["outcome"] == "success"}
    proven -= {None}

    def works(mine: list[Row]) -> bool:
        hours: dict[tuple[Any, Any], list[bool]] = {}
        for row in mine:
            hour = row["timestamp"].replace(minute=0, second=0, microsecond=0)
            hours.setdefault((row["client_ip"], hour), []).append(row["outcome"] == "failed")
        clean = sum(not any(failed) for failed in hours.values())
        failed = [row["outcome"] == "failed" for row in mine]
        few = clean > 0 and clean / len(hours) >= 0.2
        return clean >= 2 or few or failed.count(False) > failed.count(True)

    counting: set[str | None] = set()
    for client in {row["client_ip"] for row in rows}:
        mine = [row for row in rows if row["client_ip"] == client]
        if client is None or any(row["leaf_client_cert_subject"] in proven for row in mine):
            counting.add(client)
            continue
        near = [
            r for r in rows if r["client_ip"] and network_of(r["client_ip"]) == network_of(client)
        ]
        if works(mine) and works(near):
            counting.add(client)
    return counting


def plain_events(rows: list[Row]) -> Counter[tuple[Any, ...]]:
    """Count the events of each bin, client and listener, one connection after the other."""
    counting = plain_counting(rows)
    places: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for row in rows:
        if row["outcome"] and row["client_ip"] in counting:
            key = (row["client_ip"], row["elb"], row["listener_port"])
            places.setdefault(key, []).append(
                (row["timestamp"], row["outcome"] == "failed", bin_of(row))
            )
    events: Counter[tuple[Any, ...]] = Counter()
    for (client, elb, port), lines in places.items():
        last: tuple[bool, int] | None = None
        for _, failed, place in sorted(lines):
            if failed and (client is None or last != (True, place)):
                events[place, client, elb, port] += 1
            last = (failed, place)
    return events


CLIENTS = [
    ME,
    "203.0.113.9",
    "198.51.100.1",
    "2001:db8::1",
    "2001:db8:0:1::2",
    "2001:db8:1::3",
    None,
]
some_rows = st.lists(
    st.builds(
        lambda second, reason, client, port, elb, subject: connection(
            second, reason, client_ip=client, listener_port=port, elb=elb,
            leaf_client_cert_subject=subject,
        ),
        st.sampled_from([0, 1, 1, 2, 100, 299, 300, 301, 900, 3599, 3600, 7300, 11000, 20000]),
        st.sampled_from([None, "A", "A", "B"]),
        st.sampled_from(CLIENTS),
        st.sampled_from([443, 443, 8443]),
        st.sampled_from([SHOP, SHOP, API, None]),
        st.sampled_from([None, None, None, "CN=a", "CN=b"]),
    ),
    max_size=50,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(some_rows)
def test_sources_and_events_are_those_of_plain_python(rows: list[Row]) -> None:
    with prepared(rows) as counting:
        sources = fetched(
            counting, "SELECT client_ip, network, successes, failures, counts FROM sources"
        )
        events = fetched(
            counting, "SELECT bin, client_ip, elb, listener_port, count(*) FROM events GROUP BY ALL"
        )
        succeeded = fetched(
            counting, "SELECT bin, elb, listener_port, sum(successes) FROM successes GROUP BY ALL"
        )
        left = fetched(counting, "SELECT count(*) FROM connections")[0][0]
    outcomes = Counter((row["client_ip"], row["outcome"]) for row in rows)
    assert len(sources) == len({row["client_ip"] for row in rows})
    counted = plain_counting(rows)
    for client, network, successes, failures, counts in sources:
        assert (successes, failures) == (outcomes[client, "success"], outcomes[client, "failed"])
        assert network == (client and network_of(client))
        assert counts is (client in counted)
    assert {tuple(key): n for *key, n in events} == plain_events(rows)
    kept = [row for row in rows if row["client_ip"] in counted]
    assert left == len(kept)
    assert {tuple(key): n for *key, n in succeeded} == Counter(
        (bin_of(row), row["elb"], row["listener_port"])
        for row in kept
        if row["outcome"] == "success"
    )


# --- by hand ---


@pytest.mark.parametrize(
    ("outcomes", "counts"),
    [
        ("A", False),  # never got through
        ("AAAA", False),
        ("s", True),
        ("sA", True),  # hour by hour: one is clean, and it is half of them
        ("AAAAs", True),  # a fifth of its hours
        ("AAAAAs", False),  # a scanner that once gets through
        ("AAAAAAAAAAAss", True),  # two clean hours
    ],
)
def test_who_got_through_counts(outcomes: str, counts: bool) -> None:
    rows = [connection(n * HOUR, None if o == "s" else o) for n, o in enumerate(outcomes)]
    assert who_counts(rows) == ({ME} if counts else set())


def test_who_succeeds_more_often_than_not_counts_without_a_clean_hour() -> None:
    mixed = [connection(n, "A" if n % 3 == 0 else None) for n in range(30)]
    assert who_counts(mixed) == {ME}
    assert who_counts([row for row in mixed if row["outcome"] == "failed"] + mixed[1:3]) == set()


def test_a_network_of_scanners_does_not_count_for_one_that_got_through() -> None:
    through = [connection(0)]
    scanners = [connection(60 + n, "A", client_ip=f"203.0.113.{20 + n % 9}") for n in range(40)]
    assert who_counts(through) == {ME}
    assert who_counts([*through, *scanners]) == set()


def test_who_presents_a_certificate_is_no_scanner() -> None:
    fleet = {"leaf_client_cert_subject": "CN=device,O=Fleet"}
    failing = [connection(n, "ClientCertExpired", **fleet) for n in range(9)]
    other = {"leaf_client_cert_subject": "CN=self-made"}
    made_up = [
        connection(n, "ClientCertUntrusted", client_ip="198.51.100.1", **other) for n in range(9)
    ]
    assert who_counts([*failing, *made_up]) == set()
    proof = connection(-9, client_ip="192.0.2.5", **fleet)
    assert who_counts([*failing, *made_up, proof]) == {ME, "192.0.2.5"}


def test_an_event_is_a_client_in_its_bin() -> None:
    first, later = [0, 1, 2, 250], [300, 301]
    rows = [connection(-HOUR), *[connection(s, "A") for s in (*first, *later)]]
    with prepared(rows) as counting:
        assert fetched(counting, "SELECT count(*) FROM events")[0][0] == 2
    again = [*rows, connection(1.5)]  # a success between: another device, or another try
    with prepared(again) as counting:
        assert fetched(counting, "SELECT count(*) FROM events")[0][0] == 3
    elsewhere = [*rows, connection(3, "A", listener_port=8443)]
    with prepared(elsewhere) as counting:
        assert fetched(counting, "SELECT count(*) FROM events")[0][0] == 3


def test_without_addresses_every_failure_is_an_event() -> None:
    rows = [connection(n, "A") for n in range(5)] + [connection(9)]
    with prepared(rows, "client_ip") as counting:
        assert fetched(counting, "SELECT count(*) FROM events")[0][0] == 5
        assert fetched(counting, "SELECT count(*) FROM connections")[0][0] == 6
        assert background(counting)["clients"] == 0


@pytest.mark.parametrize(
    "missing", ["elb", "listener_port", "ip_address", "leaf_client_cert_subject"]
)
def test_a_source_may_lack_places(missing: str) -> None:
    rows = [connection(-HOUR), connection(0, "A", leaf_client_cert_subject="CN=a")]
    with prepared(rows, missing) as counting:
        assert fetched(counting, f"SELECT {missing}, bin FROM events") == [(None, bin_of(rows[1]))]


def test_what_is_left_out_is_in_no_count() -> None:
    rows = [connection(s) for s in (-HOUR, 0, 10)]
    rows += [connection(20, "A"), connection(400, "B"), connection(20, "A", client_ip="192.0.2.1")]
    with prepared(rows) as counting:
        counts = [
            "SELECT count(*) FROM connections", "SELECT count(*) FROM events",
            "SELECT sum(successes) FROM successes", "SELECT count(*) FROM all_connections",
        ]  # fmt: skip
        assert [fetched(counting, query)[0][0] for query in counts] == [5, 2, 3, 6]
        reason, early = "failure_reason = 'A'", "timestamp < TIMESTAMPTZ '2026-09-23 09:30Z'"
        count_networks(counting)
        take_out(counting, before=[], now=[reason])
        assert [fetched(counting, query)[0][0] for query in counts] == [4, 1, 3, 6]
        take_out(counting, before=[reason], now=[early, reason])
        assert [fetched(counting, query)[0][0] for query in counts] == [3, 1, 2, 6]
        # What is only hidden is still counted; what has no reason is not taken for it.
        hide(counting, ["failure_reason = 'B'"])
        assert [fetched(counting, query)[0][0] for query in counts] == [4, 1, 2, 6]


def test_the_span_is_from_the_first_to_the_last_bin() -> None:
    rows = [connection(0), connection(2 * HOUR, "A"), bare(9 * HOUR)]
    with prepared(rows) as counting:
        assert span_of(counting) == (bin_of(rows[0]), bin_of(rows[0]) + 24)
    with prepared([]) as counting:
        assert span_of(counting) is None
    late = BEGIN + timedelta(seconds=299.999999)
    with prepared([connection(0) | {"timestamp": late}]) as counting:
        assert span_of(counting) == (bin_of(rows[0]), bin_of(rows[0]))


def test_the_background_is_what_never_gets_through() -> None:
    rows = [connection(-HOUR), connection(5, "A")]
    rows += [connection(n, "A", client_ip="192.0.2.1") for n in range(7)]
    with prepared(rows) as counting:
        assert background(counting) == {
            "clients": 1, "failures": 7, "source": "192.0.2.1", "source_failures": 7,
        }  # fmt: skip
    rows += [connection(n, "A", client_ip=f"198.51.100.{n % 2}") for n in range(9)]
    with prepared(rows) as counting:
        assert background(counting) == {
            "clients": 3, "failures": 16, "source": "198.51.100.0/24", "source_failures": 9,
        }  # fmt: skip
    with prepared([connection(0)]) as counting:
        assert background(counting) == {
            "clients": 0, "failures": 0, "source": None, "source_failures": 0,
        }  # fmt: skip


def test_the_width_is_of_a_bin() -> None:
    rows = [connection(-HOUR), connection(30, "A"), connection(90, "A")]
    with open_counting(frame_of(rows), columns=NEEDED, optional=OPTIONAL) as counting:
        make_sources(counting, 60_000_000)
        assert fetched(counting, "SELECT max(bin) - min(bin), count(*) FROM events") == [(1, 2)]
