"""How a server is protected: keys, authentication, limits, audit log; everything that a user may choose."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from robotics.errors import RoboticsError

AUTHENTICATIONS = ("token", "mtls")


@dataclass(frozen=True)
class Limits:
    """What one client may do; a client is a name where it is known, else a connection."""

    calls_per_s: float = 2000.0
    """Calls begun [1/s]; a stop is always let through."""
    messages_per_s: float = 1000.0
    """Messages on its streams [1/s]: commands to a robot, observations to a policy."""
    bytes_per_s: float = 64.0 * (1 << 20)
    """Of its requests [bytes/s]."""
    calls_at_once: int = 64
    """Open calls and streams, stops not counted."""
    connections: int = 128
    """Of all clients together."""

    def __post_init__(self):
        for name, value in asdict(self).items():
            if not value > 0:
                raise RoboticsError(f"a limit is above 0, got {name} = {value:g}")


@dataclass(frozen=True)
class Protection:
    """The default is for loopback: open, with limits, without an audit log."""

    keys: Path | None = None
    """Folder that `robotics keys make` made, or its `server` part; None serves without TLS."""
    auth: str = "token"
    """'token': TLS, and each call shows a token. 'mtls': TLS, and each client has a certificate."""
    audit: Path | None = None
    """File of the audit log; None keeps none."""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self):
        if self.auth not in AUTHENTICATIONS:
            raise RoboticsError(f"no authentication '{self.auth}'; there are: {', '.join(AUTHENTICATIONS)}")


def encode_protection(protection: Protection) -> dict[str, Any]:
    """As JSON, for a process that is being started."""
    return {
        "keys": str(protection.keys.absolute()) if protection.keys else None,
        "auth": protection.auth,
        "audit": str(protection.audit.absolute()) if protection.audit else None,
        "limits": asdict(protection.limits),
    }


def decode_protection(data: dict[str, Any]) -> Protection:
    return Protection(
        keys=Path(data["keys"]) if data["keys"] else None,
        auth=data["auth"],
        audit=Path(data["audit"]) if data["audit"] else None,
        limits=Limits(**data["limits"]),
    )
