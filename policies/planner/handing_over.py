"""Gives what one hand holds to the other: both meet in the middle, level, with their fingers crossed."""

import numpy as np

from policies.planner.arms import level, pointing
from policies.planner.body import Body
from policies.planner.errors import OutOfReachError
from policies.planner.motion import Script
from policies.planner.placing import Held
from robotics.pose import Pose

_LOWEST_M, _HIGHEST_M, _STEP_M = 0.25, 0.6, 0.05
"""Heights over the table at which the hands may meet."""
_STAND_OFF_M = 0.09
_BACK_M = 0.13
_SPEED = 0.25
"""[m/s]"""
_LIMIT_MARGIN_RAD = 0.12


def hand_over(body: Body, held: Held, receiver: str) -> Script[bool]:
    """`receiver` takes what another arm holds; returns False where it was lost, or not taken.

    Raises:
        OutOfReachError: The hands cannot meet.
    """
    giver, arms = held.arm, body.arms
    meeting = _meet(body, held, receiver)
    if meeting is None:
        raise OutOfReachError(f"the {giver} and the {receiver} hand cannot meet to pass '{held.query}'")
    giving, waiting, taking = meeting
    body.say(f"the {giver} hand gives '{held.query}' to the {receiver} hand")
    both = body.reference.copy()
    for arm, position in ((giver, giving), (receiver, waiting)):
        joints = arms.embodiment.arm_slices[arm]
        both[joints] = position[joints]
    both[arms.embodiment.gripper_indices[receiver]] = 1.0
    slipped = body.slipped(held)
    for rows in _swings(body, both, giver, receiver):
        arrived = yield from body.play(rows, end_when=slipped)
        if not arrived:
            body.held.pop(giver, None)
            return False
    yield from body.settle(giver)
    tool = body.measured_tool(giver)
    at = tool.apply(held.thing_in_tool.position)
    facing = _facing(body, receiver)
    forward = Pose(at, taking.quaternion)
    rows = arms.slide(body.reference, {receiver: forward}, _SPEED)
    if rows is None:
        return False
    yield from body.play(rows, end_when=body.lag_beyond(receiver, facing, 0.012))
    yield from body.settle(receiver)
    yield from body.grip(receiver, 0.0)
    if not body.has_something(receiver):
        body.say(f"the {receiver} hand closed on nothing")
        yield from _apart(body, receiver, facing)
        return False
    in_tool = body.measured_tool(receiver).inverse().compose(tool.compose(held.thing_in_tool))
    received = Held(
        receiver,
        held.query,
        in_tool,
        held.size,
        body.gap(receiver),
        held.below,
        # upright is how it stood when the giver took it
        Pose.from_matrix(_upright_tool(held, in_tool), np.zeros(3)),
        held.views,
    )
    yield from body.grip(giver, arms.opening(giver, held.gap + 0.03))
    del body.held[giver]
    body.held[receiver] = received
    yield from _apart(body, giver, _facing(body, giver))
    yield from body.rest()
    if not body.has_something(receiver):
        body.held.pop(receiver)
        return False
    return True


def _upright_tool(held: Held, in_receiver: Pose) -> np.ndarray:
    """Rotation (3, 3) of the receiver's tool with which the thing stands as it stood."""
    stood = held.grasped.rotation @ held.thing_in_tool.rotation
    return stood @ in_receiver.rotation.T


def _apart(body: Body, arm: str, facing: np.ndarray) -> Script[None]:
    """Open hand straight back."""
    tool = body.arms.tool(arm, body.reference)
    back = Pose(tool.position - _BACK_M * facing, tool.quaternion)
    rows = body.arms.slide(body.reference, {arm: back}, 0.4, allow_short=True)
    if rows is not None:
        yield from body.play(rows)


def _swings(body: Body, both: np.ndarray, giver: str, receiver: str) -> list[np.ndarray]:
    """Both at once where that is clear, else one after the other.

    Raises:
        OutOfReachError: In no order.
    """
    arms, start = body.arms, body.reference
    direct = arms.swing(start, both)
    if direct is not None:
        return [direct]
    for first in (giver, receiver):
        middle = start.copy()
        joints = arms.embodiment.arm_slices[first]
        middle[joints] = both[joints]
        legs = arms.swing(start, middle), arms.swing(middle, both)
        if legs[0] is not None and legs[1] is not None:
            return [legs[0], legs[1]]
    raise OutOfReachError(f"the {giver} and the {receiver} arm are in each other's way")


def _facing(body: Body, arm: str) -> np.ndarray:
    """Level direction (3,) across the table from an arm's base to the other one's."""
    others = [base for name, base in body.arms.base.items() if name != arm]
    way = level(others[0] - body.arms.base[arm])
    return way


def _meet(body: Body, held: Held, receiver: str) -> tuple[np.ndarray, np.ndarray, Pose] | None:
    """Joint positions of the giver, of the receiver before the thing, and the receiver's tool at it."""
    arms, giver = body.arms, held.arm
    middle = 0.5 * (arms.base[giver] + arms.base[receiver])
    towards, against = _facing(body, giver), _facing(body, receiver)
    closing = level(arms.home_tool[giver].rotation[:, 1])
    home = level(arms.home_tool[receiver].rotation[:, 1])
    best = None
    for height in np.arange(_LOWEST_M, _HIGHEST_M, _STEP_M):
        place = np.array([middle[0], middle[1], height])
        turned = pointing(closing, towards)
        given = arms.posture(
            giver, Pose.from_matrix(turned, place - turned @ held.thing_in_tool.position), body.reference
        )
        if given is None:
            continue
        # the receiver's fingers above and below, a quarter turn from home
        flat = Pose.from_matrix(pointing(home, against), place - _STAND_OFF_M * against)
        first = arms.posture(receiver, flat, given)
        if first is None:
            continue
        crossed = pointing(np.cross(against, home), against)
        taking = Pose.from_matrix(crossed, place)
        waiting = arms.posture(receiver, Pose.from_matrix(crossed, flat.position), given, seeds=(first,))
        if waiting is None:
            continue
        reached = arms.kinematics.solve({receiver: taking}, waiting, seed=waiting, max_iterations=24)
        if not reached.converged:
            continue
        margin = _margin(body, waiting, (giver, receiver))
        if margin > _LIMIT_MARGIN_RAD:
            return given, waiting, taking
        if best is None or margin > best[0]:
            best = margin, (given, waiting, taking)
    return best[1] if best else None


def _margin(body: Body, position: np.ndarray, arms: tuple[str, ...]) -> float:
    """Least distance of any joint of these arms to its limit [rad]."""
    embodiment = body.arms.embodiment
    near = np.minimum(position - embodiment.position_lower, embodiment.position_upper - position)
    return min(float(near[embodiment.arm_slices[arm]].min()) for arm in arms)
