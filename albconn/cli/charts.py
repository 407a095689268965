"""Each chart has a command: ``albconn chart rates SRC -o picture.svg``.

It is the command of the chart's analysis, with the same options; only where that prints its table,
the table is drawn. So there is nothing to be said twice, and a new option is there for both.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from albconn.cli.completeness import coverage, reconcile
from albconn.cli.handshakes import (
    certificates,
    key_exchange,
    latency,
    policies,
    policy_clients,
    policy_impact,
    slow,
)
from albconn.cli.histories import histories, stopped_working
from albconn.cli.incidents import incidents
from albconn.cli.options import parse_mark
from albconn.cli.rates import clients, concentration, rates, reasons, recoveries, totals
from albconn.cli.requests import agreement, exceptions, felt, requests
from albconn.cli.windows import changes, compare
from albconn.errors import SourceError, TableError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Picture:
    """A chart: the command that counts for it, what draws it, and what it is usually split by.

    Where several charts have one command, `told` says what this one draws.
    """

    command: Callable[..., None]
    plot: str
    by: tuple[str, ...] = ()
    told: str = ""


PICTURES: dict[str, Picture] = {
    "rates": Picture(rates, "plot_failure_rate"),
    "panels": Picture(rates, "plot_failure_rate_panels", ("elb", "ip_address"),
        "Draw the failure rate of each node, or other group, in a panel of its own."),
    "heatmap": Picture(rates, "plot_failure_heatmap", ("client_ip",),
        "Draw who fails together, and since when: clients, or other groups, by time."),
    "handshakes": Picture(rates, "plot_handshakes_over_time", ("tls_protocol",),
        "Draw successful handshakes by TLS version over time, above the unmapped failures."),
    "ciphers": Picture(rates, "plot_cipher_matrix", ("tls_protocol", "tls_cipher"),
        "Draw the failure rate of each cipher under each TLS version."),
    "reasons": Picture(reasons, "plot_failure_reasons"),
    "totals": Picture(totals, "plot_outcome_totals"),
    "changes": Picture(changes, "plot_change_points"),
    "compare": Picture(compare, "plot_compare_windows"),
    "usual": Picture(compare, "plot_incident_and_usual", (),
        "Draw reasons, nodes and clients: how often they fail in the incident, and usually."),
    "clients": Picture(clients, "plot_failing_clients"),
    "concentration": Picture(concentration, "plot_failure_concentration"),
    "recoveries": Picture(recoveries, "plot_recoveries"),
    "histories": Picture(histories, "plot_client_histories"),
    "stopped-working": Picture(stopped_working, "plot_stopped_working"),
    "incidents": Picture(incidents, "plot_incidents"),
    "latency": Picture(latency, "plot_handshake_latency"),
    "slow": Picture(slow, "plot_slow_handshakes"),
    "certificates": Picture(certificates, "plot_client_certificates"),
    "policy-impact": Picture(policy_impact, "plot_policy_impact"),
    "policy-clients": Picture(policy_clients, "plot_policy_clients"),
    "policies": Picture(policies, "plot_policy_overview"),
    "key-exchange": Picture(key_exchange, "plot_key_exchange_share"),
    "requests": Picture(requests, "plot_requests_per_connection", ("tls_protocol",)),
    "felt": Picture(felt, "plot_felt_failures"),
    "exceptions": Picture(exceptions, "plot_policy_exceptions"),
    "agreement": Picture(agreement, "plot_handshake_agreement"),
    "coverage": Picture(coverage, "plot_coverage"),
    "reconcile": Picture(reconcile, "plot_reconcile_metric"),
}  # fmt: skip
# They take marks; said here, for matplotlib would have to be loaded to ask them.
OVER_TIME = frozenset(
    {
        "plot_failure_rate", "plot_failure_rate_panels", "plot_failure_heatmap",
        "plot_handshakes_over_time", "plot_failure_reasons", "plot_change_points",
        "plot_incidents", "plot_handshake_latency", "plot_slow_handshakes",
        "plot_key_exchange_share", "plot_coverage", "plot_reconcile_metric",
    }
)  # fmt: skip


class LogAxis(StrEnum):
    """Which axis is logarithmic."""

    x = "x"
    y = "y"


def parse_figsize(text: str) -> tuple[float, float]:
    """Read ``WIDTHxHEIGHT`` [inch]."""
    width, _, height = text.lower().partition("x")
    try:
        return float(width), float(height)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a size; expected 10x5 (inches)") from error


Output = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FILE", help="Where to: ends in .png, .svg or .pdf."),
]
Title = Annotated[str | None, typer.Option(metavar="TEXT", help="Instead of the chart's own.")]
Subtitle = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Instead of counts, range and zone; '': none.")
]
Size = Annotated[
    str | None, typer.Option("--size", metavar="WIDTHxHEIGHT", help="In inches, such as 10x5.")
]
PaletteOption = Annotated[
    str | None, typer.Option(metavar="COLOUR,…", help="Colours, in the order of drawing.")
]
Log = Annotated[LogAxis | None, typer.Option(help="The axis with a logarithmic scale.")]
Zone = Annotated[str, typer.Option(metavar="ZONE", help="Zone of the labels: Europe/Berlin.")]
MarkOption = Annotated[
    list[str] | None,
    typer.Option(metavar="TIME=TEXT", help="A moment to mark; may be repeated."),
]


def register(app: typer.Typer) -> None:
    """Add ``chart`` and its commands to the command line."""
    chart = typer.Typer(
        no_args_is_help=True,
        help="Draw the chart of an analysis to a file, with the options of its command.",
        epilog="Example: albconn chart handshakes out/ -o versions.svg --size 10x5",
    )
    for name, picture in PICTURES.items():
        example = f"Example: albconn chart {name} out/ … -o {name}.svg"
        chart.command(name, epilog=example)(drawing(picture))
    app.add_typer(chart, name="chart")


def drawing(picture: Picture) -> Callable[..., None]:
    """Return the analysis' command with a file to draw to and a chart's options."""

    def command(
        *,
        output: Output,
        title: Title = None,
        subtitle: Subtitle = None,
        size: Size = None,
        palette: PaletteOption = None,
        log: Log = None,
        timezone: Zone = "UTC",
        mark: MarkOption = None,
        **counted: Any,
    ) -> None:
        look = {
            "title": title,
            "subtitle": subtitle,
            "figsize": None if size is None else parse_figsize(size),
            "palette": None if palette is None else palette.split(","),
            "log": None if log is None else log.value,
            "timezone": timezone,
        }
        if mark:
            look["mark"] = [parse_mark(text) for text in mark]
        _draw(picture, output, look, counted)

    return _with_options_of(picture, command)


def _with_options_of(picture: Picture, command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of its analysis, less the format, and the chart's own."""
    theirs = inspect.signature(picture.command).parameters
    ours = inspect.signature(command, eval_str=True).parameters
    taken = [p for name, p in theirs.items() if name != "format"]
    has_marks = picture.plot in OVER_TIME
    own = [
        p for name, p in ours.items()
        if name not in {"counted", *theirs} and (name != "mark" or has_marks)
    ]  # fmt: skip
    parameters = [*taken, *own]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    counted = inspect.getdoc(picture.command) or ""
    command.__doc__ = picture.told or counted.replace("Print", "Draw", 1)
    return command


def _draw(picture: Picture, output: Path, look: dict[str, Any], counted: dict[str, Any]) -> None:
    """Run the analysis' command with the chart in the place of the printed table."""
    from albconn import charts
    from albconn.charts.drawing.look import read_look
    from albconn.charts.drawing.saving import check_ending

    try:
        check_ending(output)
        read_look({name: value for name, value in look.items() if name != "mark"})
    except TableError as error:
        raise typer.BadParameter(str(error)) from error
    if not output.parent.is_dir():
        raise SourceError(f"{output.parent}: there is no such folder; make it first")
    given = counted
    if picture.by and not given["by"]:
        given = {**given, "by": list(picture.by)}
    if picture.plot == "plot_cipher_matrix":
        given = {**given, "every": "all"}  # a cell is a cipher, not a time

    def draw(table: pd.DataFrame) -> None:
        from matplotlib import pyplot as plt

        ax = getattr(charts, picture.plot)(table, **look)
        try:
            print(charts.write_picture(ax, output))
        except OSError as error:
            raise SourceError(f"{output}: cannot be written: {error.strerror or error}") from error
        finally:
            plt.close(ax.figure)

    picture.command(**given, format=draw)
