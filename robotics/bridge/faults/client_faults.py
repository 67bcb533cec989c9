"""Faults of the client that leads, and of the network between it and the robot."""

import threading
import time
from dataclasses import replace

from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
from robotics.bridge.faults.child_client import ChildClient, send_full_speed
from robotics.bridge.faults.finding import Fault, Finding, first_problem
from robotics.bridge.faults.proxy import FaultProxy, Weather
from robotics.bridge.faults.scene import Scene
from robotics.errors import ChunkRefusedError, RoboticsError
from robotics.session import RobotMode

_SILENCE = "nothing was heard of 'faulty' for 0.5 s"
_DEADLINE_S = 0.7
"""The client's deadline, and what a busy machine adds."""


def _with_recovery(found: Finding, recovered: bool) -> Finding:
    return replace(found, recovered=recovered)


def kill_client(scene: Scene) -> Finding:
    scene.rest()
    with ChildClient("lead", scene.address) as child:
        scene.wait_for_full_speed()
        found = scene.expect_stop(child.kill)
    return _with_recovery(found, scene.recovers())


def freeze_client(scene: Scene) -> Finding:
    """It thaws once the robot stands, which must not move anything, and may then go on."""
    scene.rest()
    with ChildClient("lead", scene.address) as child:
        scene.wait_for_full_speed()
        found = scene.expect_stop(child.freeze, _SILENCE, _DEADLINE_S)
        since = len(scene.watcher.states)
        child.thaw()
        moved = scene.watcher.wait_for(_executes, since, 0.3)
        problem = first_problem(found.problem, "it moved when the client thawed" if moved >= 0 else "")
        recovered = child.go_on() == "moving" and scene.watcher.wait_for(_executes, since) >= 0
    return Finding(problem, found.report, found.slowing_s, found.standstill_s, recovered)


def _executes(state) -> bool:
    return state.mode is RobotMode.EXECUTING


def lose_network(scene: Scene) -> Finding:
    """Nothing passes, and neither side is told; a chunk on its way arrives when the network is back."""
    scene.rest()
    answers: list[str] = []
    with (
        FaultProxy(scene.address) as proxy,
        GrpcSession(proxy.address, client_name="faulty") as session,
    ):
        session.take_lease()
        send_full_speed(session)
        scene.wait_for_full_speed()
        late = scene.observe_chunk()

        def send_late() -> None:
            try:
                session.send(late)
                answers.append("accepted")
            except ChunkRefusedError as error:
                answers.append(error.status)
            except RoboticsError as error:
                answers.append(str(error))

        def cut() -> None:
            proxy.weather = Weather(silent=True)
            threading.Thread(target=send_late, daemon=True).start()

        found = scene.expect_stop(cut, _SILENCE, _DEADLINE_S)
        proxy.weather = Weather()
        since = len(scene.watcher.states)
        moved = scene.watcher.wait_for(_executes, since, 0.5) >= 0
        problem = first_problem(
            found.problem,
            "it moved when the network came back" if moved else "",
            "" if answers == ["voided"] else f"the late chunk was answered {answers}",
        )
        send_full_speed(session)
        recovered = scene.watcher.wait_for(_executes, since) >= 0
    report = f"{found.report}; late chunk: {', '.join(answers)}"
    return Finding(problem, report, found.slowing_s, found.standstill_s, recovered)


def _led_through_proxy(scene: Scene, spoil, within_s: float = 0.2) -> Finding:
    """A client that leads through a proxy, which is spoilt in motion."""
    scene.rest()
    with FaultProxy(scene.address) as proxy, ChildClient("lead", proxy.address):
        scene.wait_for_full_speed()
        found = scene.expect_stop(lambda: spoil(proxy), within_s=within_s)
    return _with_recovery(found, scene.recovers())


def break_connection(scene: Scene) -> Finding:
    return _led_through_proxy(scene, lambda proxy: proxy.cut())


def _weather(**changes):
    def spoil(proxy: FaultProxy) -> None:
        proxy.weather = Weather(**changes)

    return spoil


def truncate(scene: Scene) -> Finding:
    # the next piece is a Retain, four times in a deadline
    return _led_through_proxy(scene, _weather(truncate=True), _DEADLINE_S)


def garble(scene: Scene) -> Finding:
    return _led_through_proxy(scene, _weather(garble=True), _DEADLINE_S)


def delay(scene: Scene) -> Finding:
    """A client that replans ten times a second through a bad network: nothing must stop it."""
    scene.rest()
    with (
        FaultProxy(scene.address) as proxy,
        GrpcSession(proxy.address, client_name="faulty") as session,
    ):
        session.take_lease()
        send_full_speed(session)
        scene.wait_for_full_speed()
        proxy.weather = Weather(delay_s=0.025, jitter_s=0.01, loss=0.02)  # 50 +- 20 ms there and back
        since, refused, sent = len(scene.watcher.states), 0, 0
        ends_s = time.monotonic() + 3.0
        while time.monotonic() < ends_s:
            observation = session.observe()
            try:
                session.send(ActionChunk.answering(observation, scene.embodiment, observation.plan))
                sent += 1
            except ChunkRefusedError:
                refused += 1
        states = scene.watcher.states[since:]
        held = sum(state.mode is not RobotMode.EXECUTING for state in states)
        starved = states[-1].starvations - states[0].starvations
    report = (
        f"{sent} chunks accepted, {refused} refused, {held} of {len(states)} ticks held, starved {starved}"
    )
    return Finding("" if sent and not held else "it held although it was led", report)


FAULTS = (
    Fault("client", "off: killed", "brakes at once, holds", kill_client, quick=True),
    Fault("client", "stuck: frozen", "brakes at its deadline (0.5 s), holds", freeze_client, quick=True),
    Fault(
        "wire", "off: nothing passes, silently", "brakes at 0.5 s; late chunk void", lose_network, quick=True
    ),
    Fault("wire", "off: connection broken", "brakes at once, holds", break_connection),
    Fault("wire", "garbage: cut in a message", "brakes, holds", truncate),
    Fault("wire", "garbage: bits inverted", "brakes, holds", garble),
    Fault("wire", "delayed: 50 +- 20 ms, 2 % come 200 ms later", "goes on", delay),
)
