"""What a robot is: arms, joints, grippers, cameras and rates, read from one TOML file.

Actions and joint states share one order and one set of units: for each arm in file order, its
joints [rad], then its gripper [0 closed .. 1 open].
"""

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from robotics.errors import EmbodimentError, UnknownNameError


@dataclass(frozen=True)
class Joint:
    """One arm joint; all limits are symmetric in sign except position."""

    name: str
    """Name inside the arm; the action is called 'ARM/NAME'."""
    model_joint: str
    """Joint in the MuJoCo model."""
    actuator: str
    """Position actuator in the MuJoCo model; its control is the joint target [rad]."""
    position: tuple[float, float]
    """Lower and upper limit [rad]."""
    velocity: float
    """Limit [rad/s]."""
    acceleration: float
    """Limit [rad/s^2]."""
    jerk: float
    """Limit [rad/s^3]."""
    home: float
    """Position when at home [rad]."""


@dataclass(frozen=True)
class Gripper:
    """A parallel gripper: opening 0 closed .. 1 open, mapped linearly to the device."""

    name: str
    model_joint: str
    """Joint of the MuJoCo model whose position measures the opening."""
    actuator: str
    """Actuator of the MuJoCo model."""
    joint_range: tuple[float, float]
    """Position of `model_joint` when closed and when open [model units]."""
    control_range: tuple[float, float]
    """Actuator control when closed and when open [model units]."""
    fingertip_gap: tuple[float, float]
    """Distance between the fingertips when closed and when open [m]."""
    velocity: float
    """Limit [opening/s]."""
    acceleration: float
    """Limit [opening/s^2]."""
    jerk: float
    """Limit [opening/s^3]."""
    home: float
    """Opening when at home."""


@dataclass(frozen=True)
class Arm:
    """A serial arm with a parallel gripper."""

    name: str
    base_body: str
    """Body of the MuJoCo model that carries the arm."""
    tool_site: str
    """Site between the fingertips: z approach, y closing direction."""
    joint: tuple[Joint, ...]
    gripper: Gripper


@dataclass(frozen=True)
class Camera:
    """A colour camera (OpenCV axes: x right, y down, z forward)."""

    name: str
    model_camera: str
    """Camera in the MuJoCo model, which gives field of view, mount and extrinsics in simulation."""
    width: int
    """[pixel]"""
    height: int
    """[pixel]"""
    rate_hz: float
    """Capture rate."""


@dataclass(frozen=True)
class Embodiment:
    """A robot with one or more arms, as `embodiment.toml` describes it."""

    name: str
    description: str
    model: str
    """MJCF file, relative to the TOML: robot and cameras; origin on the table's surface, z up."""
    control_rate_hz: int
    """Rate of chunk steps and of recording."""
    servo_rate_hz: int
    """Rate of interpolation, guard and driver; a multiple of `control_rate_hz`."""
    arm: tuple[Arm, ...]
    camera: tuple[Camera, ...]
    workspace: tuple[tuple[float, float, float], tuple[float, float, float]]
    """Box (lower, upper corner) in world [m] in which every arm's tool works."""
    source: Path = field(compare=False)
    """The TOML file."""
    embodiment_hash: str = field(compare=False)
    """SHA-256 of the whole TOML file; a difference is only warned of."""

    @cached_property
    def model_path(self) -> Path:
        return self.source.parent / self.model

    @cached_property
    def action_names(self) -> tuple[str, ...]:
        """Names of the action dimensions, e.g. 'left/waist' ... 'left/gripper', 'right/waist' ..."""
        return tuple(
            f"{arm.name}/{part}"
            for arm in self.arm
            for part in (*(joint.name for joint in arm.joint), arm.gripper.name)
        )

    @property
    def action_dim(self) -> int:
        return len(self.action_names)

    @cached_property
    def arm_slices(self) -> Mapping[str, slice]:
        """Action dimensions of each arm's joints, gripper excluded."""
        slices, start = {}, 0
        for arm in self.arm:
            slices[arm.name] = slice(start, start + len(arm.joint))
            start += len(arm.joint) + 1
        return slices

    @cached_property
    def gripper_indices(self) -> Mapping[str, int]:
        """Action dimension of each arm's gripper."""
        return {name: joints.stop for name, joints in self.arm_slices.items()}

    def _vector(self, of_joint, of_gripper) -> np.ndarray:
        values = [v for arm in self.arm for v in (*map(of_joint, arm.joint), of_gripper(arm.gripper))]
        vector = np.array(values, float)
        vector.setflags(write=False)
        return vector  # (action_dim,)

    @cached_property
    def position_lower(self) -> np.ndarray:
        """Lower position limits, shape (action_dim,)."""
        return self._vector(lambda j: j.position[0], lambda g: 0.0)

    @cached_property
    def position_upper(self) -> np.ndarray:
        """Upper position limits, shape (action_dim,)."""
        return self._vector(lambda j: j.position[1], lambda g: 1.0)

    @cached_property
    def velocity_limit(self) -> np.ndarray:
        """Shape (action_dim,) [rad/s or opening/s]."""
        return self._vector(lambda j: j.velocity, lambda g: g.velocity)

    @cached_property
    def acceleration_limit(self) -> np.ndarray:
        """Shape (action_dim,) [rad/s^2 or opening/s^2]."""
        return self._vector(lambda j: j.acceleration, lambda g: g.acceleration)

    @cached_property
    def jerk_limit(self) -> np.ndarray:
        """Shape (action_dim,) [rad/s^3 or opening/s^3]."""
        return self._vector(lambda j: j.jerk, lambda g: g.jerk)

    @cached_property
    def home(self) -> np.ndarray:
        """Home position, shape (action_dim,)."""
        return self._vector(lambda j: j.home, lambda g: g.home)

    @property
    def control_period_ns(self) -> int:
        return 1_000_000_000 // self.control_rate_hz

    @property
    def camera_names(self) -> tuple[str, ...]:
        return tuple(camera.name for camera in self.camera)

    def get_camera(self, name: str) -> Camera:
        """The camera of that name.

        Raises:
            UnknownNameError: There is none.
        """
        for camera in self.camera:
            if camera.name == name:
                return camera
        raise UnknownNameError("camera", name, self.camera_names, owner=self.name)

    def get_arm(self, name: str) -> Arm:
        """The arm of that name.

        Raises:
            UnknownNameError: There is none.
        """
        for arm in self.arm:
            if arm.name == name:
                return arm
        raise UnknownNameError("arm", name, (arm.name for arm in self.arm), owner=self.name)

    @cached_property
    def interface_fingerprint(self) -> str:
        """Identity of the interface: it must match between robot, checkpoint and dataset.

        Covers action names and order, units, gripper convention, camera names and control rate.
        """
        interface = {
            "action_names": self.action_names,
            "units": ["rad", "opening 0 closed .. 1 open"],
            "grippers": [name for name in self.gripper_indices],
            "cameras": self.camera_names,
            "control_rate_hz": self.control_rate_hz,
        }
        return hashlib.sha256(json.dumps(interface, sort_keys=True).encode()).hexdigest()[:16]


def load_embodiment_file(path: Path | str) -> Embodiment:
    """Read and check one embodiment TOML.

    Raises:
        EmbodimentError: With one line for every wrong key, type, limit or name in the file.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise EmbodimentError(str(path), [f"cannot be read: {error.strerror}"]) from error
    return parse_embodiment(raw, path.absolute())


def parse_embodiment(raw: bytes, source: Path) -> Embodiment:
    """Check the bytes of an embodiment TOML, for example those that a robot sent; no file is touched.

    Args:
        source: Where the file lies, or a name to tell of it; `model` is relative to its folder.

    Raises:
        EmbodimentError: With one line for every wrong key, type, limit or name.
    """
    try:
        table = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EmbodimentError(str(source), [f"is not valid TOML: {error}"]) from error
    problems: list[str] = []
    embodiment = _parse(table, source, hashlib.sha256(raw).hexdigest(), problems)
    if problems or embodiment is None:
        raise EmbodimentError(str(source), problems)
    return embodiment


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
    values = _read(Joint, table, where, problems)
    _positive(values, ("velocity", "acceleration", "jerk"), where, problems)
    if "position" in values:
        low, high = values["position"]
        if low >= high:
            problems.append(f"{where}: 'position' wants lower < upper, got [{low}, {high}]")
        elif "home" in values and not low <= values["home"] <= high:
            problems.append(f"{where}: 'home' {values['home']} is outside 'position' [{low}, {high}]")
    return Joint(**values) if len(values) == len(fields(Joint)) else None


def _parse_gripper(table: Any, where: str, problems: list[str]) -> Gripper | None:
    values = _read(Gripper, table, where, problems)
    _positive(values, ("velocity", "acceleration", "jerk"), where, problems)
    for name in ("joint_range", "control_range"):
        if name in values and values[name][0] == values[name][1]:
            problems.append(f"{where}: '{name}' wants two different numbers, got {values[name]}")
    if "fingertip_gap" in values and not 0 <= values["fingertip_gap"][0] < values["fingertip_gap"][1]:
        problems.append(
            f"{where}: 'fingertip_gap' wants 0 <= closed < open [m], got {values['fingertip_gap']}"
        )
    if "home" in values and not 0 <= values["home"] <= 1:
        problems.append(f"{where}: 'home' wants 0 .. 1, got {values['home']}")
    return Gripper(**values) if len(values) == len(fields(Gripper)) else None


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


def _parse(table: dict[str, Any], source: Path, file_hash: str, problems: list[str]) -> Embodiment | None:
    special = ("arm", "camera", "workspace", "source", "embodiment_hash")
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
    workspace = table.get("workspace")
    corners = workspace if isinstance(workspace, list) and len(workspace) == 2 else []
    if not corners or not all(
        isinstance(c, list) and len(c) == 3 and all(map(_is_number, c)) for c in corners
    ):
        problems.append(
            f"embodiment: 'workspace' wants two corners [[x, y, z], [x, y, z]], got {workspace!r}"
        )
    elif any(low >= high for low, high in zip(*corners, strict=True)):
        problems.append(f"embodiment: 'workspace' wants lower < upper corner, got {workspace!r}")
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
    if problems:
        return None
    lower, upper = (tuple(float(v) for v in c) for c in corners)
    return Embodiment(
        **values,
        arm=tuple(a for a in parsed_arms if a),
        camera=tuple(parsed_cameras),
        workspace=(lower, upper),  # type: ignore[arg-type]
        source=source,
        embodiment_hash=file_hash,
    )
