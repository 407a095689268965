"""Options that several commands share, and how their texts are read.

``Which`` holds what every command that counts connections asks: which of them, from where;
``Store`` the latter alone. A command takes one ``which`` and gets these options (see ``taking``).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from albconn.cli.completing import (
    complete_dimensions,
    complete_policies,
    complete_sources,
    complete_splits,
    complete_zones,
)
from albconn.cli.moments import parse_since, parse_time
from albconn.errors import shown

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
_UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(r"(\d+)\s*([kmg]i?b|b|)", re.IGNORECASE)


def parse_window(text: str) -> tuple[datetime, datetime]:
    """Read ``START/END``."""
    start, slash, end = text.partition("/")
    if not slash:
        raise typer.BadParameter(f"{text!r} is not a window; expected START/END")
    return parse_time(start), parse_time(end)


def parse_size(text: str | int) -> int:
    """Read a size [bytes] such as ``256MB`` or ``1GiB``."""
    found = _SIZE.fullmatch(str(text).strip())
    if found is None or int(found[1]) == 0:
        raise typer.BadParameter(f"{text!r} is not a size; expected 256MB or 1GiB")
    return int(found[1]) * _UNITS[found[2].lower()]


def parse_mark(text: str) -> tuple[datetime, str]:
    """Read ``TIME=TEXT``."""
    moment, _, name = text.partition("=")
    return parse_time(moment), name


def _add_option(options: dict[str, Any], text: str) -> None:
    """Put ``name=value`` where it belongs: a value may be JSON, a dot in a name goes deeper."""
    name, sign, value = text.partition("=")
    *above, last = name.split(".")
    if not sign or not all((*above, last)):
        raise typer.BadParameter(f"{shown(text)} is not an option of the store; give NAME=VALUE")
    for part in above:
        options = options.setdefault(part, {})
        if not isinstance(options, dict):
            raise typer.BadParameter(f"{shown(text)}: {part} has a value of its own already")
    try:
        options[last] = json.loads(value)
    except (ValueError, RecursionError):
        options[last] = value


def _time(help: str) -> Any:
    return typer.Option(parser=parse_time, metavar="TIME", help=help)


@dataclass(frozen=True)
class Store:
    """How to get at what lies on S3; each field is an option."""

    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="AWS profile to use S3 with.")
    ] = None
    endpoint_url: Annotated[
        str | None, typer.Option(metavar="URL", help="S3 endpoint, where it is not AWS's own.")
    ] = None
    storage_option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Passed to the store, such as requester_pays=true; a.b=1 sets b of a; may be "
            "repeated.",
        ),
    ] = None

    @property
    def storage_options(self) -> dict[str, Any] | None:
        """Return what is passed to the store."""
        given = {"profile": self.profile, "endpoint_url": self.endpoint_url}
        named = {name: value for name, value in given.items() if value}
        for text in self.storage_option or ():
            _add_option(named, text)
        return named or None


@dataclass(frozen=True)
class Which(Store):
    """Which connections, and how to get at them; each field is an option."""

    start: Annotated[
        datetime | None, _time("First moment, with its zone: 2026-09-23T10:00:00Z; a date is UTC.")
    ] = None
    end: Annotated[datetime | None, _time("First moment that is no longer wanted.")] = None
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=parse_since,
            metavar="AGO|TIME",
            help="Instead of --start: how long ago (30m, 2h, 7d, 1w), or a time.",
        ),
    ] = None
    load_balancer: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Name, app/name/hash, or a glob; may be repeated."),
    ] = None
    account_id: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="AWS account; may be repeated.")
    ] = None
    region: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="AWS region; may be repeated.")
    ] = None
    duplicates: Annotated[
        Literal["skip", "keep"] | None,
        typer.Option(help="Of a log file that lies there under several names read one, or each."),
    ] = None

    def __post_init__(self) -> None:
        if self.start is not None and self.since is not None:
            raise typer.BadParameter(
                "it is a start, too; give one of --since and --start", param_hint="--since"
            )

    @property
    def filters(self) -> dict[str, Any]:
        """Return the arguments that select connections."""
        return {
            "start": self.start or self.since,
            "end": self.end,
            "load_balancer": self.load_balancer or None,
            "account_id": self.account_id or None,
            "region": self.region or None,
        }

    @property
    def reading(self) -> dict[str, Any]:
        """Return the arguments that say how connections are read."""
        return {
            **self.filters,
            "duplicates": self.duplicates or "skip",
            "storage_options": self.storage_options,
        }


class Format(StrEnum):
    """How a table is printed as text."""

    table = "table"
    csv = "csv"
    json = "json"
    markdown = "markdown"


class FileFormat(StrEnum):
    """How a table is written as bytes, which no terminal shows."""

    parquet = "parquet"
    xlsx = "xlsx"


class Summary(StrEnum):
    """How a summary is printed."""

    table = "table"
    json = "json"


Source = Annotated[
    list[str],
    typer.Argument(
        metavar="SRC_OR_DEST",
        help="Log files (paths, globs, s3://…), or a converted dataset.",
        autocompletion=complete_sources,
    ),
]
Dataset = Annotated[str, typer.Argument(metavar="DEST", help="A converted dataset.")]
Every = Annotated[
    str, typer.Option(metavar="WIDTH", help="Bin width such as 5min, h, 1D or W; 'all': one bin.")
]
Bins = Annotated[str, typer.Option(metavar="WIDTH", help="Bin width such as 5min, h, 1D or W.")]
By = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        help="Split by this column, client_network or date; may be repeated.",
        autocompletion=complete_splits,
    ),
]
Dimensions = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[,NAME]",
        help="A column, client_network, or several joined by commas; may be repeated.",
        autocompletion=complete_dimensions,
    ),
]
Incident = Annotated[
    str | None,
    typer.Option(metavar="START/END", help="The window in question; default: the worst."),
]
Baseline = Annotated[
    str | None,
    typer.Option(metavar="START/END", help="What it is compared with; default: the rest."),
]
Top = Annotated[int, typer.Option(min=1, help="How many clients to list; the rest is 'other'.")]
Ipv4Prefix = Annotated[
    int, typer.Option(min=0, max=32, help="Join IPv4 addresses into networks of this length.")
]
Ipv6Prefix = Annotated[
    int, typer.Option(min=0, max=128, help="Join IPv6 addresses into networks of this length.")
]
MinConnections = Annotated[int, typer.Option(min=1, help="Leave smaller clients to 'other'.")]
Policy = Annotated[
    str,
    typer.Argument(
        metavar="POLICY", help="Name of a security policy.", autocompletion=complete_policies
    ),
]
FromPolicy = Annotated[
    str | None,
    typer.Option(
        "--from-policy",
        "--from",
        metavar="POLICY",
        help="Security policy that is in force.",
        autocompletion=complete_policies,
    ),
]
Timezone = Annotated[
    str,
    typer.Option(
        metavar="ZONE",
        help="Zone of all times, such as Europe/Berlin.",
        autocompletion=complete_zones,
    ),
]
Policies = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        exists=True,
        help="JSON of aws elbv2 describe-ssl-policies: policies beside the shipped ones.",
    ),
]


def bin_width(every: str) -> str | None:
    """Return the bin width that the functions take."""
    return None if every == "all" else every


def parse_dimensions(by: list[str] | None) -> list[tuple[str, ...]] | None:
    """Return the dimensions that ``compare_windows`` takes: ``elb,client_ip`` is a pair."""
    return [tuple(names.split(",")) for names in by] if by else None
