"""How often the answer is right: ``make hits`` measures it in made-up worlds, for README.

Each world is an account's traffic of hours to weeks in which one thing happens, or two, or nothing.
No window is given: the incidents have to be found, their causes named, and quiet worlds have to be
left in peace. In worlds of several attributes, the windows are given and the causes are asked for.
See ``judging`` for what counts as right.

What was tuned was tuned on seeds below 100; from there on they are held out. Progress goes to
stderr, the text for README to stdout and between the marks of a file (``--into README.md``). Exits
1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from time import perf_counter

from albconn import change_points, compare_windows, worst_window
from albconn.analysis.outages.incidents import incidents
from albconn.report.incidents import rows_of
from benchmarks.judging import Sorted, judge, said_of, sort_causes
from benchmarks.marks import replace_block
from benchmarks.scores import Answer, tell
from worlds.traffic.making import INCIDENTS, KINDS, QUIET, make
from worlds.traffic.multi import make_multi

WORKERS = 2
SEEDS, FIRST = 20, 100
MULTI = "multi"
MULTI_TIMES = 5  # as many worlds of several attributes: they are of one, two and three


def answer(kind: str, seed: int) -> Answer:
    """Make a world, ask for its incidents, and judge them."""
    world = make(kind, seed)
    began = perf_counter()
    said = [said_of(row) for row in rows_of(incidents(world.connections))]
    seconds = perf_counter() - began
    judged = judge(said, world)
    return Answer(
        kind,
        judged.verdicts,
        len(judged.wrong),
        len(judged.false),
        worst_window(world.connections) is not None,
        len(change_points(world.connections)) > 0,
        seconds,
    )


def answer_multi(causes: int, seed: int) -> Sorted:
    """Make a world of several attributes, compare its windows, and judge the causes."""
    world = make_multi(seed, causes=causes)
    rows = compare_windows(world.connections, baseline=world.baseline, incident=world.incident)
    named = [
        dict(zip(dimension.split(" × "), value.split(" × "), strict=True))
        for dimension, value in zip(rows["dimension"], rows["value"], strict=True)
    ]
    return sort_causes(list(zip(named, rows["cause"].notna(), strict=True)), world)


def answers(pool: ProcessPoolExecutor, kinds: Sequence[str], seeds: range) -> Iterator[Answer]:
    """Yield the answers to all worlds, and say on stderr when a kind is done."""
    asked = list(product(kinds, seeds))
    last = seeds[-1]
    for n, got in enumerate(pool.map(answer, *zip(*asked, strict=True)), start=1):
        yield got
        if asked[n - 1][1] == last:
            print(f"{n} of {len(asked)} worlds, {got.kind} done", file=sys.stderr, flush=True)


def answers_multi(pool: ProcessPoolExecutor, seeds: range) -> Iterator[Sorted]:
    """Yield what became of the causes of worlds with one, two and three."""
    for causes in (1, 2, 3):
        yield from pool.map(answer_multi, [causes] * len(seeds), seeds)
        print(f"worlds of {causes} of 3 causes done", file=sys.stderr, flush=True)


def chosen_kinds(given: str | None) -> list[str]:
    """Return the kinds of a list with commas, or all and the worlds of several attributes."""
    kinds = [*INCIDENTS, *QUIET, MULTI] if given is None else given.split(",")
    unknown = [kind for kind in kinds if kind not in (*KINDS, MULTI)]
    if unknown:
        raise SystemExit(f"no kinds: {', '.join(unknown)}; known: {', '.join((*KINDS, MULTI))}")
    return kinds


def main() -> None:
    """Measure, and print the text for README."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=SEEDS, help="worlds of each kind")
    options.add_argument("--first", type=int, default=FIRST, help="the first seed")
    options.add_argument("--kinds", help=f"some kinds, with commas between; {MULTI} is one")
    options.add_argument("--into", type=Path, help="a file with marks, as README.md")
    given = options.parse_args()
    kinds = chosen_kinds(given.kinds)
    seeds = range(given.first, given.first + given.seeds)
    more = range(given.first, given.first + MULTI_TIMES * given.seeds)
    worlds = [kind for kind in kinds if kind != MULTI]
    with ProcessPoolExecutor(WORKERS) as pool:
        got = list(answers(pool, worlds, seeds)) if worlds else []
        multi = list(answers_multi(pool, more)) if MULTI in kinds else []
    text, is_reached = tell(got, multi, seeds, more)
    print(text, end="", flush=True)
    if given.into:
        replace_block(given.into, "hits", text)
    raise SystemExit(0 if is_reached else 1)


if __name__ == "__main__":
    main()
