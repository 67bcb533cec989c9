"""Demonstrations: what recording costs, how fast training gets its samples, and what they take on a disk."""

from robotics.cli.benches import data_opening, data_recording, data_training
from robotics.cli.benches.measurement import Measurement


def measure(robot: str, quick: bool) -> list[Measurement]:
    """Recording with made-up pictures; training samples and sizes from recorded episodes of real renders."""
    return [
        *data_recording.measure(robot, quick),
        *data_training.measure(robot, quick),
        *data_opening.measure(robot, quick),
    ]
