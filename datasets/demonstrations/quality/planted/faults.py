"""Every fault of one episode: of its files, its metadata and events, its motion and its pictures."""

from dataclasses import replace

import numpy as np

from demonstrations.journal import MODES
from demonstrations.quality.planted import disk
from demonstrations.quality.planted.fault import Change, Fault
from demonstrations.quality.planted.motion_faults import MOTION_FAULTS, busiest_joint
from demonstrations.quality.planted.picture_faults import PICTURE_FAULTS
from demonstrations.quality.planted.recording import MOTION, Recording
from robotics.embodiment import Embodiment
from robotics.session import Event, EventKind, RobotMode


def _with_event(kind: EventKind, text: str) -> Change:
    return lambda r, _: replace(r, events=((r.row(0.3), Event(kind, text)), *r.events))


def _stopped(r: Recording, _: Embodiment) -> Recording:
    start = r.row(0.3)
    mode = r.mode.copy()
    mode[start : start + 30] = MODES.index(RobotMode.PROTECTIVE_STOP)
    event = Event(EventKind.STOP, "collision foreseen", data={"state": "protective_stop"})
    return replace(r, mode=mode, events=((start, event), *r.events))


def _judged(success: bool | None) -> Change:
    return lambda r, _: replace(r, success=success, events=())


def _truncated(r: Recording, _: Embodiment) -> Recording:
    return replace(r, attributes={**r.attributes, "truncated": True})


def _another_motion(r: Recording, e: Embodiment) -> Recording:
    bump = 0.1 * np.sin(np.pi * np.linspace(0, 1, len(r)))
    for name in MOTION:
        r = r.changed(name, slice(None), busiest_joint(r, e), lambda old: old - bump)
    return r


def _replay(r: Recording, e: Embodiment) -> Recording:
    return replace(r.with_noise(np.random.default_rng(1)), seed=None)


_FILE_FAULTS = (
    Fault(
        "velocities stored as float32",
        "wrong_dtype",
        alter=lambda path: disk.rewrite_array(path, "state/velocity", lambda a: a.astype(np.float32)),
    ),
    Fault(
        "a column of the applied targets missing",
        "wrong_shape",
        alter=lambda path: disk.rewrite_array(path, "state/applied", lambda a: a[:, :-1]),
    ),
    Fault(
        "a bit flipped in a state array", "damaged", alter=lambda path: disk.flip_byte(path, "state/position")
    ),
)

_EVENT_FAULTS = (
    Fault("recovered after a crash", "truncated", _truncated),
    Fault("judged a failure", "failed", _judged(False)),
    Fault("never judged", "unjudged", _judged(None)),
    Fault("guard refuses a plan", "refused", _with_event(EventKind.GUARD, "step 3: elbow beyond its limit")),
    Fault("plan runs out", "starved", _with_event(EventKind.STARVED, "the plan ran out")),
    Fault("protective stop", "stopped", _stopped),
    Fault("fault reported", "fault", _with_event(EventKind.FAULT, "the server process does not answer")),
    Fault("success, lost, success", "success_lost", _with_event(EventKind.OUTCOME, "success")),
    Fault("a person takes over", "intervention", _with_event(EventKind.INTERVENTION, "start")),
)

_COPIES = (
    Fault("the same recording again", "duplicate", of_first=True),
    Fault("a replay of another episode", "near_duplicate", _replay, of_first=True),
    Fault("the seed of another episode", "same_seed", _another_motion, of_first=True),
)

EPISODE_FAULTS = (*_FILE_FAULTS, *MOTION_FAULTS, *PICTURE_FAULTS, *_EVENT_FAULTS, *_COPIES)
