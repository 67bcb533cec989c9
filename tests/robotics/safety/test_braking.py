"""How far a stop takes, and how fast one may be to stop in time, are each other's inverse."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from robotics.safety.braking import braking_speed, stopping_distance


def speed_for(distance: np.ndarray) -> np.ndarray:
    return braking_speed(distance, np.empty_like(distance), np.empty_like(distance))


@given(st.floats(0.0, 1e4))
def test_the_braking_speed_of_a_stopping_distance_is_the_speed(speed: float):
    distance = stopping_distance(np.array([speed]))
    np.testing.assert_allclose(speed_for(distance), [speed], rtol=1e-9, atol=1e-9)


@given(st.floats(0.0, 300.0))
def test_the_stopping_distance_is_what_a_joint_covers_that_brakes_by_one_a_tick(speed: float):
    covered, remaining = 0.0, speed
    while remaining > 0:
        covered += remaining
        remaining -= 1.0
    np.testing.assert_allclose(stopping_distance(np.array([speed])), [covered], rtol=1e-9, atol=1e-9)


@given(st.floats(0.0, 1e4))
def test_after_a_move_at_braking_speed_one_can_still_brake(distance: float):
    speed = speed_for(np.array([distance]))
    left = np.maximum(distance - speed, 0.0)
    assert speed_for(left) >= speed - 1.0 - 1e-6


def test_within_one_tick_of_the_point_it_goes_there_at_once():
    distance = np.array([0.0, 0.3, 1.0])
    np.testing.assert_allclose(speed_for(distance), distance)
