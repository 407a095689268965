"""The account of a report: its scope, its numbers, how they were counted, and the books."""

from __future__ import annotations

from typing import Any

from albconn.opened import Opened
from albconn.report.folder import MOST_ROWS, Folder
from albconn.report.question import Question
from albconn.version import __version__
from albconn.words import counted, instant, join, number, one_line, percent, zone_name


def _books(opened: Opened, totals: Any) -> str:
    if opened.kind == "table":
        return (
            "The connections came as a table, which does not know its log files: whether lines "
            "were rejected or files are missing is not known here."
        )
    return (
        f"Every line is accounted for: {_known(opened.rows)} rows and {_known(opened.rejected)} "
        f"rejected lines are the {_known(opened.lines)} lines of {_known(opened.files)} log files."
        f"{_filtered(opened, totals)}"
    )


def _filtered(opened: Opened, totals: Any) -> str:
    """Return what became of rows that a filter left out, so that the books balance."""
    left_out = (opened.rows or 0) - int(totals["rows"])
    if left_out <= 0:
        return ""
    return (
        f" Of the rows, {number(totals['rows'])} are of the time and filters that were asked for; "
        f"the other {number(left_out)} are in no count."
    )


def shortened(folder: Folder) -> list[str]:
    """Return which tables were too long to be saved whole."""
    if not folder.shortened:
        return []
    told = [f"{name} ({number(rows)} rows)" for name, rows in sorted(folder.shortened.items())]
    return [
        f"Of these tables only the first {number(MOST_ROWS)} rows were saved: {join(told)}. The "
        "commands print all rows."
    ]


def _known(count: int | None) -> str:
    return "–" if count is None else number(count)


def scope_of(question: Question, opened: Opened) -> str:
    """Return which connections the page is about."""
    totals = question.totals
    where = "a table" if opened.files is None else counted(opened.files, "log file")
    if totals["rows"] == 0:
        return f"No connections in {where}."
    return (
        f"{_span(question)} · {where} · {number(totals['connections'])} TLS connections · written "
        f"by albconn {__version__}"
    )


def _span(question: Question) -> str:
    first, last = (question.totals[name] for name in ("first_timestamp", "last_timestamp"))
    start, end = question.local(first), question.local(last)
    spoken = f"{instant(start)} to {instant(end)} {zone_name(end)}"
    if question.asked.zone.key == "UTC":
        return spoken
    return f"{spoken} ({instant(first)} to {instant(last)} UTC)"


def headline_numbers(opened: Opened, totals: Any) -> dict[str, Any]:
    """Return the numbers that a command prints."""
    return {
        "files": opened.files,
        "lines": opened.lines,
        "rows": opened.rows,
        "rejected": opened.rejected,
        "tls_connections": int(totals["connections"]),
        "failures": int(totals["failures"]),
        "failure_rate": percent(totals["failure_rate"]),
        "top_reason": _top_reason(totals),
    }


def method_of(opened: Opened, totals: Any, outside: int = 0) -> list[str]:
    """Return how it was counted, and what the data cannot tell."""
    lines = [
        "A connection counts when its outcome is known: a TLS handshake that succeeded or failed. "
        f"Connections to HTTP listeners ({number(totals['not_tls'])}) are in neither count.",
        "Intervals are Wilson 95 % intervals of the rate.",
        "Change points: Kulldorff's scan statistic over clients that fail, each once a bin for a "
        "run of failures, without those that never get through; false alarms bounded at 1 %.",
        "UnmappedConnectionError means that nothing was agreed on: the protocol and cipher logged "
        "with it are not the client's. Splits by protocol, cipher or key exchange leave these "
        f"failures ({number(totals['unmapped_failures'])}) out of the rate and show them apart.",
        _books(opened, totals),
        "Bins without connections are gaps, not zeros: a log file that was not delivered looks "
        "the same as an interval without traffic.",
    ]
    if totals["unclassified"]:
        lines.append(
            f"{number(totals['unclassified'])} lines on TLS listeners carry no status at all; they "
            "are unclassified and in neither count."
        )
    if opened.unread:
        lines.append(
            f"{counted(opened.unread, 'log file')} could not be read; nothing of that is counted."
        )
    if outside:
        lines.append(
            f"{counted(outside, 'line says', 'lines say')} a time outside of these ten years "
            f"({instant(totals['first_timestamp'])} to {instant(totals['last_timestamp'])} UTC) "
            "and are not on this page; to look there, give start and end."
        )
    if opened.damaged:
        lines.append(
            f"{number(opened.damaged)} log files are damaged; what could be salvaged is counted."
        )
    return lines


def _top_reason(totals: Any) -> str:
    """Return the most frequent failure reason, or ``none``."""
    reason = totals["top_reason"]
    return one_line(reason) if isinstance(reason, str) else "none"
