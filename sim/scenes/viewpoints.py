"""Where scenes are looked at from: free cameras, and the cameras of a robot in some posture."""

from dataclasses import dataclass

import mujoco
import numpy as np

from robotics.kinematics.joint_map import JointMap
from robotics.kinematics.sensors import SensorKinematics
from robotics.pinhole import Intrinsics
from robotics.pose import Pose, matrix_to_quaternion
from sim.scenes.meshes import about
from sim.scenes.pool import Pool

_FLIP = np.diag([1.0, -1.0, -1.0])
"""MuJoCo cameras look along -z with y up; OpenCV cameras along +z with y down."""


@dataclass(frozen=True)
class Viewpoint:
    """A camera of one scene."""

    name: str
    camera: Pose
    """camera_in_world, OpenCV axes."""
    fovy: float
    """Vertical field of view [rad]."""

    def intrinsics(self, width: int, height: int) -> Intrinsics:
        focal = height / 2 / np.tan(self.fovy / 2)
        return Intrinsics(focal, focal, width / 2, height / 2, width, height)


def free_viewpoint(rng: np.random.Generator) -> Viewpoint:
    """Anywhere above the table, looking at some place on it."""
    target = np.array([*rng.uniform([-0.18, -0.12], [0.18, 0.12]), rng.uniform(0.0, 0.06)])
    azimuth = rng.uniform(-np.pi, np.pi)
    elevation = np.radians(rng.uniform(20, 90) if rng.random() < 0.8 else rng.uniform(75, 90))
    fovy = np.radians(rng.uniform(38, 70))
    distance = rng.uniform(0.35, 0.75) / (2 * np.tan(fovy / 2))
    forward = -np.array(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)]
    )
    right = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    rotation = np.column_stack([right, np.cross(forward, right), forward])
    roll = np.radians(rng.normal(0, 4) if rng.random() < 0.8 else rng.uniform(-25, 25))
    rotation = rotation @ about("z", roll)
    return Viewpoint("free", Pose.from_matrix(rotation, target - distance * forward), float(fovy))


class RobotPostures:
    """Puts a pool's robot into random postures and says where its cameras then are."""

    _TRIES = 200

    def __init__(self, pool: Pool):
        assert pool.robot is not None
        self.pool, self.robot = pool, pool.robot
        self._map = JointMap(self.robot, pool.model)
        self._home = self.robot.home
        self._sensors = SensorKinematics(self.robot)
        self._grippers = list(self.robot.gripper_indices.values())
        limits = []
        for arm in self.robot.arm:
            limits += [joint.position for joint in arm.joint] + [(0.0, 1.0)]
        self._low, self._high = np.array(limits).T

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """A joint position (action_dim,) whose tools are above the table; home in a third of the draws."""
        if rng.random() < 0.33:
            return self._with_grippers(self._home.copy(), rng)
        for _ in range(self._TRIES):
            position = self._home + rng.normal(0, 0.45, len(self._home))
            position = self._with_grippers(np.clip(position, self._low, self._high), rng)
            self._sensors.set_position(position)
            tools, rotations = self._sensors.tools()
            low_enough = np.all((tools[:, 2] > 0.05) & (tools[:, 2] < 0.45))
            over_table = np.all(np.abs(tools[:, :2]) < [0.5, 0.35])
            down = np.all(rotations[:, 2, 2] < (-0.5 if rng.random() < 0.7 else 0.5))
            if low_enough and over_table and down:
                return position
        return self._home.copy()

    def _with_grippers(self, position: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        position[self._grippers] = np.where(
            rng.random(len(self._grippers)) < 0.5, 1.0, rng.uniform(0, 1, len(self._grippers))
        )
        return position

    def take(self, position: np.ndarray) -> None:
        """Move the pool's robot there."""
        self._map.write_qpos(position, self.pool.data.qpos)

    def tools(self, position: np.ndarray) -> np.ndarray:
        """Tool points (arm, 3) [m]."""
        self._sensors.set_position(position)
        return self._sensors.tools()[0]

    def viewpoint(self, position: np.ndarray, camera: str, rng: np.random.Generator) -> Viewpoint:
        """One of the robot's cameras, slightly displaced."""
        self._sensors.set_position(position)
        places, rotations = self._sensors.cameras()
        number = [c.name for c in self.robot.camera].index(camera)
        k = self._sensors.intrinsics(camera)
        fovy = 2 * np.arctan(k.height / 2 / k.fy) * rng.uniform(0.97, 1.03)
        tilt = np.zeros(9)
        axis = rng.normal(0, np.radians(1.2), 3)
        angle = float(np.linalg.norm(axis)) + 1e-12
        mujoco.mju_quat2Mat(tilt, np.array([np.cos(angle / 2), *(np.sin(angle / 2) * axis / angle)]))
        place = places[number] + rng.normal(0, 0.006, 3)
        return Viewpoint(camera, Pose.from_matrix(rotations[number] @ tilt.reshape(3, 3), place), float(fovy))


def set_view(pool: Pool, view: Viewpoint) -> None:
    """Put the pool's free camera there."""
    model = pool.model
    model.cam_pos[pool.view] = view.camera.position
    model.cam_quat[pool.view] = matrix_to_quaternion(view.camera.rotation @ _FLIP)
    model.cam_fovy[pool.view] = np.degrees(view.fovy)
