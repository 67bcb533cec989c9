"""The aloha2 folder agrees with itself: TOML against compiled MJCF, cameras, pads and a held cube."""

import mujoco
import numpy as np
import pytest

from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment


@pytest.fixture(scope="module")
def aloha2() -> Embodiment:
    return load_embodiment("aloha2")


@pytest.fixture(scope="module")
def model(aloha2) -> mujoco.MjModel:
    return mujoco.MjModel.from_xml_path(str(aloha2.model_path))


def joint_positions(aloha2: Embodiment, model: mujoco.MjModel, position: np.ndarray) -> np.ndarray:
    """Model positions (nq,) at an action-space position; both fingers of a gripper move alike."""
    qpos = np.zeros(model.nq)
    for arm in aloha2.arm:
        for joint, value in zip(arm.joint, position[aloha2.arm_slices[arm.name]], strict=True):
            qpos[model.joint(joint.model_joint).qposadr[0]] = value
        opening = position[aloha2.gripper_indices[arm.name]]
        for finger in ("left_finger", "right_finger"):
            qpos[model.joint(f"{arm.name}/{finger}").qposadr[0]] = np.interp(
                opening, [0, 1], arm.gripper.joint_range
            )
    return qpos


def test_action_is_left_arm_left_gripper_right_arm_right_gripper(aloha2):
    joints = ("waist", "shoulder", "elbow", "forearm_roll", "wrist_angle", "wrist_rotate", "gripper")
    assert aloha2.action_names == tuple(f"{arm}/{joint}" for arm in ("left", "right") for joint in joints)


def test_joint_limits_are_those_of_the_model(aloha2, model):
    for arm in aloha2.arm:
        for joint in arm.joint:
            np.testing.assert_array_equal(joint.position, model.joint(joint.model_joint).range)
            np.testing.assert_array_equal(joint.position, model.actuator(joint.actuator).ctrlrange)


def test_actuators_are_named_once_and_drive_the_joint_they_are_named_with(aloha2, model):
    driven = []
    for arm in aloha2.arm:
        for part in (*arm.joint, arm.gripper):
            actuator = model.actuator(part.actuator)
            assert actuator.trnid[0] == model.joint(part.model_joint).id
            driven.append(actuator.id)
    assert sorted(driven) == list(range(model.nu))


def test_gripper_range_is_the_actuators_range_and_lies_inside_the_joints(aloha2, model):
    for arm in aloha2.arm:
        low, high = model.joint(arm.gripper.model_joint).range
        assert low <= arm.gripper.joint_range[0] < arm.gripper.joint_range[1] <= high
        np.testing.assert_array_equal(
            arm.gripper.control_range, model.actuator(arm.gripper.actuator).ctrlrange
        )


@pytest.mark.parametrize("opening", [0.0, 0.3, 1.0])
def test_gap_between_the_pads_is_the_fingertip_gap(aloha2, model, opening):
    position = aloha2.home.copy()
    position[list(aloha2.gripper_indices.values())] = opening
    data = mujoco.MjData(model)
    data.qpos = joint_positions(aloha2, model, position)
    mujoco.mj_forward(model, data)
    for arm in aloha2.arm:
        pads = [model.geom(f"{arm.name}/{side}_pad").id for side in ("left", "right")]
        gap = mujoco.mj_geomDistance(model, data, pads[0], pads[1], 1.0, None)
        assert gap == pytest.approx(np.interp(opening, [0, 1], arm.gripper.fingertip_gap), abs=1e-6)


def test_tool_frame_lies_between_the_pads_with_y_from_finger_to_finger_and_z_out_of_the_gripper(
    aloha2, model
):
    data = mujoco.MjData(model)
    data.qpos = joint_positions(aloha2, model, aloha2.home)
    mujoco.mj_forward(model, data)
    for arm in aloha2.arm:
        tool = data.site(arm.tool_site)
        rotation = tool.xmat.reshape(3, 3)
        left, right = (data.geom(f"{arm.name}/{side}_pad").xpos for side in ("left", "right"))
        np.testing.assert_allclose(tool.xpos, (left + right) / 2, atol=1e-9)
        np.testing.assert_allclose(rotation[:, 1], (right - left) / np.linalg.norm(right - left), atol=1e-9)
        palm = data.body(f"{arm.name}/gripper_link").xpos
        np.testing.assert_allclose(
            rotation[:, 2], (tool.xpos - palm) / np.linalg.norm(tool.xpos - palm), atol=1e-9
        )


def test_home_is_free_of_contact(aloha2, model):
    data = mujoco.MjData(model)
    data.qpos = joint_positions(aloha2, model, aloha2.home)
    mujoco.mj_forward(model, data)
    assert data.ncon == 0


def test_arms_collide_with_each_other_and_with_themselves(aloha2, model):
    data = mujoco.MjData(model)
    position = aloha2.home.copy()
    for arm in aloha2.arm:  # stretched out across the table, the arms meet in the middle
        position[aloha2.arm_slices[arm.name]] = [0, 0.4, -0.4, 0, 0, 0]
    data.qpos = joint_positions(aloha2, model, position)
    mujoco.mj_forward(model, data)
    sides = {
        tuple(model.body(model.geom_bodyid[g]).name.split("/")[0] for g in contact.geom)
        for contact in data.contact
    }
    assert ("left", "right") in sides
    position[aloha2.arm_slices["left"]] = [0, -1.8, 1.6, 0, 2.2, 0]  # folded, the gripper on the upper arm
    position[aloha2.arm_slices["right"]] = [0, -1.8, 0, 0, 0, 0]
    data.qpos = joint_positions(aloha2, model, position)
    mujoco.mj_forward(model, data)
    assert data.ncon > 0


def test_overhead_camera_sees_the_workspace_and_fills_its_picture_with_it(aloha2, model):
    camera, shape = model.camera("overhead"), aloha2.get_camera("overhead")
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    corners = np.array([[x, y, z] for x in (-0.35, 0.35) for y in (-0.25, 0.3) for z in (0, 0.3)])
    seen = (corners - data.cam_xpos[camera.id]) @ data.cam_xmat[camera.id].reshape(3, 3)
    half_height = np.tan(np.radians(camera.fovy[0]) / 2)
    across = np.abs(seen[:, 0] / -seen[:, 2]) / (half_height * shape.width / shape.height)
    up = np.abs(seen[:, 1] / -seen[:, 2]) / half_height
    assert 0.95 < max(across.max(), up.max()) <= 1


@pytest.mark.parametrize("arm", ["left", "right"])
def test_wrist_camera_sees_the_tool(aloha2, model, arm):
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    camera = model.camera(aloha2.get_camera(f"wrist_{arm}").model_camera)
    tool = data.site(aloha2.get_arm(arm).tool_site).xpos
    seen = (tool - data.cam_xpos[camera.id]) @ data.cam_xmat[camera.id].reshape(3, 3)
    assert np.abs(seen[:2] / -seen[2]).max() < np.tan(np.radians(camera.fovy[0]) / 2)


@pytest.mark.parametrize(("half_size", "mass"), [(0.015, 0.03), (0.02, 0.05)])
def test_a_cube_is_held_firmly_while_the_arm_moves_fast(aloha2, half_size, mass):
    spec = mujoco.MjSpec.from_file(str(aloha2.model_path))
    cube = spec.worldbody.add_body(name="cube")
    cube.add_freejoint()
    cube.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[half_size] * 3, mass=mass)
    model = spec.compile()
    data = mujoco.MjData(model)
    data.qpos[:16] = joint_positions(aloha2, model, aloha2.home)[:16]
    for arm in aloha2.arm:
        for joint in arm.joint:
            data.actuator(joint.actuator).ctrl = joint.home
        data.actuator(arm.gripper.actuator).ctrl = arm.gripper.control_range[1]
    tool, quaternion = data.site("left/tool"), np.zeros(4)
    for step in range(1500):  # the cube is carried by hand while the gripper closes
        if step == 500:
            data.actuator("left/gripper").ctrl = aloha2.get_arm("left").gripper.control_range[0]
        mujoco.mj_step(model, data)
        if step < 1200:
            mujoco.mju_mat2Quat(quaternion, tool.xmat)
            data.qpos[16:] = [*tool.xpos, *quaternion]
            data.qvel[16:] = 0

    def cube_in_tool() -> tuple[np.ndarray, np.ndarray]:
        mujoco.mj_kinematics(model, data)
        rotation = tool.xmat.reshape(3, 3)
        return rotation.T @ (data.body("cube").xpos - tool.xpos), rotation.T @ data.body("cube").xmat.reshape(
            3, 3
        )

    grasped_at, grasped_as = cube_in_tool()
    fastest = 0.0
    for step in range(1000):
        phase = 2 * np.pi * 0.5 * step * model.opt.timestep
        data.actuator("left/waist").ctrl = 0.5 * np.sin(phase)
        data.actuator("left/wrist_rotate").ctrl = np.sin(phase)
        mujoco.mj_step(model, data)
        fastest = max(fastest, np.linalg.norm(data.body("cube").cvel[3:]))
    position, rotation = cube_in_tool()
    assert fastest > 0.4
    assert np.linalg.norm(position - grasped_at) < 0.003
    assert np.degrees(np.arccos((np.trace(grasped_as.T @ rotation) - 1) / 2)) < 2
