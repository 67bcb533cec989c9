"""A rigid transform, e.g. `tool_in_world`, which maps tool coordinates to world coordinates."""

from dataclasses import dataclass

import numpy as np


def quaternion_to_matrix(quaternion: np.ndarray) -> np.ndarray:
    """Rotation matrix (3, 3) of a unit quaternion wxyz (4,)."""
    w, x, y, z = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def matrix_to_quaternion(rotation: np.ndarray) -> np.ndarray:
    """Unit quaternion wxyz (4,), w >= 0, of a rotation matrix (3, 3)."""
    # Bar-Itzhack: the largest eigenvector of K is the quaternion, also near half turns.
    (xx, yx, zx), (xy, yy, zy), (xz, yz, zz) = rotation.T
    k = (
        np.array(
            [
                [xx + yy + zz, zy - yz, xz - zx, yx - xy],
                [zy - yz, xx - yy - zz, yx + xy, xz + zx],
                [xz - zx, yx + xy, yy - xx - zz, zy + yz],
                [yx - xy, xz + zx, zy + yz, zz - xx - yy],
            ]
        )
        / 3.0
    )
    # rotation.T unpacked by rows gives columns of `rotation`: xx = R[0,0], yx = R[1,0], ...
    values, vectors = np.linalg.eigh(k)
    quaternion = vectors[:, np.argmax(values)]
    return quaternion if quaternion[0] >= 0 else -quaternion


@dataclass(frozen=True)
class Pose:
    """Maps coordinates of one frame to another: `p_world = rotation @ p_tool + position`."""

    position: np.ndarray
    """Origin of the inner frame in the outer one, shape (3,) [m]."""
    quaternion: np.ndarray
    """Unit quaternion wxyz, shape (4,)."""

    @staticmethod
    def identity() -> "Pose":
        return Pose(np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0]))

    @staticmethod
    def from_matrix(rotation: np.ndarray, position: np.ndarray) -> "Pose":
        """From a rotation (3, 3) and a position (3,) [m]."""
        return Pose(np.asarray(position, float), matrix_to_quaternion(np.asarray(rotation, float)))

    @property
    def rotation(self) -> np.ndarray:
        """Rotation matrix, shape (3, 3)."""
        return quaternion_to_matrix(self.quaternion)

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Map points (..., 3) [m] of the inner frame to the outer one."""
        return np.asarray(points) @ self.rotation.T + self.position

    def compose(self, inner: "Pose") -> "Pose":
        """`a_in_world.compose(b_in_a)` is `b_in_world`."""
        return Pose.from_matrix(self.rotation @ inner.rotation, self.apply(inner.position))

    def inverse(self) -> "Pose":
        rotation = self.rotation.T
        return Pose.from_matrix(rotation, -rotation @ self.position)

    def distance(self, other: "Pose") -> tuple[float, float]:
        """Distance to another pose: (translation [m], rotation [rad])."""
        cosine = (np.trace(self.rotation.T @ other.rotation) - 1.0) / 2.0
        return (
            float(np.linalg.norm(self.position - other.position)),
            float(np.arccos(np.clip(cosine, -1.0, 1.0))),
        )
