"""What tasks see of the physics: where props and tools are, what touches what, and how to place a prop."""

from collections.abc import Iterable

import mujoco
import numpy as np

from robotics.embodiment import Arm, Embodiment


def _subtree(model: mujoco.MjModel, root: int) -> frozenset[int]:
    """Ids of a body and all bodies below it."""
    found = {root}
    for body in range(root + 1, model.nbody):  # parents come before children
        if model.body_parentid[body] in found:
            found.add(body)
    return frozenset(found)


class World:
    """Names resolved once, so that judging a moment costs microseconds."""

    def __init__(self, embodiment: Embodiment, model: mujoco.MjModel, data: mujoco.MjData):
        self.embodiment = embodiment
        self.model = model
        self.data = data
        self._arm_bodies: dict[str, frozenset[int]] = {}
        self._gripper_bodies: dict[str, frozenset[int]] = {}
        self._tool_site: dict[str, int] = {}
        for arm in embodiment.arm:
            self._resolve(arm)
        self._bodies: dict[str, int] = {}

    def _resolve(self, arm: Arm) -> None:
        model = self.model
        self._arm_bodies[arm.name] = _subtree(model, model.body(arm.base_body).id)
        finger = int(model.joint(arm.gripper.model_joint).bodyid[0])
        # The finger's parent is the hand: its subtree holds both fingers.
        self._gripper_bodies[arm.name] = _subtree(model, int(model.body_parentid[finger]))
        self._tool_site[arm.name] = model.site(arm.tool_site).id

    def body(self, prop: str) -> int:
        """Body id of a prop, e.g. 'cube'."""
        if prop not in self._bodies:
            self._bodies[prop] = self.model.body(f"prop/{prop}").id
        return self._bodies[prop]

    def position(self, prop: str) -> np.ndarray:
        """Origin of a prop in the world, shape (3,) [m]."""
        return self.data.xpos[self.body(prop)]

    def rotation(self, prop: str) -> np.ndarray:
        """Rotation of a prop in the world, shape (3, 3)."""
        return self.data.xmat[self.body(prop)].reshape(3, 3)

    def in_frame_of(self, prop: str, frame: str) -> np.ndarray:
        """Origin of a prop in the frame of another, shape (3,) [m]."""
        return (self.position(prop) - self.position(frame)) @ self.rotation(frame)

    def is_still(self, prop: str, speed: float = 0.05, rotation_speed: float = 1.0) -> bool:
        """Whether a free prop moves slower than `speed` [m/s] and `rotation_speed` [rad/s]."""
        start = self.model.body_dofadr[self.body(prop)]
        velocity = self.data.qvel[start : start + 6]
        return bool(np.linalg.norm(velocity[:3]) < speed and np.linalg.norm(velocity[3:]) < rotation_speed)

    def joint(self, name: str) -> float:
        """Position of a prop's joint, e.g. 'drawer_slide'."""
        return float(self.data.qpos[self.model.joint(f"prop/{name}").qposadr[0]])

    def site(self, name: str) -> np.ndarray:
        """Position of a prop's site in the world, shape (3,) [m]."""
        return self.data.site_xpos[self.model.site(f"prop/{name}").id]

    def tool_position(self, arm: str) -> np.ndarray:
        """Point between an arm's fingertips in the world, shape (3,) [m]."""
        return self.data.site_xpos[self._tool_site[arm]]

    def reach(self, point: np.ndarray, arms: Iterable[str] | None = None) -> float:
        """Distance of the nearest of these arms' tools to a point (3,) [m]."""
        names = self._tool_site if arms is None else arms
        return min(float(np.linalg.norm(self.tool_position(arm) - point)) for arm in names)

    def _touches(self, prop: str) -> tuple[np.ndarray, np.ndarray]:
        """Bodies in contact with a prop (n,), and the contact normals pointing into it (n, 3)."""
        contact = self.data.contact
        bodies = self.model.geom_bodyid[contact.geom[: self.data.ncon]]  # (contact, 2)
        active = contact.dist[: self.data.ncon] <= 1e-4
        body = self.body(prop)
        first, second = active & (bodies[:, 0] == body), active & (bodies[:, 1] == body)
        normals = contact.frame[: self.data.ncon, :3]  # from the first geom to the second
        others = np.concatenate([bodies[first, 1], bodies[second, 0]])
        return others, np.concatenate([-normals[first], normals[second]])

    def touching(self, prop: str) -> frozenset[int]:
        """Ids of the bodies in contact with a prop."""
        return frozenset(self._touches(prop)[0].tolist())

    def touch(self, prop: str, other: str) -> bool:
        """Whether two props are in contact."""
        return self.body(other) in self.touching(prop)

    def arms_touching(self, prop: str) -> frozenset[str]:
        """Names of the arms that are in contact with a prop, with whatever part."""
        touching = self.touching(prop)
        return frozenset(name for name, bodies in self._arm_bodies.items() if bodies & touching)

    def arms_gripping(self, prop: str) -> frozenset[str]:
        """Names of the arms whose gripper presses on a prop from both sides."""
        bodies, normals = self._touches(prop)
        gripping = set()
        for arm, gripper in self._gripper_bodies.items():
            mine = [i for i, body in enumerate(bodies.tolist()) if body in gripper]
            if not mine:
                continue
            closing = self.data.site_xmat[self._tool_site[arm]].reshape(3, 3)[:, 1]
            push = normals[mine] @ closing
            if push.max() > 0.5 and push.min() < -0.5:
                gripping.add(arm)
        return frozenset(gripping)

    def held_only_by(self, prop: str, arm: str) -> bool:
        """Whether one arm's gripper has the prop and nothing else touches it."""
        return self.touching(prop) <= self._gripper_bodies[arm] and self.arms_gripping(prop) == {arm}

    def place_free(self, prop: str, position: np.ndarray, yaw: float = 0.0) -> None:
        """Put a free prop at a position (3,) [m], turned by `yaw` [rad] about z, at rest."""
        joint = self.model.body_jntadr[self.body(prop)]
        start, dof = self.model.jnt_qposadr[joint], self.model.jnt_dofadr[joint]
        self.data.qpos[start : start + 3] = position
        self.data.qpos[start + 3 : start + 7] = [np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)]
        self.data.qvel[dof : dof + 6] = 0.0

    def place_fixed(self, prop: str, position: np.ndarray, yaw: float = 0.0) -> None:
        """Put a prop that is fixed to the table at a position (3,) [m], turned by `yaw` [rad] about z."""
        mocap = self.model.body_mocapid[self.body(prop)]
        self.data.mocap_pos[mocap] = position
        self.data.mocap_quat[mocap] = [np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)]
