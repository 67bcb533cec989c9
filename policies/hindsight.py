"""Label a demonstration by hindsight: where was the thing that the robot took, and where did it let go?

The robot's own joints tell it: a gripper that closes and is kept from closing fully has taken
something at its tool point; until it opens again the thing moves with the tool. So every frame of
a demonstration, also those long before the grasp, gets the world position of the `object` and of
the `goal`, without annotation or simulator state.
"""

from dataclasses import dataclass

import numpy as np

from robotics.embodiment import Embodiment


@dataclass(frozen=True)
class GraspEvent:
    """One arm holds something during [start, end) rows."""

    arm: int
    start: int
    """Row in which the grip is first measured."""
    end: int
    """Row in which it is let go; the episode's length when it never is."""


@dataclass(frozen=True)
class HindsightLabels:
    """World positions and tool rotations for every row; n rows, points `object` and `goal`."""

    position: np.ndarray
    """(n, 2, 3) [m]"""
    rotation: np.ndarray
    """tool_in_world rotation at the grasp and at the release, (n, 2, 3, 3)."""
    known: np.ndarray
    """bool (n, 2)"""


def find_grasps(
    embodiment: Embodiment,
    position: np.ndarray,
    target: np.ndarray,
    *,
    margin: float = 0.04,
    minimum_rows: int = 6,
) -> list[GraspEvent]:
    """Spans in which a gripper is told to close but something keeps it open.

    Args:
        position: Measured, (n, action_dim).
        target: Applied, (n, action_dim).
        margin: Opening by which the measured gripper stays above its target.
        minimum_rows: Shorter spans are noise (a closing gripper lags its target).
    """
    events = []
    for arm, index in enumerate(embodiment.gripper_indices.values()):
        measured, wanted = position[:, index], target[:, index]
        speed = np.abs(np.gradient(measured)) * embodiment.control_rate_hz
        blocked = (measured > wanted + margin) & (speed < 0.25)
        run = np.asarray(np.lib.stride_tricks.sliding_window_view(blocked, minimum_rows).all(axis=-1))
        row = 0
        while row < len(run):
            if not run[row]:
                row += 1
                continue
            grip = measured[row + minimum_rows - 1]
            opened = np.nonzero(wanted[row:] > grip - margin / 4)[0]
            slipped = np.nonzero(measured[row:] < grip - max(0.05, 0.2 * grip))[0]
            length = min([len(measured) - row, *opened[:1], *slipped[:1]])
            if length >= minimum_rows:
                events.append(GraspEvent(arm, row, row + int(length)))
            row += max(int(length), 1)
    return sorted(events, key=lambda event: event.start)


def label_by_hindsight(
    embodiment: Embodiment,
    position: np.ndarray,
    target: np.ndarray,
    tool_position: np.ndarray,
    tool_rotation: np.ndarray,
) -> HindsightLabels:
    """Object and goal of every row of a demonstration.

    Args:
        position: Measured joints, (n, action_dim).
        target: Applied targets, (n, action_dim).
        tool_position: tool_in_world, (n, arm, 3) [m].
        tool_rotation: (n, arm, 3, 3).
    """
    n = len(position)
    world = np.zeros((n, 2, 3))
    rotation = np.tile(np.eye(3), (n, 2, 1, 1))
    known = np.zeros((n, 2), bool)
    events = find_grasps(embodiment, position, target)
    previous_end = 0
    for index, event in enumerate(events):
        arm = event.arm
        follows = events[index + 1] if index + 1 < len(events) else None
        # In a hand-over the next gripper takes the object while this one still holds it.
        end = follows.start if follows and follows.start < event.end else event.end
        free = slice(previous_end, event.start)
        world[free, 0] = tool_position[event.start, arm]
        rotation[free, 0] = tool_rotation[event.start, arm]
        held = slice(event.start, end)
        world[held, 0] = tool_position[held, arm]
        rotation[held, 0] = tool_rotation[held, arm]
        known[free, 0] = known[held, 0] = True
        last = min(end, n - 1)
        whole = slice(previous_end, end)
        world[whole, 1] = tool_position[last, arm]
        rotation[whole, 1] = tool_rotation[last, arm]
        known[whole, 1] = True
        previous_end = end
    if events:  # after the last release both stay where it happened
        last = min(previous_end, n - 1)
        arm = events[-1].arm
        rest = slice(previous_end, n)
        world[rest] = tool_position[last, arm]
        rotation[rest] = tool_rotation[last, arm]
        known[rest] = True
    return HindsightLabels(world, rotation, known)
