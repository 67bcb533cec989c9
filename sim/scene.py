"""Composes a robot, a table and a task's props into one compiled model per (embodiment, task)."""

from functools import lru_cache
from pathlib import Path

import mujoco

from robotics.embodiment import Embodiment
from robotics.errors import EmbodimentError
from sim.fusion import fuse_visuals
from sim.looks import add_light, add_room, add_table
from sim.tasks import make_task


def compose(embodiment: Embodiment, task: str) -> mujoco.MjSpec:
    """The scene before it is compiled.

    Raises:
        UnknownNameError: No such task.
        EmbodimentError: The embodiment's MJCF cannot be read.
    """
    made = make_task(task)
    try:
        spec = mujoco.MjSpec.from_file(str(embodiment.model_path))
    except (ValueError, OSError) as error:
        raise EmbodimentError(str(embodiment.source), [f"model '{embodiment.model}': {error}"]) from error
    spec.modelname = f"{embodiment.name} {task}"
    spec.option.timestep = _timestep(embodiment, spec.option.timestep)
    add_table(spec)
    add_room(spec)
    add_light(spec)
    made.add_props(spec)
    spec.visual.global_.offwidth = max((camera.width for camera in embodiment.camera), default=640)
    spec.visual.global_.offheight = max((camera.height for camera in embodiment.camera), default=480)
    return spec


def _timestep(embodiment: Embodiment, wanted_s: float) -> float:
    """The largest step up to `wanted_s` [s] that divides the servo period into whole nanoseconds."""
    period_ns = 1_000_000_000 // embodiment.servo_rate_hz
    parts = max(1, round(period_ns / (wanted_s * 1e9) + 0.49))
    while period_ns % parts:
        parts += 1
    return period_ns / parts / 1e9


def compiled_scene(embodiment: Embodiment, task: str) -> mujoco.MjModel:
    """The model of a task's scene, compiled once a process; nobody changes it, an episode is all state.

    Raises:
        UnknownNameError: No such task.
        EmbodimentError: The embodiment's MJCF cannot be read or compiled.
    """
    modified_ns = embodiment.model_path.stat().st_mtime_ns if embodiment.model_path.exists() else 0
    return _compile(_Key(embodiment), task, modified_ns)


class _Key:
    """An embodiment as a cache key: the same file with the same content."""

    def __init__(self, embodiment: Embodiment):
        self.embodiment = embodiment
        self._identity: tuple[Path, str] = (embodiment.source, embodiment.embodiment_hash)

    def __hash__(self) -> int:
        return hash(self._identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other._identity == self._identity


@lru_cache(maxsize=32)
def _compile(key: _Key, task: str, modified_ns: int) -> mujoco.MjModel:
    spec = compose(key.embodiment, task)
    try:
        fuse_visuals(spec)
        return spec.compile()
    except ValueError as error:
        raise EmbodimentError(
            str(key.embodiment.source), [f"model '{key.embodiment.model}': {error}"]
        ) from error
