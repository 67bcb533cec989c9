"""What a robot's server may be told at its start: terms of leadership, whose consent it needs, protection."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from robotics.bridge.lease import DEFAULT_CLIENT_DEADLINE_S, DEFAULT_LEASE_DURATION_S
from robotics.bridge.security.protection import Protection, decode_protection, encode_protection
from robotics.errors import RoboticsError


@dataclass(frozen=True)
class ServerSettings:
    """The default is for loopback."""

    lease_duration_s: float = DEFAULT_LEASE_DURATION_S
    """A lease that is not retained for so long expires [s]."""
    client_deadline_s: float = DEFAULT_CLIENT_DEADLINE_S
    """A leader that is silent for so long while the robot moves has it hold [s]; at most the lease."""
    required_endpoints: int = 0
    """With fewer e-stop endpoints the robot may not move."""
    metrics_address: str = ""
    """HOST:PORT on loopback where Prometheus may ask; '' for nowhere; real time only."""
    protection: Protection = field(default_factory=Protection)

    def __post_init__(self):
        if not self.lease_duration_s > 0 or not self.client_deadline_s > 0:
            raise RoboticsError(
                f"lease and client's deadline want more than 0 s, got {self.lease_duration_s:g} "
                f"and {self.client_deadline_s:g}"
            )
        if self.required_endpoints < 0:
            raise RoboticsError(f"0 or more e-stop endpoints can be required, got {self.required_endpoints}")


def encode_settings(settings: ServerSettings) -> dict[str, Any]:
    """As JSON, for a process that is being started."""
    plain = asdict(replace(settings, protection=Protection()))
    return {**plain, "protection": encode_protection(settings.protection)}


def decode_settings(data: dict[str, Any]) -> ServerSettings:
    return ServerSettings(**{**data, "protection": decode_protection(data["protection"])})
