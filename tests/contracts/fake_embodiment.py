"""A two-arm embodiment for tests: 14 action dimensions, limits of a small real arm, no model."""

from functools import cache
from pathlib import Path

from robotics.embodiment import Embodiment, load_embodiment_file

FAKE_EMBODIMENT_FILE = Path(__file__).with_name("fake_embodiment.toml")


@cache
def fake_embodiment() -> Embodiment:
    """`fake_embodiment.toml` as it would be read from a user's disk."""
    return load_embodiment_file(FAKE_EMBODIMENT_FILE)
