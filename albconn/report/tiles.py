"""The tiles at the head of the page: the incident in six numbers, or that it is quiet.

They are of the same scope and rate as the first sentence: those of the incident, not of the log.
"""

from __future__ import annotations

from typing import Any

from albconn.analysis.outages.kinds import POLICY, SLOW
from albconn.report.findings import balancer_name
from albconn.report.incidents import Row
from albconn.report.page import Fact
from albconn.report.question import Question, usual_rate
from albconn.words import counted, instant, number, one_line, percent, zone_name


def tiles_of(question: Question) -> list[Fact]:
    """Return the tiles of the page."""
    if question.incident is None:
        return _quiet(question)
    if question.chosen:
        return _found(question, question.failing[0])
    return _given(question)


def _found(question: Question, row: Row) -> list[Fact]:
    rate = row.place_failures / max(row.place_connections, 1)
    stopped = "clients that stopped working" if row.kind in POLICY else "clients that fail"
    besides = len(question.failing) - 1
    return [
        Fact("failure rate in it", percent(rate), _usually(row.place_usual), "loud"),
        Fact("failures", number(row.place_failures), _of(row.place_connections)),
        Fact(stopped, number(row.clients), row.network or ""),
        Fact("what", row.kind, row.reason or "", "text"),
        Fact("where", balancer_name(row.elb) if row.elb else "everywhere", _inside(row), "text"),
        _since(row.start, row.end, going_on=row.going_on),
        *([Fact("besides", counted(besides, "other incident"), "", "text")] if besides else []),
    ]  # fmt: skip


def _given(question: Question) -> list[Fact]:
    assert question.incident is not None
    start, end = (question.local(moment) for moment in question.incident)
    if question.beside is None:
        return [_since(start, end, going_on=False), *_overall(question)]
    total, elb = question.beside.total, question.beside.place.get("elb")
    failed, of = total["incident_failures"], total["incident_connections"]
    reasons = question.beside.values.get("reasons")
    what = "none" if reasons is None or not failed else one_line(reasons["failure_reason"].iloc[0])
    clients = question.beside.values.get("clients")
    hit = None if clients is None else int((clients["incident_failures"] > 0).sum())
    return [
        Fact("failure rate in it", percent(failed / of) if of else "–",
             _usually(usual_rate(question.beside)), "loud"),
        Fact("failures", number(failed), _of(of)),
        *([] if hit is None else [Fact("clients that fail", number(hit))]),
        Fact("most frequent reason", what, "", "text"),
        Fact("where", balancer_name(elb) if elb else "everywhere", "", "text"),
        _since(start, end, going_on=False),
    ]  # fmt: skip


def _quiet(question: Question) -> list[Fact]:
    slow = [row for row in question.found if row.kind == SLOW]
    what = "slow handshakes" if slow else "nothing stands out"
    return [Fact("what", what, "no incident of failures", "text"), *_overall(question)]


def _overall(question: Question) -> list[Fact]:
    totals = question.totals
    if totals["connections"] == 0:
        return [Fact("TLS connections", "0")]
    reason = totals["top_reason"]
    return [
        Fact("failure rate of all", percent(totals["failure_rate"])),
        Fact("failures", number(totals["failures"]), _of(totals["connections"])),
        *([Fact("most frequent reason", reason, "", "text")] if isinstance(reason, str) else []),
    ]  # fmt: skip


def _of(connections: float) -> str:
    return f"of {counted(connections, 'connection')}"


def _usually(rate: float | None) -> str:
    return "none did before" if not rate else f"usually {percent(rate)}"


def _inside(row: Row) -> str:
    parts = dict(
        zip((row.dimension or "").split(" × "), (row.value or "").split(" × "), strict=False)
    )
    named = [("port", parts.get("listener_port")), ("node", parts.get("ip_address"))]
    return ", ".join(f"{noun} {value}" for noun, value in named if value)


def _since(start: Any, end: Any, *, going_on: bool) -> Fact:
    began = f"{start:%H:%M} {zone_name(start)}"
    if going_on:
        return Fact("still going on, since", began, f"{start:%Y-%m-%d}", "text")
    minutes = round((end - start).total_seconds() / 60)
    length = f"{minutes} min" if minutes < 180 else f"{minutes / 60:.0f} h"
    return Fact("over, lasted", length, f"from {instant(start)} {zone_name(start)}", "text")
