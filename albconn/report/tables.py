"""The tables of the page: of each small table the few columns that a reviewer reads.

A table on the page has to fit an A4 sheet, so a rate stands with its n in one cell, a time has
no seconds, and the other columns are in the CSV of the same name. Rows beyond the first fold.
Times are in the zone of the page; those of the CSV are UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from albconn.analysis.counting.dimensions import JOINED
from albconn.report.folder import Folder
from albconn.report.page import Cell, Column, Kind, PrintedTable
from albconn.report.reasons import meaning_of
from albconn.words import counted, instant, noun_of, number, one_line, percent

ROWS_SHOWN = 12
ROWS_FOLDED = 200  # beside those; a page of more is slow to open, and the CSV has all
_LONGEST_LIST = 240  # characters of several values
_LONGEST_SERIAL = 16  # characters; a serial number has up to 40


@dataclass(frozen=True)
class Shown:
    """A column as it is printed: its heading, and the text of a row.

    ``moment`` names the column of a time, which is printed in the zone of the page.
    """

    heading: str
    text: Callable[[Any], str | Cell]
    kind: Kind = "number"
    moment: str = ""


def save_and_print(
    folder: Folder,
    table: pd.DataFrame,
    name: str,
    title: str,
    columns: Sequence[Shown],
    *,
    rows: int = ROWS_SHOWN,
) -> PrintedTable:
    """Save a table whole as CSV, and return its rows as the page shows them."""
    folder.save_table(table, name)
    shown = _in_zone(table.head(rows + ROWS_FOLDED), columns, folder)
    printed = [[column.text(row) for column in columns] for _, row in shown.iterrows()]
    left = len(table) - len(printed)
    return PrintedTable(
        title,
        [Column(_heading(column, folder), column.kind) for column in columns],
        printed[:rows],
        printed[rows:],
        _more(len(table) - rows, left),
        f"tables/{name}.csv",
    )


def _more(folded: int, left: int) -> str:
    if folded <= 0:
        return ""
    return f"{number(folded)} more" + (f", the first {number(folded - left)} of them" * (left > 0))


def _in_zone(table: pd.DataFrame, columns: Sequence[Shown], folder: Folder) -> pd.DataFrame:
    times = [column.moment for column in columns if column.moment]
    told = {
        name: pd.to_datetime(table[name], utc=True).dt.tz_convert(folder.zone) for name in times
    }
    return table.assign(**told)


def _heading(column: Shown, folder: Folder) -> str:
    return f"{column.heading} [{folder.zone.key}]" if column.moment else column.heading


def _text(name: str, heading: str = "") -> Shown:
    return Shown(
        heading or name.replace("_", " "), lambda row: _or_dash(row[name], one_line), "text"
    )


def _name(name: str, heading: str = "") -> Shown:
    return replace(_text(name, heading), kind="name")


def _file(name: str, heading: str = "log file") -> Shown:
    """Return a column of log files without their folders, which are alike; the CSV has all."""
    return Shown(heading, lambda row: one_line(str(row[name]).rsplit("/", 1)[-1], 130), "text")


def _count(name: str, heading: str = "") -> Shown:
    return Shown(heading or name.replace("_", " "), lambda row: _or_dash(row[name], number))


def _share(name: str, heading: str) -> Shown:
    return Shown(heading, lambda row: percent(row[name]))


def _moment(name: str, heading: str) -> Shown:
    return Shown(heading, lambda row: _or_dash(row[name], instant), "name", name)


def _seconds(name: str) -> Shown:
    return Shown(name, lambda row: _or_dash(row[name], "{:.3f}".format))


def _rate(rate: str, of: str, heading: str) -> Shown:
    return Shown(heading, lambda row: _rate_of(row[rate], row[of]))


def _rate_of(rate: float, connections: float) -> str:
    return f"{percent(rate)} of {number(connections)}" if connections else "no connections"


def _interval(row: Any) -> str:
    return f"{percent(row['rate_low'])} – {percent(row['rate_high'])}"


def _what(row: Any) -> str:
    """Return a value, or several, each with its noun before it."""
    names, values = row["dimension"].split(JOINED), str(row["value"]).split(JOINED)
    if len(names) != len(values):  # a value that holds the sign itself
        return f"{JOINED.join(map(noun_of, names))} {one_line(row['value'])}"
    parts = zip(names, values, strict=True)
    return JOINED.join(f"{noun_of(name)} {one_line(value)}" for name, value in parts)


def _long(text: str) -> str:
    return one_line(text, _LONGEST_LIST)


def _or_dash(value: Any, text: Callable[[Any], str]) -> str:
    return "–" if value is None or value is pd.NaT or value != value else text(value)


def _chance(name: str) -> Callable[[Any], str]:
    return lambda row: "< 0.001" if row[name] < 0.001 else f"{row[name]:.3f}"


def _holder(row: Any) -> str:
    named = [_or_dash(row[name], one_line) for name in ("common_name", "organization")]
    return " · ".join(text for text in named if text != "–") or one_line(row["subject"])


def _serial(row: Any) -> str:
    return _or_dash(row["serial"], lambda serial: one_line(serial, _LONGEST_SERIAL))


def _policy_verdict(kind: str) -> Shown:
    def text(row: Any) -> str:
        if not row[f"connections_{kind}"]:
            return "–"
        of = sum(row[f"connections_{each}"] for each in ("breaking", "at_risk", "fitting"))
        share = percent(row[f"connections_{kind}"] / of)
        return f"{share} · {counted(row[f'clients_{kind}'], 'client')}"

    return Shown(kind.replace("_", " "), text)


def _meaning(row: Any) -> str:
    told = meaning_of(str(row["failure_reason"]))
    return f"{told.meaning} {told.next_step}"


def _aws(row: Any) -> Cell:
    return Cell("AWS", meaning_of(str(row["failure_reason"])).url)


def _part(row: Any) -> str:
    return percent(row["share"])


_RATE = _rate("failure_rate", "connections", "failure rate")
# An incident beside what is usual; a rate stands with its n.
_BESIDE = [
    _count("incident_failures", "failures in it"),
    _rate("incident_rate", "incident_connections", "rate in it"),
    _rate("baseline_rate", "baseline_connections", "usually"),
]

CHANGE_POINTS = [
    _moment("bin_start", "at"),
    _rate("rate_before", "connections_before", "before"),
    _rate("rate_after", "connections_after", "after"),
    Shown("p", _chance("p_value")),
]
MEANINGS = [
    _name("failure_reason", "reason"),
    Shown("what it means, and what to do", _meaning, "text"),
    Shown("more", _aws, "name"),
]
REASONS = [_name("failure_reason", "reason"), _count("failures"), Shown("share of all", _part)]
REASONS_BESIDE = [_name("failure_reason", "reason"), *_BESIDE]
COMPARED = [
    Shown("what", _what, "text"),
    _rate("baseline_rate", "baseline_connections", "usually"),
    _rate("incident_rate", "incident_connections", "incident"),
    _count("excess_failures", "excess"),
    _share("share_of_excess", "share of excess"),
    Shown("the same failures", lambda row: _or_dash(row["the_same"], _long), "text"),
]
NETWORKS = [_name("client_network", "network"), *_BESIDE]
ADDRESSES = [_name("client_ip", "address"), *_BESIDE]
NODES_BESIDE = [_name("elb", "load balancer"), _name("ip_address", "node"), *_BESIDE]
_CLIENT = [
    _count("failures"),
    _share("share_of_failures", "share of all"),
    Shown("own rate", lambda row: _rate_of(row["failure_rate"], row["connections"])),
    Shown("95 % interval", _interval),
    _text("top_reason", "top reason"),
]
NETWORKS_OF_ALL = [_name("client_ip", "network"), *_CLIENT]
ADDRESSES_OF_ALL = [_name("client_ip", "address"), *_CLIENT]
NODES = [
    _name("elb", "load balancer"),
    _name("ip_address", "node"),
    _count("failures"),
    _RATE,
    Shown("95 % interval", _interval),
]
HANDSHAKES = [
    _name("tls_protocol", "TLS version"),
    _name("tls_cipher", "cipher"),
    _count("failures"),
    _RATE,
    _count("unmapped_failures", "unmapped, apart"),
]
CERTIFICATES = [
    Shown("certificate", _holder, "text"),
    Shown("serial", _serial, "name"),
    _moment("not_after", "ends"),
    Shown("days left", lambda row: _or_dash(row["days_left"], "{:,.0f}".format)),
    _count("handshakes"),
    _count("failures"),
    _count("addresses"),
]
LATENCY = [
    _name("ip_address", "node"),
    _name("tls_protocol", "TLS version"),
    _count("connections", "handshakes"),
    *(_seconds(name) for name in ("p50", "p95", "p99", "max")),
]
POLICIES = [
    _name("policy"),
    _name("lowest_protocol", "floor"),
    _policy_verdict("breaking"),
    _policy_verdict("at_risk"),
    _share("share_of_connections_fitting", "fits"),
]
GROUPS = [
    Shown("day", lambda row: f"{row['bin_start']:%Y-%m-%d}", "name"),
    _name("tls_keyexchange", "group"),
    _count("connections", "handshakes"),
    _share("share", "share"),
    Shown("post-quantum", lambda row: "yes" if row["post_quantum"] else "no", "name"),
]
HOLES = [
    _name("elb", "load balancer"),
    _name("ip_address", "node"),
    _moment("interval_end", "interval ends"),
]
REJECTED = [
    _file("source_file"),
    _count("line_number", "line"),
    _text("reason", "what is wrong"),
    _text("value"),
    _count("lines"),
]
REJECTED_BY_REASON = [_text("reason", "what is wrong"), _count("lines"), _file("first", "first")]
DAMAGED = [_file("source_file"), _text("damage", "why"), _count("rows", "rows salvaged")]
CLOUDWATCH = [
    _moment("bin_start", "at"),
    _count("log_failures", "failures in the log"),
    _count("metric_errors", "errors in the metric"),
    _count("difference"),
]
