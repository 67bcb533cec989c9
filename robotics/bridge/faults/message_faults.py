"""Messages that come twice, in the wrong order, not at all, too large, or are no messages."""

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
from robotics.bridge.faults.finding import Fault, Finding, first_problem, report_of
from robotics.bridge.faults.fuzzer import fuzz, resident_kib
from robotics.bridge.faults.scene import Scene
from robotics.bridge.faults.stub_client import StubClient, status_name
from robotics.bridge.v1 import robot_service_pb2, types_pb2
from robotics.errors import ConnectionFailedError, RoboticsError
from robotics.session import RobotMode

_CHUNKS = 40
_MOST_GROWTH_KIB = 20_000
_MOST_AWAY_RAD = 0.02
_ALMOST_4_MIB = 4_194_000


def shuffle(scene: Scene) -> Finding:
    """Parts of the plan in force come in pairs in the wrong order, some twice, some not at all.

    All of them say the same about each tick, so the motion must be the plan's; not bit for bit, because
    the guard smooths the moment at which one chunk takes over from another.
    """
    plan = scene.move()
    rng = random.Random(0)
    rest: list[ActionChunk] = []
    refused: list[str] = []

    def send() -> str:
        for _ in range(_CHUNKS):
            rest.append(_part(scene, plan))
            if len(rest) < 3:
                continue
            rng.shuffle(rest)
            for chunk in [rest.pop(), *rng.choices(rest, k=1)]:
                try:
                    scene.leader.send(chunk)
                except RoboticsError as error:
                    refused.append(getattr(error, "status", str(error)))
            if rng.random() < 0.3:
                rest.pop()
        return f"{_CHUNKS} chunks shuffled, refused {len(refused)}"

    since = len(scene.watcher.states)
    told = send()
    states = scene.watcher.states[since:]
    away = max(float(np.abs(state.applied - state.requested).max()) for state in states)
    problem = first_problem(
        "" if all(s.mode is RobotMode.EXECUTING for s in states) else f"it stopped: {report_of(states)}",
        f"it left the plan by {away:.4f} rad" if away > _MOST_AWAY_RAD else "",
    )
    return Finding(problem, f"{told}; at most {away * 1e3:.2f} mrad from the plan")


def _part(scene: Scene, plan: ActionChunk) -> ActionChunk:
    """The rest of the plan, as an answer to this moment."""
    observation = scene.leader.observe()
    chunk = ActionChunk.answering(observation, scene.embodiment, np.array(observation.plan))
    return replace(chunk, chunk_id=plan.chunk_id)


def oversize(scene: Scene) -> Finding:
    """A message above 4 MiB ends the leading stream."""
    scene.move()
    chunk = scene.observe_chunk()
    chunk = replace(chunk, positions=np.tile(chunk.positions[:1], (60_000, 1)))
    told: list[str] = []

    def send() -> None:
        try:
            scene.leader.send(chunk)
        except ConnectionFailedError as error:
            told.append(str(error))

    found = scene.expect_stop(send, within_s=1.0)
    unsaid = "" if told and "too much" in told[0] else f"the client was told {told}"
    report = f"{found.report}; {told}"
    return replace(
        found, problem=first_problem(found.problem, unsaid), report=report, recovered=scene.recovers()
    )


def _answered(wanted: str, ask: Callable[[StubClient], types_pb2.Status]) -> Callable[[Scene], Finding]:
    """A request of megabytes by a client that does not lead is answered so, and the motion goes on."""

    def inject(scene: Scene) -> Finding:
        scene.move()
        with StubClient(scene.address) as client:
            found = scene.expect_motion(lambda: status_name(ask(client)))
        wrong = "" if found.report == wanted else f"wanted {wanted}, got {found.report}"
        return replace(found, problem=first_problem(found.problem, wrong))

    return inject


def _note(client: StubClient) -> types_pb2.Status:
    event = types_pb2.Event(kind=types_pb2.EVENT_KIND_NOTE, text="n" * _ALMOST_4_MIB)
    return client.call(client.robot.Annotate, robot_service_pb2.AnnotateRequest(event=event)).status


def _camera(client: StubClient) -> types_pb2.Status:
    request = robot_service_pb2.GetObservationRequest(cameras=["c" * _ALMOST_4_MIB])
    return client.call(client.robot.GetObservation, request).status


def _fuzz(count: int):
    def inject(scene: Scene) -> Finding:
        """Nothing may end, move, or stop answering a healthy client; memory must not grow."""
        scene.rest()
        processes = scene.processes.process_ids
        fuzz(scene.address, count // 10, seed=1)  # fills what fills once
        dismiss_endpoints(scene)
        scene.rest()
        before = {role: resident_kib(pid) for role, pid in processes.items()}
        since = len(scene.watcher.states)
        tally = fuzz(scene.address, count, seed=2)
        grown = {role: resident_kib(pid) - before[role] for role, pid in processes.items()}
        states = scene.watcher.states[since:]
        moved = max(float(np.abs(s.applied - states[0].applied).max()) for s in states)
        executed = [s.chunk_id for s in states if s.chunk_id]
        missed = states[-1].missed_deadlines - states[0].missed_deadlines
        fresh = GrpcSession(scene.address, client_name="healthy")
        served = fresh.state().joints.tick >= states[-1].joints.tick
        fresh.close()
        problem = first_problem(
            scene.processes.failure,
            f"it moved by {moved}" if moved else "",
            f"chunks were executed: {executed[:3]}" if executed else "",
            "" if served else "a healthy client is not served",
            "the watcher's stream broke off" if scene.watcher.failure else "",
            f"memory grew: {grown} KiB" if max(grown.values()) > _MOST_GROWTH_KIB else "",
        )
        answers = ", ".join(f"{name} {n}" for name, n in tally.most_common(5))
        report = f"{sum(tally.values())} messages: {answers}; memory {grown} KiB; missed deadlines {missed}"
        dismiss_endpoints(scene)
        return Finding(problem, report, recovered=scene.recovers())

    return inject


def dismiss_endpoints(scene: Scene) -> None:
    """Forget the e-stop endpoints that fuzzed registrations made, as soon as they are silent."""
    scene.leader.take_lease()
    for endpoint in scene.leader.stop_status().endpoints:
        scene.watcher.wait_for(lambda state: False, 0, max(0.0, endpoint.timeout_s - endpoint.silent_s) + 0.1)
        scene.leader.dismiss_endpoint(endpoint.name)


_MUST = "no crash, no motion, no growth; others are served"
FAULTS = (
    Fault(
        "wire",
        "wrong: reordered, doubled, dropped chunks",
        "the plan goes on, within 0.02 rad",
        shuffle,
    ),
    Fault("wire", "garbage: a message above 4 MiB", "stream ends, brakes, holds", oversize),
    Fault(
        "wire",
        "garbage: a note of 4 MB",
        "refused, motion goes on",
        _answered("INVALID_REQUEST", _note),
        quick=True,
    ),
    Fault(
        "wire",
        "garbage: a camera's name of 4 MB",
        "refused, motion goes on",
        _answered("UNKNOWN_NAME", _camera),
    ),
    Fault("wire", "garbage: 2,000 fuzzed messages", _MUST, _fuzz(2_000), quick=True),
    Fault("wire", "garbage: 100,000 fuzzed messages", _MUST, _fuzz(100_000)),
)
