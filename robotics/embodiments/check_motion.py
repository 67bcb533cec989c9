"""Does the simulated robot hold its home, and do its grippers open and close along the tool's y axis?"""

import mujoco
import numpy as np

from robotics.embodiment import Arm, Embodiment
from robotics.embodiments.check_model import ancestors
from robotics.kinematics.joint_map import JointMap

_SETTLE_S = 1.5
"""Long enough for a gripper to open or close and for an arm to sag."""
_GRIPPER_TOLERANCE = 0.15
"""Opening by which the end of a gripper's travel may be missed, for soft linkages and fingers that touch."""
_MOVED_M = 0.003
"""A body that moves less than this against the tool is no finger."""


def check_motion(
    embodiment: Embodiment, model: mujoco.MjModel, problems: list[str], notes: list[str]
) -> None:
    """Append what is wrong to `problems`; needs a model that passed `check_model`."""
    joint_map = JointMap(embodiment, model)
    data = mujoco.MjData(model)
    joint_map.write_qpos(embodiment.home, data.qpos)
    mujoco.mj_forward(model, data)
    problems.extend(f"at home {pair}" for pair in _touching(embodiment, model, data))
    settled = {}
    for opening in (0.0, 1.0):
        target = embodiment.home.copy()
        target[list(embodiment.gripper_indices.values())] = opening
        state = _settle(joint_map, model, target)
        if state is None:
            problems.append(
                f"the simulation is unstable while the robot holds its home: make the timestep "
                f"({model.opt.timestep:g} s) or the gains smaller"
            )
            return
        settled[opening] = state
    _report_sag(embodiment, joint_map, settled[1.0], notes)
    for arm in embodiment.arm:
        _check_gripper_travel(embodiment, arm, joint_map, model, settled, problems)
        _check_tool_axes(arm, model, settled, problems, notes)


def _touching(embodiment: Embodiment, model: mujoco.MjModel, data: mujoco.MjData) -> list[str]:
    bases = {arm.name: model.body(arm.base_body).id for arm in embodiment.arm}
    pairs = set()
    for contact in data.contact:
        if contact.dist >= 0:
            continue
        bodies = [int(model.geom_bodyid[geom]) for geom in contact.geom]
        if any(base in ancestors(model, body) for base in bases.values() for body in bodies):
            pairs.add(tuple(model.body(body).name for body in bodies))
    return [f"'{first}' touches '{second}'" for first, second in sorted(pairs)]


def _settle(joint_map: JointMap, model: mujoco.MjModel, target: np.ndarray) -> mujoco.MjData | None:
    """State after holding `target` (action_dim,) for a while, starting at home; None if it blew up."""
    data = mujoco.MjData(model)
    joint_map.write_qpos(joint_map.embodiment.home, data.qpos)
    data.ctrl[joint_map.actuator] = joint_map.control(target)
    for _ in range(int(_SETTLE_S / model.opt.timestep)):
        mujoco.mj_step(model, data)
        if data.warning[mujoco.mjtWarning.mjWARN_BADQACC].number:
            return None
    mujoco.mj_forward(model, data)
    return data


def _report_sag(embodiment: Embodiment, joint_map: JointMap, state: mujoco.MjData, notes: list[str]) -> None:
    error = np.abs(joint_map.read_qpos(state.qpos) - embodiment.home)
    error[list(embodiment.gripper_indices.values())] = 0.0
    worst = int(np.argmax(error))
    notes.append(
        f"at home the simulated joints settle within {error[worst]:.3f} rad of their targets "
        f"(worst: {embodiment.action_names[worst]})"
    )


def _check_gripper_travel(
    embodiment: Embodiment,
    arm: Arm,
    joint_map: JointMap,
    model: mujoco.MjModel,
    settled: dict[float, mujoco.MjData],
    problems: list[str],
) -> None:
    index, gripper = embodiment.gripper_indices[arm.name], arm.gripper
    for opening, name, control in zip((0.0, 1.0), ("closed", "open"), gripper.control_range, strict=True):
        reached = float(joint_map.read_qpos(settled[opening].qpos)[index])
        if abs(reached - opening) > _GRIPPER_TOLERANCE:
            low, high = gripper.joint_range
            touching = _touching(embodiment, model, settled[opening])
            problems.append(
                f"arm '{arm.name}' gripper: control {control:g} ({name}) brings '{gripper.model_joint}' to "
                f"{low + reached * (high - low):.4g}; 'joint_range' says "
                f"{gripper.joint_range[int(opening)]:g}" + (f" ({', '.join(touching)})" if touching else "")
            )


def _check_tool_axes(
    arm: Arm,
    model: mujoco.MjModel,
    settled: dict[float, mujoco.MjData],
    problems: list[str],
    notes: list[str],
) -> None:
    where = f"arm '{arm.name}' tool site '{arm.tool_site}'"
    last = model.joint(arm.joint[-1].model_joint)
    travel = _in_tool(arm, settled[1.0]) - _in_tool(arm, settled[0.0])  # (nbody, 3)
    carried = [b for b in range(model.nbody) if int(last.bodyid[0]) in ancestors(model, b)]
    fingers = [b for b in carried if np.linalg.norm(travel[b]) > _MOVED_M]
    if fingers:
        share = np.abs(travel[fingers]).sum(axis=0)
        axis = int(np.argmax(share))
        if axis != 1:
            names = ", ".join(model.body(b).name for b in fingers)
            problems.append(f"{where}: the fingers ({names}) move along its {'xyz'[axis]} axis; wanted y")
    else:
        notes.append(f"{where}: no finger was seen to move, so that its y axis could not be checked")
    data = settled[1.0]
    tool = data.site(arm.tool_site)
    ahead = float((tool.xpos - data.joint(last.id).xanchor) @ tool.xmat.reshape(3, 3)[:, 2])
    if ahead < -0.01:
        problems.append(f"{where}: its z axis points back at the arm; wanted out of the gripper")
    elif ahead < 0.01:
        notes.append(
            f"{where}: its z axis does not point away from joint '{arm.joint[-1].name}'; is that meant?"
        )


def _in_tool(arm: Arm, data: mujoco.MjData) -> np.ndarray:
    """Origins of all bodies in the tool frame, shape (nbody, 3) [m]."""
    tool = data.site(arm.tool_site)
    return (data.xpos - tool.xpos) @ tool.xmat.reshape(3, 3)
