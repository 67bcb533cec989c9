"""Scenes that look as the built-in tasks do: their props, sizes, colours and places, at any moment."""

from dataclasses import replace

import numpy as np

from sim.scenes.arrangement import Arrangement
from sim.scenes.pool import Pool
from sim.scenes.thing import Layout, Paint
from sim.tasks.layout import scatter


def arrange_task(pool: Pool, rng: np.random.Generator, kind: str) -> Layout:
    """Props of 'task_NAME', as they start or with something done.

    Raises:
        ValueError: No such kind.
    """
    table = Arrangement(pool, rng, (0.0, 0.0), 0.25)
    name = kind.removeprefix("task_")
    if name == "put_in_bowl":
        _bowls(table)
    elif name == "stack_blocks":
        _blocks(table)
    elif name == "open_drawer":
        _drawer(table)
    elif name == "hand_over_cube":
        x, y = rng.uniform([-0.25, -0.12], [0.25, 0.12])
        _put(table, "cube", "red", float(x), float(y), size=0.04)
    else:
        raise ValueError(
            f"no task scenes '{kind}'; there are put_in_bowl, stack_blocks, open_drawer, hand_over_cube"
        )
    return table.layout(kind)


def _find(table: Arrangement, family: str, colour: str, size: float = 0.0) -> int:
    for index, instance in enumerate(table.pool.instances):
        if instance.task is None or index in table.used or instance.family != family:
            continue
        if instance.task[0] == colour and (not size or abs(instance.shape.size[0] - size) < 1e-4):
            return index
    raise ValueError(f"the pool has no prop '{colour} {family}' left")


def _put(table: Arrangement, family: str, colour: str, x: float, y: float, size: float = 0.0) -> int:
    index = _find(table, family, colour, size)
    return table.at(index, x, y, float(table.rng.uniform(-0.8, 0.8)), _paint(table, index))


def _paint(table: Arrangement, index: int) -> Paint:
    task = table.pool.instances[index].task
    assert task is not None
    return Paint(task[0], task[1])


def _bowls(table: Arrangement) -> None:
    rng = table.rng
    bowls = []
    for x in (-0.24, 0.24):
        dx, dy = rng.uniform(-0.03, 0.03, 2)
        bowls.append(_put(table, "bowl", "white", x + float(dx), float(dy)))
    points = scatter(rng, 3, (-0.07, -0.12), (0.07, 0.09), spacing=0.09)
    props = (("cube", "red", 0.038), ("cylinder", "green", 0.0), ("block", "yellow", 0.0))
    done = int(rng.integers(3)) if rng.random() < 0.35 else -1
    for number, ((family, colour, size), point) in enumerate(zip(props, points, strict=True)):
        prop = _put(table, family, colour, float(point[0]), float(point[1]), size)
        if number == done:
            bowl = bowls[int(rng.integers(2))]
            x, y = table.footprints[bowl - 1].x, table.footprints[bowl - 1].y
            dx, dy = rng.uniform(-0.02, 0.02, 2)
            made = replace(table.footprints[prop - 1], x=x + float(dx), y=y + float(dy))
            table.move(prop, made, 0.004, bowl, inside=True)


def _blocks(table: Arrangement) -> None:
    rng = table.rng
    points = scatter(rng, 3, (-0.2, -0.12), (0.2, 0.1), spacing=0.09)
    placed = [
        _put(table, "cube", colour, float(x), float(y), 0.04)
        for colour, (x, y) in zip(("red", "green", "blue"), points, strict=True)
    ]
    order = [placed[i] for i in rng.permutation(3)]
    for upper, lower in list(zip(order[1:], order, strict=False))[: int(rng.choice([0, 0, 1, 2]))]:
        below = table.footprints[lower - 1]
        dx, dy = rng.uniform(-0.006, 0.006, 2)
        base = table.things[lower - 1].pose.position[2] + 0.02
        made = replace(table.footprints[upper - 1], x=below.x + float(dx), y=below.y + float(dy))
        table.move(upper, made, float(base), lower)


def _drawer(table: Arrangement) -> None:
    rng = table.rng
    x, y, yaw = rng.uniform([-0.12, -0.06, -0.12], [0.0, 0.02, 0.12])
    index = _find(table, "cabinet", "grey")
    # the task gives the middle of the front; the thing's origin is the middle of its box
    shape = table.pool.instances[index].shape
    middle = 0.071 - shape.size[0] / 2
    opened = float(rng.choice([0.0, rng.uniform(0.05, 0.5), rng.uniform(0.7, 1.0)]))
    at = float(x + middle * np.cos(yaw)), float(y + middle * np.sin(yaw))
    table.at(index, *at, float(yaw), _paint(table, index), opened)
