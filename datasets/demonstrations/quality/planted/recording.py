"""An episode in memory before it is written, with the ways to change it that faults are made of."""

from dataclasses import dataclass, field, replace

import numpy as np

from demonstrations.dataset import DemonstrationDataset
from demonstrations.episode import Episode
from demonstrations.journal import MODES
from demonstrations.schema import EpisodeOutcome
from robotics.embodiment import Embodiment
from robotics.observation import CameraFrame, JointState
from robotics.session import Event, RobotState

MOTION = ("position", "applied", "requested")
"""Arrays of a recording of shape (length, action_dim)."""

REPEATABILITY = 0.001
"""[rad] By which a motion differs from one run to the next: about 1 mm at the end of an arm."""

PICTURE_NOISE = 2.0
"""[grey level] Standard deviation of a sensor's noise."""


@dataclass(frozen=True)
class Recording:
    """An episode before it is written; faults return a changed copy."""

    tick: np.ndarray
    time_ns: np.ndarray
    position: np.ndarray
    applied: np.ndarray
    requested: np.ndarray
    mode: np.ndarray
    """Index into journal.MODES, (length,)."""
    pictures: dict[str, np.ndarray]
    """uint8 (frames, height, width, 3) by camera."""
    picture_time_ns: dict[str, np.ndarray]
    seed: int | None
    instruction: str = "move both arms"
    success: bool | None = True
    task: str = "planted"
    source: str = "made up"
    events: tuple[tuple[int, Event], ...] = ()
    """(row, event)"""
    attributes: dict[str, object] = field(default_factory=dict)
    """Metadata to change after the commit, as only crashes, imports and other robots make it."""

    def __len__(self) -> int:
        return len(self.tick)

    def row(self, part: float) -> int:
        """The row at 0 .. 1 of the recording."""
        return round(part * (len(self) - 1))

    def changed(self, name: str, rows: slice, dimensions: int | slice, value) -> "Recording":
        """A copy with `array[rows, dimensions] = value(old)`."""
        array = getattr(self, name).copy()
        array[rows, dimensions] = value(array[rows, dimensions])
        return replace(self, **{name: array})

    def keep_frames(self, camera: str, frames: np.ndarray) -> "Recording":
        """A copy with only these frames of a camera."""
        pictures, times = dict(self.pictures), dict(self.picture_time_ns)
        pictures[camera], times[camera] = pictures[camera][frames], times[camera][frames]
        return replace(self, pictures=pictures, picture_time_ns=times)

    def with_pictures(self, camera: str, pictures: np.ndarray) -> "Recording":
        return replace(self, pictures={**self.pictures, camera: pictures})

    def with_pause(self, row: int, ticks: int, period_ns: int) -> "Recording":
        """A copy that stands at `row` for so many ticks; its cameras go on."""
        rows = np.insert(np.arange(len(self)), row, np.full(ticks, row))
        pause_ns, at_ns = ticks * period_ns, int(self.time_ns[row])
        pictures, times = {}, {}
        for camera, stamps in self.picture_time_ns.items():
            frame = min(int(np.searchsorted(stamps, at_ns)), len(stamps) - 1)
            count = int(pause_ns / float(np.diff(stamps).mean()))
            frames = np.insert(np.arange(len(stamps)), frame, np.full(count, frame))
            pictures[camera] = self.pictures[camera][frames]
            between = stamps[frame] + (np.arange(count) * (pause_ns / count)).astype(np.int64)
            times[camera] = np.concatenate([stamps[:frame], between, stamps[frame:] + pause_ns])
        events = tuple((r + ticks if r >= row else r, event) for r, event in self.events)
        return replace(self._at(rows, period_ns), pictures=pictures, picture_time_ns=times, events=events)

    def slowed(self, factor: int, period_ns: int) -> "Recording":
        """A copy that takes `factor` times as long, with as many frames a second and new noise in each."""
        at = np.arange(factor * len(self)) / factor
        slow = self._at(np.minimum(at.astype(int), len(self) - 1), period_ns)
        arrays = {
            name: np.stack([np.interp(at, np.arange(len(self)), c) for c in getattr(self, name).T], axis=1)
            for name in MOTION
        }
        pictures, times = {}, {}
        for camera, stamps in self.picture_time_ns.items():
            pictures[camera] = np.repeat(self.pictures[camera], factor, axis=0)
            step = np.arange(factor * len(stamps)) * float(np.diff(stamps).mean())
            times[camera] = stamps[0] + step.astype(np.int64)
        events = tuple((factor * row, event) for row, event in self.events)
        slow = replace(slow, **arrays, pictures=pictures, picture_time_ns=times, events=events)
        return slow.with_noise(np.random.default_rng(0))

    def with_noise(self, noise: np.random.Generator) -> "Recording":
        """A copy as another run of the same motion gives: arms and cameras never do the same twice."""
        phase = noise.uniform(0, 2 * np.pi, self.position.shape[1])
        drift = REPEATABILITY * np.sin(phase + np.linspace(0, 2 * np.pi, len(self))[:, None])
        pictures = {
            camera: np.clip(frames + noise.normal(0, PICTURE_NOISE, frames.shape), 0, 255).astype(np.uint8)
            for camera, frames in self.pictures.items()
        }
        return replace(self, position=self.position + drift, pictures=pictures)

    def _at(self, rows: np.ndarray, period_ns: int) -> "Recording":
        """Other rows of the arrays, at new ticks."""
        tick = self.tick[0] + np.arange(len(rows))
        time_ns = self.time_ns[0] + np.arange(len(rows)) * period_ns
        arrays = {name: getattr(self, name)[rows] for name in ("mode", *MOTION)}
        return replace(self, tick=tick, time_ns=time_ns, **arrays)


def read_recording(episode: Episode) -> Recording:
    """A recording of what was recorded, to plant a fault into.

    Raises:
        DatasetError: The episode is damaged.
    """
    events = tuple(
        (int(np.clip(np.searchsorted(episode.time_ns, event.time_ns), 0, len(episode) - 1)), event)
        for event in episode.metadata.events
    )
    return Recording(
        episode.tick,
        episode.time_ns,
        episode.position,
        episode.applied,
        episode.requested,
        episode.state["mode"],
        {
            name: episode.frames(name, range(record.frames))
            for name, record in episode.metadata.cameras.items()
        },
        {name: episode.image_time_ns(name) for name in episode.cameras},
        episode.metadata.seed,
        episode.metadata.instruction,
        episode.metadata.success,
        episode.metadata.task,
        episode.metadata.source,
        events,
        # what the rest of the dataset says, whatever this software and the robot's file are today
        {name: getattr(episode.metadata, name) for name in ("embodiment_hash", "software_version")},
    )


def write_recording(recording: Recording, dataset: DemonstrationDataset, embodiment: Embodiment) -> int:
    """Record it as a robot's ticks and frames would be; returns its index in the dataset."""
    events = dict[int, list[Event]]()
    for row, event in recording.events:
        events.setdefault(row, []).append(replace(event, time_ns=int(recording.time_ns[row])))
    velocity = np.gradient(recording.position, 1 / embodiment.control_rate_hz, axis=0)
    with dataset.writer(embodiment) as writer:
        writer.begin(
            instruction=recording.instruction,
            task=recording.task,
            seed=recording.seed,
            source=recording.source,
        )
        for camera, pictures in recording.pictures.items():
            for picture, time_ns in zip(pictures, recording.picture_time_ns[camera], strict=True):
                writer.append_frame(camera, CameraFrame(picture, int(time_ns)))
        for row in range(len(recording)):
            writer.append_state(_state(recording, velocity, row, tuple(events.get(row, ()))))
        return writer.commit(EpisodeOutcome(recording.success, text="made up"))


def _state(recording: Recording, velocity: np.ndarray, row: int, events: tuple[Event, ...]) -> RobotState:
    applied, before = recording.applied[row], recording.applied[max(0, row - 1)]
    return RobotState(
        joints=JointState(
            int(recording.tick[row]),
            int(recording.time_ns[row]),
            recording.position[row],
            velocity[row],
            before,
        ),
        requested=recording.requested[row],
        applied=applied,
        intended=recording.requested[row],
        mode=MODES[recording.mode[row]],
        plan_steps=10,
        chunk_id=1 + row // 10,
        instruction=recording.instruction,
        missed_deadlines=0,
        starvations=0,
        events=events,
    )
