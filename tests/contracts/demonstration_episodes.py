"""Small made-up episodes for tests of the store: ticks and pictures that tell where they belong."""

import shutil
import time
from pathlib import Path

import numpy as np
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.schema import EpisodeOutcome
from demonstrations.writer import EpisodeWriter
from robotics.observation import CameraFrame, JointState
from robotics.session import Event, RobotMode, RobotState
from robotics.task import TaskStatus

PERIOD_NS = 20_000_000
ACTION_DIM = 14


def make_state(tick: int, seed: int = 0, events: tuple[Event, ...] = (), success: bool = False) -> RobotState:
    """Control tick `tick`, with joint values that (tick, seed) decide."""
    values = np.random.default_rng([tick, seed]).normal(size=(6, ACTION_DIM))
    return RobotState(
        joints=JointState(tick, tick * PERIOD_NS, values[0], values[1], values[2]),
        requested=values[3],
        applied=values[4],
        intended=values[5],
        mode=RobotMode.EXECUTING,
        plan_steps=tick % 7,
        chunk_id=tick // 5,
        instruction="turn the left arm",
        missed_deadlines=0,
        starvations=0,
        events=events,
        task=TaskStatus(success, tick / 1000, "turning"),
    )


def make_image(number: int, height: int = 24, width: int = 32) -> np.ndarray:
    """A smooth picture whose brightness is `number` % 200 + 20 everywhere, but for a gentle slope."""
    slope = np.linspace(0, 20, width)[None, :, None]
    return np.broadcast_to(number % 200 + 20 + slope, (height, width, 3)).astype(np.uint8)


def record_episode(writer: EpisodeWriter, ticks: int = 20, seed: int = 0, success: bool | None = True) -> int:
    """Commit an episode with a frame of each camera every other tick; frame k shows make_image(k + seed)."""
    writer.begin(task="turn_left_arm", seed=seed, source="test", operator="nobody")
    append_ticks(writer, range(ticks), seed)
    return writer.commit(EpisodeOutcome(success, 0.5, "done"))


def append_ticks(writer: EpisodeWriter, ticks: range, seed: int = 0) -> None:
    """The middle of `record_episode`."""
    for tick in ticks:
        if tick % 2 == 0:
            for camera in writer.dataset.camera_names:
                writer.append_frame(camera, CameraFrame(make_image(tick // 2 + seed), tick * PERIOD_NS))
        writer.append_state(make_state(tick, seed))


def make_dataset(path: Path, episodes: int = 0, ticks: int = 20) -> DemonstrationDataset:
    """A dataset of the fake embodiment, shards of 4 frames, episode i recorded with seed i."""
    dataset = DemonstrationDataset.create(path, fake_embodiment(), shard_frames=4)
    with dataset.writer(fake_embodiment()) as writer:
        for seed in range(episodes):
            record_episode(writer, ticks, seed)
    return dataset


def make_interrupted_dataset(path: Path, ticks: int = 60) -> Path:
    """A dataset with one good episode, and the staging folder of one that a dead recorder left."""
    dataset = make_dataset(path, episodes=1)
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin(task="turn_left_arm", seed=0)
        append_ticks(writer, range(ticks))
        (staged,) = (path / "staging").glob("*.zarr")
        while writer.load.queued_frames:
            time.sleep(0.001)
        shutil.copytree(staged, path / "copy")
    shutil.move(path / "copy", staged)
    return staged


def assert_is_recorded(
    dataset: DemonstrationDataset, index: int, seed: int, ticks: int | None = None
) -> None:
    """Episode `index` holds what `record_episode` gave it, from the first tick to its last."""
    episode = dataset.episode(index)
    assert ticks is None or len(episode) == ticks
    for row in range(len(episode)):
        state = make_state(row, seed)
        np.testing.assert_array_equal(episode.position[row], state.joints.position)
        np.testing.assert_array_equal(episode.intended[row], state.intended)
    for camera in episode.cameras:
        times = episode.image_time_ns(camera)
        np.testing.assert_array_equal(times, np.arange(len(times)) * 2 * PERIOD_NS)
        images = episode.frames(camera, range(len(times)))
        for frame, image in enumerate(images):
            assert np.abs(image.astype(int) - make_image(frame + seed)).max() <= 4
