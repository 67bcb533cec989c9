"""Faults of the cameras, planted into a clean recording."""

from dataclasses import replace

import numpy as np

from demonstrations.quality.planted import disk
from demonstrations.quality.planted.fault import Change, Fault
from demonstrations.quality.planted.recording import Recording
from robotics.embodiment import Embodiment


def _camera(r: Recording) -> str:
    """The first one; on built-in robots it sees both arms."""
    return next(iter(r.pictures))


def _frame(r: Recording, part: float) -> int:
    return int(part * len(r.pictures[_camera(r)]))


def _dropped(r: Recording, _: Embodiment) -> Recording:
    camera = _camera(r)
    gone = np.arange(10, len(r.pictures[camera]), 20)
    times = [int(t) for t in r.picture_time_ns[camera][gone]]
    kept = r.keep_frames(camera, np.delete(np.arange(len(r.pictures[camera])), gone))
    return replace(kept, attributes={**r.attributes, f"cameras/{camera}/dropped_time_ns": times})


def _without_frames(start: float, count: int) -> Change:
    def change(r: Recording, _: Embodiment) -> Recording:
        frames = np.arange(len(r.pictures[_camera(r)]))
        first = min(_frame(r, start), len(frames) - count)
        return r.keep_frames(_camera(r), np.delete(frames, slice(first, first + count)))

    return change


def _half_rate(r: Recording, _: Embodiment) -> Recording:
    return r.keep_frames(_camera(r), np.arange(0, len(r.pictures[_camera(r)]), 2))


def _drift(r: Recording, _: Embodiment) -> Recording:
    times = r.picture_time_ns[_camera(r)]
    slow = times[0] + ((times - times[0]) * 1.03).astype(np.int64)
    return replace(r, picture_time_ns={**r.picture_time_ns, _camera(r): slow})


def _buffered(r: Recording, _: Embodiment) -> Recording:
    pictures = r.pictures[_camera(r)]
    return r.with_pictures(_camera(r), np.concatenate([np.repeat(pictures[:1], 7, axis=0), pictures[:-7]]))


def _repeats(r: Recording, _: Embodiment) -> Recording:
    frames = np.arange(len(r.pictures[_camera(r)]))
    return r.with_pictures(_camera(r), r.pictures[_camera(r)][frames - (frames % 4 == 3)])


def _frozen(noise: float) -> Change:
    def change(r: Recording, _: Embodiment) -> Recording:
        start = _frame(r, 0.25)
        pictures = r.pictures[_camera(r)].copy()
        still = np.repeat(pictures[start : start + 1].astype(np.float32), 40, axis=0)
        still += np.random.default_rng(0).normal(0, noise, still.shape) if noise else 0
        pictures[start : start + 40] = np.clip(still, 0, 255)[: len(pictures) - start]
        return r.with_pictures(_camera(r), pictures)

    return change


def _blank(level: float) -> Change:
    def change(r: Recording, _: Embodiment) -> Recording:
        start = _frame(r, 0.3)
        pictures = r.pictures[_camera(r)].copy()
        shade = np.random.default_rng(0).normal(level, 1.0, pictures[start : start + 3].shape)
        pictures[start : start + 3] = np.clip(shade, 0, 255)
        return r.with_pictures(_camera(r), pictures)

    return change


def _none(r: Recording, _: Embodiment) -> Recording:
    return r.keep_frames(_camera(r), np.arange(0))


PICTURE_FAULTS = (
    Fault("a bit flipped in a picture", "damaged", alter=lambda path: disk.flip_byte(path, "images")),
    Fault("every 20th frame dropped", "dropped_frames", _dropped),
    Fault("6 frames in a row missing", "camera_gap", _without_frames(0.4, 6)),
    Fault("camera starts 0.8 s late", "camera_short", _without_frames(0.0, 20)),
    Fault("camera ends 0.8 s early", "camera_short", _without_frames(1.0, 20)),
    Fault("camera without a single frame", "camera_short", _none),
    Fault("camera at half its rate", "camera_rate", _half_rate),
    Fault("camera clock 3 % slow", "camera_drift", _drift),
    Fault("pictures 280 ms behind the joints", "camera_late", _buffered, ("repeated_frames",)),
    Fault("every 4th frame a copy", "repeated_frames", _repeats),
    Fault("picture frozen for 1.6 s, same bytes", "frozen_picture", _frozen(0.0)),
    Fault("picture frozen for 1.6 s, new noise", "frozen_picture", _frozen(2.0)),
    Fault("3 black frames", "black_frames", _blank(2.0)),
    Fault("3 white frames", "saturated_frames", _blank(254.0)),
    Fault("3 grey frames", "constant_frames", _blank(120.0)),
)
