"""Faults of a whole dataset: what is wrong with it although every episode may be fine."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from demonstrations.quality.planted.made_up import make_recording
from demonstrations.quality.planted.recording import Recording
from robotics.embodiment import Embodiment

EPISODES = 8
"""Of each dataset made here: as many as comparison needs."""


@dataclass(frozen=True)
class DatasetFault:
    """One way in which a dataset can be bad."""

    name: str
    check: str
    make: Callable[[Embodiment, int], Recording]
    """Its episode of that number."""
    also: tuple[str, ...] = ()
    """Checks of its episodes that may find it, too."""


def _each(
    change: Callable[[Recording, int, Embodiment], Recording],
) -> Callable[[Embodiment, int], Recording]:
    return lambda embodiment, i: change(make_recording(embodiment, i), i, embodiment)


def _one_scene(embodiment: Embodiment, i: int) -> Recording:
    recording = make_recording(embodiment, i, scene=0)
    start = make_recording(embodiment, 0, scene=0)
    fade = np.clip(1 - np.arange(len(recording)) / 50, 0, 1)[
        :, None
    ]  # from the first one's start within a second
    shift = fade * (start.position[0] - recording.position[0])
    pictures = {c: np.concatenate([start.pictures[c][:1], p[1:]]) for c, p in recording.pictures.items()}
    arrays = {name: getattr(recording, name) + shift for name in ("position", "applied", "requested")}
    return replace(recording, **arrays, pictures=pictures)


def _still_joint(r: Recording, i: int, embodiment: Embodiment) -> Recording:
    for name in ("position", "applied", "requested"):
        r = r.changed(name, slice(None), 5, lambda old: np.full_like(old, embodiment.home[5]))
    return r


def _one_excursion(r: Recording, i: int, embodiment: Embodiment) -> Recording:
    return r.changed("position", slice(100, 101), 0, lambda old: old * 0 + 3.0) if i == 4 else r


def _two_wordings(r: Recording, i: int, embodiment: Embodiment) -> Recording:
    return replace(r, instruction="move both arms" if i < 6 else "wave with both arms")


def _with(attribute: str, value: object, first: int = 4) -> Callable[[Embodiment, int], Recording]:
    return _each(lambda r, i, _: replace(r, attributes={attribute: value} if i >= first else {}))


def _other_camera(r: Recording, i: int, embodiment: Embodiment) -> Recording:
    camera = next(iter(r.pictures))
    return replace(r, attributes={f"cameras/{camera}/height": 47} if i >= 4 else {})


DATASET_FAULTS = (
    DatasetFault("every episode starts in one scene", "few_starts", _one_scene),
    DatasetFault(
        "3 seeds for 8 episodes",
        "one_seed",
        _each(lambda r, i, _: replace(r, seed=i % 3)),
        also=("same_seed",),
    ),
    DatasetFault("6 of 8 have one wording", "instruction_balance", _each(_two_wordings)),
    DatasetFault(
        "3 of 8 are failures",
        "success_balance",
        _each(lambda r, i, _: replace(r, success=i >= 3, events=())),
        also=("failed",),
    ),
    DatasetFault("a joint that never moves", "idle_dimension", _each(_still_joint)),
    DatasetFault(
        "one value far outside the others", "outlier_dimension", _each(_one_excursion), also=("jump",)
    ),
    DatasetFault("two control rates", "mixed_rates", _with("control_rate_hz", 25), also=("time_gap",)),
    DatasetFault("two robots", "mixed_interfaces", _with("interface_fingerprint", "0000000000000000")),
    DatasetFault("two picture sizes", "mixed_cameras", _each(_other_camera)),
    DatasetFault("two versions of the robot's file", "mixed_embodiments", _with("embodiment_hash", "0" * 64)),
    DatasetFault("two versions of the software", "mixed_software", _with("software_version", "0.0.9")),
)
