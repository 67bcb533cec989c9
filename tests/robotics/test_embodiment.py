"""Reading an embodiment file: what is written comes back, and every fault is named in one line."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from robotics.embodiment import Embodiment, load_embodiment_file
from robotics.embodiments import embodiment_names, load_embodiment
from robotics.errors import EmbodimentError, UnknownNameError


def a_joint(name: str, arm: str) -> dict[str, Any]:
    return {
        "name": name,
        "model_joint": f"{arm}/{name}",
        "actuator": f"{arm}/{name}",
        "position": [-1.0, 2.0],
        "velocity": 3.0,
        "acceleration": 20.0,
        "jerk": 400.0,
        "home": 0.5,
    }


def a_robot() -> dict[str, Any]:
    """The tables of a correct two-arm file, ready to be spoilt."""
    return {
        "name": "duo",
        "description": "two small arms",
        "model": "model.xml",
        "control_rate_hz": 50,
        "servo_rate_hz": 100,
        "workspace": [[-0.2, -0.2, 0.0], [0.2, 0.2, 0.4]],
        "arm": [
            {
                "name": arm,
                "base_body": f"{arm}/base",
                "tool_site": f"{arm}/tool",
                "joint": [a_joint("waist", arm), a_joint("elbow", arm)],
                "gripper": {
                    "name": "gripper",
                    "model_joint": f"{arm}/finger",
                    "actuator": f"{arm}/gripper",
                    "joint_range": [0.8, 0.0],
                    "control_range": [255, 0],
                    "fingertip_gap": [0.0, 0.08],
                    "velocity": 4.0,
                    "acceleration": 40.0,
                    "jerk": 1000.0,
                    "home": 1,
                },
            }
            for arm in ("left", "right")
        ],
        "camera": [
            {"name": "overhead", "model_camera": "top", "width": 64, "height": 48, "rate_hz": 25.0},
            {"name": "wrist_left", "model_camera": "left/eye", "width": 32, "height": 24, "rate_hz": 25.0},
        ],
    }


def write(table: dict[str, Any], folder: Path) -> Path:
    """The tables as a TOML file; JSON's scalars and arrays are TOML's too."""
    path = folder / "embodiment.toml"

    def lines(values: dict[str, Any], prefix: str) -> list[str]:
        plain = [f"{k} = {json.dumps(v)}" for k, v in values.items() if not is_table(v)]
        nested = []
        for key, value in values.items():
            if isinstance(value, dict):
                nested += [f"[{prefix}{key}]", *lines(value, f"{prefix}{key}.")]
            elif is_table(value):
                for item in value:
                    nested += [f"[[{prefix}{key}]]", *lines(item, f"{prefix}{key}.")]
        return plain + nested

    def is_table(value: Any) -> bool:
        return isinstance(value, dict) or (
            bool(value) and isinstance(value, list) and isinstance(value[0], dict)
        )

    path.write_text("\n".join(lines(table, "")))
    return path


def problems_after(spoil: Callable[[dict[str, Any]], object], folder: Path) -> tuple[str, ...]:
    table = a_robot()
    spoil(table)
    with pytest.raises(EmbodimentError) as caught:
        load_embodiment_file(write(table, folder))
    assert all("\n" not in line for line in caught.value.problems)
    return caught.value.problems


finite = st.floats(-1e3, 1e3, allow_nan=False)
positive = st.floats(1e-3, 1e3, allow_nan=False)
names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)


@st.composite
def robots(draw) -> dict[str, Any]:
    robot = a_robot()
    for arm in robot["arm"]:
        joint_names = draw(
            st.lists(names.filter(lambda n: n != "gripper"), min_size=1, max_size=4, unique=True)
        )
        arm["joint"] = [a_joint(name, arm["name"]) for name in joint_names]
        for joint in arm["joint"]:
            low, home, high = sorted(draw(st.lists(finite, min_size=3, max_size=3, unique=True)))
            joint |= {"position": [low, high], "home": home, "velocity": draw(positive)}
        arm["gripper"] |= {"jerk": draw(positive), "home": draw(st.floats(0, 1))}
    robot["control_rate_hz"] = draw(st.integers(1, 200))
    robot["servo_rate_hz"] = robot["control_rate_hz"] * draw(st.integers(1, 4))
    return robot


@given(robot=robots())
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_number_and_name_in_the_file_comes_back_unchanged(robot, tmp_path):
    embodiment = load_embodiment_file(write(robot, tmp_path))
    assert embodiment.workspace == tuple(tuple(corner) for corner in robot["workspace"])
    for key in ("name", "description", "model", "control_rate_hz", "servo_rate_hz"):
        assert getattr(embodiment, key) == robot[key]
    for arm, arm_table in zip(embodiment.arm, robot["arm"], strict=True):
        parts = zip((*arm.joint, arm.gripper), (*arm_table["joint"], arm_table["gripper"]), strict=True)
        for part, table in parts:
            for key, value in table.items():
                assert getattr(part, key) == (tuple(value) if isinstance(value, list) else value)
    for camera, table in zip(embodiment.camera, robot["camera"], strict=True):
        assert vars(camera) == table


@given(robot=robots())
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_vectors_follow_the_order_of_the_action_names(robot, tmp_path):
    embodiment = load_embodiment_file(write(robot, tmp_path))
    parts = [part for arm in embodiment.arm for part in (*arm.joint, arm.gripper)]
    assert embodiment.action_dim == len(embodiment.action_names) == len(parts)
    np.testing.assert_array_equal(embodiment.home, [part.home for part in parts])
    np.testing.assert_array_equal(embodiment.jerk_limit, [part.jerk for part in parts])
    np.testing.assert_array_equal(embodiment.velocity_limit, [part.velocity for part in parts])
    assert np.all(embodiment.position_lower <= embodiment.home)
    assert np.all(embodiment.home <= embodiment.position_upper)
    for arm in embodiment.arm:
        selected = embodiment.action_names[embodiment.arm_slices[arm.name]]
        assert selected == tuple(f"{arm.name}/{joint.name}" for joint in arm.joint)
        assert embodiment.action_names[embodiment.gripper_indices[arm.name]] == f"{arm.name}/gripper"


def spoil_joint(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda robot: robot["arm"][0]["joint"][1].update(values)


def spoil_gripper(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda robot: robot["arm"][1]["gripper"].update(values)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda r: r.update(contrl_rate_hz=50), ["contrl_rate_hz", "control_rate_hz"]),
        (lambda r: r.pop("model"), ["'model' is missing"]),
        (lambda r: r.update(control_rate_hz="50"), ["control_rate_hz", "int", "'50'"]),
        (lambda r: r.update(control_rate_hz=49.5), ["control_rate_hz", "int", "49.5"]),
        (lambda r: r.update(control_rate_hz=0), ["control_rate_hz", "above 0"]),
        (lambda r: r.update(servo_rate_hz=120), ["servo_rate_hz", "multiple", "50"]),
        (lambda r: r.update(embodiment_hash="x"), ["embodiment_hash", "not for the file"]),
        (lambda r: r.pop("arm"), ["at least one [[arm]]"]),
        (lambda r: r.update(workspace=[[0, 0, 0]]), ["workspace", "two corners"]),
        (lambda r: r.update(workspace=[[0, 0, 1], [1, 1, 0]]), ["workspace", "lower < upper"]),
        (lambda r: r["arm"][1].update(name="left"), ["two arms", "left"]),
        (lambda r: r["arm"][0].pop("joint"), ["arm 'left'", "[[arm.joint]]"]),
        (lambda r: r["arm"][0].pop("gripper"), ["arm 'left'", "[arm.gripper]", "missing"]),
        (lambda r: r["arm"][0].update(tool="x"), ["arm 'left'", "tool_site"]),
        (spoil_joint(name="waist"), ["arm 'left'", "two joints", "waist"]),
        (spoil_joint(position=[2.0, -1.0]), ["joint 'elbow'", "lower < upper"]),
        (spoil_joint(position=[0.0]), ["joint 'elbow'", "two numbers"]),
        (spoil_joint(home=3.0), ["joint 'elbow'", "home", "3.0", "outside"]),
        (spoil_joint(velocity=-1.0), ["joint 'elbow'", "velocity", "above 0"]),
        (spoil_joint(jerk=True), ["joint 'elbow'", "jerk", "float"]),
        (spoil_joint(acceleration="fast"), ["joint 'elbow'", "acceleration", "'fast'"]),
        (spoil_joint(speed=1.0), ["joint 'elbow'", "speed"]),
        (spoil_gripper(control_range=[1, 1]), ["arm 'right' gripper", "control_range", "different"]),
        (spoil_gripper(fingertip_gap=[0.1, 0.0]), ["fingertip_gap", "closed < open"]),
        (spoil_gripper(home=1.5), ["gripper", "home", "0 .. 1"]),
        (spoil_joint(near_limits={"offset": 0.1}), ["joint 'elbow' near_limits", "deceleration", "missing"]),
        (spoil_joint(near_limits={"offset": -1.0, "deceleration": 2.0}), ["near_limits", "offset", "-1.0"]),
        (spoil_gripper(force=-1.0), ["arm 'right' gripper", "force", "above 0"]),
        (lambda r: r.update(guard={"margin": 0.1}), ["guard", "margin", "collision_margin"]),
        (lambda r: r.update(guard={"collision_margin": 2.0}), ["guard", "collision_margin", "2.0"]),
        (lambda r: r.update(guard={"allowed": [["a"]]}), ["guard", "allowed", "pairs"]),
        (lambda r: r.update(guard={"tool_box": {"middle": [[0, 0, 0], [1, 1, 1]]}}), ["tool_box", "middle"]),
        (lambda r: r.update(guard={"tool_box": {"left": [[0, 0, 0]]}}), ["tool_box", "left", "two corners"]),
        (lambda r: r["camera"][0].update(width=0), ["camera 'overhead'", "width", "above 0"]),
        (lambda r: r["camera"][0].update(width=64.5), ["camera 'overhead'", "width", "int"]),
        (lambda r: r["camera"][1].update(name="overhead"), ["two cameras", "overhead"]),
    ],
)
def test_a_fault_in_the_file_is_named(spoil, said, tmp_path):
    problems = problems_after(spoil, tmp_path)
    assert any(all(word in line for word in said) for line in problems), problems


def test_every_fault_is_reported_at_once(tmp_path):
    def spoil(robot):
        robot["arm"][0]["joint"][0]["velocity"] = 0
        robot["arm"][1]["joint"][1]["home"] = 99
        robot["camera"][0]["rate"] = 1

    assert len(problems_after(spoil, tmp_path)) == 3


@pytest.mark.parametrize(
    ("text", "said"), [("name = [", "not valid TOML"), ("arm = 3\ncamera = 4\n", "[[arm]]"), ("", "missing")]
)
def test_a_file_that_is_hardly_toml_is_still_answered_in_words(text, said, tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(EmbodimentError, match=r"broken\.toml") as caught:
        load_embodiment_file(path)
    assert any(said in line for line in caught.value.problems)


@given(key=st.sampled_from(["name", "arm", "camera", "workspace", "servo_rate_hz"]), data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_value_of_any_wrong_type_never_raises_anything_but_an_embodiment_error(key, data, tmp_path):
    wrong = st.recursive(
        st.booleans() | st.integers(-5, 5) | finite | st.text(st.characters(codec="ascii", categories=["L"])),
        lambda inner: st.lists(inner, max_size=3),
    )
    table = a_robot() | {key: data.draw(wrong)}
    try:
        load_embodiment_file(write(table, tmp_path))
    except EmbodimentError as error:
        assert error.problems


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(EmbodimentError, match=r"nowhere\.toml.*cannot be read"):
        load_embodiment_file(tmp_path / "nowhere.toml")


def read_spoilt(spoil: Callable[[dict[str, Any]], object], folder: Path) -> Embodiment:
    table = copy.deepcopy(a_robot())
    spoil(table)
    return load_embodiment_file(write(table, folder))


def test_a_new_calibration_changes_the_hash_but_not_the_fingerprint(tmp_path):
    before = read_spoilt(lambda r: None, tmp_path)
    after = read_spoilt(spoil_joint(home=0.25), tmp_path)
    assert before.embodiment_hash != after.embodiment_hash
    assert before.interface_fingerprint == after.interface_fingerprint


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: r.update(control_rate_hz=25),
        lambda r: r["camera"].pop(),
        lambda r: r["arm"].reverse(),
        lambda r: r["arm"][0]["joint"].reverse(),
    ],
)
def test_a_change_of_the_interface_changes_the_fingerprint(spoil, tmp_path):
    before = read_spoilt(lambda r: None, tmp_path)
    assert before.interface_fingerprint != read_spoilt(spoil, tmp_path).interface_fingerprint


def test_unknown_arm_and_camera_are_answered_with_what_exists(tmp_path):
    embodiment = read_spoilt(lambda r: None, tmp_path)
    with pytest.raises(UnknownNameError, match="did you mean 'overhead'"):
        embodiment.get_camera("overhed")
    with pytest.raises(UnknownNameError, match="there are: left, right"):
        embodiment.get_arm("middle")


def test_built_in_robots_are_found_by_name_and_others_by_path(tmp_path):
    assert "aloha2" in embodiment_names()
    assert load_embodiment("aloha2").name == "aloha2"
    assert load_embodiment(write(a_robot(), tmp_path)).name == "duo"
    with pytest.raises(UnknownNameError, match="aloha2"):
        load_embodiment("aloha")


def test_what_the_guard_is_told_comes_back_and_is_optional(tmp_path):
    plain = read_spoilt(lambda r: None, tmp_path)
    assert plain.guard.collision_margin == 0.005 and not plain.guard.tool_box
    assert np.isinf(plain.velocity_deceleration).all()
    box = [[-0.1, -0.2, 0.0], [0.1, 0.2, 0.3]]

    def spoil(robot):
        robot["guard"] = {"collision_margin": 0.01, "allowed": [["a", "table"]], "tool_box": {"left": box}}
        robot["arm"][0]["joint"][1]["near_limits"] = {"offset": 0.3, "deceleration": 6.0}
        robot["arm"][1]["gripper"]["force"] = 40

    told = read_spoilt(spoil, tmp_path)
    assert told.guard.collision_margin == 0.01
    assert told.guard.allowed == (("a", "table"),)
    assert told.guard.tool_box == {"left": tuple(tuple(corner) for corner in box)}
    assert told.velocity_offset[1] == 0.3 and told.velocity_deceleration[1] == 6.0
    assert told.arm[1].gripper.force == 40
    assert hash(told) != hash(plain)
