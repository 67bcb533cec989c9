"""What a robot is: arms, joints, grippers, cameras and rates, read from one TOML file.

Actions and joint states share one order and one set of units: for each arm in file order, its
joints [rad], then its gripper [0 closed .. 1 open].
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from robotics.embodiment_parts import Arm, Camera, Gripper, GuardSettings, Joint, VelocityNearLimits
from robotics.errors import EmbodimentError, UnknownNameError

__all__ = [
    "Arm",
    "Camera",
    "Embodiment",
    "Gripper",
    "GuardSettings",
    "Joint",
    "VelocityNearLimits",
    "load_embodiment_file",
    "parse_embodiment",
]


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
    guard: GuardSettings = field(default_factory=GuardSettings)
    """Margins of the guard."""

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
    def velocity_offset(self) -> np.ndarray:
        """`VelocityNearLimits.offset`, shape (action_dim,) [rad/s]; 0 where there is none."""
        return self._vector(lambda j: j.near_limits.offset if j.near_limits else 0.0, lambda g: 0.0)

    @cached_property
    def velocity_deceleration(self) -> np.ndarray:
        """`VelocityNearLimits.deceleration`, shape (action_dim,) [rad/s^2]; infinite where there is none."""
        return self._vector(
            lambda j: j.near_limits.deceleration if j.near_limits else np.inf, lambda g: np.inf
        )

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
    from robotics.embodiment_file import read_embodiment  # it needs the class above

    problems: list[str] = []
    embodiment = read_embodiment(table, source, hashlib.sha256(raw).hexdigest(), problems)
    if problems or embodiment is None:
        raise EmbodimentError(str(source), problems)
    return embodiment
