"""A table with things on it and free-flying grippers above: where grasps and trajectories are tried."""

from collections.abc import Callable, Iterable

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.pose import Pose
from sim.scenes.physics_trials.hand import HandIds, add_hand, find_hand

TIMESTEP_S = 0.002
_STEPS_A_TARGET = 4
_TABLE_SIZE = (1.5, 0.9)
_TABLE_FRICTION = (1.0, 0.01, 0.0005)
_BLOCKED_M = 0.012
"""A tool that lags its target by more than this pushes against something that does not give."""
_BLOCKED_N = 30.0
"""So do contact forces of this sum before the gripper closes."""
_FINGER_WAITS, _FINGER_STILL_M = 20, 0.0003
"""Fingers stand still if they move less than this in 50 ms; ALOHA 2's take half a second to close."""
_STILL = 0.02
"""[m/s] or [rad/s]"""


def new_table() -> mujoco.MjSpec:
    """An empty table whose top is the plane z = 0, with the physics settings of the built-in robots."""
    spec = mujoco.MjSpec()
    spec.option.timestep = TIMESTEP_S
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10.0
    spec.worldbody.add_geom(
        name="table",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[_TABLE_SIZE[0] / 2, _TABLE_SIZE[1] / 2, 0.02],
        pos=[0, 0, -0.02],
        friction=_TABLE_FRICTION,
        solref=[0.006, 1.0],
    )
    return spec


class TrialTable:
    """Compiled once for a set of things, reset for every trial.

    Every trial starts from the state that `settle` or `set_start` left.
    """

    def __init__(self, spec: mujoco.MjSpec, embodiment: Embodiment, hands: int = 1):
        """
        Args:
            spec: Table and things, no robot; it is changed: the grippers are added to it.
            hands: 1, or 2 for hand-overs; hand i is the gripper of the embodiment's arm i.
        """
        arms = [embodiment.arm[i % len(embodiment.arm)] for i in range(hands)]
        for i, arm in enumerate(arms):
            add_hand(spec, embodiment, arm, f"hand{i}", park_x=0.4 * i)
        self.model: mujoco.MjModel = spec.compile()
        self.data = mujoco.MjData(self.model)
        self.hands: tuple[HandIds, ...] = tuple(
            find_hand(self.model, arm, f"hand{i}") for i, arm in enumerate(arms)
        )
        self._hand_bodies = frozenset().union(*(hand.bodies for hand in self.hands))
        bodies = np.arange(self.model.nbody)
        self._of_hand = [np.isin(bodies, sorted(hand.bodies)) for hand in self.hands]
        self._is_hand = np.isin(bodies, sorted(self._hand_bodies))
        self._goal: dict[int, Pose] = {}
        self._gap: dict[int, float] = {}
        mujoco.mj_forward(self.model, self.data)
        self._start = self._state()

    def _state(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.data.qpos.copy(), self.data.mocap_pos.copy(), self.data.mocap_quat.copy()

    def place(self, body: str, pose: Pose) -> None:
        """Put a thing, free or mocap, at body_in_world; part of the start only after `set_start`."""
        found = self.model.body(body)
        mocap = int(self.model.body_mocapid[found.id])
        if mocap >= 0:
            self.data.mocap_pos[mocap], self.data.mocap_quat[mocap] = pose.position, pose.quaternion
            return
        start = int(self.model.jnt_qposadr[self._free_joint(body)])
        self.data.qpos[start : start + 3] = pose.position
        self.data.qpos[start + 3 : start + 7] = pose.quaternion

    def _free_joint(self, body: str) -> int:
        joint = int(self.model.body_jntadr[self.model.body(body).id])
        if joint < 0 or self.model.jnt_type[joint] != mujoco.mjtJoint.mjJNT_FREE:
            raise ValueError(f"body '{body}' is neither free nor mocap: it cannot be placed")
        return joint

    def set_start(self) -> None:
        """Every further trial starts from how things are now, at rest."""
        self._start = self._state()

    def settle(self, at_most_s: float = 3.0) -> bool:
        """Let things come to rest, then `set_start`; False if something still moved after `at_most_s`."""
        moving = [dof for dof in range(self.model.nv) if not self._is_hand[self.model.dof_bodyid[dof]]]
        still = 0
        for _ in range(max(1, round(at_most_s / 0.05))):
            mujoco.mj_step(self.model, self.data, round(0.05 / TIMESTEP_S))
            still = still + 1 if np.abs(self.data.qvel[moving]).max(initial=0.0) < _STILL else 0
            if still == 3:
                break
        self.set_start()
        return still == 3

    def reset(self) -> None:
        """Back to the start, hands parked and open."""
        mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[:], self.data.mocap_pos[:], self.data.mocap_quat[:] = self._start
        self._goal.clear()
        for i in range(len(self.hands)):
            parked = Pose(np.array([0.4 * i, 0.0, 1.2]), np.array([0.0, 1.0, 0.0, 0.0]))
            self.put_hand(i, parked, self.greatest_gap(i))
        mujoco.mj_forward(self.model, self.data)

    def greatest_gap(self, hand: int = 0) -> float:
        """Distance of the fingertips of an open gripper [m]."""
        return float(max(self.hands[hand].arm.gripper.fingertip_gap))

    def put_hand(self, hand: int, tool_in_world: Pose, gap: float) -> None:
        """Teleport a hand, at rest, fingertips `gap` [m] apart."""
        ids = self.hands[hand]
        self._command(hand, tool_in_world, gap)
        start = ids.carriage_qpos
        self.data.qpos[start : start + 3] = tool_in_world.position
        self.data.qpos[start + 3 : start + 7] = tool_in_world.quaternion
        self.data.qvel[ids.carriage_dof : ids.carriage_dof + 6] = 0.0
        self.data.qpos[list(ids.finger_qpos)] = ids.joint_of_gap(gap)

    def _command(self, hand: int, tool_in_world: Pose, gap: float) -> None:
        ids = self.hands[hand]
        self._goal[hand], self._gap[hand] = tool_in_world, gap
        self.data.mocap_pos[ids.mocap] = tool_in_world.position
        self.data.mocap_quat[ids.mocap] = tool_in_world.quaternion
        self.data.ctrl[ids.actuator] = ids.control_of_gap(gap)

    def goal(self, hand: int = 0) -> Pose:
        """Where a hand was last sent, tool_in_world."""
        return self._goal[hand]

    def move(
        self, hand: int, tool_in_world: Pose, seconds: float, stop: Callable[[], bool] | None = None
    ) -> bool:
        """Send a hand smoothly to a pose; False as soon as `stop` says so."""
        start = self._goal[hand]
        count = max(1, round(seconds / TIMESTEP_S / _STEPS_A_TARGET))
        for k in range(1, count + 1):
            self._command(hand, _between(start, tool_in_world, _smooth(k / count)), self._gap[hand])
            mujoco.mj_step(self.model, self.data, _STEPS_A_TARGET)
            if stop is not None and stop():
                return False
        return True

    def follow(self, hand: int, tool_path: np.ndarray, speed: float = 0.2) -> None:
        """Send a hand, turned as it is, along tool positions (waypoint, 3) [m]; `speed` [m/s] on average."""
        steps = np.linalg.norm(np.diff(tool_path, axis=0), axis=-1)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        count = max(1, round(along[-1] / speed / TIMESTEP_S / _STEPS_A_TARGET))
        quaternion = self._goal[hand].quaternion
        for k in range(1, count + 1):
            wanted = _smooth(k / count) * along[-1]
            position = np.array([np.interp(wanted, along, tool_path[:, axis]) for axis in range(3)])
            self._command(hand, Pose(position, quaternion), self._gap[hand])
            mujoco.mj_step(self.model, self.data, _STEPS_A_TARGET)

    def set_gap(self, hand: int, gap: float, speed: float = 0.2) -> None:
        """Close or open a hand at `speed` [m/s] of the gap, then wait until the fingers stand still."""
        start = self._gap[hand]
        count = max(1, round(abs(gap - start) / speed / TIMESTEP_S / _STEPS_A_TARGET))
        for k in range(1, count + 1):
            self._command(hand, self._goal[hand], start + (gap - start) * k / count)
            mujoco.mj_step(self.model, self.data, _STEPS_A_TARGET)
        for _ in range(_FINGER_WAITS):
            before = self.gap(hand)
            self.wait(0.05)
            if abs(self.gap(hand) - before) < _FINGER_STILL_M:
                return

    def wait(self, seconds: float) -> None:
        mujoco.mj_step(self.model, self.data, round(seconds / TIMESTEP_S))

    def tool(self, hand: int = 0) -> Pose:
        """tool_in_world, as it is."""
        site = self.hands[hand].site
        return Pose.from_matrix(self.data.site_xmat[site].reshape(3, 3), self.data.site_xpos[site].copy())

    def touches_anything(self, hand: int = 0) -> bool:
        """Whether a hand is in contact with anything but itself, after a collision pass."""
        contact = self.data.contact
        inside = self._of_hand[hand][self.model.geom_bodyid[contact.geom[: self.data.ncon]]]
        close = contact.dist[: self.data.ncon] <= 0.0
        return bool((close & (inside[:, 0] != inside[:, 1])).any())

    def is_blocked(self, hand: int = 0) -> bool:
        """Whether a hand presses against something harder than an arm's servo should."""
        ids = self.hands[hand]
        lag = self.data.qpos[ids.carriage_qpos : ids.carriage_qpos + 3] - self._goal[hand].position
        if float(np.linalg.norm(lag)) > _BLOCKED_M:
            return True
        contact = self.data.contact
        inside = self._of_hand[hand][self.model.geom_bodyid[contact.geom[: self.data.ncon]]]  # (contact, 2)
        force, total = np.zeros(6), 0.0
        for i in np.flatnonzero(inside[:, 0] != inside[:, 1]).tolist():
            mujoco.mj_contactForce(self.model, self.data, i, force)
            total += force[0]
        return total > _BLOCKED_N

    def gap(self, hand: int = 0) -> float:
        """Distance of the fingertips as it is [m]."""
        ids = self.hands[hand]
        q = float(self.data.qpos[ids.finger_qpos[0]])
        return float(np.interp(q, ids.arm.gripper.joint_range, ids.arm.gripper.fingertip_gap))

    def body_pose(self, body: str) -> Pose:
        """body_in_world."""
        i = self.model.body(body).id
        return Pose(self.data.xpos[i].copy(), self.data.xquat[i].copy())

    def centre(self, body: str) -> np.ndarray:
        """Centre of mass of a thing with what hangs on it, shape (3,) [m]."""
        return self.data.subtree_com[self.model.body(body).id].copy()

    def touching(self, body: str) -> frozenset[int]:
        """Ids of the bodies in contact with a thing."""
        mine = self._bodies_of(body)
        contact = self.data.contact
        pairs = self.model.geom_bodyid[contact.geom[: self.data.ncon]]
        close = contact.dist[: self.data.ncon] <= 1e-4
        others: set[int] = set()
        for a, b in pairs[close].tolist():
            if a in mine and b not in mine:
                others.add(b)
            elif b in mine and a not in mine:
                others.add(a)
        return frozenset(others)

    def _bodies_of(self, body: str) -> frozenset[int]:
        root = self.model.body(body).id
        found = {root}
        for i in range(root + 1, self.model.nbody):
            if self.model.body_parentid[i] in found:
                found.add(i)
        return frozenset(found)

    def is_gripped(self, body: str, hand: int = 0) -> bool:
        """Whether both fingers of a hand touch a thing."""
        touching = self.touching(body)
        return all(touching & side for side in self.hands[hand].finger_bodies)

    def is_held_only(self, body: str, hand: int = 0) -> bool:
        """Whether a hand touches a thing and neither table nor another hand does."""
        touching = self.touching(body)
        ids = self.hands[hand]
        others = touching - ids.bodies
        fixed = {i for i in others if self.model.body_weldid[i] == 0}
        return bool(touching & ids.bodies) and not (others & self._hand_bodies) and not fixed

    def free_bodies(self) -> tuple[str, ...]:
        """Names of the things that can move freely."""
        return tuple(
            self.model.body(int(self.model.jnt_bodyid[j])).name
            for j in range(self.model.njnt)
            if self.model.jnt_type[j] == mujoco.mjtJoint.mjJNT_FREE
            and int(self.model.jnt_bodyid[j]) not in self._hand_bodies
        )

    def centres(self, bodies: Iterable[str]) -> np.ndarray:
        """Centres of things, shape (body, 3) [m]."""
        return np.array([self.centre(body) for body in bodies]).reshape(-1, 3)


def _smooth(s: float) -> float:
    """Minimum jerk from 0 to 1."""
    return s * s * s * (10 - 15 * s + 6 * s * s)


def _between(start: Pose, end: Pose, s: float) -> Pose:
    """The pose at fraction `s` of the straight way between two."""
    a, b = start.quaternion, end.quaternion
    cosine = float(a @ b)
    if cosine < 0:
        b, cosine = -b, -cosine
    if cosine > 0.9999:
        quaternion = a + s * (b - a)
    else:
        angle = np.arccos(cosine)
        quaternion = (np.sin((1 - s) * angle) * a + np.sin(s * angle) * b) / np.sin(angle)
    quaternion = quaternion / np.linalg.norm(quaternion)
    return Pose(start.position + s * (end.position - start.position), quaternion)
