"""Joint positions that bring each arm's tool to a point, and how they change with the point."""

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.kinematics.sensors import SensorKinematics

_ROTATION_WEIGHT_M = 0.1
"""An error of 1 rad counts as one of so many metres."""
_DAMPING = 1e-4
"""Added to the diagonal of J J^T [m^2]."""
_LARGEST_STEP = 0.6
"""[rad], of all joints of an arm together."""
_SMALL_STEP = 2e-3
"""[rad]; the search ends below it."""


class Reach:
    """Damped least squares from the home position, always the same way: near points have near answers.

    Faster and simpler than `Kinematics.solve`: no collisions, no limits but the joints' own, and an answer,
    the nearest one, for points out of reach.
    """

    def __init__(self, embodiment: Embodiment, iterations: int = 10):
        self.embodiment = embodiment
        self._iterations = iterations
        self._kinematics = SensorKinematics(embodiment)
        model = self.model = self._kinematics.model
        self._dims = [
            np.arange(embodiment.action_dim)[embodiment.arm_slices[arm.name]] for arm in embodiment.arm
        ]
        self._dofs = [[model.joint(j.model_joint).dofadr[0] for j in arm.joint] for arm in embodiment.arm]
        self._sites = [model.site(arm.tool_site).id for arm in embodiment.arm]
        self._kinematics.set_position(embodiment.home)
        self._home_rotation = self._kinematics.tools()[1]

    def solve(self, point: np.ndarray, axes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the joints are when a tool is at a point; every arm by itself.

        Args:
            point: World position (3,) [m].
            axes: x and y axis of the tool in the world, orthonormal, (6,). A gripper may also come turned by
                half a turn about its z axis; each arm takes the turn that is nearer to its home.

        Returns:
            Positions (action_dim,) with grippers as at home, and their derivative by the point
            (action_dim, 3) [rad/m], the tool's rotation kept.
        """
        home, lower, upper = (
            self.embodiment.home,
            self.embodiment.position_lower,
            self.embodiment.position_upper,
        )
        x, y = axes[:3], axes[3:]
        wanted = np.stack([x, y, np.cross(x, y)], axis=1)
        turned = wanted * np.array([-1.0, -1.0, 1.0])
        targets = [
            wanted if np.sum(wanted * rotation) >= np.sum(turned * rotation) else turned
            for rotation in self._home_rotation
        ]
        position, derivative = home.copy(), np.zeros((len(home), 3))
        moving = [True] * len(self._dims)
        data, both = self._kinematics.data, np.zeros((6, self.model.nv))
        for _ in range(self._iterations):
            self._kinematics.set_position(position)
            mujoco.mj_comPos(self.model, data)
            for arm, dims in enumerate(self._dims):
                if not moving[arm]:
                    continue
                mujoco.mj_jacSite(self.model, data, both[:3], both[3:], self._sites[arm])
                jacobian = both[:, self._dofs[arm]]
                jacobian[3:] *= _ROTATION_WEIGHT_M
                inverse = jacobian.T @ np.linalg.inv(jacobian @ jacobian.T + _DAMPING * np.eye(6))
                now = data.site_xmat[self._sites[arm]].reshape(3, 3)
                error = np.concatenate(
                    [
                        point - data.site_xpos[self._sites[arm]],
                        _ROTATION_WEIGHT_M * _rotation_vector(targets[arm] @ now.T),
                    ]
                )
                step = inverse @ error
                length = float(np.linalg.norm(step))
                step *= min(1.0, _LARGEST_STEP / max(length, 1e-9))
                position[dims] = np.clip(position[dims] + step, lower[dims], upper[dims])
                derivative[dims] = inverse[:, :3]
                moving[arm] = length > _SMALL_STEP
            if not any(moving):
                break
        return position, derivative


def _rotation_vector(rotation: np.ndarray) -> np.ndarray:
    """Axis times angle [rad] of a rotation (3, 3)."""
    quaternion, vector = np.empty(4), np.empty(3)
    mujoco.mju_mat2Quat(quaternion, np.ascontiguousarray(rotation).reshape(-1))
    mujoco.mju_quat2Vel(vector, quaternion, 1.0)
    return vector
