"""Other words or another judgement for an episode: a new episode that shares every file with the old one."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from demonstrations.arrays import group_json
from demonstrations.durable import replace_file, sync_path
from demonstrations.episode import Episode
from demonstrations.staging import episode_checksum


def copy_relabelled(episode: Episode, path: Path, *, edit: str, changes: Mapping[str, Any]) -> None:
    """Write the episode with other metadata at `path`; its files are hard links where that is possible.

    Args:
        changes: New values by the names of `EpisodeMetadata`'s fields.
    """
    link_files(episode.path, path, leave_out={"zarr.json"})
    metadata = replace(episode.metadata, **changes, derived_from=(episode.checksum,), edit=edit)
    files = episode.attributes["checksums"]["files"]
    unknown_too = {k: v for k, v in episode.attributes.items() if k not in ("checksums", "complete")}
    attributes = {**unknown_too, **metadata.to_attributes()}
    attributes["checksums"] = {"files": files, "episode": episode_checksum(attributes, files)}
    replace_file(path / "zarr.json", group_json({**attributes, "complete": True}))


def link_files(source: Path, target: Path, leave_out: frozenset[str] | set[str] = frozenset()) -> int:
    """Every file below `source` once more below `target`, durably: linked where the file system allows.

    Args:
        leave_out: Names in `source` itself that are not wanted.

    Returns:
        Bytes that had to be copied.
    """
    copied = 0
    for folder, _, names in os.walk(source):
        there = target / Path(folder).relative_to(source)
        there.mkdir(parents=True, exist_ok=True)
        for name in names:
            if Path(folder) == source and name in leave_out:
                continue
            copied += _link(Path(folder, name), there / name)
        sync_path(there)
    sync_path(target.parent)
    return copied


def _link(source: Path, target: Path) -> int:
    try:
        os.link(source, target)
        return 0
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)
        sync_path(target)
        return target.stat().st_size
