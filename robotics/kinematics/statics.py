"""What position servos lack: how far off their targets they are at rest, and in motion."""

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.kinematics.joint_map import JointMap


class Statics:
    """From the masses and the servo gains of the embodiment's model. Not thread-safe."""

    def __init__(self, embodiment: Embodiment):
        model = mujoco.MjModel.from_xml_path(str(embodiment.model_path))
        # with the compensated part of the weight taken away, what remains is what the servos carry
        model.body_mass[:] *= 1.0 - np.clip(model.body_gravcomp, 0.0, 1.0)
        self._model, self._data = model, mujoco.MjData(model)
        self._map = JointMap(embodiment, model)
        gain = model.actuator_gainprm[self._map.actuator, 0]
        damping = model.dof_damping[self._map.dof_address] - model.actuator_biasprm[self._map.actuator, 2]
        self.lag_s = damping / gain
        """What each servo is behind its target in steady motion: damping over gain, (action_dim,) [s]."""
        self._stiffness = gain.copy()
        self._stiffness[list(embodiment.gripper_indices.values())] = np.inf  # they carry no weight
        self._torque = np.zeros(model.nv)

    def sag(self, position: np.ndarray) -> np.ndarray:
        """Target minus position at rest, shape (action_dim,), at a joint position (action_dim,)."""
        self._map.write_qpos(position, self._data.qpos)
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_comPos(self._model, self._data)
        mujoco.mj_rne(self._model, self._data, 0, self._torque)
        return self._torque[self._map.dof_address] / self._stiffness

    def target_of(self, position: np.ndarray) -> np.ndarray:
        """The target (action_dim,) under which the robot comes to rest at `position` (action_dim,)."""
        return position + self.sag(position)

    def position_of(self, target: np.ndarray, iterations: int = 4) -> np.ndarray:
        """Where the robot rests (action_dim,) under a target (action_dim,); inverse of `target_of`."""
        position = np.array(target, float)
        for _ in range(iterations):
            position = target - self.sag(position)
        return position
