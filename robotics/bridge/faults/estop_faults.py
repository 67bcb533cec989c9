"""Stops at full speed, and faults of e-stop endpoints."""

import threading
from collections.abc import Callable
from dataclasses import replace

from robotics.bridge.client import GrpcSession
from robotics.bridge.estop import response_to
from robotics.bridge.faults.child_client import ChildClient
from robotics.bridge.faults.finding import Fault, Finding, first_problem
from robotics.bridge.faults.scene import Scene
from robotics.bridge.faults.stub_client import StubClient, status_name
from robotics.bridge.statuses import EStopNotClearedError
from robotics.bridge.v1 import estop_service_pb2 as pb
from robotics.errors import RoboticsError, StoppedError
from robotics.session import RobotMode

_TIMEOUT_S = 0.4
_SILENT = f"has been silent for more than {_TIMEOUT_S:g} s"
_PATIENCE_S = 0.6


def stop_by_anybody(scene: Scene) -> Finding:
    """And a chunk of the leader does not end the stop."""
    scene.move()
    with GrpcSession(scene.address, client_name="passer-by") as passer_by:
        passer_by.state()  # connected before, so that the stop itself is measured
        found = scene.expect_stop(lambda: passer_by.stop("a hand"), "a hand", mode=RobotMode.EMERGENCY_STOP)
    try:
        scene.leader.send(scene.observe_chunk())
        late = "a chunk was accepted in a stop"
    except StoppedError:
        late = ""
    return replace(found, problem=first_problem(found.problem, late), recovered=scene.recovers())


def stop_by_endpoint(scene: Scene) -> Finding:
    """It cannot be released before the endpoint consents."""
    scene.rest()
    with scene.watcher.session.become_endpoint("button") as endpoint:
        endpoint.consent()
        scene.move()
        found = scene.expect_stop(
            lambda: endpoint.stop("a hand"), "'button': a hand", mode=RobotMode.EMERGENCY_STOP
        )
        try:
            scene.leader.release()
            refused = "it was released without consent"
        except EStopNotClearedError:
            refused = ""
        endpoint.consent()
        recovered = scene.recovers()
        scene.rest()
    return replace(found, problem=first_problem(found.problem, refused), recovered=recovered)


def _lose_endpoint(break_it: Callable[[ChildClient], None]) -> Callable[[Scene], Finding]:
    def inject(scene: Scene) -> Finding:
        scene.rest()
        with ChildClient("endpoint", scene.address) as child:
            scene.move()
            found = scene.expect_stop(
                lambda: break_it(child), f"'button' {_SILENT}", _PATIENCE_S, RobotMode.PROTECTIVE_STOP
            )
            problem = _try_release(scene)
            child.kill()
            scene.leader.dismiss_endpoint("button")
        return replace(found, problem=first_problem(found.problem, problem), recovered=scene.recovers())

    return inject


def _try_release(scene: Scene) -> str:
    try:
        scene.leader.release()
    except EStopNotClearedError:
        return ""
    return "it was released although an endpoint is silent"


def _answer_wrongly(respond: Callable[[list[int]], tuple[int, int]]) -> Callable[[Scene], Finding]:
    """An endpoint that gave one right answer, and then only wrong ones."""

    def inject(scene: Scene) -> Finding:
        scene.rest()
        with StubClient(scene.address) as client:
            challenges: list[int] = []
            request = pb.RegisterEndpointRequest(name="forger", timeout_s=_TIMEOUT_S)
            registered = client.call(client.estop.Register, request)
            challenges.append(registered.challenge)

            def check_in(challenge: int, response: int) -> str:
                request = pb.CheckInRequest(
                    endpoint_id=registered.endpoint_id,
                    level=pb.STOP_LEVEL_NONE,
                    challenge=challenge,
                    response=response,
                )
                answer = client.call(client.estop.CheckIn, request)
                if answer.challenge:
                    challenges.append(answer.challenge)
                return status_name(answer.status)

            def answer_rightly() -> None:
                check_in(challenges[-1], response_to(challenges[-1]))

            answer_rightly()
            with _KeptAlive(answer_rightly):
                scene.move()
            answers: set[str] = set()

            def forge() -> None:
                for _ in range(8):
                    answers.add(check_in(*respond(challenges)))

            found = scene.expect_stop(forge, f"'forger' {_SILENT}", _PATIENCE_S, RobotMode.PROTECTIVE_STOP)
            scene.leader.dismiss_endpoint("forger")
        wrong = "" if answers == {"ESTOP_ENDPOINT"} else f"wrong answers were answered {answers}"
        report = f"{found.report}; {', '.join(answers)}"
        return replace(
            found, problem=first_problem(found.problem, wrong), report=report, recovered=scene.recovers()
        )

    return inject


class _KeptAlive:
    """Has an endpoint check in from another thread while the robot gets up to speed."""

    def __init__(self, check_in: Callable[[], None]):
        self._ended = threading.Event()
        self._check_in = check_in
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._ended.wait(_TIMEOUT_S / 4):
            self._check_in()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()


def leave_in_motion(scene: Scene) -> Finding:
    scene.rest()
    endpoint = scene.watcher.session.become_endpoint("button")
    endpoint.consent()
    scene.move()
    found = scene.expect_stop(endpoint.close, "left while the robot moved", mode=RobotMode.PROTECTIVE_STOP)
    return replace(found, recovered=scene.recovers())


def release_by_anybody(scene: Scene) -> Finding:
    """Who does not lead cannot release."""
    scene.move()
    scene.watcher.session.stop("a hand")
    try:
        scene.watcher.session.release()
        answer = "released"
    except RoboticsError as error:
        answer = str(error)
    stopped = scene.watcher.session.stop_status().is_stopped
    return Finding("" if stopped else "it was released", answer, recovered=scene.recovers())


def _repeat_last(challenges: list[int]) -> tuple[int, int]:
    """The answer to the challenge before the present one."""
    return challenges[-2], response_to(challenges[-2])


_LOST = "protective stop at its timeout (0.4 s), no release"
FAULTS = (
    Fault("stop", "off: by anybody, at full speed", "brakes at once, latches", stop_by_anybody, quick=True),
    Fault(
        "stop",
        "off: by an endpoint",
        "brakes at once; released by consent only",
        stop_by_endpoint,
    ),
    Fault("stop", "wrong: released by who does not lead", "stays stopped", release_by_anybody),
    Fault("endpoint", "off: killed", _LOST, _lose_endpoint(ChildClient.kill)),
    Fault("endpoint", "stuck: frozen", _LOST, _lose_endpoint(ChildClient.freeze)),
    Fault(
        "endpoint",
        "wrong: answers not the challenge",
        "counts as silent",
        _answer_wrongly(lambda challenges: (challenges[-1], challenges[-1])),
    ),
    Fault("endpoint", "wrong: answers replayed", "counts as silent", _answer_wrongly(_repeat_last)),
    Fault("endpoint", "off: leaves in motion", "protective stop at once", leave_in_motion),
)
