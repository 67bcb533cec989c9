"""Joint positions that bring the tools to a point."""

import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from robotics.kinematics.mirror import find_mirror
from robotics.kinematics.reach import Reach
from robotics.kinematics.sensors import SensorKinematics

POINTS = np.random.default_rng(0).uniform([-0.1, -0.12, 0.02], [0.1, 0.1, 0.12], (30, 3))


def pointing_down(yaw: float) -> np.ndarray:
    return np.array([np.cos(yaw), np.sin(yaw), 0.0, np.sin(yaw), -np.cos(yaw), 0.0])


@pytest.fixture(params=["aloha2", "franka_duo"])
def embodiment(request):
    return load_embodiment(request.param)


def test_both_tools_arrive_pointing_down_and_the_derivative_leads_on_from_there(embodiment):
    reach, kinematics = Reach(embodiment), SensorKinematics(embodiment)
    step = np.array([0.01, -0.01, 0.005])
    error, beyond, down = [], [], []
    for i, point in enumerate(POINTS):
        position, derivative = reach.solve(point, pointing_down(0.4 * np.sin(i)))
        kinematics.set_position(position)
        tool, rotation = kinematics.tools()
        error.append(np.linalg.norm(tool - point, axis=1))
        down.append(rotation[:, 2, 2])
        kinematics.set_position(position + derivative @ step)
        beyond.append(np.linalg.norm(kinematics.tools()[0] - point - step, axis=1))
    assert np.quantile(error, 0.95) < 1e-4
    assert np.quantile(down, 0.95) < -0.999
    assert np.quantile(beyond, 0.95) < 2e-3


def test_the_mirrored_point_is_reached_by_the_mirrored_joints(embodiment):
    reach, mirror = Reach(embodiment), find_mirror(embodiment)
    assert mirror is not None
    axes = pointing_down(0.3)
    mirrored_axes = (mirror.points(axes.reshape(2, 3)) * mirror.tool_sign[:2, None]).reshape(6)
    for point in POINTS[:10]:
        position, derivative = reach.solve(point, axes)
        other, other_derivative = reach.solve(mirror.points(point), mirrored_axes)
        np.testing.assert_allclose(other, mirror.joints(position), atol=5e-3)
        np.testing.assert_allclose(other_derivative, mirror.derivatives(derivative), atol=0.2)


def test_a_point_out_of_reach_ends_inside_the_limits(embodiment):
    position, derivative = Reach(embodiment).solve(np.array([0.0, 3.0, 0.5]), pointing_down(0.0))
    assert (position >= embodiment.position_lower).all() and (position <= embodiment.position_upper).all()
    assert np.isfinite(derivative).all()
