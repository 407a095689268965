"""The account of a report: its scope, its numbers, how they were counted, and the books."""

from __future__ import annotations

from typing import Any

from albconn.opened import Opened
from albconn.report.page import MOST_ROWS, Fact, Folder
from albconn.report.question import Question
from albconn.version import __version__
from albconn.words import counted, instant, join, number, one_line, percent


def _books(opened: Opened) -> str:
    if opened.kind == "table":
        return (
            "The connections came as a table, which does not know its log files: whether lines "
            "were rejected or files are missing is not known here."
        )
    return (
        f"Every line is accounted for: {_known(opened.rows)} rows and {_known(opened.rejected)} "
        f"rejected lines are the {_known(opened.lines)} lines of {_known(opened.files)} log files."
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
    where = "a table" if opened.files is None else f"{number(opened.files)} log files"
    if totals["rows"] == 0:
        return f"No connections in {where}."
    return (
        f"{instant(totals['first_timestamp'])} to {instant(totals['last_timestamp'])} UTC · "
        f"{where} · written by albconn {__version__}"
    )


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


def facts_of(opened: Opened, totals: Any) -> list[Fact]:
    """Return the numbers at the head of the page."""
    return [
        Fact("TLS connections", number(totals["connections"])),
        Fact("failures", number(totals["failures"]), accent=True),
        Fact("failure rate", percent(totals["failure_rate"]), accent=True),
        Fact("of them unmapped", number(totals["unmapped_failures"])),
        Fact("not TLS (HTTP)", number(totals["not_tls"])),
        Fact("lines", _known(opened.lines)),
        Fact("rejected lines", _known(opened.rejected)),
        Fact("top reason", _top_reason(totals), is_text=True),
    ]


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
        _books(opened),
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
