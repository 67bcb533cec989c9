"""What both arms can do without touching each other or the table: postures, swings, straight lines."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from robotics.embodiment import Embodiment
from robotics.kinematics import Kinematics
from robotics.kinematics.home_path import minimum_jerk, plan_home
from robotics.kinematics.statics import Statics
from robotics.pose import Pose
from robotics.safety.collision import CollisionWatch

_SHARE = 0.75
"""Of the velocity, acceleration and jerk limits that a swing may use."""
_MARGIN_M = 0.010
"""Kept between the arms and to the table, more than what the guard insists on."""
_CHECK_RAD = 0.03
"""Joint distance between two checks for collision."""
_IK_ITERATIONS = 24
_LIMIT_MARGIN_RAD = 0.02
_SLIDE_ERROR_M = 0.004
_HALF_TURN = np.diag([-1.0, -1.0, 1.0])


class Arms:
    """Plans on the embodiment's model; joint positions have shape (action_dim,). Not thread-safe."""

    def __init__(self, embodiment: Embodiment):
        self.embodiment = embodiment
        self.kinematics = Kinematics(embodiment)
        self.statics = Statics(embodiment)
        # never narrower than the guard's own margin
        margin = max(_MARGIN_M, embodiment.guard.collision_margin + 0.003)
        careful = replace(embodiment, guard=replace(embodiment.guard, collision_margin=margin))
        self._watch = CollisionWatch(careful)
        self.names = tuple(arm.name for arm in embodiment.arm)
        self.kinematics.tool_in_world(embodiment.home)
        self.base = {name: self.kinematics.base_position(name) for name in self.names}
        """Origin of each arm's base in the world, (3,) [m]."""
        self.home_tool = self.kinematics.tool_in_world(embodiment.home)
        self.rest_position = self.statics.position_of(embodiment.home)
        """Where the robot rests when told to be at home, (action_dim,)."""
        self.period_s = embodiment.control_period_ns / 1e9

    def tool(self, arm: str, position: np.ndarray) -> Pose:
        """tool_in_world of an arm."""
        return self.kinematics.tool_in_world(position)[arm]

    def gap(self, arm: str, position: np.ndarray) -> float:
        """Distance of the fingertips [m]."""
        closed, opened = self.embodiment.get_arm(arm).gripper.fingertip_gap
        return closed + (opened - closed) * float(position[self.embodiment.gripper_indices[arm]])

    def opening(self, arm: str, gap_m: float) -> float:
        """Gripper position, 0 closed .. 1 open, at a distance of the fingertips [m]."""
        closed, opened = self.embodiment.get_arm(arm).gripper.fingertip_gap
        return float(np.clip((gap_m - closed) / (opened - closed), 0.0, 1.0))

    def widest(self, arm: str) -> float:
        """Greatest distance of the fingertips [m]."""
        return float(max(self.embodiment.get_arm(arm).gripper.fingertip_gap))

    def posture(
        self, arm: str, pose: Pose, start: np.ndarray, seeds: tuple[np.ndarray, ...] = ()
    ) -> np.ndarray | None:
        """`start` with one arm's joints such that its tool is at `pose`, clear of everything.

        Args:
            start: Where the other arm and the grippers stay.
            seeds: Postures whose branch is tried first; home comes last.

        Returns:
            None where there is no such posture.
        """
        joints = self.embodiment.arm_slices[arm]
        for seed in (*seeds, self.embodiment.home):
            found = self.kinematics.solve({arm: pose}, start, seed=seed, max_iterations=_IK_ITERATIONS)
            if found.converged:
                position = np.array(start, float)
                position[joints] = found.position[joints]
                if self.is_clear(position, start):
                    return position
        return None

    def is_clear(self, position: np.ndarray, now: np.ndarray) -> bool:
        """Whether nothing is too near; what is near at `now` already may only not come nearer."""
        return self._watch.find([position], now) is None

    def swing(self, start: np.ndarray, goal: np.ndarray, share: float = _SHARE) -> np.ndarray | None:
        """Straight in joint space, one row a control step, (n, action_dim); None where arms would meet."""
        count = int(np.ceil(np.abs(goal - start).max() / _CHECK_RAD)) + 1
        way = [start + (goal - start) * s for s in np.linspace(0.0, 1.0, count)]
        if self._watch.find(way, start) is not None:
            return None
        return minimum_jerk(start, goal, self.embodiment, share)

    def home(self, start: np.ndarray, arms: tuple[str, ...] | None = None) -> np.ndarray:
        """Both arms home (or some), grippers as they are, (n, action_dim).

        Raises:
            RoboticsError: There is no way home that is free of collisions.
        """
        goal = np.array(start, float)
        for arm in self.names if arms is None else arms:
            joints = self.embodiment.arm_slices[arm]
            goal[joints] = self.rest_position[joints]
        direct = self.swing(start, goal)
        if direct is not None:
            return direct
        rows = plan_home(self.embodiment, start, kinematics=self.kinematics)
        grippers = list(self.embodiment.gripper_indices.values())
        rows[:, grippers] = start[grippers]  # what is held stays held
        return rows

    def slide(
        self, start: np.ndarray, targets: Mapping[str, Pose], speed: float, allow_short: bool = False
    ) -> np.ndarray | None:
        """Tools straight to poses, at rest at both ends, (n, action_dim).

        Args:
            speed: Of the fastest tool, at its peak [m/s].
            allow_short: Give the part of the way that can be done instead of None.

        Returns:
            None where an arm does not reach all of the way, or would come too near to something.
        """
        tools = self.kinematics.tool_in_world(start)
        length = max(np.linalg.norm(targets[arm].position - tools[arm].position) for arm in targets)
        turn = max(targets[arm].distance(tools[arm])[1] for arm in targets)
        rows = np.empty((0, len(start)))
        duration_s = max(1.875 * length / speed, 1.875 * turn / 1.5, 0.2)
        for _ in range(4):
            steps = int(np.ceil(duration_s / self.period_s))
            rows, arrived = self._follow(start, tools, targets, steps)
            if not arrived and not (allow_short and len(rows) > 5):
                return None
            slower = self._excess(start, rows)
            if slower <= 1.0:
                break
            duration_s *= min(1.05 * slower, 3.0)
        if self._watch.find(rows, start) is not None:
            return None
        return rows

    def _follow(
        self, start: np.ndarray, tools: Mapping[str, Pose], targets: Mapping[str, Pose], steps: int
    ) -> tuple[np.ndarray, bool]:
        """Rows as far as the tools keep to their lines, and whether that is all the way."""
        position, rows = np.array(start, float), []
        for step in range(1, steps + 1):
            s = step / steps
            share = 10 * s**3 - 15 * s**4 + 6 * s**5
            wanted = {arm: interpolate(tools[arm], pose, share) for arm, pose in targets.items()}
            position = self.kinematics.step_toward(wanted, position, self.period_s, posture=start)
            got = self.kinematics.tool_in_world(position)
            if max(wanted[arm].distance(got[arm])[0] for arm in wanted) > _SLIDE_ERROR_M:
                return np.array(rows).reshape(-1, len(start)), False
            rows.append(position)
        return np.array(rows), True

    def _excess(self, start: np.ndarray, rows: np.ndarray) -> float:
        """By what factor the rows are too fast, in velocity or acceleration."""
        joints = np.ones(len(start), bool)
        joints[list(self.embodiment.gripper_indices.values())] = False
        path = np.vstack([start, start, rows])[:, joints]
        velocity = np.diff(path, axis=0) / self.period_s
        change = np.diff(velocity, axis=0) / self.period_s
        fastest = (np.abs(velocity).max(0) / (0.9 * self.embodiment.velocity_limit[joints])).max()
        hardest = (np.abs(change).max(0) / (0.9 * self.embodiment.acceleration_limit[joints])).max()
        return float(max(fastest, np.sqrt(hardest)))

    def grip(self, start: np.ndarray, arm: str, opening: float) -> np.ndarray:
        """One gripper opens or closes, (n, action_dim); n is 0 when it is commanded there already."""
        goal = np.array(start, float)
        goal[self.embodiment.gripper_indices[arm]] = opening
        return minimum_jerk(start, goal, self.embodiment, 0.9)


def interpolate(start: Pose, end: Pose, share: float) -> Pose:
    """Between two poses: position straight, rotation about one axis (spherical linear)."""
    a, b = start.quaternion, end.quaternion
    cosine = float(a @ b)
    if cosine < 0.0:
        b, cosine = -b, -cosine
    angle = np.arccos(min(cosine, 1.0))
    if angle < 1e-6:
        quaternion = b
    else:
        quaternion = (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)
    return Pose(
        start.position + share * (end.position - start.position), quaternion / np.linalg.norm(quaternion)
    )


def half_turned(pose: Pose) -> Pose:
    """The same grasp with the two fingers exchanged: half a turn about the approach."""
    return Pose.from_matrix(pose.rotation @ _HALF_TURN, pose.position)


def pointing(closing: np.ndarray, approach: np.ndarray) -> np.ndarray:
    """Tool rotation (3, 3) with given y (closing) and z (approach) axes, orthogonal unit vectors (3,)."""
    return np.stack([np.cross(closing, approach), closing, approach], axis=1)


def level(vector: np.ndarray) -> np.ndarray:
    """The horizontal direction (3,) of a vector (3,)."""
    flat = np.array([vector[0], vector[1], 0.0])
    return flat / max(float(np.linalg.norm(flat)), 1e-9)
