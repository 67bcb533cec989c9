"""Takes a thing up: look, choose arm and grasp, come from above, close, check, lift, check again."""

from dataclasses import replace

import numpy as np

from policies.planner.body import Body
from policies.planner.errors import GaveUpError, NotFoundError, OutOfReachError
from policies.planner.grasp_choice import GraspOption, grasp_options
from policies.planner.motion import Script
from policies.planner.placing import Held, Place, tool_poses
from policies.planner.sight import box_axes, span
from robotics.pose import Pose
from robotics.reasoning.answers import Box3D, Grasp
from robotics.reasoning.view import View

_STAND_OFF_M = 0.07
"""Before it is taken, the hand is so far off along its approach."""
_LIFT_M = 0.07
_ATTEMPTS = 4
_MOST_CHECKED = 30
"""Options whose way is worked out."""
_DOWN_SPEED, _UP_SPEED = 0.35, 0.35
"""[m/s]"""
_ON_TABLE_M = 0.03
"""A thing whose underside is lower stands on the table."""
_AT_HOME_RAD = 0.02
_SAME_PLACE_M = 0.015


def pick(body: Body, query: str, arms: tuple[str, ...], place: Place | None = None) -> Script[Held]:
    """Take the thing that `query` names, with one of `arms`, so that it can be put at `place`.

    Raises:
        NotFoundError: It is not there.
        OutOfReachError: None of the arms can take it and bring it there.
        GaveUpError: It was not held after several attempts.
    """
    failed: list[tuple[str, Pose]] = []
    for attempt in range(_ATTEMPTS):
        views, box = yield from look_for(body, query, away=attempt > 0)
        way = _choose(body, query, views, box, arms, place, failed)
        if way is None:
            if failed:
                break
            raise OutOfReachError(_unreachable(query, box, arms, place))
        option, before = way
        x, y, z = option.tool.position
        body.say(f"taking '{query}' at ({x:.3f}, {y:.3f}, {z:.3f}) m with the {option.arm} arm")
        held = yield from _try(body, query, views, box, option, before)
        if held is not None:
            return held
        failed.append((option.arm, option.tool))
    raise GaveUpError(f"'{query}' could not be taken in {len(failed)} attempts")


def look_for(body: Body, query: str, away: bool = False) -> Script[tuple[tuple[View, ...], Box3D]]:
    """The thing that `query` names; where it is not seen, the arms go out of the way first.

    Args:
        away: They are in the way now.

    Raises:
        NotFoundError: It is not there.
    """
    reason = ""
    if not away:
        views = body.sight.views(body.observation)
        boxes, reason = body.sight.boxes(views, query)
        if boxes:
            return views, boxes[0]
    moved = yield from clear_view(body)
    if moved or away:
        views = body.sight.views(body.observation)
        boxes, reason = body.sight.boxes(views, query)
        if boxes:
            return views, boxes[0]
    raise NotFoundError(f"'{query}': {reason}")


def clear_view(body: Body) -> Script[bool]:
    """Empty-handed arms go home; returns whether there was anything to do."""
    busy = tuple(body.held)
    away = tuple(arm for arm in body.arms.names if arm not in busy)
    rows = body.arms.home(body.reference, away)
    if len(rows) == 0 or np.abs(rows[-1] - body.reference).max() < _AT_HOME_RAD:
        return False
    yield from body.play(rows)
    yield from body.rest()
    return True


def _unreachable(query: str, box: Box3D, arms: tuple[str, ...], place: Place | None) -> str:
    x, y, z = box.center
    who = " and ".join(arms) + (" arm" if len(arms) == 1 else " arms")
    where = f" and put it {place.label}" if place is not None else ""
    return f"the {who} cannot take '{query}' at ({x:.2f}, {y:.2f}, {z:.2f}) m{where}"


def _choose(
    body: Body,
    query: str,
    views: tuple[View, ...],
    box: Box3D,
    allowed: tuple[str, ...],
    place: Place | None,
    failed: list[tuple[str, Pose]],
) -> tuple[GraspOption, np.ndarray] | None:
    """The cheapest option with a way to it; None where there is none."""
    options: list[GraspOption] = []
    proposed: dict[str, list[Grasp]] = {}
    for arm in allowed:
        gripper = body.grippers[arm]
        if arm in body.held:
            continue
        proposed[arm] = body.sight.grasps(views, query, gripper)
        far = float(np.linalg.norm(np.array(box.center[:2]) - body.arms.base[arm][:2]))
        if place is not None:
            far += float(np.hypot(place.x - body.arms.base[arm][0], place.y - body.arms.base[arm][1]))
        options += [
            replace(option, cost=option.cost + far)
            for option in grasp_options(body.arms, arm, box, proposed[arm], gripper)
        ]
    options.sort(key=lambda option: option.cost + 2.0 * _tried(option, failed))
    for option in options[:_MOST_CHECKED]:
        before = way_to(body, option)
        if before is None:
            continue
        if place is None or _can_place(body, option, box, place, before):
            return option, before
    return None


def _tried(option: GraspOption, failed: list[tuple[str, Pose]]) -> int:
    """How often about the same has failed."""
    count = 0
    for arm, tool in failed:
        apart, turn = option.tool.distance(tool)
        count += arm == option.arm and apart < _SAME_PLACE_M and turn < 0.3
    return count


def way_to(body: Body, option: GraspOption) -> np.ndarray | None:
    """Joint positions (action_dim,) from where a grasp can be made; None where there is no way."""
    start = body.at_ease(option.arm)
    start[body.arms.embodiment.gripper_indices[option.arm]] = 1.0
    at = body.arms.posture(option.arm, option.tool, start)
    if at is None:
        return None
    back = -_STAND_OFF_M * option.tool.rotation[:, 2]
    before = body.arms.posture(
        option.arm, Pose(option.tool.position + back, option.tool.quaternion), start, seeds=(at,)
    )
    if before is None or body.arms.swing(body.reference, before) is None:
        return None
    up = Pose(option.tool.position + np.array([0.0, 0.0, _LIFT_M]), option.tool.quaternion)
    if body.arms.posture(option.arm, up, start, seeds=(at,)) is None:
        return None
    return before


def _can_place(body: Body, option: GraspOption, box: Box3D, place: Place, before: np.ndarray) -> bool:
    held = _held(option, "", box, option.tool, option.width, ())
    for pose in tool_poses(body.arms, held, place)[:12]:
        if body.arms.posture(option.arm, pose, before, seeds=(before,)) is not None:
            return True
    return False


def _held(
    option: GraspOption, query: str, box: Box3D, tool: Pose, gap: float, views: tuple[View, ...]
) -> Held:
    """What the hand has, if the box was right: closing has brought it to the middle of the fingers."""
    in_tool = tool.inverse().compose(Pose.from_matrix(box_axes(box), np.array(box.center)))
    centred = in_tool.position * np.array([1.0, 0.0, 1.0])
    low = span(box)[0]
    below = box.center[2] - (0.0 if low < _ON_TABLE_M else low)
    return Held(
        option.arm, query, Pose(centred, in_tool.quaternion), np.array(box.size), gap, below, tool, views
    )


def go_and_close(body: Body, option: GraspOption, before: np.ndarray) -> Script[bool]:
    """From above to the grasp, and close; returns whether there is something between the fingers.

    If not, the hand has drawn back.

    Args:
        before: What `way_to` gave.
    """
    arm, arms = option.arm, body.arms
    approach = arms.swing(body.reference, before)
    assert approach is not None
    yield from body.play(approach)
    down = arms.slide(body.reference, {arm: option.tool}, _DOWN_SPEED)
    if down is None:
        body.say(f"the {arm} hand finds no straight way down")
        return False
    arrived = yield from body.play(down, end_when=body.lag_beyond(arm, option.tool.rotation[:, 2], 0.012))
    if arrived:
        yield from body.settle(arm)
    else:
        body.say(f"the {arm} hand met something on its way down")
    yield from body.grip(arm, 0.0)
    if body.has_something(arm):
        return True
    body.say(f"the {arm} hand closed on nothing")
    yield from _back_off(body, arm)
    return False


def _try(
    body: Body,
    query: str,
    views: tuple[View, ...],
    box: Box3D,
    option: GraspOption,
    before: np.ndarray,
) -> Script[Held | None]:
    """One attempt; None where the hand has nothing afterwards."""
    arm, arms = option.arm, body.arms
    held_something = yield from go_and_close(body, option, before)
    if not held_something:
        return None
    held = _held(option, query, box, body.measured_tool(arm), body.gap(arm), views)
    tool = arms.tool(arm, body.reference)
    up = arms.slide(
        body.reference,
        {arm: Pose(tool.position + np.array([0.0, 0.0, _LIFT_M]), tool.quaternion)},
        _UP_SPEED,
        allow_short=True,
    )
    if up is not None:
        yield from body.play(up, end_when=body.slipped(held))
    if body.slipped(held)(body.observation):
        body.say(f"'{query}' slipped out of the {arm} hand")
        yield from _back_off(body, arm)
        return None
    body.held[arm] = held
    body.say(f"the {arm} hand has '{query}', {1000 * held.gap:.0f} mm wide")
    return held


def _back_off(body: Body, arm: str) -> Script[None]:
    """Open and leave along the approach."""
    yield from body.grip(arm, 1.0)
    tool = body.arms.tool(arm, body.reference)
    back = Pose(tool.position - _STAND_OFF_M * tool.rotation[:, 2], tool.quaternion)
    rows = body.arms.slide(body.reference, {arm: back}, _UP_SPEED, allow_short=True)
    if rows is not None:
        yield from body.play(rows)
