"""Kills a recording process at random moments, and looks at what is left: nothing committed may be lost."""

import multiprocessing
import os
import random
import signal
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import numpy as np

from robotics.cli.benches.feed import make_state
from robotics.cli.benches.measurement import Measurement, distribution, single
from robotics.cli.connect import parse_robot
from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment
from robotics.observation import CameraFrame

_SIZE = (120, 160)
_SHADES = 25
_LONGEST_S = 1.0
"""A process is killed at a moment up to here after its first tick [s]."""
_TICKS = (10, 120)
"""Least and greatest length of an episode."""
_DARK, _STEP = 20, 8
_TOLERANCE = 3.0
"""How far JPEG may move the mean of a picture of one shade."""


@dataclass
class _Losses:
    """Must stay zero."""

    committed: int = 0
    frames: int = 0
    ticks: int = 0
    problems: int = 0


def measure(robot: str, quick: bool) -> list[Measurement]:
    """20 or 200 kills, every committed and every recovered episode read back to the last byte."""
    embodiment = load_embodiment(parse_robot(robot).value)
    kills = 20 if quick else 200
    moments = random.Random(0)
    losses, recovery_s, known, checked = _Losses(), [], {}, set()
    recovered = frames = 0
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "demonstrations.recovery", "demonstrations.writer"])
    with tempfile.TemporaryDirectory() as folder:
        from demonstrations.dataset import DemonstrationDataset

        path = Path(folder) / "data"
        DemonstrationDataset.create(path, embodiment, dict.fromkeys(embodiment.camera_names, _SIZE))
        for kill in range(kills):
            known |= _record_and_kill(context, embodiment, path, kill, moments.uniform(0.0, _LONGEST_S))
            started = time.perf_counter()
            dataset = DemonstrationDataset.open(path)
            recovery_s.append(time.perf_counter() - started)
            recovered += sum("recovered" in line or "committed" in line for line in dataset.recovered)
            checksums = {entry.number: entry.checksum for entry in dataset.entries}
            losses.committed += sum(checksums.get(n) != checksum for n, checksum in known.items())
            for index, entry in enumerate(dataset.entries):
                if entry.number not in checked:
                    checked.add(entry.number)
                    frames += _check(dataset, index, embodiment, losses)
    return [
        single("kills", "1", kills, f"at random moments, {len(known)} episodes committed before them"),
        single("committed episodes lost", "1", losses.committed),
        single("files that do not verify", "1", losses.problems),
        single("wrong or unreadable frames served", "1", losses.frames, f"of {frames} frames"),
        single("wrong ticks served", "1", losses.ticks),
        single("episodes recovered", "1", recovered, "cut short, or complete and not yet committed"),
        distribution("opening with recovery", "s", recovery_s),
    ]


def _record_and_kill(
    context: ForkServerContext,
    embodiment: Embodiment,
    path: Path,
    kill: int,
    after_s: float,
) -> dict[int, str]:
    """Checksums, by number, of the episodes that the process said were committed before it was killed."""
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_record, args=(embodiment.name, path, kill, writer), daemon=True)
    process.start()
    writer.close()
    reader.recv()  # it records
    time.sleep(after_s)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    known = {}
    try:
        while reader.poll():
            number, checksum = reader.recv()
            known[number] = checksum
    except EOFError:
        pass
    return known


def _record(robot: str, path: Path, seed: int, told: Connection) -> None:
    """Episode after episode, as fast as they can be written."""
    from demonstrations.dataset import DemonstrationDataset
    from demonstrations.schema import EpisodeOutcome

    embodiment = load_embodiment(robot)
    lengths = random.Random(seed)
    dataset = DemonstrationDataset.open(path, recover=False)
    shades = [np.full((*_SIZE, 3), _DARK + _STEP * shade, np.uint8) for shade in range(_SHADES)]
    with dataset.writer(embodiment) as writer:
        told.send("records")
        while True:
            writer.begin(instruction="bench", task="crash", seed=seed)
            for tick in range(lengths.randint(*_TICKS)):
                time_ns = tick * embodiment.control_period_ns
                for camera in embodiment.camera_names:
                    writer.append_frame(camera, CameraFrame(shades[tick % _SHADES], time_ns))
                writer.append_state(make_state(embodiment, tick, time_ns))
            index = writer.commit(EpisodeOutcome(True))
            entry = dataset.entries[index]
            told.send((entry.number, entry.checksum))


def _check(dataset, index: int, embodiment: Embodiment, losses: _Losses) -> int:
    """Read an episode back whole, against what its process must have written; returns its frames."""
    from demonstrations.verify import verify
    from robotics.errors import RoboticsError

    losses.problems += len(verify(dataset, [index]))
    episode = dataset.episode(index)
    frames = 0
    for row, tick in enumerate(episode.tick.tolist()):
        wanted = make_state(embodiment, tick, 0).joints.position
        losses.ticks += tick != row or not np.array_equal(episode.position[row], wanted)
    for camera in episode.cameras:
        times_ns = episode.image_time_ns(camera)
        frames += len(times_ns)
        try:
            images = episode.frames(camera, range(len(times_ns)))
        except RoboticsError:
            losses.frames += len(times_ns)
            continue
        ticks = times_ns // embodiment.control_period_ns
        means = np.array([image.mean() for image in images])
        wrong = np.abs(means - (_DARK + _STEP * (ticks % _SHADES))) > _TOLERANCE
        losses.frames += int(wrong.sum())
    return frames
