"""A free-flying gripper: the hand of an embodiment's arm on a carriage that follows a target pose."""

from dataclasses import dataclass

import mujoco
import numpy as np

from robotics.embodiment import Arm, Embodiment
from robotics.errors import EmbodimentError
from robotics.pose import Pose

_CARRIAGE_MASS_KG = 1.0
"""Of the order of a forearm behind the hand, so that a heavy thing does not fling the gripper about."""
_PARKED = (0.0, 0.0, 1.2)
"""Where hands wait [m], side by side, out of everything's way."""


def add_hand(spec: mujoco.MjSpec, embodiment: Embodiment, arm: Arm, name: str, park_x: float = 0.0) -> None:
    """Add the hand that `arm` carries, with its fingers, servo and coupling, as body '{name}/carriage'.

    The carriage's frame is the tool frame: z approach, y closing. It is welded softly to the mocap body
    '{name}/target', does not feel gravity, and everything of it has the prefix '{name}/'.

    Raises:
        EmbodimentError: The embodiment's MJCF cannot be read.
    """
    try:
        source = mujoco.MjSpec.from_file(str(embodiment.model_path))
    except (ValueError, OSError) as error:
        raise EmbodimentError(str(embodiment.source), [f"model '{embodiment.model}': {error}"]) from error
    hand = source.joint(arm.gripper.model_joint).parent.parent
    for joint in list(hand.joints):
        source.delete(joint)
    tool = next(site for site in hand.sites if site.name == arm.tool_site)
    hand_in_tool = _pose_of(tool).inverse()

    position = [_PARKED[0] + park_x, _PARKED[1], _PARKED[2]]
    down = [0.0, 1.0, 0.0, 0.0]
    spec.worldbody.add_body(name=f"{name}/target", mocap=True, pos=position, quat=down)
    carriage = spec.worldbody.add_body(name=f"{name}/carriage", pos=position, quat=down, gravcomp=1.0)
    carriage.add_freejoint(name=f"{name}/carriage")
    carriage.mass = _CARRIAGE_MASS_KG
    carriage.inertia = [0.004] * 3
    carriage.explicitinertial = True
    carriage.add_site(name=f"{name}/tool", group=5, size=[0.002] * 3)
    hand.pos, hand.quat = [0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]
    frame = carriage.add_frame(pos=hand_in_tool.position, quat=hand_in_tool.quaternion)
    attached = frame.attach_body(hand, f"{name}/", "")
    for body in [attached, *attached.find_all(mujoco.mjtObj.mjOBJ_BODY)]:
        body.gravcomp = 1.0
    weld = spec.add_equality(
        type=mujoco.mjtEq.mjEQ_WELD,
        objtype=mujoco.mjtObj.mjOBJ_BODY,
        name1=f"{name}/target",
        name2=f"{name}/carriage",
        solref=[0.01, 1.0],
        solimp=[0.9, 0.95, 0.001, 0.5, 2.0],
    )
    weld.data[:11] = [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]  # anchor, relative pose, torque scale


def _pose_of(site: mujoco.MjsSite) -> Pose:
    """site_in_body, whichever way the MJCF writes the orientation."""
    alternative = site.alt
    if alternative.type == mujoco.mjtOrientation.mjORIENTATION_XYAXES:
        x, y = np.array(alternative.xyaxes[:3]), np.array(alternative.xyaxes[3:])
        x = x / np.linalg.norm(x)
        y = y - x * (x @ y)
        y = y / np.linalg.norm(y)
        return Pose.from_matrix(np.stack([x, y, np.cross(x, y)], axis=1), np.array(site.pos))
    if alternative.type != mujoco.mjtOrientation.mjORIENTATION_QUAT:
        raise ValueError(f"tool site '{site.name}' must be oriented by quat or xyaxes")
    return Pose(np.array(site.pos), np.array(site.quat) / np.linalg.norm(site.quat))


@dataclass(frozen=True)
class HandIds:
    """Where a hand sits in a compiled model."""

    name: str
    mocap: int
    """Row of mocap_pos."""
    carriage_qpos: int
    """First of seven."""
    carriage_dof: int
    """First of six."""
    site: int
    """Tool frame."""
    bodies: frozenset[int]
    finger_bodies: tuple[frozenset[int], frozenset[int]]
    finger_qpos: tuple[int, ...]
    actuator: int
    arm: Arm

    def joint_of_gap(self, gap: float) -> float:
        """Position of the finger joint for a distance of the fingertips [m]."""
        return float(np.interp(gap, self.arm.gripper.fingertip_gap, self.arm.gripper.joint_range))

    def control_of_gap(self, gap: float) -> float:
        """Control of the actuator for a distance of the fingertips [m]."""
        return float(np.interp(gap, self.arm.gripper.fingertip_gap, self.arm.gripper.control_range))


def find_hand(model: mujoco.MjModel, arm: Arm, name: str) -> HandIds:
    """Ids of a hand that `add_hand` put into a compiled model."""
    carriage = model.body(f"{name}/carriage")
    bodies = _subtree(model, carriage.id)
    fingers = [
        joint
        for joint in range(model.njnt)
        if int(model.jnt_bodyid[joint]) in bodies and model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_SLIDE
    ]
    sides = [_subtree(model, int(model.jnt_bodyid[joint])) for joint in fingers]
    if len(sides) != 2:
        raise ValueError(f"gripper '{arm.gripper.name}' must have two sliding fingers, has {len(sides)}")
    free = model.joint(f"{name}/carriage")
    return HandIds(
        name=name,
        mocap=int(model.body_mocapid[model.body(f"{name}/target").id]),
        carriage_qpos=int(free.qposadr[0]),
        carriage_dof=int(free.dofadr[0]),
        site=model.site(f"{name}/tool").id,
        bodies=bodies,
        finger_bodies=(sides[0], sides[1]),
        finger_qpos=tuple(int(model.jnt_qposadr[joint]) for joint in fingers),
        actuator=model.actuator(f"{name}/{arm.gripper.actuator}").id,
        arm=arm,
    )


def _subtree(model: mujoco.MjModel, root: int) -> frozenset[int]:
    """Ids of a body and all bodies below it."""
    found = {root}
    for body in range(root + 1, model.nbody):  # parents come before children
        if model.body_parentid[body] in found:
            found.add(body)
    return frozenset(found)
