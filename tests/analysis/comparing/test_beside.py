"""An incident beside what is usual, against counts by hand; and which values hold the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd

from albconn.analysis.comparing.beside import Beside, Place, as_compared, compare_beside
from albconn.opened import open_connections
from worlds.rows import BEGIN, connection, frame_of

HOUR = timedelta(hours=1)
INCIDENT = (BEGIN + 2 * HOUR, BEGIN + 3 * HOUR)
USUAL = [(BEGIN, BEGIN + HOUR), (BEGIN + 3 * HOUR, BEGIN + 4 * HOUR)]  # not the second hour
FRAME = frame_of(
    connection(
        10 * n,
        "ClientCertExpired" if 720 <= n < 1080 and n % 2 else "Odd" if n % 40 == 0 else None,
        client_ip=f"203.0.113.{n % 50}" if n % 2 else f"198.51.100.{n % 50}",
        ip_address=("10.0.1.11", "10.0.2.12")[n // 2 % 2],
        elb=f"app/{'shop' if n % 3 else 'api'}/0123456789abcdef",
    )
    for n in range(1440)
)


def beside(place: Place) -> Beside:
    with open_connections(FRAME) as opened:
        return compare_beside(
            opened, incident=INCIDENT, usual=USUAL, place_of=lambda changed: place
        )


def by_hand(rows: pd.DataFrame) -> list[int]:
    """Return the four counts: usual connections and failures, and those of the incident."""
    counts = []
    for windows in (USUAL, [INCIDENT]):
        inside = pd.concat(
            rows[(rows["timestamp"] >= start) & (rows["timestamp"] < end)] for start, end in windows
        )
        counts += [len(inside), int((inside["outcome"] == "failed").sum())]
    return counts


def test_counts_are_of_the_place_and_of_several_usual_windows() -> None:
    shop = FRAME[FRAME["elb"] == "app/shop/0123456789abcdef"]
    node = shop[shop["ip_address"] == "10.0.1.11"]
    found = beside({"elb": "app/shop/0123456789abcdef", "ip_address": "10.0.1.11"})
    assert list(found.total) == by_hand(node)
    # Nodes are all of the load balancer: the others stand beside.
    nodes = found.values["nodes"].set_index("ip_address")
    counts = ["baseline_connections", "baseline_failures"]
    counts += ["incident_connections", "incident_failures"]
    for name in ("10.0.1.11", "10.0.2.12"):
        assert list(nodes.loc[name, counts]) == by_hand(shop[shop["ip_address"] == name])
    clients = found.values["clients"]
    assert [int(clients[name].sum()) for name in counts] == by_hand(node)


def test_a_reasons_failures_are_a_share_of_all_connections() -> None:
    reasons = beside({}).values["reasons"].set_index("failure_reason")
    expired = reasons.loc["ClientCertExpired"].to_dict()
    connections, _, busy, _ = by_hand(FRAME)
    assert expired["incident_connections"] == busy
    assert expired["baseline_connections"] == connections
    assert (expired["incident_failures"], expired["baseline_failures"]) == (180, 0)
    assert expired["incident_rate"] == 180 / busy


def test_what_holds_the_same_failures_or_a_part_of_them_points_to_the_first() -> None:
    changed = beside({}).changed
    sure = changed[changed["significant"]]
    network = sure[sure["value"] == "203.0.113.0/24"].index[0]
    reason = sure[sure["value"] == "ClientCertExpired"].index[0]
    heads = sure["same_as"].fillna(pd.Series(sure.index, sure.index))
    assert heads[network] == heads[reason]
    assert set(heads) < set(sure.index)
    assert {network, reason} <= set(sure.index)
    assert changed.loc[~changed["significant"], "same_as"].isna().all()


def test_values_with_failures_of_their_own_stand_alone() -> None:
    """Two networks that fail for reasons of their own: no failure is in both."""
    rows = [
        connection(
            10 * n,
            {1: "A", 2: "B"}.get(n % 4) if 720 <= n < 1080 else None,
            client_ip=f"{('198.51.100', '203.0.113', '192.0.2', '233.252.0')[n % 4]}.{n % 50}",
        )
        for n in range(1440)
    ]
    with open_connections(frame_of(rows)) as opened:
        changed = compare_beside(
            opened, incident=INCIDENT, usual=USUAL, place_of=lambda changed: {}
        ).changed
    heads = changed[changed["significant"] & changed["same_as"].isna()]
    told = set(" ".join(heads["value"]).split())
    assert len(heads) >= 2
    assert told & {"203.0.113.0/24", "A"}
    assert told & {"192.0.2.0/24", "B"}


def test_listed_values_are_told_as_a_comparison_of_their_place() -> None:
    place = {"elb": "app/shop/0123456789abcdef"}
    shop = FRAME[FRAME["elb"] == place["elb"]]
    rows: Any = as_compared(beside(place), "reasons", "clients").set_index(["dimension", "value"])
    usual_of, usual, of, failed = by_hand(shop)
    excess = failed - usual / usual_of * of
    expired = rows.loc[("failure_reason", "ClientCertExpired")]
    count = int((shop["failure_reason"] == "ClientCertExpired").sum())
    assert (expired["incident_failures"], expired["incident_connections"]) == (count, of)
    assert expired["share_of_excess"] == count / excess
    client = rows.loc[("client_ip", "203.0.113.7")]
    counts = by_hand(shop[shop["client_ip"] == "203.0.113.7"])
    assert [client["incident_connections"], client["incident_failures"]] == counts[2:]


def test_of_a_column_that_is_not_there_nothing_is_told() -> None:
    lacking = beside({})
    lacking.values.pop("networks")
    assert as_compared(lacking, "networks").empty
