"""Will the guard let this robot work: its home, its allowed pairs, its tool boxes, its gripping force?"""

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.errors import UnknownNameError
from robotics.kinematics.collision_pairs import TABLE, allowed_bodies
from robotics.kinematics.distances import Distances
from robotics.kinematics.joint_map import JointMap


def check_guard(embodiment: Embodiment, model: mujoco.MjModel, problems: list[str], notes: list[str]) -> None:
    """Append what is wrong to `problems`; needs a model that passed `check_model`."""
    allowed: set[tuple[int, int]] = set()
    try:
        allowed = allowed_bodies(embodiment, model, embodiment.guard.allowed)
    except UnknownNameError as error:
        problems.append(str(error))
    joint_map = JointMap(embodiment, model)
    distance, first, second = Distances(embodiment, model, joint_map).closest(embodiment.home, far_m=0.3)
    pair = f" ({first} and {second})" if first else " or more"
    notes.append(f"at home the least distance is {distance * 1e3:.0f} mm{pair}")
    margin_m = embodiment.guard.collision_margin
    if first and distance < margin_m:
        bodies = tuple(-1 if name == TABLE else int(model.body(name).id) for name in (first, second))
        if bodies not in allowed:
            problems.append(
                f"at home {first} and {second} are {distance * 1e3:.1f} mm apart; the guard's margin is "
                f"{margin_m * 1e3:g} mm"
            )
    _check_boxes(embodiment, model, joint_map, problems)
    for arm in embodiment.arm:
        if arm.gripper.force is not None:
            _check_force(
                arm.name, arm.gripper.force, int(model.actuator(arm.gripper.actuator).id), model, notes
            )


def _check_boxes(
    embodiment: Embodiment, model: mujoco.MjModel, joint_map: JointMap, problems: list[str]
) -> None:
    data = mujoco.MjData(model)
    joint_map.write_qpos(embodiment.home, data.qpos)
    mujoco.mj_kinematics(model, data)
    for name, box in embodiment.guard.tool_box.items():
        point = data.site_xpos[model.site(embodiment.get_arm(name).tool_site).id]
        if (point < np.array(box[0])).any() or (point > np.array(box[1])).any():
            place = ", ".join(f"{value:.3f}" for value in point)
            problems.append(
                f"guard: at home the tool of arm '{name}' is at [{place}] m, outside its tool_box"
            )


def _check_force(arm: str, force: float, actuator: int, model: mujoco.MjModel, notes: list[str]) -> None:
    limited = bool(model.actuator_forcelimited[actuator])
    strongest = float(np.abs(model.actuator_forcerange[actuator]).max()) if limited else np.inf
    if strongest > force * 1.001:
        # The model's force acts on the joint or tendon that it drives, which need not be the finger itself.
        found = f"{strongest:g} N" if limited else "without a limit"
        notes.append(
            f"arm '{arm}' gripper: 'force' says {force:g} N, the simulated actuator pushes {found}; give it "
            "a forcerange if the simulation should grip no harder than the robot"
        )
