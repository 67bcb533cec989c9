"""Faults of one episode, each planted into a clean recording or into its files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from demonstrations.journal import MODES
from demonstrations.quality.planted import disk
from demonstrations.quality.planted.recording import Recording, make_recording
from robotics.embodiment import Embodiment
from robotics.session import Event, EventKind, RobotMode

_ALL = slice(None)
_SEED = 500
"""Of the faulty recordings; clean ones count from 0."""


def _unchanged(recording: Recording, embodiment: Embodiment) -> Recording:
    return recording


@dataclass(frozen=True)
class Fault:
    """One way in which an episode can be bad."""

    name: str
    check: str
    """The check that must find it."""
    change: Callable[[Recording, Embodiment], Recording] = _unchanged
    """Plants it into a clean recording."""
    alter: Callable[[Path], None] | None = None
    """What is done to the files after the commit."""
    also: tuple[str, ...] = ()
    """Checks that may find it, too, because it has that consequence."""
    base: Mapping[str, float] = field(default_factory=dict)
    """Options of `make_recording` that make the fault by themselves."""

    def make(self, embodiment: Embodiment) -> Recording:
        """A faulty recording of that robot."""
        recording = make_recording(embodiment, **{"seed": _SEED, **self.base})
        return self.change(recording, embodiment)


def _on_disk(name: str, check: str, alter: Callable[[Path], None]) -> Fault:
    return Fault(name, check, alter=alter)


def _made(name: str, check: str, *also: str, **base: float) -> Fault:
    return Fault(name, check, also=also, base=base)


def _plant(name: str, check: str, change: Callable[[Recording, Embodiment], Recording], *also: str) -> Fault:
    return Fault(name, check, change, also=also)


def _camera(recording: Recording) -> str:
    return next(iter(recording.pictures))


def _nan(r: Recording, _: Embodiment) -> Recording:
    return r.changed("position", slice(50, 52), 3, lambda old: old * np.nan)


def _infinite(r: Recording, _: Embodiment) -> Recording:
    return r.changed("applied", slice(80, 81), 0, lambda old: old + np.inf)


def _clock_back(r: Recording, _: Embodiment) -> Recording:
    return replace(r, time_ns=np.where(np.arange(len(r)) < 80, r.time_ns, r.time_ns - 1_000_000_000))


def _clock_jump(r: Recording, _: Embodiment) -> Recording:
    return replace(r, time_ns=r.time_ns + np.where(np.arange(len(r)) < 80, 0, 60_000_000))


def _lost_ticks(r: Recording, _: Embodiment) -> Recording:
    rows = np.delete(np.arange(len(r)), np.arange(60, 75))
    arrays = {n: getattr(r, n)[rows] for n in ("tick", "time_ns", "position", "applied", "requested", "mode")}
    return replace(r, **arrays, events=((len(rows) - 20, r.events[0][1]),))


def _dropped(r: Recording, _: Embodiment) -> Recording:
    camera = _camera(r)
    gone = np.arange(10, len(r.pictures[camera]), 20)
    times = [int(t) for t in r.picture_time_ns[camera][gone]]
    kept = r.keep_frames(camera, np.delete(np.arange(len(r.pictures[camera])), gone))
    return replace(kept, attributes={f"cameras/{camera}/dropped_time_ns": times})


def _without_frames(start: int | None, stop: int | None) -> Callable[[Recording, Embodiment], Recording]:
    def change(r: Recording, _: Embodiment) -> Recording:
        frames = np.arange(len(r.pictures[_camera(r)]))
        return r.keep_frames(_camera(r), np.delete(frames, slice(start, stop)))

    return change


def _half_rate(r: Recording, _: Embodiment) -> Recording:
    return r.keep_frames(_camera(r), np.arange(0, len(r.pictures[_camera(r)]), 2))


def _drift(r: Recording, _: Embodiment) -> Recording:
    times = r.picture_time_ns[_camera(r)]
    slow = times[0] + ((times - times[0]) * 1.02).astype(np.int64)
    return replace(r, picture_time_ns={**r.picture_time_ns, _camera(r): slow})


def _buffered(r: Recording, _: Embodiment) -> Recording:
    pictures = r.pictures[_camera(r)]
    return r.with_pictures(_camera(r), np.concatenate([np.repeat(pictures[:1], 7, axis=0), pictures[:-7]]))


def _repeats(r: Recording, _: Embodiment) -> Recording:
    frames = np.arange(len(r.pictures[_camera(r)]))
    return r.with_pictures(_camera(r), r.pictures[_camera(r)][frames - (frames % 4 == 3)])


def _frozen_picture(noise: float) -> Callable[[Recording, Embodiment], Recording]:
    def change(r: Recording, _: Embodiment) -> Recording:
        pictures = r.pictures[_camera(r)].astype(np.float32)
        pictures[30:70] = pictures[30]
        pictures[30:70] += np.random.default_rng(0).normal(0, noise, pictures[30:70].shape)
        return r.with_pictures(_camera(r), np.clip(pictures, 0, 255).astype(np.uint8))

    return change


def _blank(level: float, noise: float = 1.0) -> Callable[[Recording, Embodiment], Recording]:
    def change(r: Recording, _: Embodiment) -> Recording:
        pictures = r.pictures[_camera(r)].copy()
        shade = np.random.default_rng(0).normal(level, noise, pictures[40:43].shape)
        pictures[40:43] = np.clip(shade, 0, 255).astype(np.uint8)
        return r.with_pictures(_camera(r), pictures)

    return change


def _beyond(*names: str) -> Callable[[Recording, Embodiment], Recording]:
    def change(r: Recording, e: Embodiment) -> Recording:
        offset = e.position_upper[1] + 0.3 - r.position[:, 1].max()
        for name in names:
            r = r.changed(name, _ALL, 1, lambda old: old + offset)
        return r

    return change


def _spike(name: str) -> Callable[[Recording, Embodiment], Recording]:
    return lambda r, _: r.changed(name, slice(90, 91), 2, lambda old: old + 0.5)


def _stuck(d: int, noise: float) -> Callable[[Recording, Embodiment], Recording]:
    def change(r: Recording, _: Embodiment) -> Recording:
        shake = np.random.default_rng(0).normal(0, noise, len(r)) if noise else 0.0
        return r.changed("position", _ALL, d, lambda old: old[0] + shake)

    return change


def _old_reading(r: Recording, _: Embodiment) -> Recording:
    told = np.abs(r.applied[22:, 1] - r.applied[:-22, 1])
    rows = slice(int(np.argmax(told)), int(np.argmax(told)) + 22)
    return r.changed("position", rows, 1, lambda old: np.full_like(old, old[0]))


def _stuck_gripper(r: Recording, e: Embodiment) -> Recording:
    return _stuck(next(iter(e.gripper_indices.values())), 0.001)(r, e)


def _shifted(ticks: int) -> Callable[[Recording, Embodiment], Recording]:
    """Measured positions later by so many ticks; earlier where negative."""

    def change(r: Recording, _: Embodiment) -> Recording:
        rows = np.clip(np.arange(len(r)) - ticks, 0, len(r) - 1)
        return replace(r, position=r.position[rows])

    return change


def _tremor(name: str, amplitude: float) -> Callable[[Recording, Embodiment], Recording]:
    def change(r: Recording, e: Embodiment) -> Recording:
        shake = amplitude * np.sin(2 * np.pi * 12 * np.arange(len(r)) / e.control_rate_hz)
        joints = list(range(next(iter(e.gripper_indices.values()))))
        return replace(
            r, **{name: getattr(r, name) + shake[:, None] * np.isin(np.arange(e.action_dim), joints)}
        )

    return change


def _against_stop(r: Recording, e: Embodiment) -> Recording:
    offset = e.position_upper[1] - np.quantile(r.applied[:, 1], 0.7)
    for name in ("applied", "requested", "position"):
        r = r.changed(name, _ALL, 1, lambda old: np.minimum(old + offset, e.position_upper[1] - 0.001))
    return r


def _wide_gripper(r: Recording, e: Embodiment) -> Recording:
    return r.changed("requested", _ALL, next(iter(e.gripper_indices.values())), lambda old: 1.3 * old - 0.15)


def _held_back(r: Recording, _: Embodiment) -> Recording:
    return r.changed("requested", slice(100, 150), 0, lambda old: old + 0.3)


def _with_event(kind: EventKind, text: str, *, row: int = 60) -> Callable[[Recording, Embodiment], Recording]:
    return lambda r, _: replace(r, events=((row, Event(kind, text)), *r.events))


def _stopped(r: Recording, _: Embodiment) -> Recording:
    mode = r.mode.copy()
    mode[60:90] = MODES.index(RobotMode.PROTECTIVE_STOP)
    event = Event(EventKind.STOP, "collision foreseen", data={"state": "protective_stop"})
    return replace(r, mode=mode, events=((60, event), *r.events))


def _judged(success: bool | None) -> Callable[[Recording, Embodiment], Recording]:
    return lambda r, _: replace(r, success=success, events=())


def _other_seed(r: Recording, _: Embodiment) -> Recording:
    return replace(r, seed=_SEED)


def _seed_again(r: Recording, _: Embodiment) -> Recording:
    return replace(r, seed=0)


EPISODE_FAULTS = (
    _plant("NaN in the measured positions", "not_finite", _nan),
    _plant("infinity in the applied targets", "not_finite", _infinite),
    _on_disk(
        "velocities stored as float32",
        "wrong_dtype",
        lambda path: disk.rewrite_array(path, "state/velocity", lambda a: a.astype(np.float32)),
    ),
    _on_disk(
        "a column of the applied targets missing",
        "wrong_shape",
        lambda path: disk.rewrite_array(path, "state/applied", lambda a: a[:, :-1]),
    ),
    _on_disk(
        "a bit flipped in a state array", "damaged", lambda path: disk.flip_byte(path, "state/position")
    ),
    _on_disk("a bit flipped in a picture", "damaged", lambda path: disk.flip_byte(path, "images")),
    _plant("clock set back by 1 s", "time_backwards", _clock_back),
    _plant("clock jumps by 60 ms", "time_gap", _clock_jump),
    _plant("15 ticks lost", "missing_ticks", _lost_ticks),
    _plant("every 20th frame dropped", "dropped_frames", _dropped),
    _plant("6 frames in a row missing", "camera_gap", _without_frames(50, 56)),
    _plant("camera starts 0.8 s late", "camera_short", _without_frames(0, 20)),
    _plant("camera ends 0.8 s early", "camera_short", _without_frames(-20, None)),
    _plant("camera at half its rate", "camera_rate", _half_rate),
    _plant("camera clock 2 % slow", "camera_drift", _drift),
    _plant("pictures 280 ms behind the joints", "camera_late", _buffered),
    _plant("every 4th frame a copy", "repeated_frames", _repeats),
    _plant("picture frozen for 1.6 s, same bytes", "frozen_picture", _frozen_picture(0.0)),
    _plant("picture frozen for 1.6 s, new noise", "frozen_picture", _frozen_picture(2.0)),
    _plant("3 black frames", "black_frames", _blank(2.0)),
    _plant("3 white frames", "saturated_frames", _blank(254.0)),
    _plant("3 grey frames", "constant_frames", _blank(120.0)),
    _plant("measured 0.3 rad beyond a limit", "outside_limits", _beyond("position")),
    _plant("applied 0.3 rad beyond a limit", "outside_limits", _beyond("applied", "requested")),
    _plant("encoder glitch of 0.5 rad", "jump", _spike("position")),
    _plant("command glitch of 0.5 rad", "jump", _spike("applied"), "held_back"),
    _plant("joint commanded, not moving", "frozen_joint", _stuck(2, 0.0004)),
    _plant("reading constant to the last bit", "frozen_joint", _stuck(2, 0.0)),
    _plant("reading old for 0.4 s", "frozen_joint", _old_reading, "jump"),
    _plant("gripper commanded, not moving", "frozen_joint", _stuck_gripper),
    _plant("joints 100 ms later than usual", "lag", _shifted(5)),
    _plant("joints 500 ms late", "lag", _shifted(20), "frozen_joint"),
    _plant("joints move before their commands", "lag", _shifted(-8)),
    _plant("commands tremble by 0.01 rad at 12 Hz", "jerk", _tremor("applied", 0.01)),
    _plant("arm trembles by 0.01 rad at 12 Hz", "jerk", _tremor("position", 0.01)),
    _plant("joint against its stop", "at_limit", _against_stop, "jerk"),
    _plant("gripper commands clipped", "gripper_clipped", _wide_gripper),
    _plant("guard lets 0.3 rad less through", "held_back", _held_back),
    _made("1.5 s of standing at the start", "idle_head", head_s=1.5),
    _made("1.5 s of standing at the end", "idle_tail", tail_s=1.5),
    _made("2.5 s of standing in the middle", "pause", pause_s=2.5),
    _made("half as fast as the others", "length_outlier", "pause", speed=0.5),
    _plant(
        "recovered after a crash",
        "truncated",
        lambda r, _: replace(r, attributes={"truncated": True}),
    ),
    _plant("judged a failure", "failed", _judged(False)),
    _plant("never judged", "unjudged", _judged(None)),
    _plant("guard refuses a plan", "refused", _with_event(EventKind.GUARD, "step 3: elbow beyond its limit")),
    _plant("plan runs out", "starved", _with_event(EventKind.STARVED, "the plan ran out")),
    _plant("protective stop", "stopped", _stopped),
    _plant("fault reported", "fault", _with_event(EventKind.FAULT, "the server process does not answer")),
    _plant("success, lost, success", "success_lost", _with_event(EventKind.OUTCOME, "success", row=200)),
    _plant("a person takes over", "intervention", _with_event(EventKind.INTERVENTION, "start")),
    _made("the same recording again", "duplicate", seed=0),
    Fault("a replay of another episode", "near_duplicate", _other_seed, base={"seed": 0, "noise_seed": 77}),
    _plant("the seed of another episode", "same_seed", _seed_again),
)
