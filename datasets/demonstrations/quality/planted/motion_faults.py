"""Faults of time and motion, planted into a clean recording."""

from dataclasses import replace

import numpy as np

from demonstrations.quality.planted.fault import Change, Fault
from demonstrations.quality.planted.recording import MOTION, Recording
from robotics.embodiment import Embodiment

_ALL = slice(None)


def busiest_joint(r: Recording, e: Embodiment) -> int:
    """The dimension that is told to move most, grippers left out."""
    span = np.ptp(r.applied, axis=0)
    span[list(e.gripper_indices.values())] = 0.0
    return int(np.argmax(span))


def busiest_gripper(r: Recording, e: Embodiment) -> int:
    grippers = list(e.gripper_indices.values())
    return grippers[int(np.argmax(np.ptp(r.applied[:, grippers], axis=0)))]


def _busiest_row(r: Recording, d: int, ticks: int) -> int:
    """Where the command of dimension `d` moves most within so many ticks."""
    return int(np.argmax(np.abs(r.applied[ticks:, d] - r.applied[:-ticks, d])))


def _nan(r: Recording, _: Embodiment) -> Recording:
    return r.changed("position", slice(r.row(0.2), r.row(0.2) + 2), 3, lambda old: old * np.nan)


def _infinite(r: Recording, _: Embodiment) -> Recording:
    return r.changed("applied", slice(r.row(0.3), r.row(0.3) + 1), 0, lambda old: old + np.inf)


def _clock(shift_ns: int) -> Change:
    def change(r: Recording, _: Embodiment) -> Recording:
        return replace(r, time_ns=r.time_ns + np.where(np.arange(len(r)) < r.row(0.3), 0, shift_ns))

    return change


def _lost_ticks(r: Recording, _: Embodiment) -> Recording:
    start = r.row(0.3)
    rows = np.delete(np.arange(len(r)), np.arange(start, start + 15))
    arrays = {name: getattr(r, name)[rows] for name in ("tick", "time_ns", "mode", *MOTION)}
    events = tuple((max(0, row - 15) if row > start else row, event) for row, event in r.events)
    return replace(r, **arrays, events=events)


def _beyond(*names: str) -> Change:
    def change(r: Recording, e: Embodiment) -> Recording:
        d = busiest_joint(r, e)
        offset = e.position_upper[d] + 0.3 - r.position[:, d].max()
        for name in names:
            r = r.changed(name, _ALL, d, lambda old: old + offset)
        return r

    return change


def _spike(name: str) -> Change:
    def change(r: Recording, e: Embodiment) -> Recording:
        row = r.row(0.3)
        return r.changed(name, slice(row, row + 1), busiest_joint(r, e), lambda old: old + 0.5)

    return change


def _stuck(noise: float, *, gripper: bool = False) -> Change:
    def change(r: Recording, e: Embodiment) -> Recording:
        d = busiest_gripper(r, e) if gripper else busiest_joint(r, e)
        shake = np.random.default_rng(0).normal(0, noise, len(r)) if noise else 0.0
        return r.changed("position", _ALL, d, lambda old: old[0] + shake)

    return change


def _old_reading(r: Recording, e: Embodiment) -> Recording:
    d = busiest_joint(r, e)
    start = _busiest_row(r, d, 25)
    return r.changed("position", slice(start, start + 25), d, lambda old: np.full_like(old, old[0]))


def _shifted(ticks: int) -> Change:
    """Measured positions later by so many ticks; earlier where negative."""

    def change(r: Recording, _: Embodiment) -> Recording:
        rows = np.clip(np.arange(len(r)) - ticks, 0, len(r) - 1)
        return replace(r, position=r.position[rows])

    return change


def _tremor(name: str, amplitude: float) -> Change:
    """Of all joints of the busiest arm."""

    def change(r: Recording, e: Embodiment) -> Recording:
        shake = amplitude * np.sin(2 * np.pi * 12 * np.arange(len(r)) / e.control_rate_hz)
        busiest = busiest_joint(r, e)
        (joints,) = (arm for arm in e.arm_slices.values() if arm.start <= busiest < arm.stop)
        return r.changed(name, _ALL, joints, lambda old: old + shake[:, None])

    return change


def _against_stop(r: Recording, e: Embodiment) -> Recording:
    d = busiest_joint(r, e)
    offset = e.position_upper[d] - np.quantile(r.applied[:, d], 0.7)
    for name in MOTION:
        r = r.changed(name, _ALL, d, lambda old: np.minimum(old + offset, e.position_upper[d] - 0.001))
    return r


def _wide_gripper(r: Recording, e: Embodiment) -> Recording:
    return r.changed("requested", _ALL, busiest_gripper(r, e), lambda old: 1.3 * old - 0.15)


def _held_back(r: Recording, e: Embodiment) -> Recording:
    rows = slice(r.row(0.4), r.row(0.6))
    return r.changed("requested", rows, busiest_joint(r, e), lambda old: old + 0.3)


def _standing(at: float, ticks: int) -> Change:
    return lambda r, e: r.with_pause(r.row(at), ticks, e.control_period_ns)


def _slowed(r: Recording, e: Embodiment) -> Recording:
    return r.slowed(2, e.control_period_ns)


MOTION_FAULTS = (
    Fault("NaN in the measured positions", "not_finite", _nan),
    Fault("infinity in the applied targets", "not_finite", _infinite),
    Fault("clock set back by 1 s", "time_backwards", _clock(-1_000_000_000)),
    Fault("clock jumps by 60 ms", "time_gap", _clock(60_000_000)),
    Fault("15 ticks lost", "missing_ticks", _lost_ticks),
    Fault("measured 0.3 rad beyond a limit", "outside_limits", _beyond("position")),
    Fault("applied 0.3 rad beyond a limit", "outside_limits", _beyond("applied", "requested")),
    Fault("encoder glitch of 0.5 rad", "jump", _spike("position")),
    Fault("command glitch of 0.5 rad", "jump", _spike("applied")),
    Fault("joint commanded, not moving", "frozen_joint", _stuck(0.0004)),
    Fault("reading constant to the last bit", "frozen_joint", _stuck(0.0)),
    Fault("reading old for 0.5 s", "frozen_joint", _old_reading, ("jump",)),
    Fault("gripper commanded, not moving", "frozen_joint", _stuck(0.001, gripper=True)),
    Fault("joints 100 ms later than usual", "lag", _shifted(5)),
    Fault("joints 500 ms late", "lag", _shifted(20), ("frozen_joint",)),
    Fault("joints move before their commands", "lag", _shifted(-9), ("camera_late",)),
    Fault("commands tremble by 0.01 rad at 12 Hz", "jerk", _tremor("applied", 0.01)),
    Fault("an arm trembles by 0.01 rad at 12 Hz", "jerk", _tremor("position", 0.01)),
    Fault("joint against its stop", "at_limit", _against_stop, ("jerk",)),
    Fault("gripper commands clipped", "gripper_clipped", _wide_gripper),
    Fault("guard lets 0.3 rad less through", "held_back", _held_back),
    Fault("1.5 s of standing at the start", "idle_head", _standing(0.0, 75)),
    Fault("1.5 s of standing at the end", "idle_tail", _standing(1.0, 75)),
    Fault("2.5 s of standing in the middle", "pause", _standing(0.5, 125), ("jerk", "length_outlier")),
    Fault("half as fast as the others", "length_outlier", _slowed, ("pause", "idle_tail", "lag")),
)
