"""Is an answer right? What was said of a world is laid beside what truly happened in it.

A row and an incident belong together when they overlap by half of the shorter one; each row stands
for one incident at most, the one that it tells best. What a row says is its kind, the values that
it names, and its sentences. Of the rows that are left over, one at an incident's time may say again
what is true of it, and is wrong else; one at no incident's time is a false claim. (Single clients
and scanners are no rows of the answer.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from albconn.report.incidents import Row, told
from worlds.traffic.multi import MultiWorld
from worlds.traffic.truth import Incident, Named, World

SLOW = "slow handshakes"
ON_TIME = timedelta(minutes=10)
REASON = "failure_reason"


class Said(NamedTuple):
    """A row of incidents, as its reader has it.

    ``named`` is its cause; ``besides`` are other values that its sentences name.
    """

    start: datetime
    end: datetime
    kind: str
    named: Named
    besides: Named
    text: str


class Verdict(NamedTuple):
    """How an incident was answered."""

    detected: bool = False
    on_time: bool = False  # it begins within ten minutes of the truth
    first: bool = False  # the cause is exact
    right: bool = False  # the kind is right, and nothing false is named
    complete: bool = False  # right, and the sentences have all that they should


class Judged(NamedTuple):
    """The answer to a world: a verdict of each incident, and the rows that should not be there."""

    verdicts: tuple[Verdict, ...]
    wrong: tuple[Said, ...]  # at the time of an incident, but not so
    false: tuple[Said, ...]  # at the time of none


def said_of(row: Row) -> Said:
    """Return what a row says."""
    text = " ".join(told(row))
    parts = row.dimension.split(" × ") if row.dimension else []
    values = str(row.value).split(" × ")
    named: Named = dict(zip(parts, values, strict=True)) if parts else {}
    others = {"elb": row.elb, "client_network": row.network, REASON: row.reason}
    besides = {name: value for name, value in others.items() if value and value in text}
    return Said(row.start, row.end, row.kind, named, besides, text)


def judge(said: Sequence[Said], world: World) -> Judged:
    """Lay what was said, the strongest first, beside a world's truth."""
    own = _matched(said, world)
    verdicts = tuple(
        _verdict(said[own[n]], incident) if n in own else Verdict()
        for n, incident in enumerate(world.truth)
    )
    left = [each for place, each in enumerate(said) if place not in own.values()]
    at_its_time = [
        [incident for incident in world.truth if _is_at_its_time(each, incident, world)]
        for each in left
    ]
    both = list(zip(left, at_its_time, strict=True))
    return Judged(
        verdicts,
        wrong=tuple(each for each, of in both if of and not any(_is_right(each, i) for i in of)),
        false=tuple(each for each, of in both if not of),
    )


def _matched(said: Sequence[Said], world: World) -> dict[int, int]:
    """Return the row of each incident that has one, by their numbers; the best pairs first."""
    pairs = [
        (_quality(each, incident), _overlap(each, incident, world), -place, n)
        for n, incident in enumerate(world.truth)
        for place, each in enumerate(said)
        if _is_at_its_time(each, incident, world)
    ]
    own: dict[int, int] = {}
    for _, _, minus_place, n in sorted(pairs, reverse=True):
        if n not in own and -minus_place not in own.values():
            own[n] = -minus_place
    return own


def _is_at_its_time(said: Said, incident: Incident, world: World) -> bool:
    shorter = min((incident.end or world.end) - incident.start, said.end - said.start)
    overlap = _overlap(said, incident, world)
    return (
        (said.kind == SLOW) == (incident.finding == SLOW)
        and overlap > timedelta(0)
        and overlap >= shorter / 2
    )


def _overlap(said: Said, incident: Incident, world: World) -> timedelta:
    return min(incident.end or world.end, said.end) - max(incident.start, said.start)


def _quality(said: Said, incident: Incident) -> tuple[bool, bool, bool]:
    is_exact = incident.is_exact(said.named)
    return incident.holds(said.named), is_exact, said.kind in incident.findings


def _verdict(said: Said, incident: Incident) -> Verdict:
    is_right = _is_right(said, incident)
    return Verdict(
        detected=True,
        on_time=abs(said.start - incident.start) <= ON_TIME,
        first=incident.is_exact(said.named),
        right=is_right,
        complete=is_right and all(word in said.text for word in incident.words),
    )


def _is_right(said: Said, incident: Incident) -> bool:
    """Say whether a row has the right kind and names nothing that is not so."""
    true = {name for named in (*incident.causes, *incident.true_of_it) for name in named}
    besides = {
        name: value
        for name, value in said.besides.items()
        if name != REASON or name in true  # where reasons are mixed, each is one of them
    }
    return said.kind in incident.findings and incident.holds(said.named) and incident.holds(besides)


class Sorted(NamedTuple):
    """What ``compare_windows`` made of a world of several attributes.

    ``sizes`` and ``found`` are by cause: its number of attributes, and whether it is among the
    causes that are told; ``first`` says whether the first row is one of them, ``wrong`` how many
    causes are told that are none.
    """

    sizes: tuple[int, ...]
    found: tuple[bool, ...]
    first: bool
    wrong: int


def sort_causes(rows: Sequence[tuple[Named, bool]], world: MultiWorld) -> Sorted:
    """Lay rows, each what it names and whether as a cause, beside the causes that were planted."""
    planted = [(cause.named, *cause.alike) for cause in world.causes]
    told_causes = [named for named, is_cause in rows if is_cause]
    right = list(_among(told_causes, planted))
    return Sorted(
        sizes=tuple(len(cause.named) for cause in world.causes),
        found=tuple(any(named in sets for named in told_causes) for sets in planted),
        first=any(_among([named for named, _ in rows[:1]], planted)),
        wrong=right.count(False),
    )


def _among(named: Sequence[Named], planted: Sequence[tuple[Named, ...]]) -> Iterator[bool]:
    return (any(each in sets for sets in planted) for each in named)
