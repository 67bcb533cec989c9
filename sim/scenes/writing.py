"""Writes scenes into a folder: shards that appear whole or not at all, several processes, resumable."""

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from robotics.errors import DatasetError, StorageFullError
from sim.gl import select_backend
from sim.scenes.generator import POOL_SCENES, SceneGenerator, SceneOptions

FORMAT = "robotics.scenes/1"
GENERATOR = 1
"""Raise it whenever the same seed would give another scene."""
_NO_SPACE = 28


def write_scenes(
    folder: Path,
    scenes: int,
    seed: int,
    options: SceneOptions,
    workers: int = 1,
    command: str = "",
    progress: Callable[[int], None] = lambda views: None,
) -> None:
    """Make a scene folder (docs/scenes.md); what an interrupted run left is kept.

    Args:
        seed: Of the first scene; a multiple of POOL_SCENES.
        progress: Told the number of views written so far.

    Raises:
        DatasetError: The folder holds something else, or scenes of other options.
        StorageFullError: The disk is full; whole shards stay.
    """
    if seed % POOL_SCENES:
        raise DatasetError(f"the seed of scenes wants a multiple of {POOL_SCENES}, got {seed}")
    plan = {
        "format": FORMAT,
        "generator": GENERATOR,
        "seed": seed,
        "scenes": scenes,
        "views": scenes * options.views,
        **asdict(options),
        "views_per_scene": options.views,
        "command": command,
    }
    plan["views"] = scenes * options.views
    _prepare(folder, plan)
    shards = range(0, scenes, POOL_SCENES)
    missing = [first for first in shards if not _shard(folder, first).exists()]
    done = scenes * options.views - sum(min(POOL_SCENES, scenes - first) for first in missing) * options.views
    progress(done)
    with ProcessPoolExecutor(max(1, workers), get_context("spawn"), initializer=select_backend) as pool:
        jobs = [
            pool.submit(_write_shard, folder, first, min(POOL_SCENES, scenes - first), seed, options)
            for first in missing
        ]
        for job in as_completed(jobs):
            done += job.result()
            progress(done)
    unfinished = folder / "making.json"
    (folder / "scenes.json").write_text(json.dumps(plan, indent=1))
    unfinished.unlink(missing_ok=True)


def _shard(folder: Path, first: int) -> Path:
    return folder / "shards" / f"{first // POOL_SCENES:06d}"


def _prepare(folder: Path, plan: dict) -> None:
    """Take an empty folder, or one that this very plan began."""
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
    (folder / "shards").mkdir(parents=True, exist_ok=True)
    for leftover in (folder / "shards").glob("*.part"):
        shutil.rmtree(leftover)
    begun.write_text(json.dumps(plan, indent=1))


_generator: SceneGenerator | None = None


def _write_shard(folder: Path, first: int, count: int, seed: int, options: SceneOptions) -> int:
    """Render and write one shard; returns its views."""
    global _generator
    if _generator is None or _generator.options != options:
        _generator = SceneGenerator(options)
    views = [view for i in range(first, first + count) for view in _generator.scene(seed + i, i)]
    target = _shard(folder, first)
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
        if error.errno == _NO_SPACE:
            raise StorageFullError(f"{folder}: the disk is full; whole shards are kept") from error
        raise
    return len(views)
