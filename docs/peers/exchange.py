"""What both peers share: the observation that travels, and rounds by turns with `bench bridge`."""

import json
import sys
import time
from collections.abc import Callable

import numpy as np

DIMENSION, HORIZON = 14, 50
CAMERAS = ("overhead", "wrist_left", "wrist_right")


def make_observation() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Joint positions (DIMENSION,) and a picture (224, 224, 3) uint8 of each camera, as the bench's own."""
    rng = np.random.default_rng(0)
    return rng.normal(size=DIMENSION), {
        name: rng.integers(0, 255, (224, 224, 3), np.uint8) for name in CAMERAS
    }


def run_rounds(exchange: Callable[[], None]) -> None:
    """For each line of standard input, a count, print the times of so many exchanges [ms] as JSON."""
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            started_ns = time.perf_counter_ns()
            exchange()
            times.append((time.perf_counter_ns() - started_ns) * 1e-6)
        print(json.dumps(times), flush=True)
