"""Measures a gripper's fingers and palm on the embodiment's model, as grasps must know them."""

import mujoco
import numpy as np

from robotics.embodiment import Arm, Embodiment
from robotics.errors import EmbodimentError
from robotics.reasoning.reasoner import GripperShape

_TIP_PART_M = 0.029
"""Fingers are widest at the palm; what enters a gap between things is about so much [m]."""


def measure_gripper(embodiment: Embodiment, arm: Arm) -> GripperShape:
    """From the collision shapes of an arm's hand and fingers, which must be boxes.

    Raises:
        EmbodimentError: The model cannot be read, or the hand has no shapes to collide with.
    """
    try:
        model = mujoco.MjModel.from_xml_path(str(embodiment.model_path))
    except (ValueError, OSError) as error:
        raise EmbodimentError(str(embodiment.source), [f"model '{embodiment.model}': {error}"]) from error
    data = mujoco.MjData(model)
    finger = int(model.joint(arm.gripper.model_joint).bodyid[0])
    hand = int(model.body_parentid[finger])
    closed = arm.gripper.joint_range[0]
    for joint in range(model.njnt):
        if int(model.body_parentid[model.jnt_bodyid[joint]]) == hand:
            data.qpos[model.jnt_qposadr[joint]] = closed
    mujoco.mj_kinematics(model, data)
    fingers = [_points(model, data, finger, arm)]
    palm = [_points(model, data, hand, arm)]
    if not fingers[0] or not palm[0]:
        raise EmbodimentError(str(embodiment.source), [f"the hand of arm '{arm.name}' has no boxes"])
    boxes = fingers[0]
    solid = np.concatenate(boxes)  # (point, 3) tool frame
    solid[:, 1] *= np.sign(solid[:, 1].mean())  # the finger lies towards +y now
    tip = solid[:, 2].max()
    near_tip = solid[solid[:, 2] > tip - _TIP_PART_M]
    front = max(palm[0], key=lambda box: box[:, 2].max())
    pad = min(boxes, key=lambda box: np.ptp(box[:, 1]))
    return GripperShape(
        opening=float(max(arm.gripper.fingertip_gap)),
        finger_width=float(np.ptp(solid[:, 0])),
        finger_thickness=float(near_tip[:, 1].max() - max(near_tip[:, 1].min(), 0.0)),
        finger_length=float(tip - front[:, 2].max()),
        tip_length=float(tip),
        pad_length=float(tip - pad[:, 2].min()),
        palm_width=float(np.ptp(front[:, 1])),
        palm_depth=float(np.ptp(front[:, 0])),
    )


def _points(model: mujoco.MjModel, data: mujoco.MjData, body: int, arm: Arm) -> list[np.ndarray]:
    """A lattice on each collision box of a body, (point, 3) in the tool frame of `arm` [m]."""
    site = model.site(arm.tool_site).id
    tool, rotation = data.site_xpos[site], data.site_xmat[site].reshape(3, 3)
    steps = np.linspace(-1, 1, 21)
    lattice = np.stack(np.meshgrid(steps, [-1, 1], [-1, 1], indexing="ij"), axis=-1).reshape(-1, 3)
    lattice = np.concatenate([lattice, lattice[:, [1, 0, 2]], lattice[:, [1, 2, 0]]])
    found = []
    for geom in range(model.ngeom):
        touches = model.geom_contype[geom] or model.geom_conaffinity[geom]
        if model.geom_bodyid[geom] != body or not touches:
            continue
        if model.geom_type[geom] != mujoco.mjtGeom.mjGEOM_BOX:
            continue
        corners = lattice * model.geom_size[geom]
        world = corners @ data.geom_xmat[geom].reshape(3, 3).T + data.geom_xpos[geom]
        found.append((world - tool) @ rotation)
    return found
