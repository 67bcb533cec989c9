"""Distance of paths."""

import numpy as np
import pytest

from robotics.reasoning.frechet import frechet_distance, resample


def test_a_path_has_no_distance_from_itself():
    path = np.random.default_rng(0).normal(size=(9, 3))
    assert frechet_distance(path, path) == 0.0


def test_parallel_paths_are_as_far_apart_as_they_are():
    path = np.column_stack([np.linspace(0, 1, 11), np.zeros(11)])
    assert frechet_distance(path, path + np.array([0.0, 0.2])) == pytest.approx(0.2)


def test_walking_backwards_costs_the_whole_length():
    path = np.column_stack([np.linspace(0, 1, 11), np.zeros(11)])
    assert frechet_distance(path, path[::-1]) == pytest.approx(1.0)


def test_it_is_symmetric_and_at_least_the_distance_of_the_ends():
    rng = np.random.default_rng(1)
    for _ in range(20):
        a, b = rng.normal(size=(7, 2)), rng.normal(size=(12, 2))
        there, back = frechet_distance(a, b), frechet_distance(b, a)
        assert there == pytest.approx(back)
        assert there >= max(np.linalg.norm(a[0] - b[0]), np.linalg.norm(a[-1] - b[-1])) - 1e-12


def test_paths_that_cannot_be_compared_are_refused():
    with pytest.raises(ValueError, match="got \\(2, 2\\) and \\(2, 3\\)"):
        frechet_distance(np.zeros((2, 2)), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="paths must be"):
        frechet_distance(np.zeros((0, 2)), np.zeros((2, 2)))


def test_resampling_keeps_the_ends_and_spaces_evenly():
    path = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 3.0]])
    even = resample(path, 9)
    assert even[0] == pytest.approx(path[0])
    assert even[-1] == pytest.approx(path[-1])
    assert even[2] == pytest.approx([1.0, 0.0])
    assert np.linalg.norm(np.diff(even, axis=0), axis=-1) == pytest.approx(0.5)
