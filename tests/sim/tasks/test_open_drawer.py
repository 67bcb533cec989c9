"""When the drawer counts as open."""

import pytest

from sim.props import CABINET
from sim.robot import SimulatedRobot


def pull(robot: SimulatedRobot, fraction: float) -> None:
    """Open the drawer so far and let it rest for half a second."""
    model, data = robot.physics.model.ptr, robot.physics.data.ptr
    data.qpos[model.joint("prop/drawer_slide").qposadr[0]] = fraction * CABINET.travel
    for _ in range(25):
        robot.step(20_000_000)


@pytest.mark.parametrize(
    ("fraction", "success"), [(0.0, False), (0.5, False), (0.77, False), (0.85, True), (1.0, True)]
)
def test_four_fifths_of_the_travel_is_open(robot: SimulatedRobot, fraction: float, success: bool):
    robot.reset("open_drawer", 0)
    pull(robot, fraction)
    assert robot.task_status().success is success


def test_the_drawer_stays_where_it_was_pulled(robot: SimulatedRobot):
    robot.reset("open_drawer", 0)
    pull(robot, 0.5)
    assert robot.episode.world.joint("drawer_slide") == pytest.approx(0.5 * CABINET.travel, abs=1e-3)


def test_the_handle_site_points_down_and_travels_with_the_drawer(robot: SimulatedRobot):
    robot.reset("open_drawer", 0)
    data, model = robot.physics.data.ptr, robot.physics.model.ptr
    site = model.site("prop/drawer_handle").id
    before = data.site_xpos[site].copy()
    assert data.site_xmat[site].reshape(3, 3)[2, 2] == pytest.approx(-1.0)
    pull(robot, 1.0)
    moved = data.site_xpos[site] - before
    assert moved @ robot.episode.world.rotation("cabinet")[:, 0] == pytest.approx(CABINET.travel, abs=2e-3)
