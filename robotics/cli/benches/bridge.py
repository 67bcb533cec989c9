"""What the wire costs: observations, pictures, commands and remote policies, with peers beside them."""

import numpy as np

from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
from robotics.cli.benches import commands, policy_wire
from robotics.cli.benches.measurement import Measurement, distribution, timed
from robotics.cli.connect import parse_robot
from robotics.cli.started_robot import StartedRobot
from robotics.embodiments import load_embodiment


def measure(robot: str, quick: bool) -> list[Measurement]:
    """Over gRPC on this machine, against robot processes in real time."""
    embodiment = load_embodiment(parse_robot(robot).value)
    return [
        *commands.compare(embodiment, quick),
        *policy_wire.compare(quick),
        *_measure_simulation(robot, quick),
    ]


def _measure_simulation(robot: str, quick: bool) -> list[Measurement]:
    session = StartedRobot(load_embodiment(parse_robot(robot).value))
    remote = GrpcSession(session.address, share_memory=False)
    try:
        embodiment = session.describe().embodiment
        session.reset(session.describe().tasks[0].name, 0)
        cameras = tuple(name for name in embodiment.camera_names if name != "worms_eye")
        count = 50 if quick else 500
        positions = np.tile(session.state().applied, (50, 1))

        def send() -> None:
            session.send(ActionChunk.answering(session.observe(), embodiment, positions))

        return [
            distribution("newest state", "ms", timed(session.state, count), "GetState"),
            distribution("observation", "ms", timed(session.observe, count), "without images"),
            distribution(
                "observation with images, shared memory",
                "ms",
                timed(lambda: session.observe(cameras), count),
                f"{', '.join(cameras)}, RGB",
            ),
            distribution(
                "observation with images, over the wire",
                "ms",
                timed(lambda: remote.observe(cameras), count),
                "the same as RGB8",
            ),
            distribution(
                "observe, send 50 steps, acknowledged", "ms", timed(send, count), "acknowledged at a tick"
            ),
        ]
    finally:
        remote.close()
        session.close()
