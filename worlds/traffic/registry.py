"""The kinds of world, by name: what each plans, and what it sets up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from worlds.traffic.stage import Stage
from worlds.traffic.truth import Level

Act = Callable[[Stage], None]


@dataclass(frozen=True)
class Recipe:
    """A kind: parameters of its plan (a pair of numbers is drawn between), and what happens."""

    name: str
    act: Act
    is_quiet: bool
    scanners: Level | None  # a level of its own, or one by the seed
    plan: dict[str, Any]


RECIPES: dict[str, Recipe] = {}


def quiet(*, scanners: Level | None = None, **plan: Any) -> Callable[[Act], Act]:
    """Register a kind in which nothing goes wrong."""
    return _registered(is_quiet=True, scanners=scanners, plan=plan)


def incident(*, scanners: Level | None = None, **plan: Any) -> Callable[[Act], Act]:
    """Register a kind in which something does."""
    return _registered(is_quiet=False, scanners=scanners, plan=plan)


def _registered(
    *, is_quiet: bool, scanners: Level | None, plan: dict[str, Any]
) -> Callable[[Act], Act]:
    def register(act: Act) -> Act:
        name = act.__name__  # type: ignore[attr-defined]
        RECIPES[name] = Recipe(name, act, is_quiet, scanners, plan)
        return act

    return register
