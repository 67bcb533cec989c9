"""Does the MJCF have what the embodiment file speaks of: names, limits and position actuators?"""

import difflib
from collections import Counter
from collections.abc import Iterator

import mujoco
import numpy as np

from robotics.embodiment import Arm, Embodiment, Gripper, Joint

_TOLERANCE = 1e-4
"""Rounding that a limit typed by hand may have [rad or model units]."""

_OBJECTS = {
    "body": mujoco.mjtObj.mjOBJ_BODY,
    "joint": mujoco.mjtObj.mjOBJ_JOINT,
    "site": mujoco.mjtObj.mjOBJ_SITE,
    "actuator": mujoco.mjtObj.mjOBJ_ACTUATOR,
    "camera": mujoco.mjtObj.mjOBJ_CAMERA,
}


def check_model(embodiment: Embodiment, model: mujoco.MjModel, problems: list[str], notes: list[str]) -> None:
    """Append what is wrong to `problems` and what is unusual to `notes`."""
    for arm in embodiment.arm:
        _check_arm(arm, model, problems)
    for camera in embodiment.camera:
        _find("camera", camera.model_camera, model, f"camera '{camera.name}'", problems)
        if camera.width > model.vis.global_.offwidth or camera.height > model.vis.global_.offheight:
            notes.append(
                f"camera '{camera.name}': {camera.width} x {camera.height} is more than the model's "
                f"off-screen buffer, {model.vis.global_.offwidth} x {model.vis.global_.offheight} "
                "(<visual><global offwidth= offheight=>)"
            )
    parts = [part for arm in embodiment.arm for part in (*arm.joint, arm.gripper)]
    for kind, names in (
        ("joint", [part.model_joint for part in parts]),
        ("actuator", [part.actuator for part in parts]),
    ):
        problems.extend(
            f"{kind} '{n}' is named {times} times" for n, times in Counter(names).items() if times > 1
        )
        passive = _passive_joints(embodiment, model) if kind == "joint" else set()
        unnamed = [n for n in object_names(model, kind) if n not in names and n not in passive]
        if unnamed:
            notes.append(f"{kind}s of the model that no action names: {', '.join(unnamed)}")
    servo_steps = 1.0 / embodiment.servo_rate_hz / model.opt.timestep
    if abs(servo_steps - round(servo_steps)) > 1e-6:
        notes.append(
            f"the model's timestep {model.opt.timestep:g} s does not divide the servo period "
            f"{1.0 / embodiment.servo_rate_hz:g} s"
        )


def object_names(model: mujoco.MjModel, kind: str) -> list[str]:
    """Names of all bodies, joints, sites, actuators or cameras; those without one are left out."""
    number = {
        "body": model.nbody,
        "joint": model.njnt,
        "site": model.nsite,
        "actuator": model.nu,
        "camera": model.ncam,
    }[kind]
    names = (mujoco.mj_id2name(model, _OBJECTS[kind], index) for index in range(number))
    return [name for name in names if name]


def _find(kind: str, name: str, model: mujoco.MjModel, where: str, problems: list[str]) -> int | None:
    index = mujoco.mj_name2id(model, _OBJECTS[kind], name)
    if index >= 0:
        return index
    existing = object_names(model, kind)
    near = difflib.get_close_matches(name, existing, n=3, cutoff=0.5)
    shown = ", ".join(existing[:12]) or "none"
    more = f" and {len(existing) - 12} more" if len(existing) > 12 else ""
    hint = f"did you mean {' or '.join(repr(n) for n in near)}?" if near else f"there are: {shown}{more}"
    problems.append(f"{where}: the model has no {kind} '{name}'; {hint}")
    return None


def ancestors(model: mujoco.MjModel, body: int) -> Iterator[int]:
    """The body, its parent, and so on; without the world."""
    while body:
        yield body
        body = int(model.body_parentid[body])


def _check_arm(arm: Arm, model: mujoco.MjModel, problems: list[str]) -> None:
    where = f"arm '{arm.name}'"
    base = _find("body", arm.base_body, model, where, problems)
    site = _find("site", arm.tool_site, model, where, problems)
    carriers = set() if site is None else set(ancestors(model, int(model.site_bodyid[site])))
    for joint in arm.joint:
        at = f"{where} joint '{joint.name}'"
        index = _find("joint", joint.model_joint, model, at, problems)
        actuator = _find("actuator", joint.actuator, model, at, problems)
        if index is None:
            continue
        body = int(model.jnt_bodyid[index])
        if site is not None and body not in carriers:
            problems.append(f"{at}: '{joint.model_joint}' does not move the tool site '{arm.tool_site}'")
        if base is not None and base not in ancestors(model, body):
            problems.append(f"{at}: '{joint.model_joint}' is not on the base body '{arm.base_body}'")
        if model.jnt_type[index] != mujoco.mjtJoint.mjJNT_HINGE:
            problems.append(f"{at}: '{joint.model_joint}' is no hinge; arm joints are in rad")
            continue
        if model.jnt_limited[index] and not _inside(joint.position, model.jnt_range[index]):
            problems.append(
                f"{at}: 'position' {_show(joint.position)} goes beyond the model's range "
                f"{_show(model.jnt_range[index])}"
            )
        if actuator is not None:
            _check_joint_actuator(joint, index, actuator, model, at, problems)
    _check_gripper(arm.gripper, model, f"{where} gripper", problems)


def _check_joint_actuator(
    joint: Joint, index: int, actuator: int, model: mujoco.MjModel, at: str, problems: list[str]
) -> None:
    driven = _driven_joint(model, actuator)
    if driven != index:
        what = "no joint" if driven is None else f"joint '{model.joint(driven).name}'"
        problems.append(f"{at}: actuator '{joint.actuator}' drives {what}, not '{joint.model_joint}'")
        return
    if not _is_position_actuator(model, actuator):
        problems.append(
            f"{at}: actuator '{joint.actuator}' is not a position actuator (its control must be the joint's "
            "target in rad: <position>, or gain kp with bias -kp and gear 1)"
        )
    if model.actuator_ctrllimited[actuator] and not _inside(
        joint.position, model.actuator_ctrlrange[actuator]
    ):
        problems.append(
            f"{at}: 'position' {_show(joint.position)} goes beyond the control range "
            f"{_show(model.actuator_ctrlrange[actuator])} of actuator '{joint.actuator}'"
        )


def _check_gripper(gripper: Gripper, model: mujoco.MjModel, at: str, problems: list[str]) -> None:
    index = _find("joint", gripper.model_joint, model, at, problems)
    actuator = _find("actuator", gripper.actuator, model, at, problems)
    if (
        index is not None
        and model.jnt_limited[index]
        and not _inside(gripper.joint_range, model.jnt_range[index])
    ):
        problems.append(
            f"{at}: 'joint_range' {_show(gripper.joint_range)} goes beyond the model's range "
            f"{_show(model.jnt_range[index])} of joint '{gripper.model_joint}'"
        )
    if (
        actuator is not None
        and model.actuator_ctrllimited[actuator]
        and not _inside(gripper.control_range, model.actuator_ctrlrange[actuator])
    ):
        problems.append(
            f"{at}: 'control_range' {_show(gripper.control_range)} goes beyond the control range "
            f"{_show(model.actuator_ctrlrange[actuator])} of actuator '{gripper.actuator}'"
        )


def _passive_joints(embodiment: Embodiment, model: mujoco.MjModel) -> set[str]:
    """Joints that follow others: in a joint coupling, or in a linkage below the arm's last joint."""
    couplings = np.flatnonzero(model.eq_type == mujoco.mjtEq.mjEQ_JOINT)
    ends = [*model.eq_obj1id[couplings], *model.eq_obj2id[couplings]]
    passive = {model.joint(int(index)).name for index in ends if index >= 0}
    for arm in embodiment.arm:
        last = mujoco.mj_name2id(model, _OBJECTS["joint"], arm.joint[-1].model_joint)
        if last >= 0:
            wrist = int(model.jnt_bodyid[last])
            passive |= {
                model.joint(index).name
                for index in range(model.njnt)
                if wrist in ancestors(model, int(model.jnt_bodyid[index]))
            }
    return passive


def _driven_joint(model: mujoco.MjModel, actuator: int) -> int | None:
    on_joint = (mujoco.mjtTrn.mjTRN_JOINT, mujoco.mjtTrn.mjTRN_JOINTINPARENT)
    if int(model.actuator_trntype[actuator]) not in [int(kind) for kind in on_joint]:
        return None
    return int(model.actuator_trnid[actuator, 0])


def _is_position_actuator(model: mujoco.MjModel, actuator: int) -> bool:
    gain, bias = float(model.actuator_gainprm[actuator, 0]), model.actuator_biasprm[actuator]
    return bool(
        model.actuator_gaintype[actuator] == mujoco.mjtGain.mjGAIN_FIXED
        and model.actuator_biastype[actuator] == mujoco.mjtBias.mjBIAS_AFFINE
        and gain > 0
        and np.isclose(bias[0], 0.0)
        and np.isclose(bias[1], -gain)
        and np.isclose(model.actuator_gear[actuator, 0], 1.0)
    )


def _inside(pair: tuple[float, float], limits: np.ndarray) -> bool:
    return bool(min(pair) >= limits[0] - _TOLERANCE and max(pair) <= limits[1] + _TOLERANCE)


def _show(pair: tuple[float, float] | np.ndarray) -> str:
    return f"[{pair[0]:g}, {pair[1]:g}]"
