"""A collision-free joint path to home: direct where that is clear, else with the tools lifted first."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from robotics.embodiment import Embodiment
from robotics.errors import RoboticsError
from robotics.kinematics.kinematics import Kinematics
from robotics.pose import Pose

_LIMIT_SHARE = 0.6
"""Of the velocity and acceleration limits: a path home need not hurry."""
_STEP_RAD = 0.03
"""Joint distance between two checks for collision: about 1 cm at the tool."""


def minimum_jerk(start: np.ndarray, end: np.ndarray, embodiment: Embodiment, share: float) -> np.ndarray:
    """Joint targets from `start` (excluded) to `end`, at rest at both, straight in joint space.

    Args:
        start: Shape (action_dim,).
        end: Shape (action_dim,).
        share: Of the velocity, acceleration and jerk limits that may be used, 0..1.

    Returns:
        One row a control step, shape (n, action_dim); n is 0 when the two are equal.
    """
    way = np.abs(end - start)
    if way.max() < 1e-6:
        return np.empty((0, len(start)))
    # Peaks of 10 s^3 - 15 s^4 + 6 s^5: velocity 15/8, acceleration 10/sqrt(3), jerk 60.
    duration = max(
        (way * 1.875 / (share * embodiment.velocity_limit)).max(),
        np.sqrt(way * 5.7736 / (share * embodiment.acceleration_limit)).max(),
        np.cbrt(way * 60.0 / (share * embodiment.jerk_limit)).max(),
    )
    steps = max(1, int(np.ceil(duration * embodiment.control_rate_hz)))
    s = np.arange(1, steps + 1)[:, None] / steps
    return start + (end - start) * (10 * s**3 - 15 * s**4 + 6 * s**5)  # (n, action_dim)


def plan_home(
    embodiment: Embodiment,
    start: np.ndarray,
    *,
    kinematics: Kinematics | None = None,
    clearance_m: float = 0.01,
) -> np.ndarray:
    """Joint targets from `start` to home, one row a control step, within the limits.

    Args:
        start: The target in force, shape (action_dim,), embodiment units.
        kinematics: Reused where the caller has one; else made here (about 50 ms).
        clearance_m: Smallest distance kept between the arms and to the table; where the start is
            closer than that, the path only may not come closer still.

    Returns:
        Shape (n, action_dim); the last row is home; n is 0 when the robot is there.

    Raises:
        RoboticsError: No collision-free path was found.
    """
    kinematics = kinematics or Kinematics(embodiment)
    start = np.array(start, float)
    allowed = min(clearance_m, kinematics.distance(start) - 0.002)
    closest = -np.inf
    for route in _routes(kinematics, start):
        smallest = min(
            (_smallest_along(kinematics, a, b) for a, b in pairwise(route)),
            default=np.inf,
        )
        if smallest >= allowed:
            legs = [minimum_jerk(a, b, embodiment, _LIMIT_SHARE) for a, b in pairwise(route)]
            return np.concatenate(legs) if legs else np.empty((0, embodiment.action_dim))
        closest = max(closest, smallest)
    raise RoboticsError(
        f"no collision-free path home for '{embodiment.name}': the best one found comes within "
        f"{1000 * closest:.0f} mm, wanted {1000 * allowed:.0f} mm; move the arms apart by hand first"
    )


def _smallest_along(kinematics: Kinematics, start: np.ndarray, end: np.ndarray) -> float:
    arms = np.ones(len(start), bool)
    arms[list(kinematics.embodiment.gripper_indices.values())] = False
    count = int(np.ceil(np.abs(end - start)[arms].max() / _STEP_RAD)) + 1
    return min(kinematics.distance(start + (end - start) * s) for s in np.linspace(0.0, 1.0, count))


def _routes(kinematics: Kinematics, start: np.ndarray) -> Iterator[list[np.ndarray]]:
    """Candidate ways home as joint positions, the simplest first."""
    embodiment = kinematics.embodiment
    home = embodiment.home
    arms = [arm.name for arm in embodiment.arm]
    yield [start, home]
    yield from _one_after_the_other(embodiment, [start], arms)
    tools = kinematics.tool_in_world(start)
    for height in (0.06, 0.12, 0.2):
        lifted = start
        for arm in arms:
            lifted = _moved(kinematics, lifted, arm, tools[arm], np.array([0.0, 0.0, height]))
        yield [start, lifted, home]
        yield from _one_after_the_other(embodiment, [start, lifted], arms)
    # Arms that are entangled: back each one off towards its own base, level, in either order.
    for order in (arms, arms[::-1]):
        for height in (0.0, 0.08):
            route = [start]
            for arm in order:
                back = _away(kinematics, arm, tools[arm].position)
                for metres in (0.06, 0.15):
                    way = metres * back + np.array([0.0, 0.0, height])
                    route.append(_moved(kinematics, route[-1], arm, tools[arm], way))
            yield from _one_after_the_other(embodiment, route, order)


def _one_after_the_other(
    embodiment: Embodiment, route: list[np.ndarray], arms: list[str]
) -> Iterator[list[np.ndarray]]:
    for order in (arms, arms[::-1]):
        extended = list(route)
        for arm in order:
            after = extended[-1].copy()
            joints = embodiment.arm_slices[arm]
            after[joints.start : joints.stop + 1] = embodiment.home[joints.start : joints.stop + 1]
            extended.append(after)
        yield extended


def _away(kinematics: Kinematics, arm: str, tool: np.ndarray) -> np.ndarray:
    """Level unit vector (3,) from the tool towards the arm's own base."""
    way = kinematics.base_position(arm) - tool
    way[2] = 0.0
    return way / max(float(np.linalg.norm(way)), 1e-6)


def _moved(kinematics: Kinematics, position: np.ndarray, arm: str, tool: Pose, way: np.ndarray) -> np.ndarray:
    """Position (action_dim,) with one arm's tool moved by `way` (3,) [m] from `tool`, as far as it gets."""
    target = Pose(tool.position + way, tool.quaternion)
    return kinematics.solve({arm: target}, position, seed=position).position
