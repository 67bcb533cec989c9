"""What a recording covers."""

import numpy as np
import pytest

from robotics.cli.recording.coverage import ranges, start_spreads
from robotics.embodiments import load_embodiment
from sim.robot import SimulatedRobot


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], "none"), ([None], "none"), ([3], "3"), ([4, 0, 1, 2, 7, 8], "0-2, 4, 7-8"), ([5, 5, 6], "5-6")],
)
def test_numbers_are_told_as_ranges(numbers: list[int | None], text: str):
    assert ranges(numbers) == text


def test_the_spread_of_starts_is_that_of_the_seeds():
    embodiment = load_embodiment("aloha2")
    spreads = {spread.what: spread for spread in start_spreads(embodiment, "put_in_bowl", [0, 1, None, 2])}
    robot = SimulatedRobot(embodiment)
    places = []
    for seed in range(3):
        robot.reset("put_in_bowl", seed)
        places.append(robot.physics.named.data.xpos["prop/red_cube", :2].copy())
    robot.close()
    cube = spreads["red_cube"]
    np.testing.assert_allclose(cube.lower, np.min(places, axis=0), atol=1e-6)
    np.testing.assert_allclose(cube.upper, np.max(places, axis=0), atol=1e-6)
    assert np.all(cube.deviation > 0)
    assert str(cube).startswith("red_cube: x ")


def test_without_episodes_or_model_there_is_no_spread():
    assert start_spreads(load_embodiment("aloha2"), "put_in_bowl", []) == []
    assert start_spreads(None, "put_in_bowl", [1]) == []
