"""One trajectory carried out: a thing is pushed, pulled, placed or handed over along its waypoints."""

from dataclasses import dataclass

import numpy as np

from robotics.pose import Pose
from robotics.reasoning.answers import Frame, Grasp, Trajectory
from sim.scenes.physics_trials.grasp_trial import reach_and_close, tool_of
from sim.scenes.physics_trials.pushing import push_along
from sim.scenes.physics_trials.trial_table import TrialTable

VERBS = ("push", "pull", "place", "hand over")
_NEAR_M = 0.03
_PULLED_PART = 0.8
_SUNK_M = 0.12
"""A thing that is let go above a container may fall so far."""


@dataclass(frozen=True)
class TrajectoryOutcome:
    """Where a trajectory ended."""

    achieved: bool
    stage: str
    """The stage that failed: 'approach', 'close', 'carry', 'receive', 'release', 'push' or 'end'; 'done'."""
    missed_m: float
    """Distance of the thing from the last waypoint; sideways only for what is pushed or placed."""


def run_trajectory_trial(
    table: TrialTable,
    verb: str,
    body: str,
    trajectory: Trajectory,
    grasp: Grasp | None = None,
    receiver: Grasp | None = None,
    support: str | None = None,
) -> TrajectoryOutcome:
    """Move the thing `body` along a trajectory of its centre from the table's start.

    Args:
        verb: One of `VERBS`.
        grasp: Where it is held; wanted by every verb but 'push'. For 'pull' `body` is what moves (a drawer),
            and the grasp may be of a part of it.
        receiver: For 'hand over': how the second hand takes the thing at the last waypoint, in the world.
        support: For 'place': the thing that must carry or contain it in the end; None: anything.

    Raises:
        ValueError: Unknown verb, a waypoint or grasp without a pose in the world, a grasp or hand is missing.
    """
    if verb not in VERBS:
        raise ValueError(f"no verb '{verb}'; there are: {', '.join(VERBS)}")
    path = _path_of(trajectory)
    table.reset()
    if verb == "push":
        stage = push_along(table, body, path)
        missed = float(np.linalg.norm(table.centre(body)[:2] - path[-1, :2]))
        return _judged(stage, missed)
    if grasp is None:
        raise ValueError(f"a trial of '{verb}' needs a grasp")
    if verb == "hand over":
        if receiver is None or len(table.hands) < 2:
            raise ValueError("a trial of 'hand over' needs a receiver's grasp and a table with two hands")
        return _hand_over(table, body, path, grasp, receiver)
    if verb == "pull":
        return _pull(table, body, path, grasp)
    return _place(table, body, path, grasp, support)


def _path_of(trajectory: Trajectory) -> np.ndarray:
    """World positions of the waypoints, shape (waypoint, 3) [m]."""
    for waypoint in trajectory.waypoints:
        if waypoint.position is None or waypoint.frame is not Frame.WORLD:
            raise ValueError("a trajectory trial needs waypoints with positions in the world frame")
    return np.array([waypoint.position for waypoint in trajectory.waypoints], float)


def _judged(stage: str, missed: float) -> TrajectoryOutcome:
    if stage == "done" and missed > _NEAR_M:
        stage = "end"
    return TrajectoryOutcome(achieved=stage == "done", stage=stage, missed_m=missed)


def _take(table: TrialTable, body: str, grasp: Grasp) -> tuple[Pose, str]:
    tool = tool_of(grasp)
    gap = table.greatest_gap() if grasp.opening is None else grasp.opening
    return tool, reach_and_close(table, tool, gap, body)


def _pull(table: TrialTable, body: str, path: np.ndarray, grasp: Grasp) -> TrajectoryOutcome:
    before = table.body_pose(body).position
    wanted = path[-1] - path[0]
    tool, stage = _take(table, body, grasp)
    if stage == "gripped":
        table.follow(0, tool.position + path - path[0], speed=0.12)
        table.wait(0.2)
        stage = "done"
    moved = table.body_pose(body).position - before
    length = float(np.linalg.norm(wanted))
    done = float(moved @ wanted) / max(length, 1e-9)
    missed = float(np.linalg.norm(wanted - moved))
    allowed = max(_NEAR_M, (1 - _PULLED_PART) * length)
    if stage == "done" and (done < _PULLED_PART * length or missed > allowed):
        stage = "end"
    return TrajectoryOutcome(achieved=stage == "done", stage=stage, missed_m=missed)


def _place(
    table: TrialTable, body: str, path: np.ndarray, grasp: Grasp, support: str | None
) -> TrajectoryOutcome:
    tool, stage = _take(table, body, grasp)
    if stage != "gripped":
        return _judged(stage, float(np.linalg.norm(table.centre(body)[:2] - path[-1, :2])))
    table.follow(0, tool.position + path - path[0])
    table.wait(0.15)
    gripped = table.is_gripped(body)
    _let_go(table, 0, grasp.opening)
    table.wait(0.6)
    missed = float(np.linalg.norm(table.centre(body)[:2] - path[-1, :2]))
    touching = table.touching(body)
    carried = support is None or table.model.body(support).id in touching
    sunk = path[-1, 2] - table.centre(body)[2]
    if not gripped:
        stage = "carry"
    elif touching & table.hands[0].bodies:
        stage = "release"
    elif not carried or not -_NEAR_M < sunk < _SUNK_M:
        stage = "end"
    else:
        stage = "done"
    return _judged(stage, missed)


def _let_go(table: TrialTable, hand: int, opening: float | None) -> None:
    """Open as wide as before the grasp and back off along the approach."""
    table.set_gap(hand, table.greatest_gap(hand) if opening is None else opening)
    goal = table.goal(hand)
    table.move(hand, Pose(goal.position - 0.12 * goal.rotation[:, 2], goal.quaternion), 0.6)


def _hand_over(
    table: TrialTable, body: str, path: np.ndarray, grasp: Grasp, receiver: Grasp
) -> TrajectoryOutcome:
    def ended(stage: str) -> TrajectoryOutcome:
        missed = float(np.linalg.norm(table.centre(body) - path[-1]))
        return TrajectoryOutcome(achieved=stage == "done", stage=stage, missed_m=missed)

    before = table.body_pose(body)
    tool, stage = _take(table, body, grasp)
    if stage != "gripped":
        return ended(stage)
    table.follow(0, tool.position + path - path[0])
    table.wait(0.2)
    if not table.is_held_only(body, 0):
        return ended("carry")
    # A receiver looks again: the thing may have turned or slid a little in the giver's hand. Its true pose
    # stands in for that look.
    there = table.body_pose(body)
    expected = Pose(before.position + path[-1] - path[0], before.quaternion)
    taken = there.compose(expected.inverse().compose(tool_of(receiver)))
    gap = table.greatest_gap(1) if receiver.opening is None else receiver.opening
    if reach_and_close(table, taken, gap, body, hand=1) != "gripped":
        return ended("receive")
    _let_go(table, 0, grasp.opening)
    table.wait(1.0)
    return ended("done" if table.is_held_only(body, 1) else "release")
