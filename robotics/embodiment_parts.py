"""The parts of an embodiment: joints, grippers, arms, cameras, and what the guard is told about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Box = tuple[tuple[float, float, float], tuple[float, float, float]]
"""Lower and upper corner in world [m]."""


@dataclass(frozen=True)
class VelocityNearLimits:
    """A velocity limit that falls towards a position limit, as that of the Franka Research 3.

    At a distance d [rad] from the position limit ahead, the limit is
    min(velocity, max(0, sqrt(2 deceleration d) - offset)) [rad/s].
    """

    offset: float
    """[rad/s]"""
    deceleration: float
    """[rad/s^2]"""


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
    near_limits: VelocityNearLimits | None = None
    """How the velocity limit falls towards the position limits; None: it does not."""


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
    force: float | None = None
    """Greatest gripping force [N] that the device is set to; None: not declared. The driver's duty on a real
    arm; in simulation the model's actuator has it, and `robotics embodiment check` compares."""


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
class GuardSettings:
    """What the guard keeps apart, beside the joints' own limits; table [guard]."""

    collision_margin: float = 0.005
    """A predicted distance below this [m] stops the robot."""
    allowed: tuple[tuple[str, str], ...] = (("fingers", "fingers"), ("fingers", "table"))
    """Pairs that may come closer and touch: bodies of the model, "fingers" (all of them) or "table"."""
    tool_box: Mapping[str, Box] = field(default_factory=dict, hash=False)
    """By arm: the box that its tool point may not leave. An arm without one may go anywhere."""
