"""A teleoperator that moves the tools as a person's device asks, through differential inverse kinematics."""

import numpy as np

from policies.teleoperation.jog import ArmJog, Jog, JogSource
from robotics.action import ActionChunk
from robotics.embodiment import Embodiment
from robotics.kinematics import Kinematics
from robotics.observation import Observation
from robotics.pose import Pose
from robotics.safety.collision import CollisionWatch
from robotics.teleoperator import TeleoperatorEvent

LINEAR_SPEED = 0.12
"""[m/s] at full deflection and speed 1."""
ANGULAR_SPEED = 0.8
"""[rad/s]"""
OPENING_SPEED = 1.5
"""[opening/s]"""
LATE_TOLERANCE_NS = 250_000_000
"""A single step is past when it arrives; it is executed all the same, and kept until the next one."""
_LONGEST_STEP_S = 0.1
"""After a pause the motion goes on from where it was, without catching up."""
_LOOK_AHEAD_STEPS = np.arange(1, 11)[:, None]
"""A step is taken only if ten like it would not make the guard stop the robot: a fifth of a second."""
_RESYNC_RAD = 0.3
"""Where the guard kept the arms so far behind, the motion goes on from where they are."""
_BRAKING = 0.5
"""Share of the acceleration limits with which a motion found at the start comes to rest."""
_STANDS_RAD_S = 0.1
"""A joint that is measured slower than this stands, and its servo settles."""
_JOINT_SPEED = 0.8
"""Share of the velocity limits: near a singular posture the tool turns slow, not the joints fast."""
_LEASH_M, _LEASH_RAD = 0.02, 0.15
"""A tool that cannot follow is not pulled farther than this."""
_FLOOR_M = 0.01
"""The point between the fingertips goes no lower over the table; fingers may touch it."""
_TOOL_AXES = ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
"""The three directions in the tool's frame: closing, approach, and across both."""


class JoggingTeleoperator:
    """Implements Teleoperator: chunks of one step, 50 a second, that start from the last target.

    So whoever moved the robot before, nothing jumps: what moves comes to rest on its way first. An arm
    that is not asked to move keeps its target to the bit. Joint limits and distances are respected here,
    so that the guard has nothing to stop.
    """

    cameras: tuple[str, ...] = ()
    replan_steps = 1

    def __init__(self, embodiment: Embodiment, source: JogSource):
        self._embodiment = embodiment
        self._source = source
        self._kinematics = Kinematics(embodiment)
        self._collision = CollisionWatch(embodiment)
        self._is_joint = np.ones(embodiment.action_dim, bool)
        self._is_joint[list(embodiment.gripper_indices.values())] = False
        self._held: dict[str, Pose] = {}
        self._command: np.ndarray | None = None
        self._last_ns = 0
        self._glide = np.zeros(embodiment.action_dim)
        self._glide_s = self._glided_s = 0.0
        self.blocked = ""
        """Why a part of the last step was left out; '' where it was taken."""

    @property
    def name(self) -> str:
        return f"teleop:{self._source.name}"

    def reset(self) -> None:
        """Start from the robot's last target at the next `act`."""
        self._command = None
        self._held.clear()

    def act(self, observation: Observation) -> ActionChunk:
        joints = observation.joints
        command = self._command
        if command is None or np.abs(command - joints.target)[self._is_joint].max() > _RESYNC_RAD:
            command = joints.target.copy()
            self._last_ns = joints.time_ns - self._embodiment.control_period_ns
            self._held.clear()
            self._begin_glide(joints.velocity)
        dt = float(np.clip((joints.time_ns - self._last_ns) * 1e-9, 0.0, _LONGEST_STEP_S))
        self._last_ns = joints.time_ns
        if self._glided_s < self._glide_s:
            command = self._glide_on(command, dt)
        elif dt > 0:
            command = self._step(command, self._source.jog(), dt)
        self._command = command
        chunk = ActionChunk.answering(observation, self._embodiment, command[None].copy())
        return ActionChunk(**{**vars(chunk), "late_tolerance_ns": LATE_TOLERANCE_NS})

    def _begin_glide(self, velocity: np.ndarray) -> None:
        """From this measured velocity (action_dim,) [1/s] to a stand, all joints at once."""
        moves = self._is_joint & (np.abs(velocity) > _STANDS_RAD_S)
        self._glide = np.where(moves, velocity, 0.0)
        needed_s = np.abs(self._glide) / (_BRAKING * self._embodiment.acceleration_limit)
        self._glide_s, self._glided_s = float(needed_s.max()), 0.0

    def _glide_on(self, command: np.ndarray, dt: float) -> np.ndarray:
        middle_s = self._glided_s + 0.5 * min(dt, self._glide_s - self._glided_s)
        self._glided_s += dt
        following = command + self._glide * (1.0 - middle_s / self._glide_s) * dt
        following = np.clip(following, self._embodiment.position_lower, self._embodiment.position_upper)
        if self._collision.find([following], command) is not None:
            self._glided_s = self._glide_s
            return command.copy()
        return following

    def _step(self, command: np.ndarray, jog: Jog, dt: float) -> np.ndarray:
        """The next target, `dt` [s] after `command` (action_dim,)."""
        asked = {arm.name: part for arm, part in zip(self._embodiment.arm, jog.arms, strict=False)}
        moving = {name: part for name, part in asked.items() if part.moves_tool}
        for name in [*self._held]:
            if name not in moving:
                del self._held[name]
        targets = self._targets(command, moving, jog, dt)
        following = self._follow(command, targets, dt)
        for name, part in asked.items():
            index = self._embodiment.gripper_indices[name]
            opening = following[index] + part.opening * jog.speed * OPENING_SPEED * dt
            following[index] = np.clip(opening, 0.0, 1.0)
        return following

    def _targets(
        self, command: np.ndarray, moving: dict[str, ArmJog], jog: Jog, dt: float
    ) -> dict[str, Pose]:
        if not moving:
            return {}
        tools = self._kinematics.tool_in_world(command)
        targets = {}
        for name, part in moving.items():
            tool = self._on_leash(self._held.get(name, tools[name]), tools[name])
            axes = tool.rotation @ np.array(_TOOL_AXES).T if jog.in_tool_frame else np.eye(3)
            position = tool.position + axes @ part.linear * (LINEAR_SPEED * jog.speed * dt)
            position[2] = max(position[2], min(_FLOOR_M, tool.position[2]))
            turn = axes @ part.angular * (ANGULAR_SPEED * jog.speed * dt)
            targets[name] = Pose.from_matrix(_rotation(turn) @ tool.rotation, position)
        self._held.update(targets)
        return targets

    @staticmethod
    def _on_leash(wanted: Pose, reached: Pose) -> Pose:
        distance_m, angle = wanted.distance(reached)
        return reached if distance_m > _LEASH_M or angle > _LEASH_RAD else wanted

    def _follow(self, command: np.ndarray, targets: dict[str, Pose], dt: float) -> np.ndarray:
        """A step to the targets; arms that would come too close to something stay."""
        self.blocked = ""
        if not targets:
            return command.copy()
        following = self._solve(targets, command, dt)
        self.blocked = self._obstacle(command, following)
        if not self.blocked:
            return following
        for name, target in targets.items():
            if len(targets) > 1:
                alone = self._solve({name: target}, command, dt)
                if not self._obstacle(command, alone):
                    return alone
        self._held.clear()
        return command.copy()

    def _solve(self, targets: dict[str, Pose], command: np.ndarray, dt: float) -> np.ndarray:
        change = self._kinematics.step_toward(targets, command, dt, posture=command) - command
        share = np.abs(change) / (_JOINT_SPEED * self._embodiment.velocity_limit * dt)
        for arm in targets:
            joints = self._embodiment.arm_slices[arm]
            change[joints] /= max(1.0, float(share[joints].max()))
        return command + change

    def _obstacle(self, command: np.ndarray, following: np.ndarray) -> str:
        """Why the guard might stop the robot after a step; '' where it will not."""
        ahead = command + _LOOK_AHEAD_STEPS * (following - command)  # (step, action_dim)
        inside = np.clip(ahead, self._embodiment.position_lower, self._embodiment.position_upper)
        return self._collision.find(inside, command) or ""

    def poll_events(self) -> tuple[TeleoperatorEvent, ...]:
        return self._source.poll_events()

    def close(self) -> None:
        self._source.close()


def _rotation(turn: np.ndarray) -> np.ndarray:
    """Rotation matrix (3, 3) of a rotation vector (3,) [rad] (Rodrigues)."""
    angle = float(np.linalg.norm(turn))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = turn / angle
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
