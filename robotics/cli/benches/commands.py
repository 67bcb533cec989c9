"""What our command stream adds to a bare gRPC stream that carries the same bytes."""

import time

import numpy as np

from robotics.action import ActionChunk
from robotics.bridge.benchmark import WeightlessRobot
from robotics.bridge.client import GrpcSession
from robotics.bridge.codec import encode_chunk, encode_state
from robotics.bridge.processes import RobotProcesses
from robotics.bridge.statuses import OK
from robotics.bridge.v1 import robot_service_pb2, types_pb2
from robotics.cli.benches.bare_stream import BareStream
from robotics.cli.benches.measurement import Measurement, distribution, ratio
from robotics.embodiment import Embodiment
from robotics.session import RobotState

_HORIZONS = (1, 50)
_ROBOT = f"{WeightlessRobot.__module__}:{WeightlessRobot.__qualname__}"


def compare(embodiment: Embodiment, quick: bool) -> list[Measurement]:
    """Command to acknowledgement with the newest state, in rounds by turns with the bare stream.

    The robot weighs nothing. An acknowledgement comes with the tick that executes its command: the wait for
    that tick, in which the command is decoded and checked, is subtracted and shown by itself; what the tick
    computes is not.
    """
    rounds, count = (3, 40) if quick else (10, 100)
    results = []
    with RobotProcesses(embodiment, _ROBOT) as processes, GrpcSession(processes.address) as session:
        bare = BareStream()
        try:
            for horizon in _HORIZONS:
                results += _compare(session, bare, embodiment, horizon, rounds, count)
        finally:
            bare.close()
    return results


def _compare(
    session: GrpcSession, bare: BareStream, embodiment: Embodiment, horizon: int, rounds: int, count: int
) -> list[Measurement]:
    sender = _Sender(session, embodiment, horizon)
    request, answer = sender.bytes()
    ours: list[float] = []
    waits: list[float] = []
    theirs: list[float] = []
    for index in range(rounds + 1):
        sender.look_again()
        trips = [sender.send() for _ in range(count)]
        plain = bare.exchange(request, answer, count, embodiment.control_period_ns * 1e-9)
        if index:  # the first round warms up
            ours += [trip - wait for trip, wait in trips]
            waits += [wait for _, wait in trips]
            theirs += plain
    label = f"{horizon} step{'s' if horizon > 1 else ''} of {embodiment.action_dim}"
    note = f"{len(request)} bytes there, {len(answer)} back"
    command = distribution(f"command to acknowledgement, {label}", "ms", ours, f"{note}, less the wait")
    plain_row = distribution(f"bare grpc.aio stream, {label}", "ms", theirs, "the same bytes and pace")
    return [
        command,
        plain_row,
        ratio(f"command over bare stream, {label}", command, plain_row),
        distribution(f"wait for the tick, {label}", "ms", waits, "as the robot says (waited_ns)"),
        *sender.control_stages(label),
    ]


class _Sender:
    """Sends chunks that each answer the newest state, and keeps what control says of its own part."""

    def __init__(self, session: GrpcSession, embodiment: Embodiment, horizon: int):
        self._session = session
        self._embodiment = embodiment
        self._state = session.state()
        # small and smooth, so that the guard has nothing to correct
        self._way = np.linspace(0.0, 1e-3, 50)[:horizon, None]
        self._stages: dict[str, list[float]] = {}

    def look_again(self) -> None:
        """After a pause: a chunk that answered the last acknowledgement would be too old."""
        self._state = self._session.state()

    def _chunk(self) -> ActionChunk:
        embodiment, state = self._embodiment, self._state
        return ActionChunk(
            positions=np.minimum(state.joints.target + self._way, embodiment.position_upper),
            start_time_ns=state.joints.time_ns,
            period_ns=embodiment.control_period_ns,
            clock_id=self._session.describe().clock_id,
            fingerprint=embodiment.interface_fingerprint,
            # a single step that answers a state is past by the next tick
            late_tolerance_ns=2 * embodiment.control_period_ns,
        )

    def bytes(self) -> tuple[bytes, bytes]:
        """A request and an answer as they travel."""
        lease = types_pb2.Lease(epoch="0" * 16, sequence=1, client_name=self._session.client_name)
        request = robot_service_pb2.CommandRequest(lease=lease, chunk=encode_chunk(self._chunk()))
        answer = robot_service_pb2.CommandResponse(
            status=OK, state=encode_state(self._state), waited_ns=10_000_000
        )
        return request.SerializeToString(), answer.SerializeToString()

    def send(self) -> tuple[float, float]:
        """Round trip and the wait that is part of it [ms]."""
        chunk = self._chunk()
        started_ns = time.perf_counter_ns()
        self._state, waited_ns = self._session.send_and_wait(chunk)
        duration_ns = time.perf_counter_ns() - started_ns
        self._keep_stages(self._state)
        return duration_ns * 1e-6, waited_ns * 1e-6

    def _keep_stages(self, state: RobotState) -> None:
        for row in state.statistics:
            self._stages.setdefault(row.stage, []).append(row.p50_ms)

    def control_stages(self, label: str) -> list[Measurement]:
        """Medians of what the robot's processes do between a command and its answer."""
        return [
            distribution(f"stage {name}, {label}", "ms", self._stages[name], "medians of a second")
            for name in ("decode", "tick", "acknowledge")
            if name in self._stages
        ]
