"""The scripted expert: a policy that looks at the simulation's state and imagines its law's next second."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from robotics.action import ActionChunk
from robotics.errors import UnknownNameError
from robotics.observation import Observation
from sim.experts.continuity import Continuity
from sim.experts.hand_over_cube import HandOverCubeLaw
from sim.experts.law import Command, Law
from sim.experts.moment import Moment
from sim.experts.motion import next_velocity, way_to
from sim.experts.open_drawer import OpenDrawerLaw
from sim.experts.plant import Plant
from sim.experts.put_in_bowl import PutInBowlLaw
from sim.experts.stack_blocks import StackBlocksLaw
from sim.robot import SimulatedRobot

_LAWS: dict[str, type[Law]] = {
    "hand_over_cube": HandOverCubeLaw,
    "put_in_bowl": PutInBowlLaw,
    "open_drawer": OpenDrawerLaw,
    "stack_blocks": StackBlocksLaw,
}
_ACCELERATION = 2.0
"""Of a tool [m/s^2]."""
_TURN_SPEED = 2.2
"""Of a tool [rad/s]."""
_TURN_ACCELERATION = 9.0
"""Of a tool [rad/s^2]."""
_IDLE_SPEED, _IDLE_ACCELERATION = 1.0, 4.0
"""Of the joints of an arm that goes home, all together [rad/s, rad/s^2]."""
_SWING_SPEED, _SWING_ACCELERATION = 3.0, 10.0
"""Of the joints of an arm that goes to a posture, all together [rad/s, rad/s^2]."""
_LIMIT_SHARE = 0.7
"""Of the embodiment's velocity and acceleration limits."""
_LIMIT_MARGIN_RAD = 0.02
_DAMPING = 1e-4
_RAD_IN_METRES = 0.3


class Expert:
    """Solves the task of the robot's running episode; each chunk is decided from the present state alone."""

    name = "expert"
    cameras: tuple[str, ...] = ()

    def __init__(self, robot: SimulatedRobot, *, replan_steps: int = 10, horizon: int = 50):
        """
        Args:
            robot: Its physics, task and goal are read at each `act`.
            replan_steps: Control steps after which a new chunk is wanted.
            horizon: Steps of a chunk.

        Raises:
            UnknownNameError: There is no expert for the running task.
        """
        self._robot = robot
        self.replan_steps, self.horizon = min(replan_steps, horizon), horizon
        self.freedom = np.zeros((horizon, len(robot.embodiment.arm)))
        """How free each arm moves at each step of the last chunk, 0..1, shape (horizon, arm)."""
        self.continuity = Continuity()
        """Whoever changes the plan before it is executed, tells it."""
        self._law_of(robot)

    @staticmethod
    def _law_of(robot: SimulatedRobot) -> Law:
        task = robot.task.name
        if task not in _LAWS:
            raise UnknownNameError("expert for the task", task, _LAWS)
        return _LAWS[task](robot.goal)

    @cached_property
    def plant(self) -> Plant:
        """The robot's statics and kinematics."""
        return Plant(self._robot.embodiment)

    def reset(self) -> None:
        self.continuity.forget()

    def act(self, observation: Observation) -> ActionChunk:
        positions = self.plan(observation)
        self.continuity.remember(observation, positions)
        return ActionChunk.answering(observation, self._robot.embodiment, positions)

    def plan(self, observation: Observation) -> np.ndarray:
        """Joint targets of the next steps, shape (horizon, action_dim)."""
        embodiment = self._robot.embodiment
        law, world = self._law_of(self._robot), self._robot.episode.world
        items, scalars = law.see(world)
        joints = observation.joints
        moment = Moment(
            plant=self.plant,
            reference=self.plant.reference_of(joints.target),
            position=np.array(joints.position, float),
            change=self.continuity.last_change(observation, embodiment.control_period_ns),
            items=items,
            gripping={(arm, item) for item in items for arm in world.arms_gripping(item)},
            scalars=scalars,
        )
        moment.tool = self.plant.tools_at(moment.position)
        dt = 1.0 / embodiment.control_rate_hz
        follow = 1.0 - np.exp(-dt / self.plant.lag_s)
        targets = np.empty((self.horizon, embodiment.action_dim))
        self.plant.place(moment.reference)
        for step in range(self.horizon):
            moment.goal = self.plant.tools()
            commands = law.decide(moment)
            reference = self._follow(moment, commands, dt)
            self.plant.place(reference)
            targets[step] = reference + self.plant.sag()
            self.freedom[step] = [
                commands[arm.name].freedom if arm.name in commands else 0.0 for arm in embodiment.arm
            ]
            moment.advance(reference, follow)
            law.react(moment)
        return np.clip(targets, embodiment.position_lower, embodiment.position_upper)

    def _follow(self, moment: Moment, commands: Mapping[str, Command], dt: float) -> np.ndarray:
        """The next reference, shape (action_dim,)."""
        embodiment = self._robot.embodiment
        change = np.zeros(embodiment.action_dim)
        for arm, joints in embodiment.arm_slices.items():
            gripper = embodiment.gripper_indices[arm]
            if arm in commands:
                change[joints] = self._arm_change(moment, arm, commands[arm], dt)
                opening = commands[arm].opening
            else:
                way = self.plant.home_reference[joints] - moment.reference[joints]
                velocity = moment.change[joints] / dt
                change[joints] = dt * next_velocity(way, velocity, _IDLE_SPEED, _IDLE_ACCELERATION, dt)
                opening = embodiment.home[gripper]
            change[gripper] = dt * float(
                next_velocity(
                    np.array([opening - moment.reference[gripper]]),
                    moment.change[gripper : gripper + 1] / dt,
                    0.9 * embodiment.velocity_limit[gripper],
                    _LIMIT_SHARE * embodiment.acceleration_limit[gripper],
                    dt,
                )[0]
            )
        return self._within_limits(moment, change, dt)

    def _arm_change(self, moment: Moment, arm: str, command: Command, dt: float) -> np.ndarray:
        """Change of an arm's joints in a step, shape (joints,) [rad]."""
        embodiment = self._robot.embodiment
        joints = embodiment.arm_slices[arm]
        if command.posture is not None:
            way, velocity = command.posture - moment.reference[joints], moment.change[joints] / dt
            return dt * next_velocity(way, velocity, _SWING_SPEED, _SWING_ACCELERATION, dt)
        jacobian = self.plant.jacobian(arm)  # (6, joints)
        last = jacobian @ moment.change[joints] / dt
        way, turn = way_to(command.tool, moment.goal[arm])
        velocity = next_velocity(way, last[:3], command.speed, _ACCELERATION, dt)
        spin = next_velocity(turn, last[3:], _TURN_SPEED, _TURN_ACCELERATION, dt)
        weight = np.array([1.0, 1.0, 1.0, _RAD_IN_METRES, _RAD_IN_METRES, _RAD_IN_METRES])
        weighted = jacobian * weight[:, None]
        twist = np.concatenate([velocity, spin]) * dt * weight
        now = moment.reference[joints]
        lower = embodiment.position_lower[joints] + _LIMIT_MARGIN_RAD - now
        upper = embodiment.position_upper[joints] - _LIMIT_MARGIN_RAD - now
        # A redundant arm tends to its posture at home without moving the tool.
        pull = (
            0.05 * (self.plant.home_reference[joints] - now) if weighted.shape[1] > 6 else np.zeros(len(now))
        )
        change = np.zeros(len(now))
        free = np.ones(len(now), bool)
        for _ in range(2):  # a joint that meets its limit stops, and the others do without it
            part = weighted[:, free]
            gram = part @ part.T
            gram.flat[::7] += _DAMPING
            rest = twist - weighted[:, ~free] @ change[~free] - part @ pull[free]
            change[free] = pull[free] + part.T @ np.linalg.solve(gram, rest)
            stopped = (change < lower) | (change > upper)
            if not stopped.any():
                break
            change = np.clip(change, np.minimum(lower, 0.0), np.maximum(upper, 0.0))
            free &= ~stopped
        return change

    def _within_limits(self, moment: Moment, change: np.ndarray, dt: float) -> np.ndarray:
        embodiment = self._robot.embodiment
        most = _LIMIT_SHARE * embodiment.acceleration_limit * dt * dt
        change = moment.change + np.clip(change - moment.change, -most, most)
        share = np.abs(change) / (0.9 * embodiment.velocity_limit * dt)
        for arm, joints in embodiment.arm_slices.items():  # slower, on the same path
            change[joints] /= max(1.0, float(share[joints].max()))
            gripper = embodiment.gripper_indices[arm]
            change[gripper] /= max(1.0, float(share[gripper]))
        return np.clip(moment.reference + change, embodiment.position_lower, embodiment.position_upper)
