"""Made-up recordings without any fault: smooth motion, a lagging servo, coarse encoders, noisy cameras."""

from functools import cache
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from demonstrations.dataset import DemonstrationDataset
from demonstrations.journal import MODES
from demonstrations.quality.planted.recording import PICTURE_NOISE, Recording
from robotics.embodiment import Embodiment
from robotics.session import Event, EventKind, RobotMode

PICTURE_SIZE = (48, 64)
"""(height, width) [pixel]"""

ENCODER_STEP = 2 * np.pi / 4096
"""[rad] A Dynamixel's encoder has 4096 steps a turn."""

SERVO_LAG_S = 0.1
CAMERA_RATE_HZ = 25.0

_STILL_S = (0.3, 0.5)
"""Standing at the start, as people do, and at the end, as the recorder waits after success."""

_REACH = 0.6
"""[rad] Half the range from which waypoints are drawn."""


def make_recording(
    embodiment: Embodiment,
    seed: int,
    *,
    scene: int | None = None,
) -> Recording:
    """A recording of about 6 s: both arms move through waypoints near those of every other seed.

    Args:
        scene: Decides where the thing in the pictures lies; `seed` by default.
    """
    rate = embodiment.control_rate_hz
    random, noise = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 2])
    path = _make_path(embodiment, random)
    lag = round(SERVO_LAG_S * rate)
    late = np.concatenate([np.repeat(path[:1], lag, axis=0), path[: len(path) - lag]])
    measured = late + noise.normal(0, 0.3 * ENCODER_STEP, path.shape)
    measured = np.round(measured / ENCODER_STEP) * ENCODER_STEP
    tick = np.arange(1000, 1000 + len(path))
    time_ns = tick * embodiment.control_period_ns + noise.integers(-50_000, 50_000, len(tick))
    frame_ns = np.arange(time_ns[0] - 10_000_000, time_ns[-1], round(1e9 / CAMERA_RATE_HZ))
    at = np.stack([np.interp(frame_ns, time_ns, column) for column in late.T], axis=1)
    views = {
        camera: _make_pictures(number, at, seed if scene is None else scene, noise)
        for number, camera in enumerate(embodiment.camera_names)
    }
    return Recording(
        tick,
        time_ns,
        measured,
        path,
        path.copy(),
        np.full(len(path), MODES.index(RobotMode.EXECUTING)),
        views,
        {camera: frame_ns + noise.integers(-200_000, 200_000, len(frame_ns)) for camera in views},
        seed,
        events=((len(path) - 20, Event(EventKind.OUTCOME, "success")),),
    )


def make_dataset(path: Path, embodiment: Embodiment) -> DemonstrationDataset:
    """An empty dataset for such recordings."""
    sizes = dict.fromkeys(embodiment.camera_names, PICTURE_SIZE)
    return DemonstrationDataset.create(path, embodiment, sizes, camera_rate_hz=CAMERA_RATE_HZ)


def _make_path(embodiment: Embodiment, random: np.random.Generator) -> np.ndarray:
    """Targets (length, action_dim): minimum-jerk motion between waypoints, standing at the ends."""
    grippers = list(embodiment.gripper_indices.values())
    usual = np.random.default_rng(0)
    start = embodiment.home + random.uniform(-0.05, 0.05, embodiment.action_dim)
    start[grippers] = 1.0
    points = [start]
    for leg in range(5):
        point = embodiment.home + usual.uniform(-_REACH, _REACH, embodiment.action_dim)
        point += random.uniform(-0.15, 0.15, embodiment.action_dim)
        point = np.clip(point, embodiment.position_lower + 0.15, embodiment.position_upper - 0.15)
        point[grippers] = (0.9, 0.1)[leg % 2]
        points.append(point)
    rate = embodiment.control_rate_hz
    pieces = [np.repeat(points[:1], round(_STILL_S[0] * rate), axis=0)]
    for begin, end in pairwise(points):
        s = np.linspace(0, 1, round(random.uniform(0.95, 1.05) * rate))[:, None]
        pieces.append(begin + (end - begin) * (10 * s**3 - 15 * s**4 + 6 * s**5))
    pieces.append(np.repeat(points[-1:], round(_STILL_S[1] * rate), axis=0))
    return np.concatenate(pieces)


@cache
def _background(camera: int) -> np.ndarray:
    colours = np.random.default_rng([camera, 3]).integers(60, 180, (5, 7, 3), dtype=np.uint8)
    return cv2.resize(colours, PICTURE_SIZE[::-1], interpolation=cv2.INTER_CUBIC).astype(np.float32)


def _make_pictures(camera: int, position: np.ndarray, scene: int, noise: np.random.Generator) -> np.ndarray:
    """uint8 (frames, height, width, 3): two arms that move as the joints do, and a thing that lies still."""
    height, width = PICTURE_SIZE
    half = position.shape[1] // 2
    still = _background(camera).copy()
    place = np.random.default_rng([scene, camera, 4]).uniform((0.1, 0.1), (0.9, 0.9)) * (width, height)
    cv2.circle(still, (int(place[0]), int(place[1])), 7, (230.0, 40.0, 40.0), -1)
    frames = np.repeat(still[None], len(position), axis=0)
    for frame, joints in zip(frames, position, strict=True):
        for arm, colour in ((joints[:half], (20.0, 20.0, 20.0)), (joints[half:], (240.0, 240.0, 200.0))):
            x = width * (0.5 + 0.4 * np.sin(2 * arm[0] + arm[2]))
            y = height * (0.5 + 0.4 * np.sin(2 * arm[1] + arm[3]))
            cv2.circle(frame, (round(16 * x), round(16 * y)), 16 * 9, colour, -1, cv2.LINE_AA, 4)
    frames += noise.normal(0, PICTURE_NOISE, frames.shape).astype(np.float32)
    return np.clip(frames, 0, 255).astype(np.uint8)
