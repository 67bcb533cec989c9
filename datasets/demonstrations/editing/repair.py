"""Makes a damaged dataset whole again: the good part of every episode stays, nothing is thrown away."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from demonstrations.dataset import DemonstrationDataset
from demonstrations.durable import FileLock, replace_file, storage_errors
from demonstrations.editing.rows import RowRange, check_can_be_cut, copy_rows
from demonstrations.editing.transaction import Edit, take_out
from demonstrations.episode import Episode
from demonstrations.index import episode_name, episode_numbers, index_entry, write_index
from demonstrations.provenance import utc_now
from demonstrations.verify import Problem, verify_episode
from demonstrations.versions import VERSIONS_FILE, read_lines
from robotics.errors import DatasetError, RoboticsError

SET_ASIDE = "set_aside"

_ADDED = " was added after the commit"
_OTHER_ROBOT = "was recorded on another interface"
"""Texts of `verify` that ask for something else than the rest."""


def repair(
    path: Path, *, dry_run: bool = False, on_episode: Callable[[int, int], None] = lambda done, of: None
) -> list[str]:
    """Repair versions, index, what crashes left, and every damaged episode.

    A damaged episode moves to set_aside/ with a note. Where its ticks and the pictures of its beginning are
    whole, they become a new episode without a judgement, marked `truncated` where the end is missing.

    Args:
        dry_run: Only tell.
        on_episode: Told how many episodes are checked, of how many.

    Returns:
        What was (or would be) done, one line each; none where all was well.

    Raises:
        DatasetError, StorageFullError: It is no dataset, or the disk cannot be written.
    """
    report = _repair_versions(path, dry_run)
    if dry_run and report:
        return [*report, "the rest can be told once the versions are repaired"]
    dataset = DemonstrationDataset.open(path, recover=not dry_run)
    report += dataset.recovered
    numbers = episode_numbers(path / "episodes")
    for i, number in enumerate(numbers):
        problems = verify_episode(path / "episodes" / episode_name(number), dataset)
        if problems:
            report.append(_repair_episode(dataset, number, problems, dry_run))
        on_episode(i + 1, len(numbers))
    report += _repair_index(dataset, dry_run)
    return report


def _repair_versions(path: Path, dry_run: bool) -> list[str]:
    file = path / VERSIONS_FILE
    versions, damage = read_lines(file)
    if not damage:
        return []
    if not dry_run:
        with storage_errors(f"repairing {file}"), FileLock(path / "commit.lock"):
            data = file.read_bytes()
            (path / SET_ASIDE).mkdir(exist_ok=True)
            kept = path / SET_ASIDE / f"{VERSIONS_FILE}.{utc_now().replace(':', '')}"
            replace_file(kept, data)
            good = data.split(b"\n")[: len(versions)]
            replace_file(file, b"".join(line + b"\n" for line in good))
    return [
        f"{damage}: versions 0 .. {len(versions)} are kept, the damaged file is in {SET_ASIDE}/; "
        "what later versions hid is shown again"
    ]


def _repair_index(dataset: DemonstrationDataset, dry_run: bool) -> list[str]:
    """Write the index anew where it lacks an episode, or what older software did not put into it."""
    entries = []
    for number in episode_numbers(dataset.path / "episodes"):
        try:
            entries.append(index_entry(Episode(dataset.path / "episodes" / episode_name(number), number)))
        except RoboticsError:  # only in a dry run are there any left
            continue
    if tuple(entries) == dataset.committed_entries:
        return []
    if not dry_run:
        with (
            storage_errors(f"rebuilding the index of {dataset.path}"),
            FileLock(dataset.path / "commit.lock"),
        ):
            if [e.number for e in entries] == episode_numbers(dataset.path / "episodes"):
                write_index(dataset.path / "index.jsonl", entries)
        dataset.refresh()
    return ["the index was rebuilt from the episodes"]


def _repair_episode(
    dataset: DemonstrationDataset, number: int, problems: list[Problem], dry_run: bool
) -> str:
    path = dataset.path / "episodes" / episode_name(number)
    texts = [problem.text for problem in problems]
    added = [text.removesuffix(_ADDED) for text in texts if text.endswith(_ADDED)]
    if len(added) == len(texts):
        if not dry_run:
            _move_added(dataset.path, path, added)
        return f"episode {number}: {', '.join(added)} did not belong to it: moved to {SET_ASIDE}/"
    reason = "; ".join(texts)
    if any(entry.number == number for entry in dataset.entries):
        kept, what = _keep_good_part(dataset, path, number, texts, dry_run)
    else:
        kept, what = False, "it was hidden"
    if not dry_run:
        _set_aside(dataset, number, reason, record=not kept)
    return f"episode {number}: {texts[0]}: moved to {SET_ASIDE}/; {what}"


def _keep_good_part(
    dataset: DemonstrationDataset, path: Path, number: int, texts: list[str], dry_run: bool
) -> tuple[bool, str]:
    """Whether something was kept, and what. Nobody has judged what is left, or can trust a judgement."""
    if any(text.startswith(_OTHER_ROBOT) for text in texts):
        return False, "nothing of it was kept: it is of another robot"
    try:
        episode = Episode(path, number)
        check_can_be_cut(episode)
        rows = RowRange(0, good_rows(episode))
    except (RoboticsError, IndexError, KeyError) as error:
        return False, f"nothing of it could be kept ({error})"
    note = f"repaired: {'; '.join(texts)}"
    if episode.metadata.note:
        note = f"{episode.metadata.note}; {note}"
    changes = {
        "note": note,
        "truncated": episode.metadata.truncated or rows.end < len(episode),
        "success": None,
        "outcome": "",
    }
    what = f"ticks 0:{rows.end} of {len(episode)}"
    if dry_run:
        return True, f"{what} would become a new episode"
    with Edit(dataset, f"repair {number}") as edit:
        copy_rows(episode, rows, edit.new_episode(), dataset.description, edit=f"repair {what}", **changes)
        version = edit.commit([number], set_aside=[number])
    return True, f"{what} became episode {version.made[0]}, version {version.version}"


def good_rows(episode: Episode) -> int:
    """How many rows from the first on have all their values and all their pictures.

    Raises:
        DatasetError: The ticks themselves, or the times of pictures, are damaged; or no row is good.
    """
    for name in episode.state:
        episode.state[name]
    good = len(episode)
    for camera in episode.cameras:
        times = episode.image_time_ns(camera)
        bad = next((i for i in range(len(times)) if not _is_readable(episode, camera, i)), None)
        if bad is not None:
            good = min(good, int(np.searchsorted(episode.time_ns, times[bad], side="left")))
    if good == 0:
        raise DatasetError(f"{episode.path.name}: the first pictures are damaged")
    return good


def _is_readable(episode: Episode, camera: str, frame: int) -> bool:
    try:
        episode.jpegs(camera, [frame])
        return True
    except DatasetError:
        return False


def _move_added(dataset: Path, episode: Path, names: list[str]) -> None:
    with storage_errors(f"repairing {episode}"):
        for name in names:
            target = dataset / SET_ASIDE / f"{episode.name}.added" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(episode / name, target)


def _set_aside(dataset: DemonstrationDataset, number: int, reason: str, *, record: bool) -> None:
    """Move a damaged episode away; `record` hides it in a version first, where no edit has done so."""
    if record and any(entry.number == number for entry in dataset.committed_entries):
        hidden = number in dataset.history.current.hidden
        with Edit(dataset, f"repair {number}") as edit:
            edit.commit([] if hidden else [number], set_aside=[number])
    with storage_errors(f"setting a damaged episode of {dataset.path} aside"):
        folder = dataset.path / SET_ASIDE
        with FileLock(dataset.path / "commit.lock"):
            take_out(dataset, [number], folder)
        note = {"reason": reason, "moved_utc": utc_now(), "what": f"episode {number}, damaged"}
        (folder / episode_name(number) / "NOTE.json").write_text(json.dumps(note, indent=1))
    dataset.refresh()
