"""Checks every byte of a dataset against the checksums of its commits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from demonstrations.dataset import DemonstrationDataset
from demonstrations.episode import Episode
from demonstrations.index import episode_name, episode_numbers, read_index
from demonstrations.shards import file_checksum
from demonstrations.staging import episode_checksum
from robotics.errors import RoboticsError


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    episode: str
    """Name of the episode's folder, '' for the dataset."""
    text: str

    def __str__(self) -> str:
        return f"{self.episode or 'dataset'}: {self.text}"


def verify(
    dataset: DemonstrationDataset,
    episodes: Sequence[int] | None = None,
    on_episode: Callable[[int, int], None] = lambda done, of: None,
) -> list[Problem]:
    """Every problem found; empty where all is as it was committed.

    Args:
        episodes: Indices to check; by default all that there are, hidden ones and what is not indexed too.
        on_episode: Told how many episodes are checked, of how many.
    """
    if episodes is not None:
        paths = [dataset.path / "episodes" / dataset.entries[i].name for i in episodes]
        return [problem for path in paths for problem in verify_episode(path, dataset)]
    numbers = episode_numbers(dataset.path / "episodes")
    indexed = {entry.number: entry.checksum for entry in read_index(dataset.path / "index.jsonl")}
    problems = [
        Problem("", f"the index lists {episode_name(n)}, which is gone")
        for n in sorted({*indexed} - {*numbers})
    ]
    for i, number in enumerate(numbers):
        path = dataset.path / "episodes" / episode_name(number)
        found = verify_episode(path, dataset)
        if not found and indexed.get(number) != Episode(path).checksum:
            found = [Problem(path.name, "the index has another checksum, or none; open the dataset again")]
        problems += found
        on_episode(i + 1, len(numbers))
    return problems


def verify_episode(path: Path, dataset: DemonstrationDataset) -> list[Problem]:
    """Commit marker, checksums of the attributes and of every file, lengths, and what is there too much."""
    try:
        episode = Episode(path)
        checksums = episode.attributes["checksums"]
        files, whole = dict(checksums["files"]), checksums["episode"]
    except RoboticsError as error:
        return [Problem(path.name, str(error))]
    except (KeyError, TypeError, ValueError):
        return [Problem(path.name, "zarr.json has no checksums")]
    texts = []
    if episode.metadata.interface_fingerprint != dataset.interface_fingerprint:
        texts.append(f"was recorded on another interface ({episode.metadata.interface_fingerprint})")
    if episode_checksum(episode.attributes, files) != whole:
        texts.append("its attributes were edited: they do not match the episode's checksum")
    for name, digest in files.items():
        file = path / name
        if not file.is_file():
            texts.append(f"{name} is missing")
        elif file_checksum(file) != digest:
            texts.append(f"{name} is damaged: its checksum does not match")
    present = {p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()} - {"zarr.json"}
    texts += [f"{name} was added after the commit" for name in sorted(present - {*files})]
    if not texts:
        texts = _length_problems(episode)
    return [Problem(path.name, text) for text in texts]


def _length_problems(episode: Episode) -> list[str]:
    problems = []
    try:
        for name in episode.state:
            episode.state[name]
        for camera in episode.cameras:
            episode.check_frames(camera)
    except RoboticsError as error:
        problems.append(str(error))
    return problems
