"""What counts as found, as right and as false: rows by hand, beside a truth by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from albconn.analysis.outages.incidents import incidents
from albconn.report.incidents import rows_of
from benchmarks.judging import Said, Sorted, Verdict, judge, said_of, sort_causes
from worlds.traffic.making import make
from worlds.traffic.multi import MultiWorld, RaisedCause
from worlds.traffic.truth import Incident, Named, World

BEGIN = datetime(2026, 9, 23, tzinfo=UTC)
NODE, OTHER, ELB = "10.0.1.1", "10.0.1.2", "app/shop/1"


def at(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


BROKEN = Incident(
    start=at(10),
    end=at(12),
    finding="one node",
    causes=({"ip_address": NODE}, {"elb": ELB, "listener_port": "444"}),
    true_of_it=({"elb": ELB}, {"failure_reason": "A"}),
    clients=40,
    failures=300,
    exposed=900,
    usual=0.01,
    words=(NODE, "shop"),
    also=("failures",),
)
SLOW = replace(BROKEN, finding="slow handshakes", also=(), failures=0, words=())


def world(*truth: Incident) -> World:
    none = make("tiny_traffic", 0, size=0.1).connections.slice(0, 0)
    return World("made", 0, none, truth, (), BEGIN, at(24), "none", {})


def said(
    start: float = 10.05,
    end: float = 12.0,
    kind: str = "one node",
    *,
    named: Named | None = None,
    besides: Named | None = None,
    text: str = f"Node {NODE} of app/shop/1 failed.",
) -> Said:
    named = {"ip_address": NODE} if named is None else named
    return Said(at(start), at(end), kind, named, besides or {}, text)


def test_what_is_found_and_told_in_full() -> None:
    assert judge([said()], world(BROKEN)) == ((Verdict(True, True, True, True, True),), (), ())


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        pytest.param(said(10.3), Verdict(True, False, True, True, True), id="late"),
        pytest.param(said(9.7), Verdict(True, False, True, True, True), id="early"),
        pytest.param(said(text=NODE), Verdict(True, True, True, True, False), id="without a word"),
        pytest.param(
            said(kind="one network"), Verdict(True, True, True, False, False), id="another kind"
        ),
        pytest.param(
            said(kind="failures"), Verdict(True, True, True, True, True), id="a kind as right"
        ),
        pytest.param(
            said(named={"elb": ELB}), Verdict(True, True, False, True, True), id="coarser"
        ),
        pytest.param(
            said(named={"ip_address": NODE, "elb": ELB}),
            Verdict(True, True, True, True, True),
            id="with what else is true",
        ),
        pytest.param(
            said(named={"ip_address": NODE, "listener_port": "443"}),
            Verdict(True, True, False, False, False),
            id="finer than is true",
        ),
        pytest.param(
            said(named={"ip_address": OTHER}),
            Verdict(True, True, False, False, False),
            id="another cause",
        ),
        pytest.param(
            said(besides={"elb": "app/other/2"}),
            Verdict(True, True, True, False, False),
            id="a false load balancer besides",
        ),
        pytest.param(
            said(besides={"failure_reason": "B"}),
            Verdict(True, True, True, False, False),
            id="a false reason besides",
        ),
    ],
)
def test_what_is_found_but_not_all_right(row: Said, verdict: Verdict) -> None:
    assert judge([row], world(BROKEN)) == ((verdict,), (), ())


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(said(13, 14), id="at another time"),
        pytest.param(said(8, 10.5), id="with a quarter of the shorter one in common"),
        pytest.param(said(kind="slow handshakes"), id="slow instead of failing"),
    ],
)
def test_what_is_missed_is_a_false_claim_too(row: Said) -> None:
    assert judge([row], world(BROKEN)) == ((Verdict(),), (), (row,))


def test_failures_are_no_slow_handshakes() -> None:
    slow = said(kind="slow handshakes")
    assert judge([slow, said()], world(SLOW)) == (
        (Verdict(True, True, True, True, True),),
        (),
        (said(),),
    )


def test_nothing_is_said() -> None:
    assert judge([], world(BROKEN)) == ((Verdict(),), (), ())
    assert judge([], world()) == ((), (), ())


def test_what_goes_on_ends_with_the_world() -> None:
    going_on = replace(BROKEN, start=at(20), end=None)
    assert judge([said(20, 24)], world(going_on)).verdicts[0].detected
    assert not judge([said(10, 21)], world(going_on)).verdicts[0].detected


def test_a_second_row_may_say_what_is_true_but_nothing_else() -> None:
    again, vague = said(11, 12), said(kind="server-side everywhere", named={})
    first = judge([said(), again, vague], world(BROKEN))
    assert first == ((Verdict(True, True, True, True, True),), (vague,), ())


def test_the_best_row_is_the_incidents_own() -> None:
    vague = said(kind="server-side everywhere", named={})
    assert judge([vague, said()], world(BROKEN)).verdicts[0].first


def test_a_row_stands_for_one_incident() -> None:
    other = replace(BROKEN, causes=({"ip_address": OTHER},), words=())
    both = world(BROKEN, other)
    alone = judge([said(named={"ip_address": OTHER})], both)
    assert [verdict.detected for verdict in alone.verdicts] == [False, True]
    rows = [said(named={"ip_address": OTHER}), said()]
    assert [verdict.first for verdict in judge(rows, both).verdicts] == [True, True]


def test_a_claim_where_nothing_happened_is_false() -> None:
    assert judge([said(), said(3, 4)], world()) == ((), (), (said(), said(3, 4)))


def test_a_row_of_the_table_is_read_as_its_reader_does() -> None:
    found = incidents(make("node_broken", 3).connections).head(1)
    row = rows_of(found)[0]
    read = said_of(row)
    assert read.kind == "one node"
    assert read.named == {"ip_address": row.value}
    assert read.besides == {"elb": row.elb, "failure_reason": row.reason}
    assert row.value in read.text
    assert read.start == row.start
    nothing = rows_of(found.assign(dimension="", value="", elb=None, kind="failures"))[0]
    assert said_of(nothing).named == {}
    assert "elb" not in said_of(nothing).besides
    two = rows_of(found.assign(dimension="ip_address × listener_port", value="a × 443"))[0]
    assert said_of(two).named == {"ip_address": "a", "listener_port": "443"}


def raised(named: Named, *alike: Named) -> RaisedCause:
    return RaisedCause(named, alike, 0.5, 100, 50)


A, B, AC = {"a": "1"}, {"b": "2"}, {"a": "1", "c": "3"}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(AC, True), (B, True)], Sorted((2, 1), (True, True), True, 0)),
        ([({"d": "4"}, True), (B, False)], Sorted((2, 1), (True, False), True, 0)),
        ([(A, True), (B, True)], Sorted((2, 1), (False, True), False, 1)),
        ([(AC, False), (B, False)], Sorted((2, 1), (False, False), True, 0)),
        ([], Sorted((2, 1), (False, False), False, 0)),
    ],
)
def test_causes_are_told_exactly_or_not(rows: list[tuple[Named, bool]], expected: Sorted) -> None:
    none, window = world().connections, (at(0), at(1))
    causes = raised(AC, {"d": "4"}), raised(B)
    planted = MultiWorld(0, none, ("a", "b", "c", "d"), window, window, causes)
    assert sort_causes(rows, planted) == expected
