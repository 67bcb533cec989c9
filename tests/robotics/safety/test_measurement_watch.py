"""Readings that cannot be true are noticed; robots at rest, blocked or slow to follow are left alone."""

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment

from robotics.safety.measurement_watch import MeasurementWatch

HOME = fake_embodiment().home
TICKS = 25
"""Half a second at 50 Hz."""


@pytest.fixture
def watch() -> MeasurementWatch:
    return MeasurementWatch(fake_embodiment())


def moved(by: float) -> np.ndarray:
    target = HOME.copy()
    target[1] += by
    return target


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_named(watch: MeasurementWatch, value: float):
    position = HOME.copy()
    position[3] = value
    name = fake_embodiment().action_names[3]
    assert watch.look(position, HOME) == f"the driver measures {name} at {value}"


def test_a_robot_at_rest_may_measure_the_same_forever(watch: MeasurementWatch):
    assert not any(watch.look(HOME, HOME) for _ in range(1000))
    # and small steps may be lost in friction
    assert not any(watch.look(HOME, moved(0.009)) for _ in range(1000))


def test_readings_that_stand_still_while_targets_move_are_noticed_after_half_a_second(
    watch: MeasurementWatch,
):
    assert not any(watch.look(HOME, HOME) for _ in range(1000))
    found = [watch.look(HOME, moved(0.02 * (tick + 1))) for tick in range(TICKS)]
    assert found[:-1] == [None] * (TICKS - 1)
    assert found[-1] == "the measured joints have not changed for 0.5 s of motion"
    # a release gives another half second
    assert not any(watch.look(HOME, moved(0.5 + 0.02 * tick)) for tick in range(TICKS))


def test_one_joint_that_moves_is_enough(watch: MeasurementWatch):
    position = HOME.copy()
    for tick in range(200):
        position = position.copy()
        position[0] += 1e-9
        assert watch.look(position, moved(0.02 * tick)) is None


def test_a_driver_that_reuses_its_array_is_believed(watch: MeasurementWatch):
    position = HOME.copy()
    for tick in range(200):
        position[1] += 0.01
        assert watch.look(position, moved(0.01 * tick)) is None
