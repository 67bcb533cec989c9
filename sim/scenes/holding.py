"""Where the robot of a scene is, and what it has between its fingers."""

from dataclasses import dataclass, replace

import numpy as np

from robotics.pose import Pose, matrix_to_quaternion
from sim.scenes.pool import Pool
from sim.scenes.postures import Posture, RobotPostures
from sim.scenes.thing import ROBOT, Layout
from sim.scenes.truth import box_of

_TRIES = 5
_EXACT_M, _EXACT_DOWN = 0.003, -0.998


@dataclass(frozen=True)
class Placement:
    """A layout, and the robot above it."""

    layout: Layout
    posture: Posture | None
    """None: no robot."""
    held: int = 0
    """Id of what it holds, or 0."""


def place_robot(postures: RobotPostures, pool: Pool, layout: Layout, rng: np.random.Generator) -> Placement:
    """Home, anywhere, close to a thing or holding one; clear of all other things."""
    mode = rng.random()
    home = Placement(layout, postures.home(rng))
    if mode < 0.3:
        return home
    for _ in range(_TRIES):
        if mode < 0.6:
            found: Placement | None = Placement(layout, postures.anywhere(rng))
        else:
            found = _at_a_thing(postures, pool, layout, rng, holds=mode > 0.8)
        if found is not None and is_clear(postures, pool, found):
            return found
    return home


def is_clear(postures: RobotPostures, pool: Pool, placement: Placement) -> bool:
    """Whether the robot is in nothing that it does not hold."""
    boxes = [
        box_of(thing, pool.instances[thing.instance])
        for number, thing in enumerate(placement.layout.things, start=1)
        if number != placement.held
    ]
    assert placement.posture is not None
    if not boxes:
        return postures.is_clear(placement.posture, np.zeros((0, 3)), np.zeros((0, 4)), np.zeros((0, 3)))
    centers, sizes, turns = (np.array(values) for values in zip(*boxes, strict=True))
    quaternions = np.array([matrix_to_quaternion(turn) for turn in turns])
    return postures.is_clear(placement.posture, centers, quaternions, sizes)


def _at_a_thing(
    postures: RobotPostures, pool: Pool, layout: Layout, rng: np.random.Generator, holds: bool
) -> Placement | None:
    number = int(rng.integers(1, len(layout.things) + 1))
    thing = layout.things[number - 1]
    center, size, turn = box_of(thing, pool.instances[thing.instance])
    arm = int(rng.integers(postures.arms()))
    yaw = float(np.arctan2(turn[1, 0], turn[0, 0])) + (np.pi if rng.random() < 0.5 else 0.0)
    if not holds:
        opening = 1.0 if rng.random() < 0.6 else float(rng.random())
        point = center + np.array([0.0, 0.0, size[2] / 2 + rng.uniform(0.015, 0.09)])
        posture = postures.over(rng, arm, point, yaw, opening)
        return posture and Placement(layout, posture)
    loaded = any(other.support == number for other in layout.things)
    if loaded or size[1] > postures.widest(arm) - 0.004 or pool.instances[thing.instance].family == "cabinet":
        return None
    up = 0.0 if rng.random() < 0.3 else float(rng.uniform(0.02, 0.15))
    point = center + np.array([0.0, 0.0, max(0.0, size[2] / 2 - 0.02) + up])
    posture = postures.over(rng, arm, point, yaw, postures.opening(arm, size[1]))
    if posture is None:
        return None
    if up == 0.0:
        return Placement(layout, posture, number) if _is_at(posture.tools[arm], point) else None
    # the thing goes with the tool: a tool that is tilted or aside of its target takes it along
    wanted = Pose.from_matrix(_tool_rotation(yaw), point)
    carried = posture.tools[arm].compose(wanted.inverse()).compose(thing.pose)
    held = replace(thing, pose=carried, support=ROBOT, inside=0)
    things = (*layout.things[: number - 1], held, *layout.things[number:])
    return Placement(replace(layout, things=things), posture, number)


def _is_at(tool: Pose, point: np.ndarray) -> bool:
    """Whether a tool looks down on its point so exactly that its fingers are beside the thing, not in it."""
    return bool(np.linalg.norm(tool.position - point) < _EXACT_M and tool.rotation[2, 2] < _EXACT_DOWN)


def _tool_rotation(yaw: float) -> np.ndarray:
    y = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    x = np.cross(y, [0.0, 0.0, -1.0])
    return np.stack([x, y, [0.0, 0.0, -1.0]], axis=1)
