"""The way home touches nothing and respects the limits."""

import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from robotics.errors import RoboticsError
from robotics.kinematics import Kinematics, plan_home
from robotics.pose import Pose


@pytest.fixture(scope="module", params=["aloha2", "franka_duo"])
def kinematics(request: pytest.FixtureRequest) -> Kinematics:
    return Kinematics(load_embodiment(request.param))


def random_start(kinematics: Kinematics, rng: np.random.Generator) -> np.ndarray:
    """A joint position (action_dim,) somewhere, free of collision."""
    embodiment = kinematics.embodiment
    while True:
        anywhere = rng.uniform(embodiment.position_lower, embodiment.position_upper)
        start = embodiment.home + 0.5 * (anywhere - embodiment.home)
        if kinematics.distance(start) > 0.012:
            return start


def test_paths_from_random_starts_end_at_home_without_collision(kinematics: Kinematics):
    embodiment, rng = kinematics.embodiment, np.random.default_rng(0)
    for _ in range(8):
        path = plan_home(embodiment, random_start(kinematics, rng), kinematics=kinematics)
        np.testing.assert_allclose(path[-1], embodiment.home, atol=1e-9)
        assert min(kinematics.distance(position) for position in path[::4]) > 0.005


def test_paths_respect_velocity_and_acceleration_limits(kinematics: Kinematics):
    embodiment = kinematics.embodiment
    start = random_start(kinematics, np.random.default_rng(1))
    path = np.vstack([start, start, plan_home(embodiment, start, kinematics=kinematics)])
    velocity = np.diff(path, axis=0) * embodiment.control_rate_hz
    acceleration = np.diff(velocity, axis=0) * embodiment.control_rate_hz
    assert np.all(np.abs(velocity) <= embodiment.velocity_limit)
    assert np.all(np.abs(acceleration) <= embodiment.acceleration_limit)


def test_there_is_nothing_to_do_at_home(kinematics: Kinematics):
    embodiment = kinematics.embodiment
    assert plan_home(embodiment, embodiment.home, kinematics=kinematics).shape == (0, embodiment.action_dim)


def test_a_tool_on_the_table_is_lifted_and_not_dragged(kinematics: Kinematics):
    embodiment, home = kinematics.embodiment, kinematics.embodiment.home
    tool = kinematics.tool_in_world(home)["right"]
    down = Pose(np.array([*tool.position[:2], 0.03]), tool.quaternion)
    start = kinematics.solve({"right": down}, home).position
    before = kinematics.distance(start)
    path = plan_home(embodiment, start, kinematics=kinematics)
    assert min(kinematics.distance(position) for position in path[::3]) >= before - 0.003


def test_when_every_way_is_blocked_one_line_says_so(kinematics: Kinematics, monkeypatch: pytest.MonkeyPatch):
    start = kinematics.embodiment.home + 0.1
    monkeypatch.setattr(
        kinematics, "distance", lambda position: 0.05 if np.array_equal(position, start) else 0.0
    )
    with pytest.raises(RoboticsError, match="no collision-free path home"):
        plan_home(kinematics.embodiment, start, kinematics=kinematics)
