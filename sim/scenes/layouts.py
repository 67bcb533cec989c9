"""The kinds of scenes: what lies where."""

from collections.abc import Callable

import numpy as np

from sim.scenes.arrangement import Arrangement
from sim.scenes.choices import HeldOut, Wish, any_wish, wishes
from sim.scenes.clutter import pile
from sim.scenes.pool import Pool
from sim.scenes.task_layouts import arrange_task
from sim.scenes.thing import Layout

_KINDS = {"single": 0.05, "scattered": 0.33, "near": 0.14, "stacked": 0.16, "contained": 0.2, "clutter": 0.12}
_SMALL = (
    "cube",
    "ball",
    "egg",
    "block",
    "star",
    "ring",
    "cross",
    "cylinder",
    "wedge",
    "apple",
    "pear",
    "candle",
)
_LONG = ("pen", "marker", "spoon", "screwdriver", "brush", "knife")
_CARRIERS = ("book", "block", "cube", "can", "cabinet", "book")
_CONTAINERS = ("bowl", "box", "tray", "basket", "plate", "mug", "cup")


def draw_kind(rng: np.random.Generator, task_share: float) -> str:
    """Name of a kind; 'task_...' in so many of the cases."""
    if rng.random() < task_share:
        return (
            f"task_{('put_in_bowl', 'stack_blocks', 'open_drawer', 'hand_over_cube')[int(rng.integers(4))]}"
        )
    return str(rng.choice(list(_KINDS), p=list(_KINDS.values())))


def lay_out(
    pool: Pool, rng: np.random.Generator, kind: str, held_out: HeldOut, lower: np.ndarray, upper: np.ndarray
) -> Layout:
    """A scene of a kind, somewhere between two corners of the table (2,) [m]."""
    if kind.startswith("task_"):
        return arrange_task(pool, rng, kind)
    spot = tuple(float(value) for value in rng.uniform(lower, upper))
    count = 1 if kind == "single" else int(rng.integers(3, 11))
    radius = float(rng.uniform(0.035, 0.06) * np.sqrt(count) + rng.uniform(0.02, 0.16))
    table = Arrangement(pool, rng, (spot[0], spot[1]), radius)
    if kind == "clutter":
        heap = pile(table, held_out)
        if heap.things:
            return heap
        kind = "scattered"
    gap = float(rng.choice([0.006, 0.015, 0.03, 0.05]))
    carried = {"stacked": "on", "contained": "in"}.get(kind, "")
    for wish in wishes(rng, count, held_out):
        last = len(table.things)
        near = int(rng.integers(1, last + 1)) if kind == "near" and last and rng.random() < 0.7 else 0
        if near and table.things[near - 1].support != 0:
            near = 0
        table.beside(wish, float(rng.uniform(0.001, 0.006)) if near else gap, near)
    wanted = int(rng.integers(1, 4)) if carried else int(rng.random() < 0.15)
    for _ in range(4 * wanted):
        if wanted <= 0:
            break
        wanted -= _carry(table, carried or str(rng.choice(["on", "in"])), held_out)
    if not table.things:
        table.beside(any_wish(rng, held_out, family="cube"), 0.0)
    return table.layout(kind)


def _carry(table: Arrangement, how: str, held_out: HeldOut) -> bool:
    """Put something on or into a thing, one that is there and empty or a new one; whether it worked."""
    rng = table.rng
    there = [
        number
        for number in range(1, len(table.things) + 1)
        if (table.instance_of(number).shape.top if how == "on" else table.instance_of(number).shape.cavity)
        and table.rests[number - 1].upright
        and not table.is_loaded(number)
    ]
    support = int(rng.choice(there)) if there and rng.random() < 0.6 else 0
    if not support:
        family = str(rng.choice(_CARRIERS if how == "on" else _CONTAINERS))
        support = table.beside(any_wish(rng, held_out, family=family), 0.006, upright=True)
    if not support:
        return False
    if how == "on":
        top = _first(table.on, support, _SMALL, rng, held_out)
        if top and rng.random() < 0.35:
            _first(table.on, top, _SMALL, rng, held_out)
        return bool(top)
    if table.instance_of(support).family in ("mug", "cup") and rng.random() < 0.75:
        return bool(_first(table.leaning, support, _LONG, rng, held_out))
    done = _first(table.into, support, (*_SMALL, *_LONG), rng, held_out)
    for _ in range(int(rng.integers(0, 3)) if done else 0):
        table.into(any_wish(rng, held_out, family=str(rng.choice(_SMALL))), support)
    return bool(done)


def _first(
    put: Callable[[Wish, int], int],
    support: int,
    families: tuple[str, ...],
    rng: np.random.Generator,
    held_out: HeldOut,
) -> int:
    """The id of the first of a few things that fits, or 0."""
    for family in rng.permutation(families)[:6]:
        number = put(any_wish(rng, held_out, family=str(family)), support)
        if number:
            return number
    return 0
