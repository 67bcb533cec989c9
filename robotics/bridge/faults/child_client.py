"""A client in a process of its own, to be killed or frozen: `python -m ...child_client`.

`lead ADDRESS` moves the robot at full speed and says 'moving'; `endpoint ADDRESS` becomes an e-stop endpoint,
consents and says 'ready'. Each line of its input has it do so again; it ends with its input.
"""

import signal
import subprocess
import sys
from dataclasses import replace

from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
from robotics.bridge.faults.full_speed import full_speed_plan

STEPS = 2000
ENDPOINT_TIMEOUT_S = 0.4


class ChildClient:
    """The process, seen from its parent."""

    def __init__(self, role: str, address: str):
        """Start it; return once it has said that it is at work."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__, role, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.hear()

    def hear(self) -> str:
        """Its next line; '' where it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> str:
        """Have it do its work again; returns what it says of it."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.hear()

    def kill(self) -> None:
        self.process.kill()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def __enter__(self) -> "ChildClient":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def send_full_speed(session: GrpcSession, chunk_id: int = 1) -> ActionChunk:
    """Have a robot at rest sweep its joints for `STEPS` steps; returns what was sent."""
    observation, embodiment = session.observe(), session.describe().embodiment
    plan = full_speed_plan(embodiment, observation.joints.target, STEPS)
    chunk = replace(ActionChunk.answering(observation, embodiment, plan), chunk_id=chunk_id)
    session.send(chunk)
    return chunk


def main(role: str, address: str) -> None:
    session = GrpcSession(address, client_name="faulty")
    if role == "lead":
        session.take_lease()
        send_full_speed(session)
        print("moving", flush=True)
        for _ in sys.stdin:
            send_full_speed(session)
            print("moving", flush=True)
    else:
        endpoint = session.become_endpoint("button", ENDPOINT_TIMEOUT_S)
        endpoint.consent()
        print("ready", flush=True)
        for _ in sys.stdin:
            endpoint.consent()
            print("ready", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
