"""What training needs of recorded demonstrations, in memory: frames, hindsight labels, poses, rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from demonstrations.cache import FrameCache
from demonstrations.dataset import DemonstrationDataset
from policies.hindsight import label_by_hindsight
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError
from robotics.kinematics.sensors import SensorKinematics, poses_along
from robotics.pinhole import Intrinsics


@dataclass(frozen=True)
class Demonstrations:
    """Rows of all episodes one after another, and the frames that belong to some of the rows."""

    instructions: list[str]
    """One per episode."""
    tasks: list[str]
    """One per episode."""
    row_episode: np.ndarray
    """(row,)"""
    episode_end: np.ndarray
    """First row after the episode of each row, (row,)."""
    position: np.ndarray
    """Measured joints, (row, action_dim)."""
    target: np.ndarray
    """Target in force when the row's state was measured (applied the tick before), (row, action_dim)."""
    action: np.ndarray
    """What the demonstrator meant at the row, (row, action_dim)."""
    tool_position: np.ndarray
    """(row, arm, 3) [m]"""
    tool_rotation: np.ndarray
    """(row, arm, 3, 3)"""
    point: np.ndarray
    """Hindsight object and goal in the world, (row, 2, 3) [m]."""
    point_rotation: np.ndarray
    """(row, 2, 3, 3)"""
    point_known: np.ndarray
    """bool (row, 2)"""
    images: dict[str, np.ndarray]
    """Per camera uint8 (frame, height, width, 3), a memory map."""
    frame_row: np.ndarray
    """Row in force when the frame was taken, (frame,)."""
    camera_position: dict[str, np.ndarray]
    """camera_in_world of each frame, (frame, 3) [m]."""
    camera_rotation: dict[str, np.ndarray]
    """(frame, 3, 3)"""
    intrinsics: dict[str, Intrinsics]
    """Projection of each camera at the cached image size."""
    identities: tuple[str, ...]
    """Dataset identities."""

    @property
    def frame_episode(self) -> np.ndarray:
        return self.row_episode[self.frame_row]


def load_demonstrations(
    paths: Sequence[Path],
    embodiment: Embodiment,
    sizes: dict[str, tuple[int, int]],
    *,
    stride: int,
    cache: Path,
) -> Demonstrations:
    """Read datasets, label them by hindsight, and decode every `stride`-th frame into a cache.

    Args:
        sizes: Height, width per camera that the networks see.
        cache: Folder for the decoded frames; reused when nothing has changed.

    Raises:
        IncompatibleError: A dataset is of another interface.
        DatasetError: No usable episode.
    """
    kinematics = SensorKinematics(embodiment)
    camera_index = {camera: embodiment.camera_names.index(camera) for camera in sizes}
    rows: dict[str, list[np.ndarray]] = {}
    images: dict[str, list[np.ndarray]] = {camera: [] for camera in sizes}
    instructions, tasks, identities = [], [], []
    offset = 0

    def add(name: str, value: np.ndarray) -> None:
        rows.setdefault(name, []).append(value)

    for path in paths:
        dataset = DemonstrationDataset.open(path)
        dataset.check_embodiment(embodiment)
        identities.append(dataset.dataset_identity())
        built = FrameCache.build(
            dataset,
            cameras={camera: (*size, None) for camera, size in sizes.items()},
            stride=stride,
            path=cache / identities[-1][:16],
        )
        for camera in sizes:
            images[camera].append(built.images[camera])
        starts = np.full(len(dataset), -1)
        for index in dataset.demonstrations():
            episode = dataset.episode(index)
            position = np.asarray(episode.state["position"], float)
            applied = np.asarray(episode.state["applied"], float)
            target = np.concatenate([position[:1], applied[:-1]])
            tool_p, tool_r, cam_p, cam_r = poses_along(kinematics, position)
            labels = label_by_hindsight(embodiment, position, target, tool_p, tool_r)
            n = len(position)
            starts[index] = offset
            add("episode", np.full(n, len(instructions)))
            add("end", np.full(n, offset + n))
            add("position", position)
            add("target", target)
            add("action", np.asarray(episode.state["intended"], float))
            add("tool_position", tool_p)
            add("tool_rotation", tool_r)
            add("point", labels.position)
            add("point_rotation", labels.rotation)
            add("point_known", labels.known)
            add("camera_position", cam_p[:, list(camera_index.values())])
            add("camera_rotation", cam_r[:, list(camera_index.values())])
            instructions.append(episode.metadata.instruction)
            tasks.append(episode.metadata.task)
            offset += n
        add("frame_row", starts[built.episode] + built.row)
    if not instructions:
        raise DatasetError(f"no episode in {', '.join(map(str, paths))}")
    joined = {name: np.concatenate(parts) for name, parts in rows.items()}
    frame_row = joined["frame_row"]
    return Demonstrations(
        instructions=instructions,
        tasks=tasks,
        row_episode=joined["episode"],
        episode_end=joined["end"],
        position=joined["position"],
        target=joined["target"],
        action=joined["action"],
        tool_position=joined["tool_position"],
        tool_rotation=joined["tool_rotation"],
        point=joined["point"],
        point_rotation=joined["point_rotation"],
        point_known=joined["point_known"],
        images={camera: _join(parts) for camera, parts in images.items()},
        frame_row=frame_row,
        camera_position={c: joined["camera_position"][frame_row, i] for i, c in enumerate(camera_index)},
        camera_rotation={c: joined["camera_rotation"][frame_row, i] for i, c in enumerate(camera_index)},
        intrinsics={
            c: kinematics.intrinsics(c).resized(width, height) for c, (height, width) in sizes.items()
        },
        identities=tuple(identities),
    )


def _join(parts: list[np.ndarray]) -> np.ndarray:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def split_episodes(demonstrations: Demonstrations, share: float, seed: int) -> np.ndarray:
    """bool (episode,): held out for validation, the same share of every task."""
    rng = np.random.default_rng([seed, 77])
    held_out = np.zeros(len(demonstrations.instructions), bool)
    tasks = np.asarray(demonstrations.tasks)
    for task in np.unique(tasks):
        members = np.nonzero(tasks == task)[0]
        held_out[rng.permutation(members)[: round(share * len(members))]] = True
    return held_out
