"""aloha2 agrees with the reference model of the same robot: poses, limits and step responses."""

from pathlib import Path

import mujoco
import numpy as np
import pytest

from robotics.embodiments import load_embodiment

REFERENCE = Path(__file__).parents[3].parent / "shared" / "models" / "aloha" / "scene.xml"
pytestmark = pytest.mark.skipif(
    not REFERENCE.exists(), reason=f"the reference model is not on this machine: {REFERENCE}"
)

ARM_JOINTS = ("waist", "shoulder", "elbow", "forearm_roll", "wrist_angle", "wrist_rotate")
NAMES = [f"{arm}/{joint}" for arm in ("left", "right") for joint in ARM_JOINTS]
FINGERS = [f"{arm}/{finger}" for arm in ("left", "right") for finger in ("left_finger", "right_finger")]


@pytest.fixture(scope="module")
def ours() -> mujoco.MjModel:
    return mujoco.MjModel.from_xml_path(str(load_embodiment("aloha2").model_path))


@pytest.fixture(scope="module")
def reference() -> mujoco.MjModel:
    return mujoco.MjModel.from_xml_path(str(REFERENCE))


def positions_of(model: mujoco.MjModel, names: list[str]) -> list[int]:
    return [int(model.joint(name).qposadr[0]) for name in names]


def test_gripper_poses_agree_in_1000_random_configurations(ours, reference):
    generator = np.random.default_rng(0)
    limits = np.array([ours.joint(name).range for name in NAMES])  # (12, 2)
    datas = [mujoco.MjData(ours), mujoco.MjData(reference)]
    for _ in range(1000):
        configuration = generator.uniform(limits[:, 0], limits[:, 1])
        for model, data in zip((ours, reference), datas, strict=True):
            data.qpos[positions_of(model, NAMES)] = configuration
            mujoco.mj_kinematics(model, data)
        for arm in ("left", "right"):
            got, wanted = (data.site(f"{arm}/gripper") for data in datas)
            assert np.linalg.norm(got.xpos - wanted.xpos) < 0.001
            turn = got.xmat.reshape(3, 3).T @ wanted.xmat.reshape(3, 3)
            # Half the norm of the antisymmetric part is the sine of the angle: exact near zero.
            assert np.linalg.norm(turn - turn.T) / np.sqrt(8) < np.sin(np.radians(0.1))
            assert np.trace(turn) > 2


def test_joint_and_control_limits_are_equal(ours, reference):
    for name in [*NAMES, *FINGERS]:
        np.testing.assert_array_equal(ours.joint(name).range, reference.joint(name).range)
    for name in [*NAMES, "left/gripper", "right/gripper"]:
        np.testing.assert_array_equal(ours.actuator(name).ctrlrange, reference.actuator(name).ctrlrange)


def test_masses_are_equal(ours, reference):
    for arm in ("left", "right"):
        assert ours.body(f"{arm}/base_link").subtreemass == pytest.approx(
            reference.body(f"{arm}/base_link").subtreemass, rel=1e-6
        )


def step_response(model: mujoco.MjModel, joint: str, actuator: str, step: float) -> tuple[float, float]:
    """10-90 % rise time [s] and final error [rad or m] of one joint's step from home, gravity on."""
    data = mujoco.MjData(model)
    home = load_embodiment("aloha2").home
    data.qpos[positions_of(model, NAMES)] = np.delete(home, [6, 13])
    data.qpos[positions_of(model, FINGERS)] = 0.037
    for name, target in zip(NAMES, np.delete(home, [6, 13]), strict=True):
        data.actuator(name).ctrl = target
    for arm in ("left", "right"):
        data.actuator(f"{arm}/gripper").ctrl = 0.037
    for _ in range(1000):  # sag under gravity first, so that the step alone is measured
        mujoco.mj_step(model, data)
    target = float(data.actuator(actuator).ctrl[0]) + step
    data.actuator(actuator).ctrl = target
    track = []
    for _ in range(1500):
        track.append(float(data.joint(joint).qpos[0]))
        mujoco.mj_step(model, data)
        assert data.ncon == 0  # a link that leans on another would hide the servo
    progress = (np.array(track) - track[0]) / (track[-1] - track[0])
    rise = (np.argmax(progress >= 0.9) - np.argmax(progress >= 0.1)) * model.opt.timestep
    return float(rise), target - track[-1]


@pytest.mark.parametrize(
    ("joint", "actuator", "step"),
    [(f"left/{joint}", f"left/{joint}", 0.3) for joint in ARM_JOINTS]
    + [(f"right/{joint}", f"right/{joint}", -0.3) for joint in ARM_JOINTS]
    + [("left/left_finger", "left/gripper", -0.02), ("right/right_finger", "right/gripper", -0.02)],
)
def test_step_responses_agree_within_ten_percent(ours, reference, joint, actuator, step):
    assert ours.opt.timestep == reference.opt.timestep
    rise, error = step_response(ours, joint, actuator, step)
    wanted_rise, wanted_error = step_response(reference, joint, actuator, step)
    assert rise == pytest.approx(wanted_rise, rel=0.1)
    # An error below a ten-thousandth of the step is none; a tenth of it would be noise.
    assert error == pytest.approx(wanted_error, rel=0.1, abs=1e-4 * abs(step))
