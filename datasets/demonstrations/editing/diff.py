"""What two datasets, or two versions of one, do not have in common."""

from collections import Counter
from dataclasses import dataclass, fields

import numpy as np

from demonstrations.dataset import DemonstrationDataset
from demonstrations.episode import Episode
from demonstrations.index import IndexEntry
from demonstrations.schema import EpisodeMetadata
from robotics.errors import RoboticsError

_NOT_COMPARED = ("cameras", "events", "derived_from", "edit", "extra")
"""Of the metadata; what differs in them is told in words of its own."""


@dataclass(frozen=True)
class ChangedEpisode:
    """An episode here that stands for another one there."""

    before: IndexEntry
    after: IndexEntry
    differences: tuple[str, ...]
    """One line each."""


@dataclass(frozen=True)
class DatasetDifference:
    """From the first dataset to the second."""

    equal: int
    """Episodes that both have, bit for bit."""
    changed: tuple[ChangedEpisode, ...]
    removed: tuple[IndexEntry, ...]
    """Only in the first."""
    added: tuple[IndexEntry, ...]
    """Only in the second."""
    description: tuple[str, ...]
    """What dataset.json says otherwise, one line each."""

    @property
    def nothing(self) -> bool:
        return not (self.changed or self.removed or self.added or self.description)


def compare_datasets(first: DemonstrationDataset, second: DemonstrationDataset) -> DatasetDifference:
    """Match episodes by checksum; of the rest, one that was edited from another stands for it.

    Episodes with the same task and seed stand for one another, too, where neither has another partner.
    """
    common = Counter(e.checksum for e in first.entries) & Counter(e.checksum for e in second.entries)
    removed, added = _without(first.entries, common), _without(second.entries, common)
    changed: list[ChangedEpisode] = []
    for after in list(added):
        before = _partner(after, removed, second)
        if before is not None:
            changed.append(ChangedEpisode(before, after, tuple(_differences(first, before, second, after))))
            added.remove(after)
            # the parts of a split all stand for it
    replaced = {change.before for change in changed}
    return DatasetDifference(
        equal=sum(common.values()),
        changed=tuple(changed),
        removed=tuple(entry for entry in removed if entry not in replaced),
        added=tuple(added),
        description=tuple(_description_differences(first, second)),
    )


def _without(entries: tuple[IndexEntry, ...], common: Counter[str]) -> list[IndexEntry]:
    left = Counter(common)
    rest = []
    for entry in entries:
        if left[entry.checksum] > 0:
            left[entry.checksum] -= 1
        else:
            rest.append(entry)
    return rest


def _partner(
    after: IndexEntry, removed: list[IndexEntry], dataset: DemonstrationDataset
) -> IndexEntry | None:
    try:
        sources = _episode(dataset, after).metadata.derived_from
    except RoboticsError:
        sources = ()
    for before in removed:
        if before.checksum in sources:
            return before
    if after.seed is None:
        return None
    alike = [e for e in removed if (e.task, e.seed) == (after.task, after.seed)]
    return alike[0] if len(alike) == 1 else None


def _differences(
    first: DemonstrationDataset, before: IndexEntry, second: DemonstrationDataset, after: IndexEntry
) -> list[str]:
    try:
        return episode_differences(_episode(first, before), _episode(second, after))
    except RoboticsError as error:
        return [f"cannot be compared: {error}"]


def episode_differences(before: Episode, after: Episode) -> list[str]:
    """In what two episodes differ, one line each: the edit, metadata, arrays, pictures."""
    a, b = before.metadata, after.metadata
    lines = [f"edit: {b.edit}"] if before.checksum in b.derived_from and b.edit else []
    for name in (f.name for f in fields(EpisodeMetadata) if f.name not in _NOT_COMPARED):
        if getattr(a, name) != getattr(b, name):
            lines.append(f"{name}: {getattr(a, name)!r} -> {getattr(b, name)!r}")
    if a.events != b.events:
        lines.append(f"events: {len(a.events)} -> {len(b.events)}")
    for name in dict.fromkeys((*before.state, *after.state)):
        lines += _array_difference(name, before, after)
    for camera in dict.fromkeys((*before.cameras, *after.cameras)):
        lines += _camera_difference(camera, before, after)
    return lines


def _array_difference(name: str, before: Episode, after: Episode) -> list[str]:
    if name not in before.state or name not in after.state:
        return [f"state/{name}: only in the {'first' if name in before.state else 'second'}"]
    if _digests(before, f"state/{name}/") == _digests(after, f"state/{name}/"):
        return []
    old, new = before.state[name], after.state[name]
    if len(old) != len(new) or np.array_equal(old, new, equal_nan=old.dtype.kind == "f"):
        return []  # another length is told of the episode
    rows = np.flatnonzero((old != new).reshape(len(old), -1).any(1))
    largest = np.nanmax(np.abs(old.astype(float) - new.astype(float)))
    return [f"state/{name}: {len(rows)} rows differ, by up to {largest:.4g}"]


def _camera_difference(camera: str, before: Episode, after: Episode) -> list[str]:
    old, new = before.metadata.cameras.get(camera), after.metadata.cameras.get(camera)
    if old is None or new is None:
        return [f"camera {camera}: only in the {'second' if old is None else 'first'}"]
    if _digests(before, f"images/{camera}/") == _digests(after, f"images/{camera}/"):
        return []
    if {old.encoding, new.encoding} != {"jpeg"}:
        return [f"camera {camera}: {old.frames} frames as {old.encoding} -> {new.frames} as {new.encoding}"]
    first, second = (
        Counter(episode.jpegs(camera, range(record.frames)))
        for episode, record in ((before, old), (after, new))
    )
    if first == second:  # only stored otherwise
        return []
    alike = (first & second).total()
    return [f"camera {camera}: {old.frames} -> {new.frames} frames, {alike} of them alike"]


def _digests(episode: Episode, prefix: str) -> dict[str, str]:
    """SHA-256 of the files below a part of the episode, as they were committed."""
    files: dict[str, str] = episode.attributes["checksums"]["files"]
    return {name: digest for name, digest in files.items() if name.startswith(prefix)}


def _description_differences(first: DemonstrationDataset, second: DemonstrationDataset) -> list[str]:
    a, b = first.description, second.description
    return [
        f"{f.name}: {getattr(a, f.name)} -> {getattr(b, f.name)}"
        for f in fields(a)
        if f.name not in ("created_utc", "software_version") and getattr(a, f.name) != getattr(b, f.name)
    ]


def _episode(dataset: DemonstrationDataset, entry: IndexEntry) -> Episode:
    return Episode(dataset.path / "episodes" / entry.name, entry.number)
