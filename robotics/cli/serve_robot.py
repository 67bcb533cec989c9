"""`robotics serve robot`: a simulated robot for clients, until Ctrl-C."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from robotics.bridge.lease import DEFAULT_CLIENT_DEADLINE_S
from robotics.cli.connect import UsageError, parse_robot
from robotics.embodiments import load_embodiment
from robotics.errors import RoboticsError


@dataclass(frozen=True)
class Arguments:
    """Start a robot and answer over gRPC, until Ctrl-C. Other machines are served with --keys only.

    Real time by default: control, cameras and server are processes of their own. With --lockstep only a
    client's Advance moves time.

    Example:
      robotics serve robot --robot sim:aloha2 --port 50051
      robotics serve robot --robot sim:my_robot.toml --lockstep
      robotics serve robot --metrics 127.0.0.1:9464
      robotics serve robot --listen 0.0.0.0:50051 --keys keys
    """

    robot: str = "sim:aloha2"
    """sim:NAME or sim:my.toml."""
    port: int = 50051
    """Of this machine's loopback; 0 takes a free one."""
    listen: str | None = None
    """HOST:PORT instead; other hosts than loopback need --keys."""
    keys: Path | None = None
    """Folder that `robotics keys make` made: serve with TLS, and these clients only."""
    auth: Literal["token", "mtls"] = "token"
    """With keys, clients show a token or a certificate."""
    audit: Path | None = None
    """File of the audit log; by default one in your state folder if other machines are served, else none."""
    command_rate: float = 1000.0
    """Most commands of one client a second."""
    client_deadline: float = DEFAULT_CLIENT_DEADLINE_S
    """A leader that is silent for so long while the robot moves has it hold [s]."""
    require_estop: int = 0
    """The robot moves only while at least so many e-stop endpoints consent (`robotics stop --watch`)."""
    lockstep: bool = False
    """Time stands still unless a client advances it."""
    depth: bool = False
    """Pictures carry depth."""
    metrics: str = ""
    """HOST:PORT on this machine where Prometheus may ask for counters and latencies; real time only."""


def main(arguments: Arguments) -> int:
    from robotics.bridge.security.protection import Limits
    from robotics.bridge.server_settings import ServerSettings
    from robotics.cli.protection import listening_address, make_protection

    name = parse_robot(arguments.robot)
    if name.kind != "sim":
        raise UsageError(f"serve robot starts a robot: --robot sim:NAME, got {arguments.robot}")
    embodiment = load_embodiment(name.value)
    address = listening_address(arguments.listen, arguments.port)
    if arguments.lockstep and arguments.metrics:
        raise UsageError("--metrics tells of a robot in real time; leave it or --lockstep out")
    protection = make_protection(
        "robot",
        address,
        arguments.keys,
        arguments.auth,
        arguments.audit,
        Limits(messages_per_s=arguments.command_rate),
    )
    settings = ServerSettings(
        client_deadline_s=arguments.client_deadline,
        required_endpoints=arguments.require_estop,
        metrics_address=arguments.metrics,
        protection=protection,
    )
    if arguments.lockstep:
        from robotics.bridge.server import LockstepServer
        from robotics.cli.simulated_session import SimulatedSession

        server = LockstepServer(lambda: SimulatedSession(embodiment, arguments.depth), address, settings)
        try:
            _say(f"{embodiment.name} in lockstep at {server.address}; Ctrl-C ends")
            server.wait()
        finally:
            server.close()
        return 0
    from robotics.cli.started_robot import start_simulated

    processes = start_simulated(embodiment, address, settings, arguments.depth)
    try:
        for note in processes.notes:
            _say(note)
        _say(f"{embodiment.name} in real time at {processes.address}; Ctrl-C ends")
        while not processes.wait(0.5):
            pass
        raise RoboticsError(processes.failure or "the robot has ended")
    finally:
        processes.close()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
