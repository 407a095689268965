"""Options that several commands share, and how their texts are read.

``Which`` holds what every command that counts connections asks: which of them, from where. A
command takes one ``which`` and ``takes_which`` gives it these options.
"""

from __future__ import annotations

import functools
import inspect
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from albconn.errors import TableError, shown
from albconn.times import utc_date, utc_instant

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
_UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = re.compile(r"(\d+)\s*([kmg]i?b|b|)", re.IGNORECASE)


class Format(StrEnum):
    """How a table is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def parse_time(text: str) -> datetime:
    """Read an ISO time with a zone, or a date, which means midnight UTC."""
    try:
        if len(text) == len("2026-09-23") and (day := utc_date("time", text)):
            return datetime.combine(day, time(), UTC)
        moment = utc_instant("time", text)
    except TableError:
        moment = None
    if moment is None:
        raise typer.BadParameter(
            f"{text!r} is not a time with its zone; expected 2026-09-23T10:00:00Z, or a date (UTC)"
        )
    return moment


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
class Which:
    """Which connections, and how to get at them; each field is an option."""

    start: Annotated[
        datetime | None, _time("First moment, with its zone: 2026-09-23T10:00:00Z; a date is UTC.")
    ] = None
    end: Annotated[datetime | None, _time("First moment that is no longer wanted.")] = None
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
            help="Passed to the store: requester_pays=true, client_kwargs.region_name=eu-west-1; "
            "may be repeated.",
        ),
    ] = None
    duplicates: Annotated[
        Literal["skip", "keep"] | None,
        typer.Option(help="Of a log file that lies there under several names read one, or each."),
    ] = None

    @property
    def filters(self) -> dict[str, Any]:
        """Return the arguments that select connections."""
        return {
            "start": self.start,
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

    @property
    def storage_options(self) -> dict[str, Any] | None:
        """Return what is passed to the store."""
        given = {"profile": self.profile, "endpoint_url": self.endpoint_url}
        named = {name: value for name, value in given.items() if value}
        for text in self.storage_option or ():
            _add_option(named, text)
        return named or None


def takes_which(command: Callable[..., None]) -> Callable[..., None]:
    """Replace a command's parameter ``which`` by the options of ``Which``."""
    signature = inspect.signature(command, eval_str=True)
    hints = inspect.get_annotations(Which, eval_str=True)
    shared = [
        inspect.Parameter(
            option.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hints[option.name]
        )
        for option in fields(Which)
    ]
    own = [p for p in signature.parameters.values() if p.name != "which"]

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        which = Which(**{option.name: given.pop(option.name) for option in fields(Which)})
        command(which=which, **given)

    keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    parameters = [*keyword, *shared]
    with_options.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in parameters}
    return with_options


class Summary(StrEnum):
    """How a summary is printed."""

    table = "table"
    json = "json"


Source = Annotated[
    list[str],
    typer.Argument(
        metavar="SRC_OR_DEST",
        help="Log files (paths, globs, s3://…), or a converted dataset.",
    ),
]
Table = Annotated[
    Literal["connections", "requests"],
    typer.Option(help="Connections, or requests: connection logs, or access logs."),
]
TableOrAll = Annotated[
    Literal["connections", "requests"] | None,
    typer.Option(help="Only this table; the default is all that the dataset holds."),
]
Requests = Annotated[
    list[str],
    typer.Option(
        metavar="SRC_OR_DEST",
        help="Access logs, or a dataset that holds requests; may be repeated.",
    ),
]
MaybeRequests = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SRC_OR_DEST",
        help="Access logs, or a dataset that holds requests: counts users and crawlers apart.",
    ),
]
Dataset = Annotated[str, typer.Argument(metavar="DEST", help="A converted dataset.")]
TableFormat = Annotated[
    Format, typer.Option("--format", help="csv: no value is a formula; json: values are whole.")
]
Every = Annotated[
    str, typer.Option(metavar="WIDTH", help="Bin width such as 5min, h, 1D or W; 'all': one bin.")
]
Bins = Annotated[str, typer.Option(metavar="WIDTH", help="Bin width such as 5min, h, 1D or W.")]
By = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        help="Split by this column, client_network or date; may be repeated.",
    ),
]
Dimensions = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[,NAME]",
        help="A column, client_network, or several joined by commas; may be repeated.",
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
Policy = Annotated[str, typer.Argument(metavar="POLICY", help="Name of a security policy.")]
FromPolicy = Annotated[
    str | None,
    typer.Option(
        "--from-policy", "--from", metavar="POLICY", help="Security policy that is in force."
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
