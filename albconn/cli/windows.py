"""Commands that look for time ranges, and compare two of them."""

from __future__ import annotations

from typing import Any

import typer

import albconn as ac
from albconn.cli.formats import PLAIN, Printed
from albconn.cli.opening import ask, opened
from albconn.cli.options import (
    Baseline,
    Bins,
    Dimensions,
    Incident,
    Source,
    Which,
    parse_dimensions,
    parse_window,
)
from albconn.cli.printing import print_table, say
from albconn.cli.taking import takes_options
from albconn.progress import waiting
from albconn.times import Window

_RESTS_ON: dict[str, Any] = {
    "clients": "Int64", "failures": "Int64", "connections": "Int64", "usual": "float64",
}  # fmt: skip


@takes_options
def changes(which: Which, source: Source, every: Bins = "5min", format: Printed = PLAIN) -> None:
    """Print the moments at which the failure rate changed."""
    print_table(ask(ac.change_points, source, which, every=every), format)


@takes_options
def windows(
    which: Which,
    source: Source,
    incident: Incident = None,
    every: Bins = "5min",
    format: Printed = PLAIN,
) -> None:
    """Print the window in which most failed, the quiet one beside it, and the slowest.

    The worst one says how many clients failed in it, of how many connections, and the usual rate.
    """
    import pandas as pd

    connections = opened(source, which)
    given = parse_window(incident) if incident else None
    with waiting("counting"):
        worst = ac.worst_window(connections, every=every)
        beside = given or worst
        quiet = ac.quiet_window(connections, beside, every=every) if beside else None
        found = {
            "worst": worst,
            "quiet": quiet,
            "slow": ac.slow_window(connections, every=every),
        }
    if not any(found.values()):
        say("nothing stands out: no window with more failures or slow handshakes than usual")
    rows = [(kind, *window) for kind, window in found.items() if window]
    table = pd.DataFrame(rows, columns=["kind", "start", "end"])
    is_worst = table["kind"] == "worst"
    for name, kind in _RESTS_ON.items():  # only the worst window is a claim about failures
        table[name] = pd.Series(getattr(worst, name, None), table.index, kind).where(is_worst)
    print_table(table, format)


@takes_options
def compare(
    which: Which,
    source: Source,
    incident: Incident = None,
    baseline: Baseline = None,
    by: Dimensions = None,
    format: Printed = PLAIN,
) -> None:
    """Print what changed between a quiet time and an incident, largest excess first."""
    connections = opened(source, which)
    with waiting("counting"):
        window = parse_window(incident) if incident else ac.worst_window(connections)
    if window is None:
        say("no time range stands out; give --incident")
        raise typer.Exit(1)
    with waiting("counting"):
        quiet = parse_window(baseline) if baseline else ac.quiet_window(connections, window)
    if quiet is None:
        say("there is no quiet time to compare with; give --baseline")
        raise typer.Exit(1)
    say(f"incident {_spoken(window)}, baseline {_spoken(quiet)}")
    with waiting("counting"):
        table = ac.compare_windows(
            connections, baseline=quiet, incident=window, by=parse_dimensions(by)
        )
    print_table(table, format)


def _spoken(window: Window) -> str:
    return "/".join(f"{moment.isoformat()[:19]}Z" for moment in window)
