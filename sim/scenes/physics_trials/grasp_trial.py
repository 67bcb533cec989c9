"""One grasp carried out: open, approach, close, lift 10 cm, shake, hold 2 s."""

from dataclasses import dataclass

import numpy as np

from robotics.pose import Pose
from robotics.reasoning.answers import Frame, Grasp
from sim.scenes.physics_trials.trial_table import TrialTable

APPROACH_M = 0.10
LIFT_M = 0.10
_SHAKE_M, _SHAKE_HZ = 0.02, 3.0
_LIFTED_PART = 0.7
"""Of `LIFT_M` that the thing's centre must have risen: it may turn in the hand, not hang on the table."""


@dataclass(frozen=True)
class GraspOutcome:
    """How far a grasp came."""

    held: bool
    """Still in the hand after lift, shake and hold."""
    stage: str
    """The stage that failed, 'approach', 'close', 'lift', 'shake' or 'hold'; 'held' where none did."""
    rise_m: float
    """By which the thing's centre had risen at the end."""
    disturbed_m: float
    """The farthest that another thing was moved."""


def tool_of(grasp: Grasp) -> Pose:
    """tool_in_world of a grasp.

    Raises:
        ValueError: The grasp has no pose in the world.
    """
    if grasp.position is None or grasp.rotation is None or grasp.frame is not Frame.WORLD:
        raise ValueError("a grasp trial needs a grasp with a pose in the world frame")
    return Pose(np.array(grasp.position), np.array(grasp.rotation))


def run_grasp_trial(
    table: TrialTable, grasp: Grasp, body: str, hold_s: float = 2.0, hand: int = 0
) -> GraspOutcome:
    """Try a grasp of the thing `body` from the table's start.

    Raises:
        ValueError: The grasp has no pose in the world.
    """
    tool = tool_of(grasp)
    gap = table.greatest_gap(hand) if grasp.opening is None else grasp.opening
    return try_grasp(table, tool, gap, body, hold_s, hand)


def try_grasp(
    table: TrialTable, tool: Pose, gap: float, body: str, hold_s: float = 2.0, hand: int = 0
) -> GraspOutcome:
    """The same for tool_in_world and a distance of the fingertips before closing [m]."""
    table.reset()
    start_height = table.centre(body)[2]
    others = [name for name in table.free_bodies() if name != body]
    others_before = table.centres(others)

    def outcome(stage: str) -> GraspOutcome:
        moved = np.linalg.norm(table.centres(others) - others_before, axis=-1)
        return GraspOutcome(
            held=stage == "held",
            stage=stage,
            rise_m=float(table.centre(body)[2] - start_height),
            disturbed_m=float(moved.max(initial=0.0)),
        )

    reached = reach_and_close(table, tool, gap, body, hand)
    if reached != "gripped":
        return outcome(reached)
    lifted = Pose(tool.position + np.array([0.0, 0.0, LIFT_M]), tool.quaternion)
    table.move(hand, lifted, 0.6)

    def holds() -> bool:
        risen = table.centre(body)[2] - start_height
        return bool(risen > _LIFTED_PART * LIFT_M and table.is_held_only(body, hand))

    table.wait(0.1)
    if not holds():
        return outcome("lift")
    shake(table, lifted, hand)
    if not holds():
        return outcome("shake")
    table.wait(hold_s)
    return outcome("held" if holds() else "hold")


def reach_and_close(table: TrialTable, tool: Pose, gap: float, body: str, hand: int = 0) -> str:
    """Teleport ahead of a grasp, approach and close; 'gripped', or the stage that failed."""
    gap = min(gap, table.greatest_gap(hand))
    ahead = Pose(tool.position - APPROACH_M * tool.rotation[:, 2], tool.quaternion)
    table.put_hand(hand, ahead, gap)
    if not table.move(hand, tool, 0.5, stop=lambda: table.is_blocked(hand)):
        return "approach"
    table.wait(0.04)
    table.set_gap(hand, 0.0)
    # One finger is enough here: a thing that has still to slide between the fingers does so in the lift.
    return "gripped" if table.touching(body) & table.hands[hand].bodies else "close"


def shake(table: TrialTable, middle: Pose, hand: int = 0) -> None:
    """Two swings along x and two along y of the world about a pose."""
    quarter_s = 0.25 / _SHAKE_HZ
    for axis in np.eye(3)[:2]:
        for side in (1.0, -1.0, 1.0, -1.0, 0.0):
            swung = Pose(middle.position + side * _SHAKE_M * axis, middle.quaternion)
            table.move(hand, swung, quarter_s * (1 if side == 0.0 else 2))
