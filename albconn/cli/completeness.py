"""Commands that ask whether anything is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import albconn as ac
from albconn.cli.formats import PLAIN, Printed
from albconn.cli.opening import ask, one_or_several
from albconn.cli.options import Source, Which
from albconn.cli.printing import print_table, say
from albconn.cli.taking import takes_options
from albconn.progress import waiting
from albconn.words import counted, instant, number, percent

if TYPE_CHECKING:
    import pandas as pd


@takes_options
def coverage(
    which: Which,
    source: Source,
    all_intervals: Annotated[
        bool, typer.Option("--all", help="Every interval, also those that are there.")
    ] = False,
    format: Printed = PLAIN,
) -> None:
    """Print which five-minute intervals of each node have no log file; reads only names.

    Intervals that follow one another are one row; stderr says what it comes to.
    """
    with waiting("listing"):
        table = ac.coverage(
            one_or_several(source), **which.filters, storage_options=which.storage_options
        )
    if (unplaced := table.attrs["unplaced"]) and len(table):
        files = counted(unplaced, "log file has", "log files have")
        say(f"{files} names that do not tell node and interval")
    print_table(table if all_intervals else holes_of(table), format)
    if len(table) and not all_intervals:
        say(_summed(table))


def holes_of(intervals: pd.DataFrame) -> pd.DataFrame:
    """Return what is missing of a table of ``coverage``: a row for each run of intervals.

    ``start`` and ``end`` are half-open, ``intervals`` how many follow one another.
    """
    import pandas as pd

    from albconn.analysis.delivery.coverage import INTERVAL

    node = ["elb", "ip_address"]
    begins = (intervals[[*node, "seen"]] != intervals[[*node, "seen"]].shift()).any(axis=1)
    missing = intervals[~intervals["seen"]]
    runs = missing.groupby(begins.cumsum()[missing.index], sort=False)
    columns = {
        **{name: runs[name].first() for name in node},
        "start": runs["interval_end"].min() - INTERVAL,
        "end": runs["interval_end"].max(),
        "intervals": runs.size().astype("int64"),
    }
    return pd.DataFrame(columns).reset_index(drop=True)


def _summed(intervals: pd.DataFrame) -> str:
    """Return what a table of ``coverage`` comes to."""
    from albconn.analysis.delivery.coverage import INTERVAL

    missing, of = int((~intervals["seen"]).sum()), len(intervals)
    nodes = counted(intervals.groupby(["elb", "ip_address"], observed=True).ngroups, "node")
    start, end = intervals["interval_end"].min() - INTERVAL, intervals["interval_end"].max()
    return (
        f"{number(missing)} of {number(of)} intervals of {nodes} "
        f"{'is' if missing == 1 else 'are'} missing ({percent(missing / of)}), "
        f"{instant(start)} to {instant(end)} UTC"
    )


@takes_options
def reconcile(
    which: Which,
    source: Source,
    metric_json: Annotated[
        Path,
        typer.Argument(
            metavar="METRIC_JSON",
            exists=True,
            help="JSON of get-metric-data or get-metric-statistics.",
        ),
    ],
    period: Annotated[
        int | None,
        typer.Option(
            metavar="SECONDS", help="The metric's period, 60 or 300; else from its times."
        ),
    ] = None,
    format: Printed = PLAIN,
) -> None:
    """Print the log's failures beside CloudWatch's ClientTLSNegotiationErrorCount."""
    print_table(ask(ac.reconcile_metric, source, which, metric_json, period=period), format)
