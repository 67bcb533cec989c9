"""Faults of what a policy answers, sent by a leader whose earlier plan is in force at full speed."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from robotics.action import ActionChunk
from robotics.bridge.faults.finding import Fault, Finding, first_problem
from robotics.bridge.faults.scene import Scene
from robotics.errors import ChunkRefusedError, RoboticsError

_JUMP_RAD = 0.5
_FAR_NS = 10**18


def _refused(status: str, spoil: Callable[[Scene, ActionChunk], ActionChunk]) -> Callable[[Scene], Finding]:
    """A spoilt chunk is refused with that status, and the plan in force goes on."""

    def inject(scene: Scene) -> Finding:
        scene.move()

        def send() -> str:
            chunk = scene.observe_chunk()
            try:
                scene.leader.send(spoil(scene, chunk))
            except ChunkRefusedError as error:
                return f"refused: {error.status}"
            except RoboticsError as error:
                return f"{type(error).__name__}: {error}"
            return "accepted"

        found = scene.expect_motion(send)
        wrong = "" if found.report == f"refused: {status}" else f"wanted {status}, got {found.report}"
        return Finding(first_problem(found.problem, wrong), found.report, recovered=None)

    return inject


def _with_nan(scene: Scene, chunk: ActionChunk) -> ActionChunk:
    positions = chunk.positions.copy()
    positions[7, 3] = np.nan
    return replace(chunk, positions=positions)


def _out_of_limits(scene: Scene, chunk: ActionChunk) -> ActionChunk:
    return replace(chunk, positions=chunk.positions + 10.0)


def _narrower(scene: Scene, chunk: ActionChunk) -> ActionChunk:
    return replace(chunk, positions=chunk.positions[:, :-1])


def _late(scene: Scene, chunk: ActionChunk) -> ActionChunk:
    """Five steps that answer a state of half a second ago."""
    ago_ns = 25 * scene.embodiment.control_period_ns
    return replace(chunk, positions=chunk.positions[:5], start_time_ns=chunk.start_time_ns - ago_ns)


def _moved(by_ns: int) -> Callable[[Scene, ActionChunk], ActionChunk]:
    return lambda scene, chunk: replace(chunk, start_time_ns=chunk.start_time_ns + by_ns)


def _huge_fingerprint(scene: Scene, chunk: ActionChunk) -> ActionChunk:
    return replace(chunk, fingerprint="f" * 3_000_000)


def jump(scene: Scene) -> Finding:
    """Sweeping joints are asked to be half a radian elsewhere at once; they go there within limits."""
    scene.move()
    before = scene.watcher.states[-1]
    observation = scene.leader.observe()
    plan = observation.plan.copy()
    plan[:, scene.joints] += _JUMP_RAD * np.sign(-plan[:1, scene.joints])
    plan = np.clip(plan, scene.embodiment.position_lower, scene.embodiment.position_upper)
    scene.leader.send(ActionChunk.answering(observation, scene.embodiment, plan))
    last = scene.watcher.wait_for(lambda state: True, len(scene.watcher.states) + 60)
    after = scene.watcher.states[last]
    counts = {kind: n - before.guard_counts.get(kind, 0) for kind, n in after.guard_counts.items()}
    counts = {kind: n for kind, n in counts.items() if n}
    return Finding("" if counts else "the guard did not count it", f"followed; ticks limited: {counts}")


def say_nothing(scene: Scene) -> Finding:
    """The plan ends in ten steps, at full speed."""
    scene.move()

    def shorten_plan() -> None:
        observation = scene.leader.observe()
        scene.leader.send(ActionChunk.answering(observation, scene.embodiment, observation.plan[:10]))

    found = scene.expect_stop(shorten_plan, "the plan ran out", within_s=0.5)
    recovered = scene.recovers()
    return Finding(found.problem, found.report, found.slowing_s, found.standstill_s, recovered)


_GOES_ON = "refused whole, the plan in force goes on"
FAULTS = (
    Fault("policy", "garbage: NaN", _GOES_ON, _refused("not_finite", _with_nan), quick=True),
    Fault("policy", "garbage: a column missing", _GOES_ON, _refused("wrong_dimension", _narrower)),
    Fault(
        "policy", "garbage: 3 MB of fingerprint", _GOES_ON, _refused("wrong_fingerprint", _huge_fingerprint)
    ),
    Fault("policy", "wrong: far outside the limits", _GOES_ON, _refused("out_of_limits", _out_of_limits)),
    Fault(
        "policy",
        "wrong: made for another robot",
        _GOES_ON,
        _refused("wrong_fingerprint", lambda scene, chunk: replace(chunk, fingerprint="another")),
    ),
    Fault("policy", "wrong: jump of 0.5 rad", "followed within the limits, counted", jump),
    Fault(
        "policy",
        "off: plan runs out at full speed",
        "brakes when it is over, STARVED",
        say_nothing,
    ),
    Fault("policy", "delayed: answer half a second late", _GOES_ON, _refused("stale", _late)),
    Fault(
        "clock",
        "wrong: another clock's time",
        _GOES_ON,
        _refused("wrong_clock", lambda scene, chunk: replace(chunk, clock_id="another")),
    ),
    Fault("clock", "wrong: far past", _GOES_ON, _refused("voided", _moved(-_FAR_NS))),
    Fault("clock", "wrong: far future", _GOES_ON, _refused("no_time_sync", _moved(_FAR_NS))),
)
