"""Brings a held thing to a place: travel above it, come down until it stands, let go, draw back."""

import numpy as np

from policies.planner.body import Body
from policies.planner.errors import OutOfReachError
from policies.planner.motion import Script
from policies.planner.placing import Held, Place, tool_poses
from robotics.pose import Pose

_TRAVEL_M = 0.03
"""The thing's underside passes so far above obstacles."""
_LEAST_DESCENT_M = 0.05
_DOWN_SPEED, _UP_SPEED = 0.25, 0.35
"""[m/s]"""
_CONTACT_M = 0.008
"""A tool kept back by more stands on something."""
_RELEASE_M = 0.024
"""The fingers open by so much more than the thing is wide."""
_BACK_M = 0.08
_MOST_CHECKED = 40
_DIP_M = 0.02


def carry(body: Body, held: Held, place: Place) -> Script[bool]:
    """Put what is held at `place`; returns False where it was lost on the way.

    Raises:
        OutOfReachError: The arm cannot bring it there; it still holds it.
    """
    arm, arms = held.arm, body.arms
    way = _way(body, held, place)
    if way is None:
        raise OutOfReachError(
            f"the {arm} arm holds '{held.query}' but cannot put it {place.label} "
            f"({place.x:.2f}, {place.y:.2f}) m"
        )
    pose, rows = way
    body.say(f"putting '{held.query}' {place.label} at ({place.x:.3f}, {place.y:.3f}) m")
    arrived = yield from body.play(rows, end_when=body.slipped(held))
    if not arrived:
        return _lost(body, arm)
    if place.upright:
        yield from body.settle(arm)
    down = arms.slide(body.reference, {arm: pose}, _DOWN_SPEED, allow_short=True)
    if down is not None:
        contact = body.lag_beyond(arm, np.array([0.0, 0.0, -1.0]), _CONTACT_M)
        slipped = body.slipped(held)
        yield from body.play(down, end_when=lambda seen: contact(seen) or slipped(seen))
    if body.slipped(held)(body.observation):
        return _lost(body, arm)
    yield from let_go(body, arm)
    return True


def let_go(body: Body, arm: str) -> Script[None]:
    """Open so far that the thing is free, then straight back out."""
    held = body.held.pop(arm)
    yield from body.grip(arm, body.arms.opening(arm, held.gap + _RELEASE_M))
    tool = body.arms.tool(arm, body.reference)
    up = Pose(tool.position + np.array([0.0, 0.0, _BACK_M]), tool.quaternion)
    rows = body.arms.slide(body.reference, {arm: up}, _UP_SPEED, allow_short=True)
    if rows is not None:
        yield from body.play(rows)


def _lost(body: Body, arm: str) -> bool:
    held = body.held.pop(arm, None)
    body.say(f"the {arm} hand has lost '{held.query if held else 'it'}'")
    return False


def _way(body: Body, held: Held, place: Place) -> tuple[Pose, np.ndarray] | None:
    """The tool's pose at the place, and rows that lead above it from here."""
    arm = held.arm
    start = body.at_ease(arm)
    bottom = place.support + place.drop
    rise = max(place.obstacle + _TRAVEL_M - bottom, _LEAST_DESCENT_M)
    for pose in tool_poses(body.arms, held, place)[:_MOST_CHECKED]:
        at = body.arms.posture(arm, pose, start, seeds=(body.reference,))
        if at is None:
            continue
        above = body.arms.posture(
            arm, Pose(pose.position + np.array([0.0, 0.0, rise]), pose.quaternion), start, seeds=(at,)
        )
        if above is None:
            continue
        rows = travel(body, arm, above)
        if rows is not None:
            return pose, rows
    return None


def travel(body: Body, arm: str, goal: np.ndarray) -> np.ndarray | None:
    """Rows to `goal` on which the tool does not dip below both ends; None where there is no clear way."""
    arms, start = body.arms, body.reference
    heights = [arms.tool(arm, position).position[2] for position in (start, goal)]
    direct = arms.swing(start, goal)
    if direct is not None and _lowest(body, arm, direct) > min(heights) - _DIP_M:
        return direct
    tool = arms.tool(arm, start)
    for rise in (0.06, 0.12):
        lifted = Pose(tool.position + np.array([0.0, 0.0, rise]), tool.quaternion)
        up = arms.slide(start, {arm: lifted}, _UP_SPEED, allow_short=True)
        if up is None:
            continue
        over = arms.swing(up[-1], goal)
        if over is not None and _lowest(body, arm, over) > min(heights) - _DIP_M:
            return np.vstack([up, over])
    return direct


def _lowest(body: Body, arm: str, rows: np.ndarray) -> float:
    """Height of the tool's lowest point on the way [m]."""
    some = rows[:: max(1, len(rows) // 12)]
    return min(float(body.arms.tool(arm, row).position[2]) for row in some)
