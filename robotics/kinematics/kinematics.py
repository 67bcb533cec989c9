"""Forward and inverse kinematics of an embodiment's tools, with mink on its MuJoCo model."""

from collections.abc import Mapping
from dataclasses import dataclass

import mink
import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.errors import UnknownNameError
from robotics.kinematics.distances import Distances
from robotics.kinematics.joint_map import JointMap
from robotics.pose import Pose

_SOLVER = "daqp"
_ORIENTATION_COST = 0.3
"""Metres that a radian is worth: about the distance from wrist to elbow."""
_POSTURE_COSTS = (3e-2, 3e-3, 1e-4)
"""Pull to the seed posture: first strong, to stay on its branch, then too weak to bend the answer."""
_POSITION_TOLERANCE_M = 5e-4
_ROTATION_TOLERANCE_RAD = 5e-3


@dataclass(frozen=True)
class IkSolution:
    """The best joint position that inverse kinematics found."""

    position: np.ndarray
    """Shape (action_dim,), embodiment units, inside the position limits."""
    position_error_m: float
    """Of the worst arm."""
    rotation_error_rad: float
    """Of the worst arm."""
    converged: bool
    """Both errors are within tolerance (0.5 mm, 0.3 degrees)."""


class Kinematics:
    """Maps joint positions to tool poses and back; a joint position always has shape (action_dim,).

    Not thread-safe: it owns one MuJoCo data.
    """

    def __init__(self, embodiment: Embodiment):
        self.embodiment = embodiment
        self.model = mujoco.MjModel.from_xml_path(str(embodiment.model_path))
        self.joint_map = JointMap(embodiment, self.model)
        self.distances = Distances(embodiment, self.model, self.joint_map)
        self._configuration = mink.Configuration(self.model)
        self._qpos = self.model.qpos0.copy()
        self._site = {arm.name: self.model.site(arm.tool_site).id for arm in embodiment.arm}
        self._tasks = {
            arm.name: mink.FrameTask(
                arm.tool_site, "site", position_cost=1.0, orientation_cost=_ORIENTATION_COST, lm_damping=1e-3
            )
            for arm in embodiment.arm
        }
        self._posture = mink.PostureTask(self.model, cost=np.zeros(self.model.nv))
        speeds = {
            joint.model_joint: np.array([joint.velocity]) for arm in embodiment.arm for joint in arm.joint
        }
        self._position_limit = mink.ConfigurationLimit(self.model)
        self._velocity_limit = mink.VelocityLimit(self.model, speeds)
        self._is_arm = np.ones(embodiment.action_dim, bool)
        self._is_arm[list(embodiment.gripper_indices.values())] = False

    def _load(self, position: np.ndarray) -> None:
        self.joint_map.write_qpos(position, self._qpos)
        self._configuration.update(self._qpos)

    def _pose(self, arm: str) -> Pose:
        data, site = self._configuration.data, self._site[arm]
        return Pose.from_matrix(data.site_xmat[site].reshape(3, 3), data.site_xpos[site].copy())

    def tool_in_world(self, position: np.ndarray) -> dict[str, Pose]:
        """Pose of every arm's tool at a joint position."""
        self.joint_map.write_qpos(position, self._qpos)
        data = self._configuration.data
        data.qpos[:] = self._qpos
        mujoco.mj_kinematics(self.model, data)
        return {arm: self._pose(arm) for arm in self._site}

    def distance(self, position: np.ndarray) -> float:
        """Smallest distance [m] between the arms, of an arm to itself and to the table; negative inside."""
        return self.distances.smallest(position)

    def base_position(self, arm: str) -> np.ndarray:
        """Origin of an arm's base in the world, shape (3,) [m]."""
        body = self.model.body(self.embodiment.get_arm(arm).base_body).id
        return self._configuration.data.xpos[body].copy()

    def _moving(self, targets: Mapping[str, Pose]) -> np.ndarray:
        """Action dimensions of the joints of the arms with a target, shape (n,)."""
        for arm in targets:
            if arm not in self._site:
                raise UnknownNameError("arm", arm, self._site, owner=self.embodiment.name)
        slices = self.embodiment.arm_slices
        return np.concatenate([np.arange(slices[arm].start, slices[arm].stop) for arm in targets])

    def _differential_step(
        self, targets: Mapping[str, Pose], dt: float, posture_cost: float, with_velocity_limit: bool
    ) -> np.ndarray:
        """Change of position (action_dim,) in one step from the loaded configuration."""
        tasks: list[mink.BaseTask] = []
        for arm, target in targets.items():
            frame = mink.SE3(wxyz_xyz=np.concatenate([target.quaternion, target.position]))
            self._tasks[arm].set_target(frame)
            tasks.append(self._tasks[arm])
        self._posture.set_cost(np.full(self.model.nv, posture_cost))
        tasks.append(self._posture)
        limits: list[mink.Limit] = [self._position_limit]
        if with_velocity_limit:
            limits.append(self._velocity_limit)
        # Fingers and arms without a target are decoupled in the problem; their part is not used.
        velocity = mink.solve_ik(
            self._configuration, tasks, dt, _SOLVER, damping=1e-8, safety_break=False, limits=limits
        )
        return self.joint_map.read_qvel(velocity) * dt

    def solve(
        self,
        targets: Mapping[str, Pose],
        start: np.ndarray,
        *,
        seed: np.ndarray | None = None,
        max_iterations: int = 60,
    ) -> IkSolution:
        """Joint position that puts tools at target poses.

        The answer depends on `targets` and the seed only, so that equal poses give equal postures.
        When the seed leads nowhere, seeds between it and `start` are tried.

        Args:
            targets: tool_in_world for some of the arms; the others, and all grippers, stay at `start`.
            start: Where the robot is, shape (action_dim,).
            seed: Posture whose branch (elbow, wrist) the answer takes, shape (action_dim,); default home.
            max_iterations: Of Gauss-Newton, for each seed.

        Raises:
            UnknownNameError: No such arm.
        """
        moving = self._moving(targets)
        seed = self.embodiment.home if seed is None else seed
        best: IkSolution | None = None
        for blend in (0.0, 0.5, 1.0):
            first = np.array(start, float)
            first[moving] = (1.0 - blend) * seed[moving] + blend * first[moving]
            solution = self._descend(targets, first, moving, max_iterations)
            if best is None or solution.position_error_m + 0.3 * solution.rotation_error_rad < (
                best.position_error_m + 0.3 * best.rotation_error_rad
            ):
                best = solution
            if best.converged:
                break
        assert best is not None
        return best

    def _descend(
        self, targets: Mapping[str, Pose], first: np.ndarray, moving: np.ndarray, max_iterations: int
    ) -> IkSolution:
        lower, upper = self.embodiment.position_lower[moving], self.embodiment.position_upper[moving]
        position = first.copy()
        position[moving] = np.clip(position[moving], lower, upper)
        self._load(position)
        self._posture.set_target(self._qpos)
        error = self._errors(targets)
        for iteration in range(max_iterations):
            stage = min(iteration // 6, len(_POSTURE_COSTS) - 1)
            change = self._differential_step(targets, 1.0, _POSTURE_COSTS[stage], False)[moving]
            # Far from the answer the linear step overshoots; 0.5 rad keeps it on the seed's branch.
            change *= min(1.0, 0.5 / max(float(np.abs(change).max()), 1e-9))
            position[moving] = np.clip(position[moving] + change, lower, upper)
            self._load(position)
            error = self._errors(targets)
            fine = error[0] < 0.1 * _POSITION_TOLERANCE_M and error[1] < 0.1 * _ROTATION_TOLERANCE_RAD
            stuck = stage == len(_POSTURE_COSTS) - 1 and float(np.abs(change).max()) < 1e-6
            if fine or stuck:
                break
        converged = error[0] <= _POSITION_TOLERANCE_M and error[1] <= _ROTATION_TOLERANCE_RAD
        return IkSolution(position, error[0], error[1], converged)

    def _errors(self, targets: Mapping[str, Pose]) -> tuple[float, float]:
        errors = [target.distance(self._pose(arm)) for arm, target in targets.items()]
        return max(e[0] for e in errors), max(e[1] for e in errors)

    def step_toward(
        self,
        targets: Mapping[str, Pose],
        position: np.ndarray,
        dt: float,
        *,
        posture: np.ndarray | None = None,
        posture_cost: float = 1e-3,
    ) -> np.ndarray:
        """The next joint position on the way to target poses: one differential step, for 50 Hz feedback.

        Velocity and position limits of the joints are respected; a target within reach of one step is met.

        Args:
            targets: tool_in_world for some of the arms; the others, and all grippers, stay.
            position: Where the robot is, shape (action_dim,).
            dt: Duration of the step [s].
            posture: What redundant joints tend to, shape (action_dim,); default home.
            posture_cost: How strongly.

        Raises:
            UnknownNameError: No such arm.
        """
        moving = self._moving(targets)
        self.joint_map.write_qpos(self.embodiment.home if posture is None else posture, self._qpos)
        self._posture.set_target(self._qpos)
        inside = np.clip(position, self.embodiment.position_lower, self.embodiment.position_upper)
        self._load(inside)
        change = self._differential_step(targets, dt, posture_cost, True)
        result = np.array(position, float)
        result[moving] = np.clip(
            inside[moving] + change[moving],
            self.embodiment.position_lower[moving],
            self.embodiment.position_upper[moving],
        )
        return result
