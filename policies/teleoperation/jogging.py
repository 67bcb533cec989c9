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
_AHEAD = 6
"""Steps for which a chunk goes on as the person asks now."""
_STEPS = 26
"""Of a chunk: the rest brings the arms to a stand, should nothing more be heard of the person."""
_LOOK_EVERY = 5
_ACCELERATION = 0.5
"""Share of the acceleration limits, so that the guard has nothing to do."""
_JOINT_SPEED = 0.8
"""Share of the velocity limits: near a singular posture the tool turns slow, not the joints fast."""
_STANDS_RAD_S = 0.1
"""A joint that is measured slower than this stands, and its servo settles."""
_LONGEST_STEP_S = 0.1
"""After a pause the motion goes on from where it was, without catching up."""
_RESYNC_RAD = 0.3
"""Where the guard kept the arms so far behind, the motion goes on from where they are."""
_FLOOR_M = 0.01
"""The point between the fingertips goes no lower over the table; fingers may touch it."""
_LEASH_M, _LEASH_RAD = 0.03, 0.2
"""A tool that cannot follow is not pulled farther than this."""
_TOOL_AXES = ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
"""The three directions in the tool's frame: closing, approach, and across both."""


class JoggingTeleoperator:
    """Implements Teleoperator: 50 times a second a short chunk that goes on from the plan in force.

    So whoever moved the robot before, nothing jumps: speeds change within acceleration limits. An arm that
    is not asked to move keeps its target to the bit. Joint limits and distances are respected here.

    A chunk of one step would do as well in theory. But each is a plan of its own that stands at its end, and
    the guard's limiter swings around such plans where they come unevenly, as from a busy machine.
    """

    cameras: tuple[str, ...] = ()
    replan_steps = 1

    def __init__(self, embodiment: Embodiment, source: JogSource):
        self._embodiment = embodiment
        self._source = source
        self._kinematics = Kinematics(embodiment)
        self._collision = CollisionWatch(embodiment)
        self._period_s = embodiment.control_period_ns * 1e-9
        self._most_change = _ACCELERATION * embodiment.acceleration_limit * self._period_s
        self._is_joint = np.ones(embodiment.action_dim, bool)
        self._is_joint[list(embodiment.gripper_indices.values())] = False
        self._held: dict[str, Pose] = {}
        self._last_ns: int | None = None
        self.blocked = ""
        """Why a part of the last motion was left out; '' where it was taken."""

    @property
    def name(self) -> str:
        return f"teleop:{self._source.name}"

    def reset(self) -> None:
        """Start from the plan in force at the next `act`."""
        self._last_ns = None
        self._held.clear()

    def act(self, observation: Observation) -> ActionChunk:
        now_ns = observation.joints.time_ns
        elapsed_s = 0.0 if self._last_ns is None else (now_ns - self._last_ns) * 1e-9
        self._last_ns = now_ns
        position, velocity = self._in_force(observation)
        jog = self._source.jog()
        rows = self._plan(position, velocity, jog, float(np.clip(elapsed_s, 0.0, _LONGEST_STEP_S)))
        return ActionChunk.answering(observation, self._embodiment, rows)

    def _in_force(self, observation: Observation) -> tuple[np.ndarray, np.ndarray]:
        """Position and velocity [1/s] that the plan has at the observed tick, each (action_dim,)."""
        joints, plan = observation.joints, observation.plan
        if len(plan) == 0:
            moves = self._is_joint & (np.abs(joints.velocity) > _STANDS_RAD_S)
            return joints.target.copy(), np.where(moves, joints.velocity, 0.0)
        if np.abs(plan[0] - joints.target)[self._is_joint].max() > _RESYNC_RAD:
            self._held.clear()
            return joints.target.copy(), np.zeros(len(joints.target))
        velocity = (plan[1] - plan[0]) / self._period_s if len(plan) > 1 else np.zeros(len(plan[0]))
        return plan[0].copy(), velocity

    def _plan(self, position: np.ndarray, velocity: np.ndarray, jog: Jog, elapsed_s: float) -> np.ndarray:
        """The chunk's positions, shape (_STEPS, action_dim), from what is in force at its first step."""
        asked = {arm.name: part for arm, part in zip(self._embodiment.arm, jog.arms, strict=False)}
        moving = {name: part for name, part in asked.items() if part.moves_tool}
        for name in [*self._held]:
            if name not in moving:
                del self._held[name]
        wanted = np.zeros(self._embodiment.action_dim)  # velocity
        for name, part in asked.items():
            wanted[self._embodiment.gripper_indices[name]] = part.opening * jog.speed * OPENING_SPEED
        targets = self._targets(position, moving, jog, elapsed_s)
        self.blocked = ""
        rows = np.tile(position, (_STEPS, 1))
        for chosen in (targets, *_alone(targets), {}):
            rows = self._roll(position, velocity, wanted + self._velocity_to(chosen, position))
            obstacle = self._collision.find(rows[_LOOK_EVERY - 1 :: _LOOK_EVERY], position)
            if obstacle is None:
                return rows
            self.blocked = self.blocked or obstacle
            self._held = {name: pose for name, pose in self._held.items() if name in chosen}
        return rows  # at a stand as fast as it may; the rest is the guard's

    def _targets(
        self, position: np.ndarray, moving: dict[str, ArmJog], jog: Jog, elapsed_s: float
    ) -> dict[str, Pose]:
        """Where the tools are to be _AHEAD steps from now; `_held` is where they should be now."""
        if not moving:
            return {}
        tools = self._kinematics.tool_in_world(position)
        targets = {}
        for name, part in moving.items():
            held = self._held.get(name)
            now = tools[name] if held is None else _moved(held, part, jog, elapsed_s)
            distance_m, angle = now.distance(tools[name])
            if distance_m > _LEASH_M or angle > _LEASH_RAD:
                now = tools[name]
            self._held[name] = now
            targets[name] = _moved(now, part, jog, _AHEAD * self._period_s)
        return targets

    def _velocity_to(self, targets: dict[str, Pose], position: np.ndarray) -> np.ndarray:
        """Joint velocities (action_dim,) [1/s] that bring the tools to their targets in _AHEAD steps."""
        duration_s = _AHEAD * self._period_s
        if not targets:
            return np.zeros(len(position))
        there = self._kinematics.step_toward(targets, position, duration_s, posture=position)
        velocity = (there - position) / duration_s
        share = np.abs(velocity) / (_JOINT_SPEED * self._embodiment.velocity_limit)
        for arm in targets:
            joints = self._embodiment.arm_slices[arm]
            velocity[joints] /= max(1.0, float(share[joints].max()))
        return velocity

    def _roll(self, position: np.ndarray, velocity: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Rows (_STEPS, action_dim): from `velocity` to the wanted one, and later to a stand."""
        lower, upper = self._embodiment.position_lower, self._embodiment.position_upper
        rows = [position, np.clip(position + velocity * self._period_s, lower, upper)]  # as it was planned
        for step in range(2, _STEPS):
            change = (wanted if step <= _AHEAD + 1 else 0.0) - velocity
            velocity = velocity + change / max(1.0, float((np.abs(change) / self._most_change).max()))
            rows.append(np.clip(rows[-1] + velocity * self._period_s, lower, upper))
        return np.array(rows)

    def poll_events(self) -> tuple[TeleoperatorEvent, ...]:
        return self._source.poll_events()

    def close(self) -> None:
        self._source.close()


def _alone(targets: dict[str, Pose]) -> list[dict[str, Pose]]:
    """Each arm's target without the others', where there are several."""
    return [{name: target} for name, target in targets.items()] if len(targets) > 1 else []


def _moved(tool: Pose, part: ArmJog, jog: Jog, duration_s: float) -> Pose:
    """Where a tool is after it has moved as asked for so long."""
    axes = tool.rotation @ np.array(_TOOL_AXES).T if jog.in_tool_frame else np.eye(3)
    position = tool.position + axes @ part.linear * (LINEAR_SPEED * jog.speed * duration_s)
    position[2] = max(position[2], min(_FLOOR_M, tool.position[2]))
    turn = axes @ part.angular * (ANGULAR_SPEED * jog.speed * duration_s)
    return Pose.from_matrix(_rotation(turn) @ tool.rotation, position)


def _rotation(turn: np.ndarray) -> np.ndarray:
    """Rotation matrix (3, 3) of a rotation vector (3,) [rad] (Rodrigues)."""
    angle = float(np.linalg.norm(turn))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = turn / angle
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
