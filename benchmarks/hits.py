"""How often the summary is right: ``make hits`` plants known causes and prints README's table.

Each world is four hours of a load balancer in which one thing happens, or nothing. No incident is
given: the window has to be found, its cause named, and a quiet world has to be left in peace.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from albconn import change_points, compare_windows, worst_window
from albconn.opened import Opened
from albconn.report.findings import summarize
from albconn.report.page import Folder
from albconn.report.question import Asked
from albconn.report.report import ask as ask_report, compare
from albconn.schema.connections import CONNECTIONS
from worlds.planted import BASELINE, INCIDENT, KINDS, Kind, plant
from worlds.quiet import quiet

WORLDS = 50
CAUSES = {
    "expired": "a fleet's certificate ends",
    "policy": "the policy is raised, old clients drop out",
    "node": "one node is broken",
    "scanner": "one network's scanner",
    "slow": "slow handshakes, no failures",
    "quiet": "nothing at all",
}
SLOW = "took more than three times as long as usual"
QUIET = "No time range stands out"


class Answer(NamedTuple):
    """What was said of one world, and whether it is so."""

    first: bool  # the true cause is first in compare_windows, given the windows
    named: bool  # the summary, which has to find the window, names the cause
    false_claim: bool  # it claims an incident or slowness that was not there


def summary(kind: Kind, seed: int, folder: Path) -> tuple[str, dict[str, str]]:
    """Return what a report's page says of a planted world, and the truth."""
    world = plant(kind, seed)
    table = pa.Table.from_pandas(world.connections, preserve_index=False)
    for missing in [f for f in CONNECTIONS.memory_schema if f.name not in table.column_names]:
        table = table.append_column(missing, pa.nulls(len(table), missing.type))
    question = ask_report(Opened(table, "table"), Asked(), Folder(folder))
    return " ".join(summarize(question, compare(question))), world.truth


def ask(kind: Kind, seed: int) -> Answer:
    """Plant a world and read its summary."""
    with tempfile.TemporaryDirectory() as folder:
        text, truth = summary(kind, seed, Path(folder))
    is_failing, is_slow = QUIET not in text, SLOW in text
    named = {"slow": is_slow, "quiet": not is_failing}.get(
        kind, is_failing and all(value in text for value in truth.values())
    )
    wrong = (is_failing and kind in ("slow", "quiet")) or (is_slow and kind != "slow")
    return Answer(_is_first(kind, seed), named, wrong)


def _is_first(kind: Kind, seed: int) -> bool:
    world = plant(kind, seed)
    changed = compare_windows(world.connections, baseline=BASELINE, incident=INCIDENT)
    if kind in ("slow", "quiet"):
        return not changed["significant"].any()
    first = changed.iloc[0]
    return world.truth.get(first["dimension"]) == first["value"]


class Traffic(NamedTuple):
    """Quiet traffic: five-minute bins, connections in each, failure rate, failures per client."""

    bins: int
    connections: float
    rate: float
    retries: float


QUIET_WORLDS = 600
QUIET_TRAFFIC = (
    Traffic(48, 30, 0.006, 1),
    Traffic(576, 30, 0.006, 1),
    Traffic(48, 100, 0.02, 3),
    Traffic(576, 30, 0.006, 4),
    Traffic(48, 100, 0.006, 10),
)


def claims_of(traffic: Traffic) -> tuple[int, int]:
    """Return in how many quiet worlds a worst window, and a change point, is claimed."""
    random = np.random.default_rng([traffic.bins, int(traffic.connections), 3])
    worlds = [quiet(random, *traffic) for _ in range(QUIET_WORLDS)]
    return (
        sum(worst_window(world) is not None for world in worlds),
        sum(len(change_points(world)) > 0 for world in worlds),
    )


def print_head(*names: str) -> None:
    """Print the first two lines of a Markdown table."""
    print(f"| {' | '.join(names)} |")
    print("|---" * len(names) + "|")


def print_false_alarms(pool: ProcessPoolExecutor) -> None:
    """Print how often quiet traffic is taken for a change."""
    print(f"\n{QUIET_WORLDS} worlds of each kind of quiet traffic\n")
    print_head(
        "hours", "connections an hour", "failure rate", "failures in a row", "worst window",
        "change points",
    )  # fmt: skip
    answers = pool.map(claims_of, QUIET_TRAFFIC)
    for traffic, claims in zip(QUIET_TRAFFIC, answers, strict=True):
        shares = " | ".join(f"{100 * claim / QUIET_WORLDS:.1f} %" for claim in claims)
        hours, hourly = traffic.bins // 12, 12 * traffic.connections
        rate = f"{100 * traffic.rate:g} %"
        print(f"| {hours} | {hourly:g} | {rate} | {traffic.retries:g} | {shares} |")


def main() -> None:
    """Print the tables."""
    print(f"{WORLDS} worlds of each kind, seeds 0 to {WORLDS - 1}\n")
    print_head(
        "what happens",
        "`compare_windows` ranks it first (or nothing)",
        "the summary finds and names it (or nothing)",
        "false claims",
    )
    with ProcessPoolExecutor() as pool:
        for kind in KINDS:
            answers = list(pool.map(partial(ask, kind), range(WORLDS)))
            first, named, wrong = (sum(column) for column in zip(*answers, strict=True))
            of = f"of {WORLDS}"
            print(f"| {CAUSES[kind]} | {first} {of} | {named} {of} | {wrong} {of} |", flush=True)
        print_false_alarms(pool)


if __name__ == "__main__":
    main()
