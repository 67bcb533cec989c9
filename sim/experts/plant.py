"""What an expert knows of its robot: where tools are, how far servos sag under weight, and how they lag.

Position servos without integral action rest below their target by weight / gain (2 cm at the tool of
an ALOHA arm). An expert therefore thinks in *references*, positions that the arm really takes, and
adds the sag when it turns a reference into a target; an observed target is turned back.
"""

from dataclasses import dataclass

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.errors import UnreachableError
from robotics.kinematics import Kinematics
from robotics.pose import Pose

_PROBE_HEIGHT_M = 0.14
_LEVEL_FROM_M = 0.25
_LEVEL_MARGIN_RAD = 0.15
_POSTURES_KEPT = 1000


@dataclass(frozen=True)
class Frame:
    """A tool's or an object's pose in the world."""

    position: np.ndarray
    """Shape (3,) [m]."""
    rotation: np.ndarray
    """Shape (3, 3)."""


class Plant:
    """The embodiment's MuJoCo model, used for kinematics and statics only. Not thread-safe."""

    def __init__(self, embodiment: Embodiment):
        self.embodiment = embodiment
        self._kinematics = Kinematics(embodiment)
        self.model = model = self._kinematics.model
        self._map = self._kinematics.joint_map
        self._data = mujoco.MjData(model)
        self._postures: dict[tuple[str | bytes, ...], np.ndarray] = {}
        self._elsewhere = mujoco.MjData(model)
        self._site = {arm.name: model.site(arm.tool_site).id for arm in embodiment.arm}
        self._dofs = {name: self._map.dof_address[joints] for name, joints in embodiment.arm_slices.items()}
        self._jacobian = np.zeros((6, model.nv))
        self._torque = np.zeros(model.nv)
        # With the compensated part of the weight taken away, what remains is what the servos carry.
        model.body_mass[:] *= 1.0 - np.clip(model.body_gravcomp, 0.0, 1.0)
        gain = model.actuator_gainprm[self._map.actuator, 0]
        damping = model.dof_damping[self._map.dof_address] - model.actuator_biasprm[self._map.actuator, 2]
        self.lag_s = damping / gain
        """Time constant of each servo: damping over gain, shape (action_dim,) [s]."""
        self._stiffness = gain.copy()
        self._stiffness[list(embodiment.gripper_indices.values())] = np.inf  # they carry no weight
        self.place(embodiment.home)
        self.base = {arm.name: self._data.xpos[model.body(arm.base_body).id].copy() for arm in embodiment.arm}
        """Origin of each arm's base in the world [m]."""
        self.home = self.tools()
        """Every arm's tool at home."""
        self.home_reference = self.reference_of(embodiment.home)
        """Where the robot rests when told to be at home, shape (action_dim,)."""
        self.upright_reach_m = _upright_reach(self._kinematics)
        """Level distance from the base up to which a tool can point straight down above the table."""
        self.level_height_m = _level_height(self._kinematics)
        """Height over the table's middle from which on the tools can face each other level."""

    def place(self, position: np.ndarray) -> None:
        """Move the model to a joint position (action_dim,), for the questions below."""
        self._map.write_qpos(position, self._data.qpos)
        mujoco.mj_kinematics(self.model, self._data)

        mujoco.mj_comPos(self.model, self._data)

    def tools(self) -> dict[str, Frame]:
        """Every arm's tool after `place`."""
        return self._tools(self._data)

    def tools_at(self, position: np.ndarray) -> dict[str, Frame]:
        """Every arm's tool at a joint position (action_dim,); what was placed stays."""
        self._map.write_qpos(position, self._elsewhere.qpos)
        mujoco.mj_kinematics(self.model, self._elsewhere)
        return self._tools(self._elsewhere)

    def _tools(self, data: mujoco.MjData) -> dict[str, Frame]:
        return {
            arm: Frame(data.site_xpos[site].copy(), data.site_xmat[site].reshape(3, 3).copy())
            for arm, site in self._site.items()
        }

    def jacobian(self, arm: str) -> np.ndarray:
        """Of an arm's tool, world axes, shape (6, joints): rows are translation, then rotation."""
        mujoco.mj_jacSite(self.model, self._data, self._jacobian[:3], self._jacobian[3:], self._site[arm])
        return self._jacobian[:, self._dofs[arm]]

    def sag(self) -> np.ndarray:
        """How far targets must be beyond positions to carry the weight, shape (action_dim,)."""
        mujoco.mj_rne(self.model, self._data, 0, self._torque)
        return self._torque[self._map.dof_address] / self._stiffness

    def target_of(self, reference: np.ndarray) -> np.ndarray:
        """The target (action_dim,) under which the robot comes to rest at `reference` (action_dim,)."""
        self.place(reference)
        return reference + self.sag()

    def reference_of(self, target: np.ndarray, iterations: int = 4) -> np.ndarray:
        """Where the robot rests (action_dim,) under a target (action_dim,); inverse of `target_of`."""
        reference = np.array(target, float)
        for _ in range(iterations):
            reference = target - (self.target_of(reference) - reference)
        return reference

    def posture(self, arm: str, *tools: Frame) -> np.ndarray:
        """An arm's joints (joints,) that put its tool at the last of `tools`.

        The branch is that of home; a large turn is led along it by giving poses on the way.

        Raises:
            UnreachableError: There are none.
        """
        key = (arm, *(np.round(np.vstack([t.position, t.rotation]), 4).tobytes() for t in tools))
        if key not in self._postures:
            if len(self._postures) > _POSTURES_KEPT:
                self._postures.clear()
            position, converged = self.embodiment.home, False
            for tool in tools:
                pose = Pose.from_matrix(tool.rotation, tool.position)
                solution = self._kinematics.solve({arm: pose}, position, seed=position)
                position, converged = solution.position, solution.converged
            if not converged:
                raise UnreachableError(
                    f"'{arm}' of '{self.embodiment.name}' does not reach {tools[-1].position}"
                )
            self._postures[key] = position[self.embodiment.arm_slices[arm]]
        return self._postures[key]

    def opening_of(self, arm: str, gap_m: float) -> float:
        """Gripper opening at a distance between the fingertips [m]."""
        closed, opened = self.embodiment.get_arm(arm).gripper.fingertip_gap
        return (gap_m - closed) / (opened - closed)


def _upright_reach(kinematics: Kinematics) -> dict[str, float]:
    """For each arm, by trying, to 1 cm: see `Plant.upright_reach_m`."""
    embodiment = kinematics.embodiment
    home, found = kinematics.tool_in_world(embodiment.home), {}
    for arm in embodiment.arm:
        base = kinematics.base_position(arm.name)
        closing = level(home[arm.name].rotation[:, 1])
        ahead = level(home[arm.name].position - base)
        near, far = float(np.linalg.norm((home[arm.name].position - base)[:2])), 1.2
        while far - near > 0.01:
            middle = 0.5 * (near + far)
            position = np.array([*(base + middle * ahead)[:2], _PROBE_HEIGHT_M])
            pose = Pose.from_matrix(pointing(closing, np.array([0.0, 0.0, -1.0])), position)
            solution = kinematics.solve({arm.name: pose}, embodiment.home, max_iterations=30)
            near, far = (middle, far) if solution.converged else (near, middle)
        found[arm.name] = near
    return found


def _level_height(kinematics: Kinematics) -> float:
    """See `Plant.level_height_m`; by trying, in steps of 5 cm."""
    embodiment = kinematics.embodiment
    for height in np.arange(_LEVEL_FROM_M, 0.7, 0.05):
        margin = np.inf
        for arm, home in kinematics.tool_in_world(embodiment.home).items():
            base, joints = kinematics.base_position(arm), embodiment.arm_slices[arm]
            ahead = np.array([np.sign(-base[0]), 0.0, 0.0])
            position = np.array([0.0, base[1], height])
            sideways, seed = level(home.rotation[:, 1]), embodiment.home
            for closing in (sideways, np.cross(ahead, sideways)):
                pose = Pose.from_matrix(pointing(closing, ahead), position)
                solution = kinematics.solve({arm: pose}, seed, seed=seed)
                seed = solution.position
                to_limits = np.minimum(
                    solution.position - embodiment.position_lower,
                    embodiment.position_upper - solution.position,
                )
                margin = min(margin, float(to_limits[joints].min()) if solution.converged else 0.0)
        if margin > _LEVEL_MARGIN_RAD:
            return float(height)
    raise UnreachableError(f"the tools of '{embodiment.name}' cannot face each other over the table's middle")


def level(vector: np.ndarray) -> np.ndarray:
    """The horizontal direction (3,) of a vector (3,)."""
    flat = np.array([vector[0], vector[1], 0.0])
    return flat / max(float(np.sqrt(flat @ flat)), 1e-9)


def pointing(closing: np.ndarray, approach: np.ndarray) -> np.ndarray:
    """Tool rotation (3, 3) with given y (closing) and z (approach) axes, orthogonal unit vectors (3,)."""
    return np.stack([np.cross(closing, approach), closing, approach], axis=1)
