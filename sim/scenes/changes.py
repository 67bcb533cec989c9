"""What somebody did, or failed to do, between two pictures of a scene."""

from dataclasses import replace
from typing import Any

import numpy as np

from sim.scenes.arrangement import Arrangement
from sim.scenes.holding import Placement, is_clear
from sim.scenes.pool import Pool
from sim.scenes.postures import RobotPostures
from sim.scenes.thing import ROBOT, TABLE

_OPEN = 0.8
"""A drawer counts as open from this fraction of its travel on."""
_TOLD_APART_M = 0.08
"""What was moved elsewhere lies so far from where it was."""


def changed(
    pool: Pool, postures: RobotPostures, before: Placement, rng: np.random.Generator
) -> tuple[Placement, dict[str, Any]] | None:
    """The scene afterwards and `change` of docs/scenes.md; None: this scene allows no change.

    In about half of the cases what the instruction says was done; else nothing was, or with the wrong thing,
    or at the wrong place.
    """
    layout = before.layout
    if not layout.rests or before.held or any(thing.support == ROBOT for thing in layout.things):
        return None
    table = Arrangement(
        *(pool, rng, layout.spot, layout.radius),
        list(layout.things),
        list(layout.footprints),
        list(layout.rests),
        {thing.instance for thing in layout.things},
    )
    change = _drawer(table) or _carry(table) or _bring_together(table)
    if change is None:
        return None
    after = Placement(table.layout(layout.kind), None)
    if before.posture is None:
        return after, change
    for draw in (postures.anywhere, postures.home):
        placed = replace(after, posture=draw(rng))
        if is_clear(postures, pool, placed):
            return placed, change
    return replace(after, posture=before.posture), change


def _outcome(rng: np.random.Generator) -> str:
    return str(rng.choice(["done", "nothing", "wrong thing", "wrong place"], p=[0.52, 0.16, 0.16, 0.16]))


def _drawer(table: Arrangement) -> dict[str, Any] | None:
    """Open a drawer, or close it."""
    rng = table.rng
    cabinets = [n for n in range(1, len(table.things) + 1) if table.instance_of(n).shape.slide.any()]
    if not cabinets or rng.random() < 0.3:
        return None
    number = int(rng.choice(cabinets))
    thing = table.things[number - 1]
    closes = thing.opened > 0.5
    if 0.15 < thing.opened <= 0.5:
        return None
    outcome = _outcome(rng)
    goal = 0.0 if closes else float(rng.uniform(_OPEN + 0.05, 1.0))
    if outcome != "done":
        goal = thing.opened + (goal - thing.opened) * (0.0 if outcome == "nothing" else rng.uniform(0.1, 0.5))
    table.things[number - 1] = replace(thing, opened=goal)
    if closes:
        return _told("close", number, None, outcome == "done", "close the drawer")
    return _told("open", number, None, outcome == "done", "open the drawer")


def _carry(table: Arrangement) -> dict[str, Any] | None:
    """Put a thing into or on another."""
    rng = table.rng
    movable = _movable(table)
    goals = [n for n in _unmistakable(table) if table.things[n - 1].support == TABLE]
    if not movable or rng.random() < 0.15:
        return None
    for number in map(int, rng.permutation(np.array(movable, int))):
        for goal in map(int, rng.permutation(np.array(goals, int))):
            if goal == number:
                continue
            for inside in (True, False):
                done = _try_carry(table, number, goal, inside)
                if done is not None:
                    return done
    return None


def _try_carry(table: Arrangement, number: int, goal: int, inside: bool) -> dict[str, Any] | None:
    rest = table.rests[number - 1]
    found = table.find_in(rest, goal) if inside else table.find_on(rest, goal)
    if found is None:
        return None
    within = inside and table.instance_of(goal).family not in ("plate", "tray")  # one says: on the plate
    verb, word = ("put_in", "in") if within else ("put_on", "on")
    text = f"put the {_name(table, number)} {word} the {_name(table, goal)}"
    outcome = _outcome(table.rng)
    if outcome == "wrong thing":
        others = [n for n in _movable(table, told_apart=False) if n not in (number, goal)]
        for other in table.rng.permutation(others) if others else []:
            rest = table.rests[int(other) - 1]
            place = table.find_in(rest, goal) if inside else table.find_on(rest, goal)
            if place is not None:
                table.move(int(other), *place, goal, inside)
                return _told(verb, number, goal, False, text)
        outcome = "nothing"
    if outcome == "done":
        table.move(number, *found, goal, inside)
    elif outcome == "wrong place" and not _move_aside(table, number):
        outcome = "nothing"
    return _told(verb, number, goal, outcome == "done", text)


def _bring_together(table: Arrangement) -> dict[str, Any] | None:
    """Move a thing next to another."""
    rng = table.rng
    movable = _movable(table)
    goals = [n for n in _unmistakable(table) if table.things[n - 1].support == TABLE]
    for number in map(int, rng.permutation(np.array(movable, int))):
        for goal in map(int, rng.permutation(np.array(goals, int))):
            if number == goal or _apart(table, number, goal) < 0.15:
                continue
            text = f"move the {_name(table, number)} next to the {_name(table, goal)}"
            outcome = _outcome(rng)
            if outcome == "done":
                made = table.find_beside(table.rests[number - 1], 0.008, near=goal)
                if made is None:
                    continue
                table.move(number, made, 0.0, TABLE)
                return _told("move", number, goal, True, text)
            others = [n for n in _movable(table, told_apart=False) if n not in (number, goal)]
            if outcome == "wrong thing" and others:
                other = int(rng.choice(others))
                made = table.find_beside(table.rests[other - 1], 0.008, near=goal)
                if made is not None:
                    table.move(other, made, 0.0, TABLE)
            return _told("move", number, goal, False, text)
    return None


def _move_aside(table: Arrangement, number: int) -> bool:
    old = table.footprints[number - 1]
    for _ in range(6):
        made = table.find_beside(table.rests[number - 1], 0.01)
        if made is not None and np.hypot(made.x - old.x, made.y - old.y) > _TOLD_APART_M:
            table.move(number, made, 0.0, TABLE)
            return True
    return False


def _movable(table: Arrangement, told_apart: bool = True) -> list[int]:
    """Ids of things that carry nothing and no cabinets; told apart by colour and family, if wanted."""
    named = _unmistakable(table) if told_apart else list(range(1, len(table.things) + 1))
    return [
        n
        for n in named
        if table.things[n - 1].support == TABLE
        and not table.is_loaded(n)
        and table.instance_of(n).family != "cabinet"
    ]


def _unmistakable(table: Arrangement) -> list[int]:
    names = [_name(table, n) for n in range(1, len(table.things) + 1)]
    return [n for n, name in enumerate(names, start=1) if names.count(name) == 1]


def _name(table: Arrangement, number: int) -> str:
    return f"{table.things[number - 1].paint.colour} {table.instance_of(number).family}"


def _apart(table: Arrangement, one: int, other: int) -> float:
    a, b = table.footprints[one - 1], table.footprints[other - 1]
    return float(np.hypot(a.x - b.x, a.y - b.y)) - max(a.half) - max(b.half)


def _told(verb: str, number: int, goal: int | None, achieved: bool, text: str) -> dict[str, Any]:
    return {"verb": verb, "object": number, "goal": goal, "achieved": achieved, "instruction": text}
