"""How long inverse kinematics and the collision-free way home take."""

import contextlib

import numpy as np

from robotics.cli.benches.measurement import Measurement, distribution, timed
from robotics.cli.connect import parse_robot
from robotics.embodiments import load_embodiment
from robotics.errors import RoboticsError
from robotics.kinematics.home_path import plan_home
from robotics.kinematics.kinematics import Kinematics


def measure(robot: str, quick: bool) -> list[Measurement]:
    """One differential step, and plans home from random positions."""
    embodiment = load_embodiment(parse_robot(robot).value)
    kinematics = Kinematics(embodiment)
    rng = np.random.default_rng(0)
    targets = kinematics.tool_in_world(embodiment.home)
    start = embodiment.home + rng.normal(0, 0.1, embodiment.action_dim)
    start = np.clip(start, embodiment.position_lower, embodiment.position_upper)
    solve = timed(lambda: kinematics.solve(targets, start), 20 if quick else 200)
    starts = embodiment.home + rng.normal(0, 0.4, (10 if quick else 50, embodiment.action_dim))
    starts = iter(np.clip(starts, embodiment.position_lower, embodiment.position_upper))

    def plan() -> None:
        with contextlib.suppress(RoboticsError):  # a random start may have no way home; that takes time, too
            plan_home(embodiment, next(starts), kinematics=kinematics)

    home = timed(plan, 9 if quick else 49, warm_up=1)
    return [
        distribution("inverse kinematics, both arms", "ms", solve, "to home from 0.1 rad away"),
        distribution("plan home", "ms", home, "from random positions, collisions checked"),
    ]
