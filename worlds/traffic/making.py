"""A world from its kind and seed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zlib import crc32

import numpy as np

from worlds.traffic import kinds as _kinds  # registers them
from worlds.traffic.events import Events
from worlds.traffic.judged import incidents_of, nuisances_of
from worlds.traffic.logged import logged
from worlds.traffic.nuisances import scan
from worlds.traffic.play import play
from worlds.traffic.population import populate
from worlds.traffic.registry import RECIPES, Recipe
from worlds.traffic.stage import Plan, Stage, set_stage
from worlds.traffic.truth import LEVELS, Level, World

KINDS: tuple[str, ...] = tuple(RECIPES)
QUIET: tuple[str, ...] = tuple(name for name, recipe in RECIPES.items() if recipe.is_quiet)
INCIDENTS: tuple[str, ...] = tuple(name for name in KINDS if name not in QUIET)
ROOMS = _kinds.__all__

LEAST_FAILURES, MOST_DRAWS = 30, 6


def make(
    kind: str, seed: int, *, size: float = 1.0, scanners: Level | None = None, **plan: Any
) -> World:
    """Return the world of a kind and a seed; the same each time.

    A world whose incident fell into so quiet a time that it left fewer than 30 failures, or hit
    fewer than three clients, is drawn again.

    Parameters
    ----------
    kind : str
        One of ``KINDS``.
    seed : int
        Any number from 0. It says how loud scanners are, too: none, mild or loud in turn where
        something happens, none or mild where nothing does, unless the kind is about scanners.
    size : float
        Scales the numbers of connections and, by its root, of clients.
    scanners : str, optional
        ``"none"``, ``"mild"`` or ``"loud"``, whatever kind and seed say.
    **plan
        Parameters of ``Plan`` instead of the kind's.
    """
    attempt = 0
    world = _make(kind, seed, attempt, size=size, scanners=scanners, **plan)
    while not _is_seen(world, size) and attempt < MOST_DRAWS:
        attempt += 1
        world = _make(kind, seed, attempt, size=size, scanners=scanners, **plan)
    return world


def _is_seen(world: World, size: float) -> bool:
    """Say whether every incident left failures enough to be one, of several clients."""
    return all(
        incident.finding == "slow handshakes"
        or (incident.failures >= LEAST_FAILURES * min(size, 1) and incident.clients >= 3)
        for incident in world.truth
    )


def _make(
    kind: str, seed: int, attempt: int, *, size: float, scanners: Level | None, **plan: Any
) -> World:
    stage, level = set_up(kind, seed, attempt, size=size, scanners=scanners, **plan)
    events = _without_holes(stage, play(stage))
    return World(
        kind=kind,
        seed=seed,
        connections=logged(stage, events),
        truth=incidents_of(stage, events),
        nuisances=nuisances_of(stage),
        begin=stage.clock.begin,
        end=stage.clock.begin + timedelta(seconds=stage.seconds),
        scanners=level,
        notes=stage.notes,
    )


def set_up(
    kind: str,
    seed: int,
    attempt: int = 0,
    *,
    size: float = 1.0,
    scanners: Level | None = None,
    **plan: Any,
) -> tuple[Stage, Level]:
    """Return a stage before the play, and how loud scanners are."""
    recipe = RECIPES[kind]
    random = np.random.default_rng([crc32(kind.encode()), seed, attempt])
    level = scanners or recipe.scanners or LEVELS[seed % (2 if recipe.is_quiet else 3)]
    stage = set_stage(random, _plan(recipe, random, {**plan, "size": size}), level)
    populate(stage)
    recipe.act(stage)
    scan(stage)
    return stage, level


def _plan(recipe: Recipe, random: np.random.Generator, given: dict[str, Any]) -> Plan:
    """Return the plan of a kind; a list of two numbers is a range to draw from."""
    planned = {"connections": [40_000, 80_000], **recipe.plan}
    drawn = {
        name: float(random.uniform(*value)) if isinstance(value, list) else value
        for name, value in planned.items()
    }
    return Plan(**{**drawn, **given})


def _without_holes(stage: Stage, events: Events) -> Events:
    for node, start, end in stage.holes:
        lost = (events.time >= start) & (events.time < end)
        if node >= 0:
            lost &= events.node == node
        events = events.take(~lost)
    return events
