"""The tables of the page: of each small table the few columns that a reviewer reads.

A table on the page has to fit an A4 sheet, so a rate stands with its n in one cell, a time has
no seconds, and the rest is in the CSV of the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from albconn.charts.drawing.labels import noun_of
from albconn.report.page import Column, Folder, Kind, PrintedTable
from albconn.words import counted, instant, number, one_line, percent

ROWS_SHOWN = 12
_LONGEST_SERIAL = 16  # characters; a serial number has up to 40


@dataclass(frozen=True)
class Shown:
    """A column as it is printed: its heading, and the text of a row."""

    heading: str
    text: Callable[[Any], str]
    kind: Kind = "number"


def save_and_print(
    folder: Folder, table: pd.DataFrame, name: str, title: str, columns: Sequence[Shown]
) -> PrintedTable:
    """Save a table whole as CSV, and return its first rows as the page shows them."""
    folder.save_table(table, name)
    rows = [row for _, row in table.head(ROWS_SHOWN).iterrows()]
    left = len(table) - len(rows)
    return PrintedTable(
        title,
        [Column(column.heading, column.kind) for column in columns],
        [[column.text(row) for column in columns] for row in rows],
        f"{number(left)} more in tables/{name}.csv" if left > 0 else "",
    )


def _text(name: str, heading: str = "") -> Shown:
    return Shown(
        heading or name.replace("_", " "), lambda row: _or_dash(row[name], one_line), "text"
    )


def _name(name: str, heading: str = "") -> Shown:
    return replace(_text(name, heading), kind="name")


def _count(name: str, heading: str = "") -> Shown:
    return Shown(heading or name.replace("_", " "), lambda row: _or_dash(row[name], number))


def _share(name: str, heading: str) -> Shown:
    return Shown(heading, lambda row: percent(row[name]))


def _moment(name: str, heading: str) -> Shown:
    return Shown(heading, lambda row: _or_dash(row[name], instant), "name")


def _seconds(name: str) -> Shown:
    return Shown(name, lambda row: _or_dash(row[name], "{:.3f}".format))


def _rate(rate: str, of: str, heading: str) -> Shown:
    return Shown(heading, lambda row: _rate_of(row[rate], row[of]))


def _rate_of(rate: float, connections: float) -> str:
    return f"{percent(rate)} of {number(connections)}" if connections else "no connections"


def _interval(row: Any) -> str:
    return f"{percent(row['rate_low'])} – {percent(row['rate_high'])}"


def _nouns(dimension: str) -> str:
    return " × ".join(noun_of(name) for name in dimension.split(" × "))


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


_RATE = _rate("failure_rate", "connections", "failure rate")
_CLIENT = [
    _count("failures"),
    _share("share_of_failures", "share of all"),
    Shown("own rate", lambda row: _rate_of(row["failure_rate"], row["connections"])),
    Shown("95 % interval", _interval),
    _text("top_reason", "top reason"),
]

CHANGE_POINTS = [
    _moment("bin_start", "at [UTC]"),
    _rate("rate_before", "connections_before", "before"),
    _rate("rate_after", "connections_after", "after"),
    Shown("p", _chance("p_value")),
]
REASONS = [_name("failure_reason", "reason"), _count("failures"), _share("share", "share of all")]
COMPARED = [
    Shown("what", lambda row: _nouns(row["dimension"]), "text"),
    _text("value", "which"),
    _rate("baseline_rate", "baseline_connections", "baseline"),
    _rate("incident_rate", "incident_connections", "incident"),
    _count("excess_failures", "excess"),
    _share("share_of_excess", "share of excess"),
    Shown("q", _chance("q_value")),
]
NETWORKS = [_name("client_ip", "network"), *_CLIENT]
ADDRESSES = [_name("client_ip", "address"), *_CLIENT]
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
    _moment("not_after", "ends [UTC]"),
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
    _moment("interval_end", "interval ends [UTC]"),
]
CLOUDWATCH = [
    _moment("bin_start", "at [UTC]"),
    _count("log_failures", "failures in the log"),
    _count("metric_errors", "errors in the metric"),
    _count("difference"),
]
