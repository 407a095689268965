"""What failing clients last spoke: from their own histories, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from albconn.analysis.outages.manners import (
    histories,
    last_spoken,
    shared,
    silenced,
    stopped,
    told,
)
from tests.analysis.outages.prepared import minutes, prepared
from worlds.lines import API, SHOP, UNMAPPED
from worlds.rows import Row, connection

HOUR = 3600
WINDOW = minutes(0, 30)


def speak(protocol: str, cipher: str = "C", group: str = "G") -> dict[str, str]:
    return {"tls_protocol": protocol, "tls_cipher": cipher, "tls_keyexchange": group}


def client(n: int, **fields: str) -> dict[str, str]:
    return {"client_ip": f"10.2.{n}.1", **fields}


OLD, NEW = speak("TLSv1", "OLD"), speak("TLSv1.3", "NEW")
WORLD = [
    # 0 and 1 spoke an old version and fail with what is logged of no client; 2 goes on.
    *[connection(-HOUR, **client(n, **OLD)) for n in (0, 1)],
    *[connection(60 + n, UNMAPPED, **client(n, **NEW)) for n in (0, 1)],
    connection(-HOUR, **client(2, **NEW)),
    connection(61, **client(2, **NEW)),
    # 3 changed its mind before, 4 is first heard of after, 5 fails at another place.
    connection(-2 * HOUR, **client(3, **NEW)),
    connection(-HOUR, **client(3, **OLD)),
    connection(99, UNMAPPED, **client(3)),
    connection(100, UNMAPPED, **client(4)),
    connection(3 * HOUR, **client(4, **NEW)),
    connection(4 * HOUR, **client(4, **OLD)),
    connection(-HOUR, **client(5, **OLD)),
    connection(100, UNMAPPED, **client(5, elb=API)),
    # 6 fails, and not in the window.
    connection(-HOUR, **client(6, **OLD)),
    connection(1900, UNMAPPED, **client(6)),
]


def told_of(rows: list[Row], cause: dict[str, str], *missing: str) -> pd.DataFrame:
    with prepared(rows, *missing) as counting:
        return histories(counting, cause, WINDOW).set_index("client_ip").sort_index()


def test_each_client_with_what_it_last_spoke() -> None:
    found = told_of(WORLD, {"elb": SHOP})
    assert found["tls_protocol"].to_dict() == {
        "10.2.0.1": "TLSv1", "10.2.1.1": "TLSv1", "10.2.2.1": "TLSv1.3", "10.2.3.1": "TLSv1",
        "10.2.4.1": "TLSv1.3",
    }  # fmt: skip
    assert found.loc["10.2.0.1", "tls_cipher"] == "OLD"
    assert found["failed"].to_dict() == {
        "10.2.0.1": True, "10.2.1.1": True, "10.2.2.1": False, "10.2.3.1": True, "10.2.4.1": True,
    }  # fmt: skip
    everywhere = told_of(WORLD, {})
    assert set(everywhere.index) - set(found.index) == {"10.2.5.1"}


def test_a_source_without_key_exchange() -> None:
    found = told_of(WORLD, {}, "tls_keyexchange")
    assert "tls_keyexchange" not in found
    assert len(found) == 6
    bare = told_of(WORLD, {}, "tls_protocol", "tls_cipher", "tls_keyexchange")
    assert list(bare) == ["failures", "failed", "got_through"]
    assert shared(bare) == {}
    assert told("policy raised", bare, []) == {}
    assert stopped(bare, [("TLSv1", "OLD")]) == 0


COLUMNS = ["client_ip", "tls_protocol", "tls_cipher", "failures", "failed", "got_through"]


def clients(*counts: tuple[str, str, int, int]) -> pd.DataFrame:
    """Return clients: protocol, cipher, how many fail, and how many do not."""
    rows = [
        (f"10.3.{place}.{n}", protocol, cipher, int(n < failing), n < failing, n >= failing)
        for place, (protocol, cipher, failing, fine) in enumerate(counts)
        for n in range(failing + fine)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        ([("TLSv1", "A", 20, 0), ("TLSv1.3", "B", 1, 200)], {"tls_protocol": "TLSv1"}),
        ([("TLSv1.2", "A", 20, 2), ("TLSv1.2", "B", 0, 200)], {"tls_cipher": "A"}),
        ([("TLSv1", "A", 20, 0), ("TLSv1.3", "B", 3, 200)], {}),  # too many others
        ([("TLSv1", "A", 20, 0), ("TLSv1.3", "B", 2, 6)], {}),  # of few others too many
        ([("TLSv1", "A", 20, 200)], {}),  # all speak it
        ([("TLSv1", "A", 0, 20)], {}),  # nobody fails
    ],
)
def test_what_sets_failing_clients_apart(
    counts: list[tuple[str, str, int, int]], named: dict[str, str]
) -> None:
    assert shared(clients(*counts)) == named


MIXED = clients(("TLSv1", "A", 1200, 3), ("TLSv1.1", "A", 9, 0), ("TLSv1.3", "B", 2, 500))


def test_what_is_told_is_what_has_vanished() -> None:
    everything = "TLSv1 (1,200), TLSv1.1 (9), TLSv1.3 (2)"
    assert told("policy raised", MIXED, []) == {"spoken": everything}
    gone = [("TLSv1", "A"), ("TLSv1.1", "A")]
    assert told("policy raised", MIXED, gone) == {"spoken": "TLSv1 (1,200), TLSv1.1 (9)"}
    assert told("cipher removed", MIXED, [("TLSv1.2", "A")]) == {"spoken": "A (1,209)"}
    assert told("policy raised", MIXED, [("SSLv3", "A")]) == {"spoken": None}
    assert told("policy raised", MIXED[~MIXED["failed"]], []) == {}


def test_who_stopped_spoke_what_has_vanished() -> None:
    assert stopped(MIXED, [("TLSv1", "A")]) == 1200
    assert stopped(MIXED, [("TLSv1", "A"), ("TLSv1.3", "B")]) == 1202
    assert stopped(MIXED, [("TLSv1", "B")]) == 0
    # Of an address with many devices the last success is not that of those that fail.
    many = MIXED.assign(failures=MIXED["failures"].mask(MIXED["tls_protocol"] == "TLSv1.3", 4000))
    assert stopped(many, [("TLSv1", "A")]) == 0
    assert stopped(many, [("TLSv1", "A"), ("TLSv1.3", "B")]) == 1202


def test_they_are_counted_by_what_they_last_spoke() -> None:
    rows = last_spoken(MIXED, [("TLSv1", "A"), ("TLSv1.1", "A"), ("SSLv3", "A")])
    assert [tuple(row.values()) for row in rows] == [
        ("TLSv1", "A", 1200, 1200), ("TLSv1.1", "A", 9, 9),
    ]  # fmt: skip
    assert list(rows[0]) == ["last_tls_protocol", "last_tls_cipher", "clients", "failures"]
    assert last_spoken(MIXED, [("TLSv1", "B")]) == last_spoken(MIXED, []) == []


def test_who_is_silenced() -> None:
    assert silenced(MIXED) == {("TLSv1", "A"): 1200, ("TLSv1.1", "A"): 9, ("TLSv1.3", "B"): 2}
    through = MIXED.assign(got_through=MIXED["tls_protocol"] != "TLSv1.1")
    assert silenced(through) == {("TLSv1.1", "A"): 9}
    assert silenced(MIXED.drop(columns="tls_cipher")) == {}
    assert stopped(MIXED, []) == 0
