"""The two Franka arms: kinematics, limits and behaviour against the published FR3."""

import mujoco
import numpy as np
import pytest

from robotics.embodiments import load_embodiment

EMBODIMENT = load_embodiment("franka_duo")
ARMS = ("left", "right")

# Franka documentation, "Denavit-Hartenberg parameters" in Craig's convention: a [m], d [m], alpha [rad].
CRAIG_DH = (
    (0.0, 0.333, 0.0),
    (0.0, 0.0, -np.pi / 2),
    (0.0, 0.316, np.pi / 2),
    (0.0825, 0.0, np.pi / 2),
    (-0.0825, 0.384, -np.pi / 2),
    (0.0, 0.0, np.pi / 2),
    (0.088, 0.0, np.pi / 2),
)
FLANGE = 0.107

# FR3 URDF in libfranka, test/fr3.urdf; acceleration and jerk: include/franka/rate_limiting.h.
POSITION = (
    (-2.7501, 2.7501),
    (-1.7918, 1.7918),
    (-2.9065, 2.9065),
    (-3.0481, -0.1458),
    (-2.8101, 2.8101),
    (0.54092, 4.5205),
    (-3.0196, 3.0196),
)
VELOCITY = (2.62, 2.62, 2.62, 2.62, 5.26, 4.18, 5.26)
EFFORT = (87, 87, 87, 87, 12, 12, 12)


@pytest.fixture(scope="module")
def model() -> mujoco.MjModel:
    return mujoco.MjModel.from_xml_path(str(EMBODIMENT.model_path))


@pytest.fixture
def data(model) -> mujoco.MjData:
    """At home, and told to stay there."""
    data = mujoco.MjData(model)
    place(model, data, EMBODIMENT.home)
    return data


def place(model: mujoco.MjModel, data: mujoco.MjData, action: np.ndarray) -> None:
    """Put the robot where an action (16,) wants it, at rest, with the same control."""
    values = iter(action)
    for arm in EMBODIMENT.arm:
        for joint in arm.joint:
            data.joint(joint.model_joint).qpos = data.actuator(joint.actuator).ctrl = next(values)
        opening, gripper = next(values), arm.gripper
        for finger in ("left_finger", "right_finger"):
            data.joint(f"{arm.name}/{finger}").qpos = np.interp(opening, (0, 1), gripper.joint_range)
        data.actuator(gripper.actuator).ctrl = np.interp(opening, (0, 1), gripper.control_range)
    mujoco.mj_forward(model, data)


def run(model: mujoco.MjModel, data: mujoco.MjData, seconds: float) -> None:
    mujoco.mj_step(model, data, round(seconds / model.opt.timestep))


def flange_from_dh(joints: np.ndarray) -> np.ndarray:
    """Flange in the arm's base, shape (4, 4)."""
    pose = np.eye(4)
    for (a, d, alpha), theta in zip(CRAIG_DH, joints, strict=True):
        st, ct, sa, ca = np.sin(theta), np.cos(theta), np.sin(alpha), np.cos(alpha)
        pose = pose @ [
            [ct, -st, 0, a],
            [st * ca, ct * ca, -sa, -d * sa],
            [st * sa, ct * sa, ca, d * ca],
            [0, 0, 0, 1],
        ]
    pose[:3, 3] += pose[:3, 2] * FLANGE
    return pose


def pose_of(part, position: str = "xpos", rotation: str = "xmat") -> np.ndarray:
    pose = np.eye(4)
    pose[:3, 3], pose[:3, :3] = getattr(part, position), getattr(part, rotation).reshape(3, 3)
    return pose


def test_flange_agrees_with_the_published_dh_parameters(model, data):
    rng = np.random.default_rng(1)
    for _ in range(500):  # both arms: 1,000 configurations
        place(model, data, rng.uniform(EMBODIMENT.position_lower, EMBODIMENT.position_upper))
        for arm in ARMS:
            joints = [data.joint(f"{arm}/joint{i}").qpos[0] for i in range(1, 8)]
            base = pose_of(data.body(f"{arm}/base"))
            flange = pose_of(data.site(f"{arm}/flange"))
            np.testing.assert_allclose(flange, base @ flange_from_dh(np.array(joints)), atol=1e-6)


def test_limits_are_those_of_the_fr3():
    for arm in EMBODIMENT.arm:
        assert tuple(j.position for j in arm.joint) == POSITION
        assert tuple(j.velocity for j in arm.joint) == VELOCITY
        assert {(j.acceleration, j.jerk) for j in arm.joint} == {(10.0, 5000.0)}


def test_embodiment_and_model_agree(model):
    assert EMBODIMENT.action_dim == 16 == model.nu
    for arm in EMBODIMENT.arm:
        assert model.site(arm.tool_site).id >= 0 and model.body(arm.base_body).id >= 0
        for joint, effort in zip(arm.joint, EFFORT, strict=True):
            actuator = model.actuator(joint.actuator)
            assert actuator.trnid[0] == model.joint(joint.model_joint).id
            assert tuple(model.joint(joint.model_joint).range) == pytest.approx(joint.position)
            assert tuple(actuator.ctrlrange) == pytest.approx(joint.position)
            assert tuple(actuator.forcerange) == (-effort, effort)
        gripper = arm.gripper
        assert tuple(model.joint(gripper.model_joint).range) == gripper.joint_range
        assert tuple(model.actuator(gripper.actuator).ctrlrange) == gripper.control_range
    for camera in EMBODIMENT.camera:
        assert model.camera(camera.model_camera).id >= 0


def test_model_holds_robot_and_cameras_only(model):
    names = [model.body(i).name for i in range(1, model.nbody)]
    assert all(name.startswith(("left/", "right/")) for name in names)
    assert model.nlight == 0 and not model.body_geomnum[0]
    assert model.ncam == 4


def test_home_is_free_of_collisions_and_points_down_over_the_own_side(model, data):
    assert data.ncon == 0
    for arm, side in (("left", -1), ("right", 1)):
        tool = data.site(f"{arm}/tool")
        np.testing.assert_allclose(tool.xpos, [side * 0.25, -0.02, 0.3], atol=2e-3)
        np.testing.assert_allclose(tool.xmat.reshape(3, 3)[:, 2], [0, 0, -1], atol=1e-3)


def test_home_is_far_from_limits_and_singularities(model, data):
    for arm in EMBODIMENT.arm:
        for joint in arm.joint:
            assert min(joint.home - joint.position[0], joint.position[1] - joint.home) > 0.3
        linear, angular = np.zeros((3, model.nv)), np.zeros((3, model.nv))
        mujoco.mj_jacSite(model, data, linear, angular, model.site(arm.tool_site).id)
        columns = [model.joint(j.model_joint).dofadr[0] for j in arm.joint]
        assert np.linalg.svd(np.vstack([linear, angular])[:, columns], compute_uv=False)[-1] > 0.15


def test_no_joint_posture_makes_neighbouring_links_touch(model, data):
    """Links that are at most two joints apart are free over the whole range of those joints."""
    chain = ["base", *(f"link{i}" for i in range(1, 8)), "hand"]
    near = {frozenset(p) for i in (1, 2) for p in zip(chain, chain[i:], strict=False)}
    rng = np.random.default_rng(2)
    for _ in range(300):
        place(model, data, rng.uniform(EMBODIMENT.position_lower, EMBODIMENT.position_upper))
        for contact in data.contact:
            bodies = [model.body(model.geom_bodyid[g]).name for g in contact.geom]
            (arm, one), (other_arm, other) = (name.split("/") for name in bodies)
            assert arm != other_arm or frozenset((one, other)) not in near


def test_arms_collide_with_each_other_and_with_a_table(model, data):
    action = EMBODIMENT.home.copy()
    action[[1, 9]] += 1.0
    action[[3, 11]] += 0.6
    place(model, data, action)
    arms = [{model.body(model.geom_bodyid[g]).name.split("/")[0] for g in c.geom} for c in data.contact]
    assert {"left", "right"} in arms
    floor = mujoco.MjSpec.from_file(str(EMBODIMENT.model_path))
    floor.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.6, 0.4, 0.02], pos=[0, 0, -0.02])
    on_table = floor.compile()
    reaching = mujoco.MjData(on_table)
    action = EMBODIMENT.home.copy()
    action[[1, 3, 5]] = 0.6, -2.36, 2.85  # left tool 0.5 m ahead of its base, fingertips below z = 0
    place(on_table, reaching, action)
    assert any(on_table.geom_bodyid[c.geom].min() == 0 for c in reaching.contact)


def test_tool_lies_between_the_pads_and_y_closes(model, data):
    for arm in ARMS:
        tool = pose_of(data.site(f"{arm}/tool"))
        inverse = np.linalg.inv(tool)
        pads = [inverse @ np.append(data.geom(f"{arm}/{side}_pad").xpos, 1) for side in ("left", "right")]
        np.testing.assert_allclose((pads[0] + pads[1])[:3] / 2, 0, atol=1e-3)
        np.testing.assert_allclose(pads[0][[0, 2]], pads[1][[0, 2]], atol=1e-9)
        assert pads[0][1] > 0.04 > -0.04 > pads[1][1]
        hand = inverse @ np.append(data.body(f"{arm}/hand").xpos, 1)
        assert hand[2] == pytest.approx(-0.1034)


@pytest.mark.parametrize("opening", [0.0, 0.5, 1.0])
def test_fingertip_gap_follows_the_opening(model, data, opening):
    for arm in EMBODIMENT.arm:
        data.actuator(arm.gripper.actuator).ctrl = np.interp(opening, (0, 1), arm.gripper.control_range)
    run(model, data, 1.5)
    for arm in EMBODIMENT.arm:
        pads = [data.geom(f"{arm.name}/{side}_pad").xpos for side in ("left", "right")]
        thickness = 2 * model.geom(f"{arm.name}/left_pad").size[1]
        gap = np.linalg.norm(pads[0] - pads[1]) - thickness
        assert gap == pytest.approx(np.interp(opening, (0, 1), arm.gripper.fingertip_gap), abs=5e-4)
        measured = data.joint(arm.gripper.model_joint).qpos[0]
        assert measured == pytest.approx(np.interp(opening, (0, 1), arm.gripper.joint_range), abs=5e-4)


@pytest.mark.parametrize("index", range(7))
def test_a_step_of_a_joint_settles_within_600_ms(model, data, index):
    joints = [(arm.joint[index], step) for arm, step in zip(EMBODIMENT.arm, (0.1, -0.1), strict=True)]
    for joint, step in joints:
        data.actuator(joint.actuator).ctrl = joint.home + step
    run(model, data, 0.6)
    for _ in range(30):
        run(model, data, 0.02)
        for joint, step in joints:
            assert data.joint(joint.model_joint).qpos[0] == pytest.approx(joint.home + step, abs=0.02 * 0.1)


def test_holds_against_gravity_within_2_mrad(model, data):
    rng = np.random.default_rng(3)
    held = 0
    while held < 5:
        action = rng.uniform(EMBODIMENT.position_lower + 0.05, EMBODIMENT.position_upper - 0.05)
        place(model, data, action)
        if data.ncon:
            continue
        data.qvel[:] = 0
        run(model, data, 1.0)
        for arm in EMBODIMENT.arm:
            for joint in arm.joint:
                target = data.actuator(joint.actuator).ctrl[0]
                assert data.joint(joint.model_joint).qpos[0] == pytest.approx(target, abs=2e-3)
        held += 1


@pytest.mark.parametrize(("edge", "mass"), [(0.03, 0.03), (0.04, 0.05)])
def test_a_grasped_cube_stays_while_the_arm_moves(edge, mass):
    spec = mujoco.MjSpec.from_file(str(EMBODIMENT.model_path))
    cube = spec.worldbody.add_body(name="cube", pos=[-0.25, -0.02, 0.3])
    cube.add_freejoint()
    cube.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[edge / 2] * 3, mass=mass)
    model = spec.compile()
    data = mujoco.MjData(model)
    action = EMBODIMENT.home.copy()
    action[7] = edge / 0.08
    place(model, data, action)
    data.actuator("left/gripper").ctrl = 0.0
    run(model, data, 0.3)

    def cube_in_tool() -> np.ndarray:
        return np.linalg.inv(pose_of(data.site("left/tool"))) @ pose_of(data.body("cube"))

    grasped = cube_in_tool()
    swing = np.array([0.6, 0.2, 0.3, 0.2, 0.4, 0.4, 0.8])
    for tick in range(100):
        phase = (1 - np.cos(2 * np.pi * tick / 100)) / 2  # there and back in 2 s, up to 1.3 rad/s a joint
        for i, amplitude in enumerate(swing):
            data.actuator(f"left/joint{i + 1}").ctrl = EMBODIMENT.home[i] + amplitude * phase
        run(model, data, 0.02)
        moved = cube_in_tool()
        assert np.linalg.norm(moved[:3, 3] - grasped[:3, 3]) < 2e-3
        assert np.arccos(np.clip((np.trace(moved[:3, :3].T @ grasped[:3, :3]) - 1) / 2, -1, 1)) < 0.03
    assert data.body("cube").xpos[2] > 0.1
