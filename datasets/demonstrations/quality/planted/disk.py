"""Changes to committed episodes that no recorder makes: other types and shapes, damage, other metadata."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from demonstrations.arrays import group_json, read_array, write_array
from demonstrations.episode import read_attributes
from demonstrations.staging import episode_checksum


def rewrite_array(path: Path, name: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Replace an array of an episode, with checksums that fit: as an import that went wrong leaves it."""
    folder = path / name
    array = change(read_array(folder).copy())
    for file in folder.iterdir():
        file.unlink()
    digests = write_array(folder, array)
    attributes = read_attributes(path)
    attributes["checksums"]["files"].update({f"{name}/{file}": d for file, d in digests.items()})
    _write(path, attributes)


def rewrite_attributes(path: Path, changes: Mapping[str, object]) -> None:
    """Replace attributes; a key 'cameras/NAME/KEY' reaches into a camera's record."""
    attributes = read_attributes(path)
    for key, value in changes.items():
        *parents, last = key.split("/")
        table = attributes
        for parent in parents:
            table = table[parent]
        if last not in table:
            raise KeyError(f"{path}: no attribute '{key}'; there are: {', '.join(table)}")
        table[last] = json.loads(json.dumps(value))
    _write(path, attributes)


def flip_byte(path: Path, folder: str) -> None:
    """Damage the first data file of an array, as a dying disk does."""
    file = min(p for p in (path / folder).rglob("*") if p.is_file() and p.name != "zarr.json")
    data = bytearray(file.read_bytes())
    data[len(data) // 3] ^= 0x10
    file.write_bytes(data)


def _write(path: Path, attributes: dict) -> None:
    attributes["checksums"]["episode"] = episode_checksum(attributes, attributes["checksums"]["files"])
    (path / "zarr.json").write_bytes(group_json(attributes))
