"""Checks the tables of an embodiment TOML: every wrong key, type, limit or name becomes one line."""

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

from robotics.embodiment import Arm, Camera, Embodiment, Gripper, Joint, VelocityNearLimits
from robotics.embodiment_guard import read_box, read_guard
from robotics.errors import UnknownNameError

_EXPECTED_TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "float": (int, float), "int": (int,)}


def _read(
    cls: type, table: Any, where: str, problems: list[str], skip: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Check a table against a dataclass's fields; wrong, missing and unknown keys become problems."""
    if not isinstance(table, dict):
        problems.append(f"{where}: wanted a table, got {table!r}")
        return {}
    known = [f for f in fields(cls) if f.name not in skip]
    names = [f.name for f in known]
    for key in table:
        if key not in names and key not in skip:
            problems.append(str(UnknownNameError("key", key, names, owner=where)))
    values: dict[str, Any] = {}
    for f in known:
        if f.name not in table:
            problems.append(f"{where}: key '{f.name}' is missing")
            continue
        value, kind = table[f.name], str(f.type)
        kind = getattr(f.type, "__name__", kind) if not kind.startswith("tuple") else kind
        if kind.startswith("tuple[float"):
            numeric = isinstance(value, list) and len(value) == 2 and all(_is_number(v) for v in value)
            if not numeric:
                problems.append(f"{where}: '{f.name}' wants two numbers, got {value!r}")
                continue
            value = (float(value[0]), float(value[1]))
        elif kind in _EXPECTED_TYPES and (
            not isinstance(value, _EXPECTED_TYPES[kind]) or isinstance(value, bool) or not _finite(value)
        ):
            problems.append(f"{where}: '{f.name}' wants {kind}, got {value!r}")
            continue
        values[f.name] = value
    return values


def _finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _positive(values: dict[str, Any], names: tuple[str, ...], where: str, problems: list[str]) -> None:
    for name in names:
        if name in values and not values[name] > 0:
            problems.append(f"{where}: '{name}' must be above 0, got {values[name]}")


def _parse_joint(table: Any, where: str, problems: list[str]) -> Joint | None:
    values = _read(Joint, table, where, problems, skip=("near_limits",))
    _positive(values, ("velocity", "acceleration", "jerk"), where, problems)
    if "position" in values:
        low, high = values["position"]
        if low >= high:
            problems.append(f"{where}: 'position' wants lower < upper, got [{low}, {high}]")
        elif "home" in values and not low <= values["home"] <= high:
            problems.append(f"{where}: 'home' {values['home']} is outside 'position' [{low}, {high}]")
    near = None
    if isinstance(table, dict) and "near_limits" in table:
        near = _parse_near_limits(table["near_limits"], f"{where} near_limits", problems)
    return Joint(**values, near_limits=near) if len(values) == len(fields(Joint)) - 1 else None


def _parse_near_limits(table: Any, where: str, problems: list[str]) -> VelocityNearLimits | None:
    values = _read(VelocityNearLimits, table, where, problems)
    _positive(values, ("deceleration",), where, problems)
    if values.get("offset", 0.0) < 0:
        problems.append(f"{where}: 'offset' must be 0 or more, got {values['offset']}")
    return VelocityNearLimits(**values) if len(values) == 2 else None


def _parse_gripper(table: Any, where: str, problems: list[str]) -> Gripper | None:
    values = _read(Gripper, table, where, problems, skip=("force",))
    _positive(values, ("velocity", "acceleration", "jerk"), where, problems)
    force = table.get("force") if isinstance(table, dict) else None
    if force is not None and not (_is_number(force) and force > 0):
        problems.append(f"{where}: 'force' must be a number above 0 [N], got {force!r}")
        force = None
    for name in ("joint_range", "control_range"):
        if name in values and values[name][0] == values[name][1]:
            problems.append(f"{where}: '{name}' wants two different numbers, got {values[name]}")
    if "fingertip_gap" in values and not 0 <= values["fingertip_gap"][0] < values["fingertip_gap"][1]:
        problems.append(
            f"{where}: 'fingertip_gap' wants 0 <= closed < open [m], got {values['fingertip_gap']}"
        )
    if "home" in values and not 0 <= values["home"] <= 1:
        problems.append(f"{where}: 'home' wants 0 .. 1, got {values['home']}")
    return Gripper(**values, force=force) if len(values) == len(fields(Gripper)) - 1 else None


def _parse_arm(table: Any, where: str, problems: list[str]) -> Arm | None:
    values = _read(Arm, table, where, problems, skip=("joint", "gripper"))
    if not isinstance(table, dict):
        return None
    joint_tables = table.get("joint", [])
    if not isinstance(joint_tables, list) or not joint_tables:
        problems.append(f"{where}: wants at least one [[arm.joint]]")
        joint_tables = []
    joints = [
        _parse_joint(j, f"{where} joint '{_name_of(j, i)}'", problems) for i, j in enumerate(joint_tables)
    ]
    if "gripper" not in table:
        problems.append(f"{where}: table [arm.gripper] is missing")
        return None
    gripper = _parse_gripper(table["gripper"], f"{where} gripper", problems)
    if gripper is None or None in joints or len(values) != len(fields(Arm)) - 2:
        return None
    return Arm(**values, joint=tuple(j for j in joints if j), gripper=gripper)


def _name_of(table: Any, index: int) -> str:
    return str(table.get("name", index + 1)) if isinstance(table, dict) else str(index + 1)


def read_embodiment(
    table: dict[str, Any], source: Path, file_hash: str, problems: list[str]
) -> Embodiment | None:
    """The embodiment that a parsed TOML describes; None where `problems` got a line.

    Args:
        source: The file.
        file_hash: Its SHA-256.
    """
    special = ("arm", "camera", "workspace", "source", "embodiment_hash", "guard")
    for key in ("source", "embodiment_hash"):
        if key in table:
            problems.append(f"key '{key}' is not for the file to set")
    values = _read(Embodiment, table, "embodiment", problems, skip=special)
    arms = table.get("arm", [])
    if not isinstance(arms, list) or not arms:
        problems.append("embodiment: wants at least one [[arm]]")
        arms = []
    cameras = table.get("camera", [])
    if not isinstance(cameras, list):
        problems.append("embodiment: 'camera' wants [[camera]] tables")
        cameras = []
    parsed_arms = [_parse_arm(a, f"arm '{_name_of(a, i)}'", problems) for i, a in enumerate(arms)]
    parsed_cameras = []
    for i, camera in enumerate(cameras):
        where = f"camera '{_name_of(camera, i)}'"
        read = _read(Camera, camera, where, problems)
        _positive(read, ("width", "height", "rate_hz"), where, problems)
        if len(read) == len(fields(Camera)):
            parsed_cameras.append(Camera(**read))
    _positive(values, ("control_rate_hz", "servo_rate_hz"), "embodiment", problems)
    if not problems and values["servo_rate_hz"] % values["control_rate_hz"]:
        problems.append(
            f"embodiment: 'servo_rate_hz' {values['servo_rate_hz']} wants a multiple of "
            f"'control_rate_hz' {values['control_rate_hz']}"
        )
    workspace = read_box(table.get("workspace"), "embodiment: 'workspace'", problems)
    guard = read_guard(table.get("guard", {}), [_name_of(a, i) for i, a in enumerate(arms)], problems)
    for kind, names in (
        ("arm", [_name_of(a, i) for i, a in enumerate(arms)]),
        ("camera", [_name_of(c, i) for i, c in enumerate(cameras)]),
    ):
        for name in sorted({n for n in names if names.count(n) > 1}):
            problems.append(f"embodiment: two {kind}s are called '{name}'")
    for arm in parsed_arms:
        names = [*(j.name for j in arm.joint), arm.gripper.name] if arm else []
        for name in sorted({n for n in names if names.count(n) > 1}):
            problems.append(f"arm '{arm.name if arm else '?'}': two joints are called '{name}'")
    if problems or workspace is None or guard is None:
        return None
    return Embodiment(
        **values,
        arm=tuple(a for a in parsed_arms if a),
        camera=tuple(parsed_cameras),
        workspace=workspace,
        source=source,
        embodiment_hash=file_hash,
        guard=guard,
    )
