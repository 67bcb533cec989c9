"""Rigid transforms: each way there has its way back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotics.pose import Pose, matrix_to_quaternion, quaternion_to_matrix

coordinates = st.floats(-2, 2, allow_nan=False, width=32)


@st.composite
def unit_quaternions(draw) -> np.ndarray:
    """Unit quaternions wxyz with w >= 0; half turns, where w is 0, come up often."""
    parts = np.array([draw(st.one_of(st.just(0.0), st.floats(-1, 1, width=32))) for _ in range(4)])
    norm = np.linalg.norm(parts)
    if norm < 1e-3:
        return np.array([1.0, 0.0, 0.0, 0.0])
    parts = parts / norm
    return -parts if parts[0] < 0 else parts


@st.composite
def poses(draw) -> Pose:
    return Pose(np.array([draw(coordinates) for _ in range(3)]), draw(unit_quaternions()))


points = st.lists(st.tuples(coordinates, coordinates, coordinates), min_size=1, max_size=4).map(np.array)


def assert_same(one: Pose, other: Pose) -> None:
    np.testing.assert_allclose(one.position, other.position, atol=1e-9)
    np.testing.assert_allclose(one.rotation, other.rotation, atol=1e-9)


@given(unit_quaternions())
def test_a_quaternion_gives_a_right_handed_rotation(quaternion):
    rotation = quaternion_to_matrix(quaternion)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(rotation) == pytest.approx(1.0)


@given(unit_quaternions())
def test_quaternion_to_matrix_and_back_is_the_same_quaternion(quaternion):
    back = matrix_to_quaternion(quaternion_to_matrix(quaternion))
    assert back[0] >= 0
    assert np.linalg.norm(back) == pytest.approx(1.0)
    # q and -q are one rotation, and at half turns both have w = 0.
    assert abs(back @ quaternion) == pytest.approx(1.0, abs=1e-9)


@given(unit_quaternions())
def test_matrix_to_quaternion_and_back_is_the_same_matrix(quaternion):
    rotation = quaternion_to_matrix(quaternion)
    np.testing.assert_allclose(quaternion_to_matrix(matrix_to_quaternion(rotation)), rotation, atol=1e-9)


def test_a_quarter_turn_about_z_takes_x_to_y():
    quarter = np.array([np.sqrt(0.5), 0, 0, np.sqrt(0.5)])
    pose = Pose(np.array([1.0, 2.0, 3.0]), quarter)
    np.testing.assert_allclose(pose.apply(np.array([1.0, 0, 0])), [1, 3, 3], atol=1e-12)


@given(poses(), points)
def test_a_pose_and_its_inverse_undo_each_other(pose, inner):
    np.testing.assert_allclose(pose.inverse().apply(pose.apply(inner)), inner, atol=1e-8)
    assert_same(pose.compose(pose.inverse()), Pose.identity())
    assert_same(pose.inverse().compose(pose), Pose.identity())


@given(poses())
def test_inverting_twice_changes_nothing(pose):
    assert_same(pose.inverse().inverse(), pose)


@given(poses())
def test_the_identity_changes_nothing(pose):
    assert_same(pose.compose(Pose.identity()), pose)
    assert_same(Pose.identity().compose(pose), pose)


@given(poses(), poses(), points)
def test_composing_is_applying_one_after_the_other(a_in_world, b_in_a, inner):
    once = a_in_world.compose(b_in_a).apply(inner)
    np.testing.assert_allclose(once, a_in_world.apply(b_in_a.apply(inner)), atol=1e-8)


@given(poses(), poses(), poses())
def test_composing_is_associative(a, b, c):
    assert_same(a.compose(b).compose(c), a.compose(b.compose(c)))


@given(poses())
def test_from_matrix_undoes_rotation_and_position(pose):
    assert_same(Pose.from_matrix(pose.rotation, pose.position), pose)


@given(poses(), poses())
def test_distance_is_symmetric(one, other):
    assert one.distance(other) == pytest.approx(other.distance(one), abs=1e-6)


@given(poses(), poses(), poses())
def test_distance_does_not_depend_on_the_outer_frame(one, other, frame):
    moved = frame.compose(one).distance(frame.compose(other))
    assert moved == pytest.approx(one.distance(other), abs=1e-6)


@given(poses())
def test_a_pose_is_at_no_distance_from_itself(pose):
    assert pose.distance(pose) == pytest.approx((0.0, 0.0), abs=1e-6)


@pytest.mark.parametrize("angle", [0.0, 1e-3, 1.0, 3.0, np.pi])
def test_distance_tells_metres_and_radians(angle):
    turned = Pose(np.array([3.0, 0.0, 4.0]), np.array([np.cos(angle / 2), np.sin(angle / 2), 0, 0]))
    assert Pose.identity().distance(turned) == pytest.approx((5.0, angle), abs=1e-6)


@given(poses(), st.integers(1, 3), st.integers(1, 3))
def test_apply_keeps_the_leading_shape(pose, rows, columns):
    grid = np.arange(rows * columns * 3, dtype=float).reshape(rows, columns, 3)
    mapped = pose.apply(grid)
    assert mapped.shape == grid.shape
    np.testing.assert_allclose(mapped[-1, -1], pose.apply(grid[-1, -1]), atol=1e-9)
