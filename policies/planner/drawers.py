"""Opens and closes a drawer by its handle, along the way that its front faces."""

import numpy as np

from policies.planner.arms import level, pointing
from policies.planner.body import Body
from policies.planner.errors import GaveUpError, OutOfReachError
from policies.planner.grasp_choice import GraspOption
from policies.planner.motion import Script
from policies.planner.picking import go_and_close, look_for, way_to
from policies.planner.sight import box_axes, extent, span
from robotics.pose import Pose
from robotics.reasoning.answers import Box3D

_ATTEMPTS = 3
_LONGEST_M = 0.20
"""No drawer is pulled farther."""
_SHARE_OF_DEPTH = 0.75
"""Of the cabinet's depth: drawers end before they fall out."""
_LEAST_M = 0.05
"""A drawer that has moved less has not been opened."""
_PULL_SPEED = 0.22
_STALLED_M = 0.014
"""A tool kept back by more has met the drawer's end."""
_FINGERS_ABOVE_TABLE_M = 0.02


def pull_open(body: Body, cabinet: str, handle: str, arms: tuple[str, ...]) -> Script[None]:
    """Take the handle from above and pull until the drawer ends.

    Args:
        cabinet, handle: Their names for the reasoner.

    Raises:
        NotFoundError: Cabinet or handle are not in sight.
        OutOfReachError, GaveUpError: It could not be done.
    """
    yield from _move_drawer(body, cabinet, handle, arms, outward=True)


def push_shut(body: Body, cabinet: str, handle: str, arms: tuple[str, ...]) -> Script[None]:
    """Take the handle from above and push until the drawer ends; errors as `pull_open`."""
    yield from _move_drawer(body, cabinet, handle, arms, outward=False)


def _move_drawer(body: Body, cabinet: str, handle: str, arms: tuple[str, ...], outward: bool) -> Script[None]:
    verb = "opened" if outward else "shut"
    for attempt in range(_ATTEMPTS):
        _, case = yield from look_for(body, cabinet, away=attempt > 0)
        _, knob = yield from look_for(body, handle)
        axis = front_of(case, knob)
        option = _choose(body, case, knob, axis, arms)
        if option is None:
            x, y, z = knob.center
            raise OutOfReachError(f"no arm reaches '{handle}' at ({x:.2f}, {y:.2f}, {z:.2f}) m to move it")
        moved = yield from _drag(body, option, case, axis if outward else -axis)
        body.say(f"the drawer moved by {100 * moved:.0f} cm")
        if moved >= _LEAST_M:
            return
    raise GaveUpError(f"'{cabinet}' could not be {verb} in {_ATTEMPTS} attempts")


def front_of(case: Box3D, handle: Box3D) -> np.ndarray:
    """The level direction (3,) that a cabinet's front faces: the axis of its box towards the handle."""
    way = np.array(handle.center) - np.array(case.center)
    candidates = [
        sign * level(axis) for axis in box_axes(case).T if abs(axis[2]) < 0.5 for sign in (1.0, -1.0)
    ]
    return max(candidates, key=lambda axis: float(axis @ way))


def _choose(
    body: Body, case: Box3D, handle: Box3D, axis: np.ndarray, arms: tuple[str, ...]
) -> tuple[GraspOption, np.ndarray] | None:
    """A grasp of the handle from above, closing along the front, and the joint positions before it."""
    across = np.array([-axis[1], axis[0], 0.0])
    options = []
    for arm in arms:
        low, high = span(handle)
        height = max(0.5 * (low + high), body.grippers[arm].tip_length + _FINGERS_ABOVE_TABLE_M)
        position = np.array([handle.center[0], handle.center[1], height])
        width = min(extent(handle, across), body.arms.widest(arm))
        home = level(body.arms.home_tool[arm].rotation[:, 1])
        for closing in (across, -across):
            for lean in (0.0, 0.3, 0.55):
                approach = -np.sin(lean) * axis - np.array([0.0, 0.0, np.cos(lean)])
                tool = Pose.from_matrix(pointing(closing, approach), position)
                turn = float(np.arccos(np.clip(closing @ home, -1.0, 1.0)))
                far = float(np.linalg.norm(position[:2] - body.arms.base[arm][:2]))
                # the arm in front of the drawer pulls it towards itself
                behind = float((body.arms.base[arm] - np.array(case.center)) @ axis < 0)
                options.append(GraspOption(arm, tool, width, 0.3 * turn + lean + far + behind))
    for option in sorted(options, key=lambda option: option.cost):
        way = way_to(body, option)
        if way is None:
            continue
        pulled = Pose(option.tool.position + 0.10 * axis, option.tool.quaternion)
        if body.arms.posture(option.arm, pulled, way, seeds=(way,)) is not None:
            return option, way
    return None


def _drag(body: Body, choice: tuple[GraspOption, np.ndarray], case: Box3D, axis: np.ndarray) -> Script[float]:
    """Take the handle and move it along `axis`; returns how far it came [m], 0 where it was not held."""
    option, before = choice
    arm, arms = option.arm, body.arms
    held = yield from go_and_close(body, option, before)
    if not held:
        return 0.0
    gap = body.gap(arm)
    begin = body.measured_tool(arm).position
    length = min(_LONGEST_M, _SHARE_OF_DEPTH * extent(case, axis))
    tool = arms.tool(arm, body.reference)
    rows = arms.slide(
        body.reference,
        {arm: Pose(tool.position + length * axis, tool.quaternion)},
        _PULL_SPEED,
        allow_short=True,
    )
    if rows is not None:
        stalled = body.lag_beyond(arm, axis, _STALLED_M)
        yield from body.play(
            rows, end_when=lambda seen: stalled(seen) or arms.gap(arm, seen.joints.position) < 0.5 * gap
        )
    way = float((body.measured_tool(arm).position - begin) @ axis)
    slipped = body.gap(arm) < 0.5 * gap
    yield from body.grip(arm, arms.opening(arm, gap + 0.024))
    tool = arms.tool(arm, body.reference)
    up = Pose(tool.position + np.array([0.0, 0.0, 0.09]), tool.quaternion)
    rows = arms.slide(body.reference, {arm: up}, 0.35, allow_short=True)
    if rows is not None:
        yield from body.play(rows)
    return 0.0 if slipped and way < length / 2 else way
