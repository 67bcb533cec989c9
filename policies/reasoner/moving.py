"""How the thing of an instruction travels: its first step as a path in the world."""

import math

import numpy as np

from policies.reasoner.free_places import find_places
from policies.reasoner.looking import Look
from policies.reasoner.parts import part_box3d, part_weight
from policies.reasoner.spotting import Spotted, spot
from policies.reasoner.trajectories import predict_trajectory
from robotics.reasoning.answers import Box3D, Found, Trajectory
from robotics.reasoning.errors import UnknownWordsError
from robotics.reasoning.language import parse_instruction
from robotics.reasoning.query import FreeSpace, Thing
from robotics.reasoning.steps import (
    Close,
    Direction,
    HandOver,
    Open,
    Pick,
    Place,
    Push,
    PutIn,
    Stack,
    Step,
)

_PUSH_M = 0.12
"""How far 'to the left' is."""
_LIFT_M = 0.12
_DRAWER_M = 0.12
_WAYS = {
    Direction.LEFT: (-1.0, 0.0),
    Direction.RIGHT: (1.0, 0.0),
    Direction.AWAY: (0.0, 1.0),
    Direction.TOWARD: (0.0, -1.0),
}
"""To the viewer's right, and away from the viewer."""


class _AbsentError(Exception):
    """Something that the step needs is not there; internal to this file."""

    def __init__(self, reason: str, presence: float):
        self.presence = presence
        super().__init__(reason)


def find_trajectory(look: Look, instruction: str) -> Found[Trajectory]:
    """The way of the first step's thing, in a view with depth and calibration.

    Raises:
        InstructionError: It says nothing that can be done.
    """
    try:
        step = parse_instruction(instruction)[0]
    except UnknownWordsError as unknown:
        return Found((), presence=0.0, unknown_words=tuple(unknown.words), reason=str(unknown))
    try:
        return _of_step(look, step)
    except _AbsentError as absent:
        return Found((), presence=absent.presence, reason=str(absent))


def _of_step(look: Look, step: Step) -> Found[Trajectory]:
    number, spotted = _the_one(look, step.thing)
    box, mask = look.box3d(number), look.mask(number)
    centre = np.array(box.center)
    match step:
        case Push():
            verb = "pull" if step.pulled else "push"
            goal = _push_goal(look, step, centre, number)
        case Place():
            verb, goal = "place", _place(look, step.place)
        case PutIn():
            verb, goal = "place", _onto(look, step.container, number)
        case Stack():
            verb, goal = "place", _onto(look, step.base, number)
        case Pick():
            verb, goal = "hand over", centre + np.array([0.0, 0.0, _LIFT_M])
        case HandOver():
            verb, goal = "hand over", np.array([0.0, centre[1], centre[2] + _LIFT_M])
        case Open() | Close():
            verb = "pull"
            box, mask, goal = _drawer(look, step.thing, number, opens=isinstance(step, Open))
    way = predict_trajectory(look.view, verb, box, goal, mask)
    return Found((way,), presence=spotted.presence)


def _the_one(look: Look, thing: Thing, other_than: int = -1) -> tuple[int, Spotted]:
    spotted = spot(look, thing)
    others = [i for i in spotted.indices if i != other_than]
    if not others:
        raise _AbsentError(spotted.reason or f"there is no other {thing.phrase}", spotted.presence)
    return others[0], spotted


def _onto(look: Look, thing: Thing, other_than: int) -> np.ndarray:
    """The middle of a thing's top; into a hollow one it is let go from above its rim."""
    box = look.box3d(_the_one(look, thing, other_than)[0])
    return np.array(box.center) + np.array([0.0, 0.0, box.size[2] / 2])


def _place(look: Look, place: FreeSpace) -> np.ndarray:
    found = find_places(look, place, "", 1)
    if found.best is None or found.best.position is None:
        raise _AbsentError(found.reason or "no free space whose depth is known", found.presence)
    return np.array(found.best.position)


def _push_goal(look: Look, step: Push, centre: np.ndarray, number: int) -> np.ndarray:
    if step.direction is not None:
        right, away = (np.array(look.viewer.right), np.array(look.viewer.away))
        x, y = _WAYS[step.direction]
        way = x * right + y * away
        return centre + np.append(way * _PUSH_M, 0.0)
    if isinstance(step.goal, Thing):
        return np.array(look.box3d(_the_one(look, step.goal, number)[0]).center)
    assert step.goal is not None
    return _place(look, step.goal)


def _drawer(look: Look, thing: Thing, number: int, opens: bool) -> tuple[Box3D, np.ndarray, np.ndarray]:
    """The handle's box and mask, and where it goes: away from the middle of its thing, or back."""
    weight = part_weight(look, number, "handle")
    box = None if weight is None else part_box3d(look, number, weight, "handle", 1.0)
    if weight is None or box is None:
        raise _AbsentError(f"the {thing.phrase} shows no handle", 0.3)
    whole = look.box3d(number)
    out = np.array(box.center[:2]) - np.array(whole.center[:2])
    # it moves at right angles to the face that the handle is on
    w, _, _, z = whole.rotation
    yaw = 2 * math.atan2(z, w)
    axes = np.array([[math.cos(yaw), math.sin(yaw)], [-math.sin(yaw), math.cos(yaw)]])
    along = axes @ out / (np.array(whole.size[:2]) / 2)
    axis = int(np.argmax(np.abs(along)))
    way = axes[axis] * np.sign(along[axis]) * (_DRAWER_M if opens else -_DRAWER_M)
    return box, look.pixels(number, weight), np.array(box.center) + np.append(way, 0.0)
