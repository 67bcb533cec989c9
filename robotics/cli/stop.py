"""`robotics stop`: stop a running robot, look whether it is stopped, or release it."""

import sys
import threading
from dataclasses import dataclass

from robotics.bridge.client import GrpcSession
from robotics.bridge.server import DEFAULT_ADDRESS
from robotics.cli.connect import UsageError, connect
from robotics.operator.keys import KeyWatcher
from robotics.session import RobotMode


@dataclass(frozen=True)
class Arguments:
    """Emergency stop: whoever leads, the arms decelerate, hold energised and take no command until release.

    It is software, no safety-rated function: keep the robot's own emergency stop in reach.

    Example:
      robotics stop
      robotics stop --robot bench2:50051 --reason "somebody is in the way"
      robotics stop --watch       (space stops, c consents: the robot moves only while this runs)
      robotics stop --release
    """

    robot: str = DEFAULT_ADDRESS
    """HOST:PORT of a running robot."""
    reason: str = "robotics stop"
    """For people; it comes back in every refusal."""
    protective: bool = False
    """A protective stop instead of an emergency stop."""
    release: bool = False
    """Release the stop; nobody else may lead the robot."""
    dismiss: str = ""
    """Forget this e-stop endpoint: it is silent, for example because its program died."""
    status: bool = False
    """Only say whether and why it is stopped, and which endpoints there are."""
    watch: bool = False
    """Be an e-stop endpoint until Ctrl-C; when this ends in whatever way, a moving robot stops."""

    def __post_init__(self):
        chosen = [n for n in ("protective", "release", "dismiss", "status", "watch") if getattr(self, n)]
        if len(chosen) > 1:
            raise UsageError(f"one of --{' and --'.join(chosen)} at a time")


def main(arguments: Arguments) -> int:
    session = connect(arguments.robot)
    try:
        if not isinstance(session, GrpcSession):
            raise UsageError(f"stop wants a robot that runs: --robot HOST:PORT, got {arguments.robot}")
        if arguments.watch:
            return _watch(session, arguments.reason)
        if arguments.release:
            session.release()
        elif arguments.dismiss:
            session.dismiss_endpoint(arguments.dismiss)
        elif arguments.protective:
            session.protective_stop(arguments.reason)
        elif not arguments.status:
            session.stop(arguments.reason)
        _print_status(session)
        return 0
    finally:
        session.close()


def _print_status(session: GrpcSession) -> None:
    status = session.stop_status()
    name = session.describe().embodiment.name
    print(f"{name} at {session.address}: {status.mode.value.replace('_', ' ')}", end="")
    print(f" ({status.reason})" if status.reason else "")
    for endpoint in status.endpoints:
        print(
            f"  e-stop endpoint '{endpoint.name}': {endpoint.level.name.lower()}, "
            f"heard of {endpoint.silent_s:.1f} s ago, timeout {endpoint.timeout_s:g} s"
        )
    if status.required_endpoints:
        print(f"  {status.required_endpoints} endpoints required, {len(status.endpoints)} registered")


def _watch(session: GrpcSession, reason: str) -> int:
    """An endpoint on the keyboard."""
    ended = threading.Event()
    with session.become_endpoint(session.client_name) as endpoint:
        actions = {
            " ": lambda: endpoint.stop(reason),
            "c": endpoint.consent,
            "q": ended.set,
        }
        with KeyWatcher(actions) as keys:
            if not keys.is_watching:
                raise UsageError("--watch reads single keys: it wants a terminal")
            print("space: emergency stop   c: consent   q: leave", file=sys.stderr)
            endpoint.consent()
            before: RobotMode | None = None
            while not ended.wait(0.1):
                if endpoint.failure is not None:
                    raise endpoint.failure
                if endpoint.mode is not before:
                    before = endpoint.mode
                    print(f"\r{before.value.replace('_', ' ') if before else '':<24}", end="", flush=True)
    print()
    return 0
