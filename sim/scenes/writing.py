"""Writes scenes into a folder: shards that appear whole or not at all, several processes, resumable."""

import errno
import json
import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import mujoco
import numpy as np

from robotics.errors import DatasetError, StorageFullError
from sim.gl import select_backend
from sim.scenes.generator import POOL_SCENES, SceneGenerator, SceneOptions

FORMAT = "robotics.scenes/1"
GENERATOR = 2
"""Raise it whenever the same seed would give another scene."""


@dataclass(frozen=True)
class WritingReport:
    """What a run did."""

    views: int
    """In the folder."""
    made: int
    """Of them by this run."""
    cpu_s: float
    """Of all its workers; compiling pools included, starting processes not."""


def write_scenes(
    folder: Path,
    scenes: int,
    seed: int,
    options: SceneOptions,
    workers: int = 1,
    command: str = "",
    progress: Callable[[int, int], None] = lambda scenes, views: None,
) -> WritingReport:
    """Make a scene folder (docs/scenes.md); what an interrupted run left is kept.

    Args:
        seed: Of the first scene.
        progress: Told the numbers of scenes and of views that are there.

    Returns:
        How many views the folder has, and what this run took.

    Raises:
        DatasetError: The folder holds something else, or scenes of other options.
        StorageFullError: The disk is full; whole shards stay.
    """
    described = asdict(options)
    plan = {
        "format": FORMAT,
        "generator": GENERATOR,
        "seed": seed,
        "scenes": scenes,
        "views_per_scene": described.pop("views"),
        **described,
        "command": command,
        "software": {"mujoco": mujoco.__version__, "numpy": np.__version__},
    }
    _prepare(folder, plan)
    shards = shard_ranges(seed, scenes)
    counts = {first: _views_of(folder, first, seed) for first, _ in shards}
    missing = [(first, count) for first, count in shards if not counts[first]]
    views, made, cpu_s = sum(counts.values()), 0, 0.0
    there = scenes - sum(count for _, count in missing)
    progress(there, views)
    with ProcessPoolExecutor(max(1, workers), get_context("spawn"), initializer=select_backend) as pool:
        jobs = {
            pool.submit(_write_shard, folder, first, count, seed, options): count for first, count in missing
        }
        try:
            for job in as_completed(jobs):
                new, seconds = job.result()
                views, made, cpu_s, there = views + new, made + new, cpu_s + seconds, there + jobs[job]
                progress(there, views)
        except BrokenProcessPool:
            raise DatasetError(
                f"{folder}: a rendering process was killed (out of memory?); the same command goes on"
            ) from None
        except BaseException:
            for job in jobs:
                job.cancel()
            raise
    finished = folder / "scenes.json.part"
    finished.write_text(json.dumps({**plan, "views": views}, indent=1) + "\n")
    os.replace(finished, folder / "scenes.json")
    (folder / "making.json").unlink(missing_ok=True)
    return WritingReport(views, made, cpu_s)


def shard_ranges(seed: int, scenes: int) -> list[tuple[int, int]]:
    """First scene and number of scenes of each shard: one for each pool that the seeds touch."""
    ranges, first = [], 0
    while first < scenes:
        count = min(POOL_SCENES - (seed + first) % POOL_SCENES, scenes - first)
        ranges.append((first, count))
        first += count
    return ranges


def _views_of(folder: Path, first: int, seed: int) -> int:
    """Of a shard that is there already; 0: it is not."""
    ids = _shard(folder, first, seed) / "ids.npy"
    return len(np.load(ids, mmap_mode="r")) if ids.exists() else 0


def _shard(folder: Path, first: int, seed: int) -> Path:
    return folder / "shards" / f"{(seed + first) // POOL_SCENES - seed // POOL_SCENES:06d}"


def _prepare(folder: Path, plan: dict) -> None:
    """Take an empty folder, or one that this very plan began."""
    if folder.exists() and not folder.is_dir():
        raise DatasetError(f"{folder}: a file, no folder")
    begun = folder / "making.json"
    if (folder / "scenes.json").exists():
        raise DatasetError(f"{folder}: scenes are there already; choose another folder")
    if begun.exists():
        old = json.loads(begun.read_text())
        new = {key: plan[key] for key in plan if key != "command"}
        if {key: old.get(key) for key in new} != new:
            raise DatasetError(f"{folder}: an unfinished run with other options is there: {begun.name}")
    elif folder.exists() and any(folder.iterdir()):
        raise DatasetError(f"{folder}: not empty, and no scene folder")
    try:
        (folder / "shards").mkdir(parents=True, exist_ok=True)
        for leftover in (folder / "shards").glob("*.part"):
            shutil.rmtree(leftover)
        begun.write_text(json.dumps(plan, indent=1) + "\n")
    except OSError as error:
        raise DatasetError(f"{folder}: cannot be written: {error.strerror}") from error


@lru_cache(maxsize=1)
def _generator(options: SceneOptions) -> SceneGenerator:
    """One a process: it owns an OpenGL context."""
    return SceneGenerator(options)


def _write_shard(folder: Path, first: int, count: int, seed: int, options: SceneOptions) -> tuple[int, float]:
    """Render and write one shard; returns its number of views and CPU seconds."""
    started = time.process_time()
    generator = _generator(options)
    views = [view for i in range(first, first + count) for view in generator.scene(seed + i, i)]
    target = _shard(folder, first, seed)
    part = target.with_name(target.name + ".part")
    try:
        part.mkdir()
        np.save(part / "rgb.npy", np.stack([view.rgb for view in views]))
        np.save(part / "depth.npy", np.stack([view.depth for view in views]))
        np.save(part / "ids.npy", np.stack([view.ids for view in views]))
        lines = (json.dumps(view.facts, separators=(",", ":")) for view in views)
        (part / "facts.jsonl").write_text("\n".join(lines) + "\n")
        for file in part.iterdir():
            with open(file, "rb") as opened:
                os.fsync(opened.fileno())
        os.replace(part, target)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        if error.errno == errno.ENOSPC:
            raise StorageFullError(f"{folder}: the disk is full; whole shards are kept") from error
        raise
    return len(views), time.process_time() - started
