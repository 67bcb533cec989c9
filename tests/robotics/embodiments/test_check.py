"""A user's robot (two xArm7 as one TOML and one MJCF) passes the check, and every planted fault is named."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from robotics.embodiments.check import check_embodiment

XARM = Path(__file__).parents[3].parent / "shared" / "models" / "ufactory_xarm7" / "xarm7.xml"
needs_xarm = pytest.mark.skipif(not XARM.exists(), reason=f"the xArm7 model is not on this machine: {XARM}")

# Joint limits and home as in the xArm7's MJCF.
RANGES = [
    (-6.28319, 6.28319),
    (-2.059, 2.0944),
    (-6.28319, 6.28319),
    (-0.19198, 3.927),
    (-6.28319, 6.28319),
    (-1.69297, 3.14159),
    (-6.28319, 6.28319),
]
HOME = (0.0, -0.247, 0.0, 0.909, 0.0, 1.15644, 0.0)


def build_model(folder: Path) -> None:
    """Two xArm7 that face each other at x = -0.5 and 0.5, with a camera above, as `duo.xml`."""
    spec = mujoco.MjSpec()
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    for side, x, turn in (("left", -0.5, [1, 0, 0, 0]), ("right", 0.5, [0, 0, 0, 1])):
        arm = mujoco.MjSpec.from_file(str(XARM))
        for mesh in arm.meshes:
            mesh.file = str(XARM.parent / arm.meshdir / mesh.file)
        for key in list(arm.keys):
            arm.delete(key)
        tool = arm.site("link_tcp")
        wrist = tool.parent.add_camera(name="wrist", pos=[0.08, 0, 0.03], euler=[np.pi, 0, 0])
        assert wrist is not None
        spec.attach(arm, frame=spec.worldbody.add_frame(pos=[x, 0, 0], quat=turn), prefix=f"{side}/")
    spec.worldbody.add_camera(name="overhead", pos=[0, 0, 1.4])
    spec.compile()
    (folder / "duo.xml").write_text(spec.to_xml())


def tables() -> dict[str, Any]:
    """The embodiment file of the two xArm7, ready to be spoilt."""
    return {
        "name": "xarm7_duo",
        "description": "two xArm7 face to face",
        "model": "duo.xml",
        "control_rate_hz": 50,
        "servo_rate_hz": 100,
        "workspace": [[-0.1, -0.2, 0.1], [0.1, 0.2, 0.4]],
        "arm": [
            {
                "name": side,
                "base_body": f"{side}/link_base",
                "tool_site": f"{side}/link_tcp",
                "joint": [
                    {
                        "name": f"joint{i}",
                        "model_joint": f"{side}/joint{i}",
                        "actuator": f"{side}/act{i}",
                        "position": list(limits),
                        "velocity": 3.14,
                        "acceleration": 15.0,
                        "jerk": 400.0,
                        "home": home,
                    }
                    for i, (limits, home) in enumerate(zip(RANGES, HOME, strict=True), start=1)
                ],
                "gripper": {
                    "name": "gripper",
                    "model_joint": f"{side}/left_driver_joint",
                    "actuator": f"{side}/gripper",
                    "joint_range": [0.85, 0.0],
                    "control_range": [255, 0],
                    "fingertip_gap": [0.0, 0.085],
                    "velocity": 3.0,
                    "acceleration": 30.0,
                    "jerk": 1000.0,
                    "home": 1.0,
                },
            }
            for side in ("left", "right")
        ],
        "camera": [
            {"name": "overhead", "model_camera": "overhead", "width": 320, "height": 240, "rate_hz": 25.0},
            {
                "name": "wrist_left",
                "model_camera": "left/wrist",
                "width": 320,
                "height": 240,
                "rate_hz": 25.0,
            },
        ],
    }


def write(values: dict[str, Any], path: Path) -> Path:
    """The tables as TOML."""

    def lines(values: dict[str, Any], prefix: str) -> list[str]:
        tables = {k: v for k, v in values.items() if isinstance(v, dict) or (v and is_tables(v))}
        text = [f"{key} = {json.dumps(value)}" for key, value in values.items() if key not in tables]
        for key, value in tables.items():
            single = isinstance(value, dict)
            for table in [value] if single else value:
                text.append(f"[{prefix}{key}]" if single else f"[[{prefix}{key}]]")
                text += lines(table, f"{prefix}{key}.")
        return text

    def is_tables(value: Any) -> bool:
        return isinstance(value, list) and isinstance(value[0], dict)

    path.write_text("\n".join(lines(values, "")))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("xarm7_duo")
    build_model(path)
    return path


def problems_after(spoil: Callable[[dict[str, Any]], object], folder: Path) -> tuple[str, ...]:
    values = copy.deepcopy(tables())
    spoil(values)
    report = check_embodiment(write(values, folder / "spoilt.toml"))
    assert all("\n" not in line for line in (*report.problems, *report.notes))
    assert not report.passed
    return report.problems


@needs_xarm
def test_two_xarm7_described_by_a_toml_pass(folder):
    report = check_embodiment(write(tables(), folder / "duo.toml"))
    assert report.problems == ()
    assert report.passed
    assert str(report).endswith("duo.toml: no problems")
    assert any("left" in note and "workspace" in note for note in report.notes)


def joint(index: int, **values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda robot: robot["arm"][0]["joint"][index].update(values)


def gripper(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda robot: robot["arm"][1]["gripper"].update(values)


@needs_xarm
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            joint(1, model_joint="left/joint2x"),
            ["arm 'left' joint 'joint2'", "'left/joint2x'", "did you mean"],
        ),
        (joint(1, actuator="left/motor2"), ["joint 'joint2'", "no actuator 'left/motor2'", "left/act2"]),
        (joint(1, actuator="left/act3"), ["joint 'joint2'", "'left/act3' drives joint 'left/joint3'"]),
        (joint(1, actuator="left/gripper"), ["joint 'joint2'", "'left/gripper' drives no joint"]),
        (joint(3, model_joint="right/joint4", actuator="right/act4"), ["'right/joint4'", "tool site"]),
        (joint(3, model_joint="right/joint4", actuator="right/act4"), ["'right/joint4' is named 2 times"]),
        (joint(3, position=[-0.3, 3.0]), ["joint 'joint4'", "[-0.3, 3]", "beyond", "[-0.19198, 3.927]"]),
        (gripper(joint_range=[0.9, 0.0]), ["arm 'right' gripper", "joint_range", "[0, 0.85]"]),
        (gripper(control_range=[300, 0]), ["arm 'right' gripper", "control_range", "[0, 255]"]),
        (gripper(joint_range=[0.0, 0.85]), ["arm 'right' gripper", "control 255", "closed", "joint_range"]),
        (gripper(model_joint="right/driver"), ["arm 'right' gripper", "no joint 'right/driver'"]),
        (lambda r: r["arm"][0].update(base_body="left/base"), ["arm 'left'", "no body 'left/base'"]),
        (lambda r: r["arm"][0].update(base_body="right/link1"), ["not on the base body 'right/link1'"]),
        (lambda r: r["arm"][0].update(tool_site="left/tcp"), ["no site 'left/tcp'", "left/link_tcp"]),
        (lambda r: r["camera"][1].update(model_camera="wrist"), ["camera 'wrist_left'", "no camera 'wrist'"]),
        (lambda r: r.update(model="duet.xml"), ["model file 'duet.xml'", "did you mean 'duo.xml'"]),
        (lambda r: r.update(workspace=[[1.5, 0, 0], [2, 1, 1]]), ["arm 'left'", "reaches 0% of 'workspace'"]),
        (lambda r: r.update(servo_rate=100), ["no key 'servo_rate'", "servo_rate_hz"]),
    ],
)
def test_a_planted_fault_is_named(spoil, said, folder):
    problems = problems_after(spoil, folder)
    assert any(all(word in line for word in said) for line in problems), problems


@needs_xarm
def test_every_wrong_name_is_reported_at_once(folder):
    def spoil(robot):
        robot["arm"][0]["joint"][0]["model_joint"] = "a"
        robot["arm"][1]["tool_site"] = "b"
        robot["camera"][0]["model_camera"] = "c"

    assert len(problems_after(spoil, folder)) == 3


def spoil_model(tmp_path: Path, spoil: Callable[[mujoco.MjSpec], object]) -> tuple[str, ...]:
    """Problems and notes of aloha2 with a spoilt model."""
    embodiment = load_embodiment("aloha2")
    spec = mujoco.MjSpec.from_file(str(embodiment.model_path))
    spoil(spec)
    spec.compile()
    (tmp_path / "model.xml").write_text(spec.to_xml())
    (tmp_path / "robot.toml").write_bytes(embodiment.source.read_bytes())
    report = check_embodiment(tmp_path / "robot.toml")
    return (*report.problems, *report.notes)


def turn_tool(spec: mujoco.MjSpec) -> None:
    spec.site("left/tool").alt.type = mujoco.mjtOrientation.mjORIENTATION_XYAXES
    spec.site("left/tool").alt.xyaxes = [0, 1, 0, 0, 0, 1]


def reverse_tool(spec: mujoco.MjSpec) -> None:
    spec.site("left/tool").alt.type = mujoco.mjtOrientation.mjORIENTATION_XYAXES
    spec.site("left/tool").alt.xyaxes = [0, 0, 1, 0, 1, 0]


def make_velocity_actuator(spec: mujoco.MjSpec) -> None:
    actuator = spec.actuator("left/elbow")
    actuator.biasprm = [0, 0, -1] + [0] * 7


def add_spare_motor(spec: mujoco.MjSpec) -> None:
    spare = spec.worldbody.add_body(name="lift", pos=[0, 2, 0])
    spare.add_geom(size=[0.02, 0.02, 0.02])
    spare.add_joint(name="lift")
    spec.add_actuator(name="lift_motor", target="lift", trntype=mujoco.mjtTrn.mjTRN_JOINT)


def put_post_into_gripper(spec: mujoco.MjSpec) -> None:
    body = spec.worldbody.add_body(name="post")
    body.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.01, 0.01, 0.5], pos=[-0.28, -0.019, 0.3])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (turn_tool, ["'left/tool'", "left/right_finger_link", "move along its x axis"]),
        (reverse_tool, ["'left/tool'", "points back at the arm"]),
        (make_velocity_actuator, ["joint 'elbow'", "'left/elbow' is not a position actuator"]),
        (add_spare_motor, ["actuators of the model that no action names", "lift_motor"]),
        (add_spare_motor, ["joints of the model that no action names", "lift"]),
        (put_post_into_gripper, ["at home", "'post'", "touches", "left/gripper_link"]),
    ],
)
def test_a_fault_in_the_model_is_named(spoil, said, tmp_path):
    lines = spoil_model(tmp_path, spoil)
    assert any(all(word in line for word in said) for line in lines), lines


@pytest.mark.parametrize("name", ["aloha2", "franka_duo"])
def test_built_in_robots_pass(name):
    report = check_embodiment(load_embodiment(name).source)
    assert report.problems == ()


@pytest.mark.parametrize(
    "text", ["", "<mujoco>", "<mujoco><worldbody><geom/></worldbody></mujoco>", "no xml"]
)
def test_a_model_that_does_not_compile_is_one_line(text, tmp_path):
    (tmp_path / "model.xml").write_text(text)
    (tmp_path / "robot.toml").write_bytes(load_embodiment("aloha2").source.read_bytes())
    report = check_embodiment(tmp_path / "robot.toml")
    assert len(report.problems) == 1
    assert "model 'model.xml' does not compile" in report.problems[0]
    assert "\n" not in report.problems[0]


def test_a_missing_file_is_a_problem_not_an_exception(tmp_path):
    report = check_embodiment(tmp_path / "none.toml")
    assert "cannot be read" in report.problems[0]
    assert "1 problem" in str(report)
