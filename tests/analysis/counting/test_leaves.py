"""Leaves: counted by plain Python, and their sums are the counts of the values."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import numpy as np
from hypothesis import given, settings

from albconn.analysis.counting.counts import OUTCOME_COLUMNS, open_counting
from albconn.analysis.counting.dimensions import COUNTED, COUNTS, EVENTS, count_values, mark_windows
from albconn.analysis.counting.leaves import LeafCounts, count_leaves
from albconn.times import Window
from worlds.lines import API, SHOP, UNMAPPED
from worlds.rows import BEGIN, Row, connection, frame_of
from worlds.strategies import many_rows

BEFORE: Window = (BEGIN - timedelta(seconds=1000), BEGIN)
DURING: Window = (BEGIN, BEGIN + timedelta(seconds=500))
KEPT = {"elb": [API, SHOP], "listener_port": ["8443", "443"]}


def leaves(rows: list[Row], values: dict[str, list[str]]) -> LeafCounts:
    columns = ["timestamp", "client_ip", *OUTCOME_COLUMNS, *values]
    with open_counting(frame_of(rows), columns=columns) as counting:
        mark_windows(counting, [BEFORE], DURING, values)
        return count_leaves(counting, values)


def plain_leaves(rows: list[Row], values: dict[str, list[str]]) -> dict[tuple[int, ...], list[int]]:
    """Count the four counts of each leaf, one row after the other."""
    counts: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        for first, (start, end) in ((0, BEFORE), (2, DURING)):
            if row["outcome"] and start <= row["timestamp"] < end:
                named = {name: str(row.get(name)) for name in values}
                key = tuple(
                    kept.index(named[name]) if named[name] in kept else -1
                    for name, kept in values.items()
                )
                counts[key][first] += 1
                counts[key][first + 1] += row["outcome"] == "failed"
    return dict(counts)


@settings(max_examples=40, deadline=None)
@given(many_rows)
def test_counts_are_those_of_plain_python(rows: list[Row]) -> None:
    found = leaves(rows, KEPT)
    counted = found.counts[COUNTS].to_numpy().tolist()
    assert dict(zip(map(tuple, found.codes.tolist()), counted, strict=True)) == plain_leaves(
        rows, KEPT
    )
    assert len(np.unique(found.codes, axis=0)) == len(found.codes)


@settings(max_examples=25, deadline=None)
@given(many_rows)
def test_sums_are_the_counts_of_values(rows: list[Row]) -> None:
    columns = ["timestamp", "client_ip", *OUTCOME_COLUMNS, "elb", "tls_protocol"]
    with open_counting(frame_of(rows), columns=columns) as counting:
        mark_windows(counting, [BEFORE], DURING, ["elb", "tls_protocol"])
        (pairs,) = count_values(counting, [("elb", "tls_protocol")], most=100)
        kept = {"elb": [SHOP, API], "tls_protocol": ["TLSv1.2", "TLSv1.3"]}
        found = count_leaves(counting, kept)
    for row in pairs.counts.to_dict("records"):
        elb, protocol = row["value"].split(" × ")
        codes = (0, kept["elb"].index(elb)), (1, kept["tls_protocol"].index(protocol))
        sums = found.counts[found.inside(codes)].sum()
        assert sums[COUNTED].tolist() == [row[name] for name in COUNTED]
        assert found.named(codes) == (("elb", "tls_protocol"), (elb, protocol))


def test_unmapped_failures_are_no_leaves_of_protocols() -> None:
    rows = [connection(0), connection(1, UNMAPPED), connection(2, "A")]
    assert leaves(rows, {"listener_port": ["443"]}).counts[COUNTS].to_numpy().tolist() == [
        [0, 0, 3, 2]
    ]
    protocols = leaves(rows, {"tls_protocol": ["TLSv1.3"]})
    assert protocols.counts[COUNTS].to_numpy().tolist() == [[0, 0, 2, 1]]


def test_events_of_a_leaf() -> None:
    # One client fails four times in a row at two ports: half an event at each.
    rows = [connection(n, "A", listener_port=port) for n, port in enumerate((443, 443, 8443, 8443))]
    found = leaves(rows, {"listener_port": ["443", "8443"]})
    assert found.codes.tolist() == [[0], [1]]
    assert found.counts[EVENTS].tolist() == [0.5, 0.5]


def test_a_value_with_a_quote_and_one_that_is_not_kept() -> None:
    rows = [connection(0, elb="it's"), connection(1, elb="other"), connection(2, elb=None)]
    found = leaves(rows, {"elb": ["it's"]})
    assert found.codes.tolist() == [[-1], [0]]
    assert found.counts["incident_connections"].tolist() == [2, 1]


def test_nothing_is_no_leaf() -> None:
    found = leaves([], KEPT)
    assert found.codes.shape == (0, 2)
    assert list(found.counts) == COUNTED
