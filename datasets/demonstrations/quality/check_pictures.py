"""Do the pictures show something: black, white, constant, repeated, standing still, or late."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np

from demonstrations.quality.catalogue import found
from demonstrations.quality.findings import Finding
from demonstrations.quality.pictures import CameraPictures
from demonstrations.quality.signals import STILL, EpisodeSignals, runs

BLACK = 8.0
"""[grey level 0 .. 255] Mean of a covered or unpowered camera; a dim room is above 20."""

WHITE = 247.0
"""[grey level] Mean."""

CONSTANT = 2.0
"""[grey level] Standard deviation over the picture; a white wall with its shading has more than 5."""

REPEATED_FRACTION = 0.02
"""Of the frames between which the robot moved. A camera may see nothing of the motion for a frame or two."""

FROZEN_LEVELS = 3
"""[grey level] Largest change of any 8 x 8 block; sensor noise averages to less. Expert demonstrations change
by 24 or more in every camera within FROZEN_S in which a joint moves by FROZEN_MOTION."""

FROZEN_S = 0.5
FROZEN_MOTION = 0.2
"""[rad or opening]"""

LATE_S = (-0.2, 0.6)
"""Searched."""

LATE_CORRELATION = 0.72
"""Of picture change and joint speed; below it the camera sees too little of the motion to tell. At 0.70 a
wrist camera whose arm stands still was accused."""

LATE_GAIN = 0.15
"""The correlation must be better by so much than at no delay at all."""

LATE_TOO_LATE_S = 0.16
"""Four periods of a 25 Hz camera."""

_SMALL = 4
"""Frames that it takes at least to say anything."""


@dataclass(frozen=True)
class ContentDelay:
    """How late a camera's pictures change, against the joints."""

    seconds: float
    correlation: float


def check_pictures(signals: EpisodeSignals) -> Iterator[Finding]:
    """black_frames, saturated_frames, constant_frames, repeated_frames, frozen_picture, camera_late."""
    for name, pictures in signals.cameras.items():
        if len(pictures) == 0:
            continue
        blank = yield from _check_light(name, pictures)
        if len(pictures) < _SMALL:
            continue
        position = _position_at_frames(signals, name, pictures)
        frozen = yield from _check_frozen(position, name, pictures, blank)
        yield from _check_repeats(position, name, pictures, frozen | blank[1:])
        if not frozen.any() and not blank.any():
            yield from _check_delay(signals, name, pictures)


def _check_light(name: str, pictures: CameraPictures) -> Generator[Finding, None, np.ndarray]:
    """Yields findings; returns bool (frames,), which of them show nothing."""
    grey = pictures.grey.reshape(len(pictures), -1)
    mean, spread = grey.mean(axis=1), grey.std(axis=1)
    black, white = mean < BLACK, mean > WHITE
    constant = (spread < CONSTANT) & ~black & ~white
    for check, flags, words in (
        ("black_frames", black, "black"),
        ("saturated_frames", white, "white"),
        ("constant_frames", constant, "of one colour"),
    ):
        if flags.any():
            first = int(np.argmax(flags))
            text = f"{int(flags.sum())} of {len(flags)} frames are {words}, the first is frame {first}"
            yield found(check, text, name, float(flags.sum()), 0)
    return black | white | constant


def _position_at_frames(signals: EpisodeSignals, name: str, pictures: CameraPictures) -> np.ndarray:
    """Of the dimensions that the camera cannot miss, (frames, dimensions)."""
    rows = np.searchsorted(signals.episode.time_ns, pictures.time_ns, side="right") - 1
    rows = np.clip(rows, 0, len(signals.episode) - 1)
    return signals.episode.position[rows][:, signals.seen_by(name)]


def _check_frozen(
    position: np.ndarray, name: str, pictures: CameraPictures, blank: np.ndarray
) -> Generator[Finding, None, np.ndarray]:
    """Yields a finding; returns bool (frames - 1,), which steps from frame to frame belong to it."""
    still = _largest_change(pictures.grey[1:], pictures.grey[:-1]) <= FROZEN_LEVELS
    frozen = np.zeros(len(still), bool)
    for start, end in runs(still & ~blank[1:] & ~blank[:-1]):
        same = _largest_change(pictures.grey[start + 1 : end + 1], pictures.grey[start]) <= FROZEN_LEVELS
        last = start + (len(same) if same.all() else int(np.argmin(same)))
        span_s = (pictures.time_ns[last] - pictures.time_ns[start]) * 1e-9
        if span_s >= FROZEN_S and np.ptp(position[start : last + 1], axis=0).max() >= FROZEN_MOTION:
            frozen[start:last] = True
    if frozen.any():
        first = int(np.argmax(frozen))
        text = f"{int(frozen.sum())} of {len(pictures)} frames show the frame before, from frame {first} on"
        yield found("frozen_picture", text, name, float(frozen.mean()))
    return frozen


def _largest_change(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of any block, (frames,)."""
    return np.abs(one.astype(np.int16) - other).reshape(len(one), -1).max(axis=1)


def _check_repeats(
    position: np.ndarray, name: str, pictures: CameraPictures, told: np.ndarray
) -> Iterator[Finding]:
    moved = (np.abs(np.diff(position, axis=0)).max(axis=1) > STILL) & ~told
    repeated = moved & (np.diff(pictures.checksums) == 0)
    if repeated.sum() > REPEATED_FRACTION * max(moved.sum(), 1):
        text = (
            f"{int(repeated.sum())} of {int(moved.sum())} frames taken while the robot moved are copies of "
            f"the frame before, the first is frame {int(np.argmax(repeated)) + 1}"
        )
        yield found("repeated_frames", text, name, float(repeated.sum() / moved.sum()), REPEATED_FRACTION)


def _check_delay(signals: EpisodeSignals, name: str, pictures: CameraPictures) -> Iterator[Finding]:
    delay = measure_delay(signals, name, pictures)
    if delay is not None and delay.seconds > LATE_TOO_LATE_S:
        text = (
            f"its pictures change {delay.seconds * 1e3:.0f} ms after the joints move "
            f"(correlation {delay.correlation:.2f})"
        )
        yield found("camera_late", text, name, delay.seconds, LATE_TOO_LATE_S)


def measure_delay(signals: EpisodeSignals, name: str, pictures: CameraPictures) -> ContentDelay | None:
    """The delay at which picture change and joint speed go best together; None where that says nothing."""
    position = signals.episode.position[:, signals.seen_by(name)]
    grey = pictures.grey.astype(np.int16)
    change = np.sqrt(np.abs(np.diff(grey, axis=0)).mean(axis=(1, 2)))  # (frames - 1,)
    middle_ns = (pictures.time_ns[1:] + pictures.time_ns[:-1]) / 2
    ticks = signals.ticks(0.04)
    speed = np.zeros(len(position))
    speed[ticks:] = np.abs(position[ticks:] - position[:-ticks]).sum(axis=1)
    speed_ns = signals.episode.time_ns - ticks * signals.period_s * 0.5e9
    delays = np.arange(LATE_S[0], LATE_S[1] + 1e-9, signals.period_s)
    at = [np.sqrt(np.interp(middle_ns - delay * 1e9, speed_ns, speed)) for delay in delays]
    if change.std() == 0 or any(values.std() == 0 for values in at):
        return None
    correlation = np.array([np.corrcoef(change, values)[0, 1] for values in at])
    best = int(np.argmax(correlation))
    now = correlation[np.abs(delays) < 0.05].max()
    if correlation[best] < LATE_CORRELATION or correlation[best] < now + LATE_GAIN:
        return None
    return ContentDelay(float(delays[best]), float(correlation[best]))
