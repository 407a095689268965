"""What was measured, as README has it: the goals, what falls short, and a line for each kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.judging import Sorted, Verdict
from worlds.traffic.making import KINDS, QUIET
from worlds.traffic.registry import RECIPES

FAIR = 0.9  # of a kind's incidents: less is said to fall short
FAIR_TEXT = f"{100 * FAIR:.0f} %"
TUNED = 100  # seeds below were tuned on
WORDS = {
    "detected": "incidents detected",
    "first": "cause first",
    "right": "sentence right",
    "complete": "sentence complete",
    "on_time": "begins on time",
}


class Answer(NamedTuple):
    """The answer to one world."""

    kind: str
    verdicts: tuple[Verdict, ...]
    wrong: int  # rows besides, at the time of an incident, that are not so
    false: int  # rows at the time of none
    window: bool  # worst_window claims one
    changes: bool  # change_points claims one
    seconds: float  # for the incidents and their words


class Score(NamedTuple):
    """How many of how many, and how many it should be: at least, or at most."""

    name: str
    met: int
    of: int
    at_least: float | None = None
    at_most: float | None = None

    @property
    def share(self) -> float:
        """Return the share [1]; of nothing it is 0."""
        return self.met / self.of if self.of else 0.0

    @property
    def is_reached(self) -> bool:
        """Say whether the goal is reached; what has none is."""
        low, high = self.at_least or 0.0, 1.0 if self.at_most is None else self.at_most
        return low <= self.share <= high

    def cells(self) -> list[str]:
        """Return its row of the table of goals."""
        goal, reached = "–", "–"
        for sign, limit in (("≥", self.at_least), ("≤", self.at_most)):
            if limit is not None:
                goal, reached = (
                    f"{sign} {100 * limit:.0f} %",
                    "yes" if self.is_reached else "**no**",
                )
        return [self.name, f"{self.met} of {self.of}", f"{100 * self.share:.1f} %", goal, reached]


def incident_scores(answers: Sequence[Answer]) -> list[Score]:
    """Return how incidents are answered: all that are given, of whatever kind."""
    verdicts = [verdict for each in answers for verdict in each.verdicts]
    goals = {"detected": 0.95, "first": 0.9, "right": 0.9}
    return [
        Score(words, sum(getattr(v, name) for v in verdicts), len(verdicts), goals.get(name))
        for name, words in WORDS.items()
    ]


def scores(answers: Sequence[Answer], multi: Sequence[Sorted]) -> list[Score]:
    """Return everything that is wanted, as far as it was measured."""
    quiet = [each for each in answers if each.kind in QUIET]
    loud = [each for each in answers if each.kind not in QUIET]
    found: list[Score] = []
    if loud:
        found += incident_scores(loud)
        found += [_false("a false claim besides", loud), _wrong("a wrong one at its time", loud)]
    if quiet:
        worst = max((_false(_plain(kind), of) for kind, of in _by_kind(quiet)), key=_share)
        which = f" ({worst.name})" if worst.met else ""
        name = f"the same in the worst kind{which}"
        found.append(_false("a claim where nothing happened", quiet, at_most=0.02))
        found.append(worst._replace(name=name, at_most=0.05))
        found.append(Score("there, by `worst_window`", sum(q.window for q in quiet), len(quiet)))
        found.append(Score("there, by `change_points`", sum(q.changes for q in quiet), len(quiet)))
    return found + (multi_scores(multi) if multi else [])


def multi_scores(multi: Sequence[Sorted]) -> list[Score]:
    """Return how causes of several attributes, and several causes, are named."""
    alone = [world for world in multi if len(world.sizes) == 1]
    firsts = [
        Score(f"one cause of {words}, first", sum(w.first for w in of), len(of), goal)
        for size, words, goal in (
            (1, "one attribute", 1.0),
            (2, "two attributes", 0.95),
            (3, "three attributes", 0.85),
        )
        for of in [[world for world in alone if world.sizes == (size,)]]
    ]
    several = [
        Score(name, sum(all(w.found) for w in of), len(of), goal)
        for count, name, goal in ((2, "two causes, both named", 0.8), (3, "three, all named", None))
        for of in [[world for world in multi if len(world.sizes) == count]]
    ]
    wrong = Score("a cause named that is none", sum(w.wrong > 0 for w in multi), len(multi))
    return [score for score in (*firsts, *several, wrong) if score.of]


def _false(name: str, answers: Sequence[Answer], at_most: float | None = None) -> Score:
    return Score(name, sum(each.false > 0 for each in answers), len(answers), at_most=at_most)


def _wrong(name: str, answers: Sequence[Answer]) -> Score:
    return Score(name, sum(each.wrong > 0 for each in answers), len(answers))


def _share(score: Score) -> float:
    return score.share


def _plain(kind: str) -> str:
    return kind.replace("_", " ")


def _by_kind(answers: Sequence[Answer]) -> Iterator[tuple[str, list[Answer]]]:
    for kind in KINDS:
        of = [each for each in answers if each.kind == kind]
        if of:
            yield kind, of


def tell(
    answers: Sequence[Answer], multi: Sequence[Sorted], seeds: range, multi_seeds: range
) -> tuple[str, bool]:
    """Return the text for README, and whether every goal is reached."""
    wanted = scores(answers, multi)
    loud = [each for each in answers if each.kind not in QUIET]
    quiet = [each for each in answers if each.kind in QUIET]
    kinds = [table for table in (_kinds(loud), _quiet_kinds(quiet)) if table]
    parts = [
        _how_measured(answers, seeds, multi_seeds if multi else None),
        _table(["", "measured", "share", "goal", "reached"], [score.cells() for score in wanted]),
        _shortcomings(loud, quiet) if answers else "",
        *_folded("Kind by kind", kinds),
    ]
    return "\n".join(part for part in parts if part), all(score.is_reached for score in wanted)


def _how_measured(answers: Sequence[Answer], seeds: range, multi: range | None) -> str:
    sentences = []
    if answers:
        count = len({each.kind for each in answers})
        seconds = median(each.seconds for each in answers)
        sentences.append(
            f"{len(answers)} worlds of {count} kinds, seeds {seeds[0]} to {seeds[-1]}; "
            f"an answer takes {seconds:.1f} s (median)."
        )
    if multi:
        sentences.append(
            f"Causes of one to three attributes, with the windows given: seeds {multi[0]} to "
            f"{multi[-1]} with one, two and three causes."
        )
    sentences.append(
        f"Seeds below {TUNED} were tuned on; these were not."
        if seeds[0] >= TUNED
        else f"Seeds below {TUNED} were tuned on: no measure of anything."
    )
    return " ".join(sentences) + "\n"


def _shortcomings(loud: Sequence[Answer], quiet: Sequence[Answer]) -> str:
    """Return what is not found, from the kinds that fall short."""
    short: dict[str, list[str]] = {}
    for kind, of in _by_kind(loud):
        for score in _short_of(of):
            short.setdefault(score.name, []).append(f"{_plain(kind)} ({_of(score)})")
    for kind, of in _by_kind(quiet):
        claimed = _false("claims where nothing happened", of)
        if claimed.met:
            short.setdefault(claimed.name, []).append(f"{_plain(kind)} ({_of(claimed)})")
    if not short:
        return f"No kind falls below {FAIR_TEXT}, and no quiet world is claimed to hold anything.\n"
    names = [name for name in (*WORDS.values(), *short) if name in short]
    lines = [f"- {name}: {', '.join(short[name])}" for name in dict.fromkeys(names)]
    return "\n".join([f"Kinds of which less than {FAIR_TEXT} are found, or right:\n", *lines, ""])


def _short_of(answers: Sequence[Answer]) -> Iterator[Score]:
    """Yield where a kind falls short; what is missed is not told again as not right."""
    least = None
    for score in incident_scores(answers):
        if score.share < FAIR and (least is None or score.met < least):
            least = score.met
            yield score
    for score in (
        _false("nothing false besides", answers),
        _wrong("nothing wrong at its time", answers),
    ):
        if 1 - score.share < FAIR:
            yield score._replace(met=score.of - score.met)


def _of(score: Score) -> str:
    return f"{score.met} of {score.of}"


def _kinds(loud: Sequence[Answer]) -> str:
    rows = []
    for kind, of in _by_kind(loud):
        told = incident_scores(of)
        besides = (_of(_false("", of)), _of(_wrong("", of)))
        rows.append([_what(kind), str(told[0].of), *(str(s.met) for s in told), *besides])
    if not rows:
        return ""
    names = ["what happens", "n", *WORDS.values(), "false besides", "wrong at its time"]
    return _table(names, rows)


def _quiet_kinds(quiet: Sequence[Answer]) -> str:
    rows = [
        [_what(kind), str(len(of)), str(_false("", of).met), str(sum(each.window for each in of)),
         str(sum(each.changes for each in of))]
        for kind, of in _by_kind(quiet)
    ]  # fmt: skip
    if not rows:
        return ""
    names = ["what is no incident", "n", "claims", "`worst_window`", "`change_points`"]
    return _table(names, rows)


def _folded(title: str, parts: Sequence[str]) -> list[str]:
    """Return parts that are unfolded by a click."""
    if not parts:
        return []
    return [f"<details>\n<summary>{title}</summary>\n", *parts, "</details>\n"]


def _what(kind: str) -> str:
    """Return a kind's name, and what it says of itself."""
    said = (RECIPES[kind].act.__doc__ or "").strip().partition("\n")[0].removesuffix(".")
    return f"**{_plain(kind)}**: {said[:1].lower()}{said[1:]}"


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
