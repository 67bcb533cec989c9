"""`robotics serve robot`: a simulated robot for clients, until Ctrl-C."""

import sys
from dataclasses import dataclass

from robotics.cli.connect import UsageError, parse_robot
from robotics.embodiments import load_embodiment
from robotics.errors import RoboticsError


@dataclass(frozen=True)
class Arguments:
    """Start a robot and answer over gRPC on this machine, until Ctrl-C.

    Real time by default: control, cameras and server are processes of their own. With --lockstep only a
    client's Advance moves time.

    Example:
      robotics serve robot --robot sim:aloha2 --port 50051
      robotics serve robot --robot sim:my_robot.toml --lockstep
      robotics serve robot --metrics 127.0.0.1:9464
    """

    robot: str = "sim:aloha2"
    """sim:NAME or sim:my.toml."""
    host: str = "127.0.0.1"
    """Loopback only, until TLS comes."""
    port: int = 50051
    """0 takes a free one."""
    lockstep: bool = False
    """Time stands still unless a client advances it."""
    metrics: str = ""
    """HOST:PORT on this machine where Prometheus may ask for counters and latencies; real time only."""


def main(arguments: Arguments) -> int:
    name = parse_robot(arguments.robot)
    if name.kind != "sim":
        raise UsageError(f"serve robot starts a robot: --robot sim:NAME, got {arguments.robot}")
    embodiment = load_embodiment(name.value)
    address = f"{arguments.host}:{arguments.port}"
    if arguments.lockstep and arguments.metrics:
        raise UsageError("--metrics tells of a robot in real time; leave it or --lockstep out")
    if arguments.lockstep:
        from robotics.bridge.server import LockstepServer
        from robotics.cli.simulated_session import SimulatedSession

        server = LockstepServer(lambda: SimulatedSession(embodiment), address)
        try:
            _say(f"{embodiment.name} in lockstep at {server.address}; Ctrl-C ends")
            server.wait()
        finally:
            server.close()
        return 0
    from robotics.cli.started_robot import start_simulated

    processes = start_simulated(embodiment, address, arguments.metrics)
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
