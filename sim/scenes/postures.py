"""Postures of a robot above the table: home, anywhere, over a thing, with a thing between the fingers."""

from dataclasses import dataclass

import mujoco
import numpy as np

from robotics.kinematics.joint_map import JointMap
from robotics.kinematics.reach import Reach
from robotics.kinematics.sensors import SensorKinematics
from robotics.pose import Pose, matrix_to_quaternion
from sim.scenes.meshes import about
from sim.scenes.pool import Pool
from sim.scenes.viewpoints import Viewpoint

_TOO_DEEP_M = -0.002
_OFF_M = 0.015
"""A tool that misses its target by more does not reach it."""


@dataclass(frozen=True)
class Posture:
    """Joint positions of a robot and what it holds."""

    position: np.ndarray
    """(action_dim,), embodiment units."""
    tools: tuple[Pose, ...]
    """tool_in_world of each arm."""


class RobotPostures:
    """Of the robot of a pool."""

    def __init__(self, pool: Pool):
        self._pool, self.robot = pool, pool.robot
        self._map = JointMap(self.robot, pool.model)
        self._sensors = SensorKinematics(self.robot)
        self._reach = Reach(self.robot, iterations=30)
        self._slices = [self.robot.arm_slices[arm.name] for arm in self.robot.arm]
        self._grippers = list(self.robot.gripper_indices.values())
        self._probe = _Probe(self._sensors.model)
        self.cameras = [camera.name for camera in self.robot.camera]

    def home(self, rng: np.random.Generator) -> Posture:
        """As the robot waits, its grippers more or less open."""
        return self._posture(self._with_grippers(np.array(self.robot.home, float), rng))

    def anywhere(self, rng: np.random.Generator, tries: int = 12) -> Posture:
        """Each arm with its tool somewhere in the workspace, mostly looking down; or home."""
        position = np.array(self.robot.home, float)
        low, high = (np.array(corner) for corner in self.robot.workspace)
        for arm in range(len(self._slices)):
            if rng.random() < 0.25:
                continue
            for _ in range(tries):
                point = rng.uniform(low, high)
                point[0] += (-0.12, 0.12)[arm % 2]
                point[2] = rng.uniform(0.06, 0.3)
                found = self._solve(arm, point, self._axes(rng, steep=rng.random() < 0.75))
                if found is not None:
                    position[self._slices[arm]] = found
                    break
        return self._posture(self._with_grippers(position, rng))

    def over(
        self, rng: np.random.Generator, arm: int, point: np.ndarray, yaw: float, opening: float
    ) -> Posture | None:
        """One arm straight above a point (3,) [m], its fingers closing along `yaw` [rad], the other anywhere.

        Args:
            opening: Of the gripper, 0 closed .. 1 open.
        """
        y = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
        found = self._solve(arm, point, np.concatenate([np.cross(y, [0.0, 0.0, -1.0]), y]))
        if found is None:
            return None
        other = self.anywhere(rng) if rng.random() < 0.5 else self.home(rng)
        position = other.position.copy()
        position[self._slices[arm]] = found
        position[self._grippers[arm]] = opening
        return self._posture(position)

    def is_clear(
        self, posture: Posture, centers: np.ndarray, quaternions: np.ndarray, sizes: np.ndarray
    ) -> bool:
        """Whether the robot is neither in the table nor in itself nor in any of these boxes (box, ...)."""
        self._sensors.set_position(posture.position)
        return self._probe.is_clear(self._sensors.data, centers, quaternions, sizes)

    def take(self, posture: Posture) -> None:
        """Move the pool's robot there."""
        self._map.write_qpos(posture.position, self._pool.data.qpos)

    def viewpoint(self, posture: Posture, camera: str, rng: np.random.Generator) -> Viewpoint:
        """One of the robot's cameras, slightly displaced."""
        self._sensors.set_position(posture.position)
        places, rotations = self._sensors.cameras()
        number = self.cameras.index(camera)
        k = self._sensors.intrinsics(camera)
        fovy = 2 * np.arctan(k.height / 2 / k.fy) * rng.uniform(0.97, 1.03)
        tilt = (
            about("x", rng.normal(0, 0.02))
            @ about("y", rng.normal(0, 0.02))
            @ about("z", rng.normal(0, 0.02))
        )
        place = places[number] + rng.normal(0, 0.005, 3)
        return Viewpoint(camera, Pose.from_matrix(rotations[number] @ tilt, place), float(fovy))

    def opening(self, arm: int, gap: float) -> float:
        """Of the gripper whose fingertips are `gap` [m] apart."""
        closed, opened = self.robot.arm[arm].gripper.fingertip_gap
        return float(np.clip((gap - closed) / (opened - closed), 0, 1))

    def widest(self, arm: int) -> float:
        """Greatest distance of the fingertips [m]."""
        return max(self.robot.arm[arm].gripper.fingertip_gap)

    def arms(self) -> int:
        return len(self._slices)

    def _solve(self, arm: int, point: np.ndarray, axes: np.ndarray) -> np.ndarray | None:
        """Joints of one arm, or None: out of reach."""
        position, _ = self._reach.solve(point, axes)
        self._sensors.set_position(position)
        tools, _ = self._sensors.tools()
        if np.linalg.norm(tools[arm] - point) > _OFF_M:
            return None
        return position[self._slices[arm]].copy()

    def _axes(self, rng: np.random.Generator, steep: bool) -> np.ndarray:
        """x and y axis of a tool that looks down, more or less."""
        tilt = rng.normal(0, 0.15 if steep else 0.7, 2)
        rotation = about("z", rng.uniform(-np.pi, np.pi)) @ about("x", np.pi + tilt[0]) @ about("y", tilt[1])
        return np.concatenate([rotation[:, 0], rotation[:, 1]])

    def _with_grippers(self, position: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        count = len(self._grippers)
        position[self._grippers] = np.where(rng.random(count) < 0.5, 1.0, rng.uniform(0, 1, count))
        return position

    def _posture(self, position: np.ndarray) -> Posture:
        self._sensors.set_position(position)
        places, rotations = self._sensors.tools()
        tools = tuple(
            Pose(place.copy(), matrix_to_quaternion(turn))
            for place, turn in zip(places, rotations, strict=True)
        )
        return Posture(position, tools)


class _Probe:
    """What of a robot may hit things: its colliding geoms, compared with boxes."""

    def __init__(self, model: mujoco.MjModel):
        self._model = model
        self._geoms = np.array(
            [g for g in range(model.ngeom) if model.geom_contype[g] and model.geom_bodyid[g] > 0]
        )

    def is_clear(
        self, data: mujoco.MjData, centers: np.ndarray, quaternions: np.ndarray, sizes: np.ndarray
    ) -> bool:
        corners = self._corners(data)  # (geom, 8, 3)
        fixed = self._model.body_weldid[self._model.geom_bodyid[self._geoms]] == 0
        if (corners[~fixed, :, 2] < _TOO_DEEP_M).any():
            return False
        samples = _along_edges(corners)
        for center, quaternion, size in zip(centers, quaternions, sizes, strict=True):
            local = (samples - center) @ Pose(center, quaternion).rotation
            if (np.abs(local) < size / 2 + 0.004).all(axis=-1).any():
                return False
        return not self._arms_touch(data)

    def _arms_touch(self, data: mujoco.MjData) -> bool:
        mujoco.mj_collision(self._model, data)
        return bool((data.contact.dist[: data.ncon] < _TOO_DEEP_M).any())

    def _corners(self, data: mujoco.MjData) -> np.ndarray:
        boxes = self._model.geom_aabb[self._geoms]
        signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
        local = boxes[:, None, :3] + signs * boxes[:, None, 3:]
        turns = data.geom_xmat[self._geoms].reshape(-1, 3, 3)
        return np.einsum("gij,gkj->gki", turns, local) + data.geom_xpos[self._geoms][:, None]


def _along_edges(corners: np.ndarray) -> np.ndarray:
    """Points all over boxes (box, 8, 3): corners, and a lattice between them, (n, 3)."""
    steps = np.linspace(0, 1, 4)
    first, x, y, z = corners[:, 0], corners[:, 4], corners[:, 2], corners[:, 1]
    lattice = np.array([[a, b, c] for a in steps for b in steps for c in steps])
    axes = np.stack([x - first, y - first, z - first], axis=1)  # (box, 3, 3)
    return (first[:, None] + np.einsum("lk,bkj->blj", lattice, axes)).reshape(-1, 3)
