"""The tables count what they should, and say where a goal is missed."""

from __future__ import annotations

import re

import pytest

from benchmarks.judging import Sorted, Verdict
from benchmarks.scores import Answer, Score, scores, tell

ALL, MISSED = Verdict(True, True, True, True, True), Verdict()
SEEDS = range(100, 110)


def answers(kind: str, *verdicts: Verdict, false: int = 0, wrong: int = 0) -> list[Answer]:
    """Return a world for each verdict; so many have false claims, and wrong ones."""
    return [
        Answer(kind, (verdict,), int(place < wrong), int(place < false), False, False, 1.5)
        for place, verdict in enumerate(verdicts)
    ]


def quiet(kind: str, worlds: int, false: int) -> list[Answer]:
    return [Answer(kind, (), 0, 2 * (n < false), n < 3, n < 4, 0.5) for n in range(worlds)]


def by_name(found: list[Score]) -> dict[str, tuple[int, int, bool]]:
    return {score.name: (score.met, score.of, score.is_reached) for score in found}


def test_incidents_are_counted_over_all_kinds() -> None:
    late = ALL._replace(on_time=False)
    found = [
        *answers("node_broken", *[ALL] * 8, late, MISSED, false=2, wrong=1),
        *answers("everywhere", *[ALL] * 9, ALL._replace(first=False)),
    ]
    assert by_name(scores(found, [])) == {
        "incidents detected": (19, 20, True),
        "cause first": (18, 20, True),
        "sentence right": (19, 20, True),
        "sentence complete": (19, 20, True),
        "begins on time": (18, 20, True),
        "a false claim besides": (2, 20, True),
        "a wrong one at its time": (1, 20, True),
    }


def test_a_world_of_two_incidents_counts_twice() -> None:
    two = [Answer("two_apart", (ALL, MISSED), 0, 0, False, False, 1.0)]
    assert by_name(scores(two, []))["incidents detected"] == (1, 2, False)


@pytest.mark.parametrize(
    ("claims", "all_of_them", "worst"),
    [(0, True, True), (1, True, True), (2, False, False)],
)
def test_quiet_worlds_are_counted_by_world_and_by_kind(
    claims: int, all_of_them: bool, worst: bool
) -> None:
    found = [*quiet("campaign", 30, 0), *quiet("daily_swing", 20, claims)]
    told = by_name(scores(found, []))
    assert told["there, by `worst_window`"] == (6, 50, True)
    assert told["there, by `change_points`"] == (8, 50, True)
    assert told["a claim where nothing happened"] == (claims, 50, all_of_them)
    kind = " (daily swing)" if claims else ""
    assert told[f"the same in the worst kind{kind}"][2] is worst


def test_causes_of_several_attributes() -> None:
    multi = [
        Sorted((1,), (True,), True, 0),
        Sorted((2,), (True,), True, 0),
        Sorted((2,), (True,), False, 1),
        Sorted((3,), (False,), False, 2),
        Sorted((1, 2), (True, True), True, 0),
        Sorted((3, 2), (True, False), True, 0),
        Sorted((1, 1, 2), (True, True, True), True, 0),
    ]
    assert by_name(scores([], multi)) == {
        "one cause of one attribute, first": (1, 1, True),
        "one cause of two attributes, first": (1, 2, False),
        "one cause of three attributes, first": (0, 1, False),
        "two causes, both named": (1, 2, False),
        "three, all named": (1, 1, True),
        "a cause named that is none": (2, 7, True),
    }


def rows(text: str, heading: str) -> list[list[str]]:
    """Return the cells below a heading."""
    lines = iter(text.splitlines())
    next(line for line in lines if line.startswith(f"| {heading}"))
    next(lines)
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def test_a_line_for_each_kind() -> None:
    unsaid = ALL._replace(complete=False)
    found = [
        *quiet("campaign", 10, 1),
        *answers("node_broken", *[ALL] * 10),
        *answers("very_short", *[ALL] * 7, *[unsaid] * 2, MISSED, false=3, wrong=1),
    ]
    text, is_reached = tell(found, [], SEEDS, SEEDS)
    node, short = rows(text, "what happens")
    assert node[0].startswith("**node broken**: one of a load balancer's nodes")
    assert node[1:] == ["10", "10", "10", "10", "10", "10", "0 of 10", "0 of 10"]
    assert short[1:] == ["10", "9", "9", "9", "7", "9", "3 of 10", "1 of 10"]
    assert text.count("<details>") == text.count("</details>") == 1
    assert [row[1:] for row in rows(text, "what is no incident")] == [["10", "1", "3", "4"]]
    assert not is_reached  # 1 of 10 quiet worlds
    assert "30 worlds of 3 kinds, seeds 100 to 109; an answer takes 1.5 s (median)." in text
    goals = {row[0]: row[1:] for row in rows(text, " ")}
    assert goals["incidents detected"] == ["19 of 20", "95.0 %", "≥ 95 %", "yes"]
    assert goals["a claim where nothing happened"] == ["1 of 10", "10.0 %", "≤ 2 %", "**no**"]
    assert goals["sentence complete"][2:] == ["–", "–"]


def test_what_falls_short_is_told_once() -> None:
    wrong = ALL._replace(first=False, right=False, complete=False)
    found = [
        *answers("very_short", *[ALL] * 7, *[wrong] * 1, *[MISSED] * 2, false=2, wrong=3),
        *answers("everywhere", *[ALL] * 9, MISSED),
        *quiet("campaign", 10, 1),
        *quiet("daily_swing", 10, 0),
    ]
    text, _ = tell(found, [], SEEDS, SEEDS)
    assert re.findall(r"^- (.*)$", text, re.MULTILINE) == [
        "incidents detected: very short (8 of 10)",
        "cause first: very short (7 of 10)",
        "nothing false besides: very short (8 of 10)",
        "nothing wrong at its time: very short (7 of 10)",
        "claims where nothing happened: campaign (1 of 10)",
    ]
    fine, is_reached = tell(answers("everywhere", *[ALL] * 9), [], SEEDS, SEEDS)
    assert "No kind falls below 90 %" in fine
    assert is_reached


def test_seeds_that_were_tuned_on_are_called_so() -> None:
    found = answers("everywhere", ALL)
    assert "these were not" in tell(found, [], SEEDS, SEEDS)[0]
    assert "no measure" in tell(found, [], range(3, 4), SEEDS)[0]
