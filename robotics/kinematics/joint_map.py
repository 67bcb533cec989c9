"""The way between embodiment positions (action order, grippers 0..1) and the joints of its MuJoCo model."""

import mujoco
import numpy as np

from robotics.embodiment import Embodiment


class JointMap:
    """Addresses of an embodiment's joints in a MuJoCo model that contains it; coupled fingers follow."""

    def __init__(self, embodiment: Embodiment, model: mujoco.MjModel):
        self.embodiment = embodiment
        joints, actuators, scale, offset, control_scale, control_offset = [], [], [], [], [], []
        for arm in embodiment.arm:
            for joint in arm.joint:
                joints.append(model.joint(joint.model_joint).id)
                actuators.append(model.actuator(joint.actuator).id)
                scale.append(1.0)
                offset.append(0.0)
                control_scale.append(1.0)
                control_offset.append(0.0)
            gripper = arm.gripper
            joints.append(model.joint(gripper.model_joint).id)
            actuators.append(model.actuator(gripper.actuator).id)
            closed, opened = gripper.joint_range
            scale.append(opened - closed)
            offset.append(closed)
            closed, opened = gripper.control_range
            control_scale.append(opened - closed)
            control_offset.append(closed)
        self.actuator = np.array(actuators)
        """Actuator of each action dimension, shape (action_dim,)."""
        self.qpos_address = model.jnt_qposadr[joints]
        """Address in qpos of each action dimension, shape (action_dim,)."""
        self.dof_address = model.jnt_dofadr[joints]
        """Address in qvel of each action dimension, shape (action_dim,)."""
        self._scale, self._offset = np.array(scale), np.array(offset)
        self._control_scale, self._control_offset = np.array(control_scale), np.array(control_offset)
        coupled = self._find_coupled(model)
        self._followers = np.array([follower for follower, _, _ in coupled], int)
        self._leaders = np.array([leader for _, leader, _ in coupled], int)
        polynomials = np.array([polynomial for _, _, polynomial in coupled]).reshape(-1, 5)
        self._polynomials = polynomials.T  # (5, followers), lowest power first

    def _find_coupled(self, model: mujoco.MjModel) -> list[tuple[int, int, np.ndarray]]:
        """(address of follower, address of leader, polynomial) of each joint coupling on our joints."""
        ours, found = set(self.qpos_address.tolist()), []
        for index in np.flatnonzero(model.eq_type == mujoco.mjtEq.mjEQ_JOINT):
            first, second = model.eq_obj1id[index], model.eq_obj2id[index]
            if second < 0:
                continue
            follower, leader = int(model.jnt_qposadr[first]), int(model.jnt_qposadr[second])
            polynomial = model.eq_data[index, :5]
            if leader in ours and follower not in ours:
                found.append((follower, leader, polynomial.copy()))
            elif follower in ours and leader not in ours and np.allclose(polynomial, [0, 1, 0, 0, 0]):
                found.append((leader, follower, polynomial.copy()))
        return found

    def write_qpos(self, position: np.ndarray, qpos: np.ndarray) -> None:
        """Put an embodiment position (action_dim,) into a model's qpos (nq,)."""
        qpos[self.qpos_address] = self._offset + self._scale * position
        if len(self._followers):
            leader = qpos[self._leaders]
            value = self._polynomials[-1]
            for coefficient in self._polynomials[-2::-1]:
                value = value * leader + coefficient
            qpos[self._followers] = value

    def read_qpos(self, qpos: np.ndarray) -> np.ndarray:
        """Embodiment position (action_dim,) of a model's qpos (nq,)."""
        return (qpos[self.qpos_address] - self._offset) / self._scale

    def read_qvel(self, qvel: np.ndarray) -> np.ndarray:
        """Embodiment velocity (action_dim,) [1/s] of a model's qvel (nv,)."""
        return qvel[self.dof_address] / self._scale

    def control(self, target: np.ndarray) -> np.ndarray:
        """Actuator controls (action_dim,) of an embodiment target (action_dim,), in `actuator` order."""
        return self._control_offset + self._control_scale * target
