"""Dimensions: how they are named, what columns they need, and how their values are counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from albconn import TableError
from albconn.analysis.counting.counts import OUTCOME_COLUMNS, open_counting
from albconn.analysis.counting.dimensions import (
    COUNTS,
    DIMENSIONS,
    NETWORK,
    Values,
    count_values,
    is_nested,
    mark_windows,
    needed_columns,
    parse_dimensions,
)
from albconn.schema.connections import CONNECTIONS
from worlds.lines import UNMAPPED
from worlds.rows import BEGIN, Row, connection, frame_of

HOUR = timedelta(hours=1)
BASELINE, INCIDENT = (BEGIN, BEGIN + HOUR), (BEGIN + HOUR, BEGIN + 2 * HOUR)


def counted(rows: list[Row], *dimensions: tuple[str, ...], most: int = 100) -> list[Values]:
    names = ["timestamp", *OUTCOME_COLUMNS, *needed_columns(dimensions)]
    with open_counting(frame_of(rows), columns=names) as counting:
        mark_windows(counting, [BASELINE], INCIDENT, [n for columns in dimensions for n in columns])
        return count_values(counting, dimensions, most=most)


def shown(values: Values) -> dict[Any, list[int]]:
    rows = values.counts.set_index("value")[COUNTS]
    return {key: [int(n) for n in row] for key, row in zip(rows.index, rows.values, strict=True)}


WORLD = [
    connection(0, client_ip="203.0.113.7"),
    connection(1, "A", client_ip="203.0.113.9"),
    connection(3600, "A", client_ip="203.0.113.7"),
    connection(3601, UNMAPPED, client_ip="198.51.100.1"),
    connection(3602, client_ip=None),
    connection(7200, "A", client_ip="203.0.113.7"),  # in neither window
]


def test_a_network_is_made_of_addresses() -> None:
    assert set(DIMENSIONS) - set(CONNECTIONS.columns) == {NETWORK}
    assert needed_columns([(NETWORK,), ("client_ip", "elb"), ("elb",)]) == ["client_ip", "elb"]
    assert is_nested(NETWORK, "client_ip")
    assert not is_nested("elb", "client_ip")


def test_one_name_names_or_pairs() -> None:
    assert parse_dimensions("elb") == [("elb",)]
    assert parse_dimensions(["elb", ("elb", NETWORK)]) == [("elb",), ("elb", NETWORK)]
    with pytest.raises(TableError) as caught:
        parse_dimensions(["nope", ("elb", "elb"), ()])
    assert [problem.partition(";")[0] for problem in caught.value.problems] == [
        "by: 'nope' is not a dimension",
        "by: ('elb', 'elb') is empty or named twice",
        "by: () is empty or named twice",
    ]


def test_the_dimension_that_was_meant_is_named() -> None:
    with pytest.raises(TableError, match=r"'client_netwrok' .*; did you mean client_network\?$"):
        parse_dimensions([("elb", "client_netwrok")])


def test_values_are_counted_in_two_windows_and_a_missing_one_is_none() -> None:
    (networks,) = counted(WORLD, (NETWORK,))
    assert networks.name == NETWORK
    assert shown(networks) == {"203.0.113.0/24": [2, 1, 1, 1], "198.51.100.0/24": [0, 0, 1, 1]}
    assert networks.total.tolist() == [2, 1, 3, 2]
    assert networks.found == 2


def test_unmapped_failures_are_no_protocols() -> None:
    (protocols,) = counted(WORLD, ("tls_protocol",))
    assert shown(protocols) == {"TLSv1.3": [2, 1, 2, 1]}
    assert protocols.total.tolist() == [2, 1, 2, 1]


def test_a_reasons_failures_are_a_share_of_all_connections() -> None:
    (reasons,) = counted(WORLD, ("failure_reason",))
    assert shown(reasons) == {"A": [2, 1, 3, 1], UNMAPPED: [2, 0, 3, 1]}


def test_only_the_largest_values_are_kept_and_all_are_counted() -> None:
    rows = [connection(n, "A" if n < 5 else None, client_ip=f"10.0.0.{n}") for n in range(60)]
    rows += [connection(3600 + n, "A", client_ip="10.0.0.1") for n in range(3)]
    (clients,) = counted(rows, ("client_ip",), most=2)
    assert clients.found == 60
    assert len(clients.counts) <= 4
    assert shown(clients)["10.0.0.1"] == [1, 1, 3, 3]
    assert counted(rows) == []
