"""A folder of generated scenes: pictures, depth, ids and facts, memory-mapped."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from robotics.errors import RoboticsError
from robotics.pinhole import Intrinsics, unproject
from robotics.reasoning.scenes.facts import TABLE, ViewFacts, parse_facts
from robotics.reasoning.spatial import clearance
from robotics.reasoning.view import View

FORMAT = "robotics.scenes/1"
DEPTH_UNIT = 1e-4
"""Of `depth.npy` [m]."""


class ScenesError(RoboticsError):
    """A folder is no dataset of generated scenes, or a damaged one."""


@dataclass(frozen=True, eq=False)
class SceneView:
    """One picture with all that is true of it."""

    view: View
    """Calibrated, with depth."""
    ids: np.ndarray
    """uint8, shape (height, width): see docs/scenes.md."""
    facts: ViewFacts

    @cached_property
    def points(self) -> np.ndarray:
        """World point under each pixel's centre, shape (height, width, 3) [m]; NaN without depth."""
        depth, k, pose = self.view.depth, self.view.intrinsics, self.view.camera_in_world
        assert depth is not None and k is not None and pose is not None
        columns, rows = np.meshgrid(np.arange(k.width) + 0.5, np.arange(k.height) + 0.5)
        points = unproject(np.stack([columns, rows, depth], axis=-1), pose.rotation, pose.position, k)
        points[depth <= 0] = np.nan
        return points

    @cached_property
    def clearance(self) -> np.ndarray:
        """Distance of each pixel's point to the nearest footprint, shape (height, width) [m]."""
        return clearance(self.points, [thing.placed for thing in self.facts.objects])

    @property
    def on_table(self) -> np.ndarray:
        """Pixels that show the table's top, shape (height, width)."""
        return self.ids == TABLE


class SceneFolder:
    """The views of a folder by their number.

    Raises:
        ScenesError: There is no finished dataset there, or its shards do not hold what it says.
    """

    def __init__(self, path: Path):
        self.path = path
        try:
            about = json.loads((path / "scenes.json").read_text())
        except FileNotFoundError:
            hint = " (unfinished: no scenes.json)" if (path / "shards").exists() else ""
            raise ScenesError(
                f"no generated scenes at '{path}'{hint}; make some: robotics scenes make"
            ) from None
        except ValueError as error:
            raise ScenesError(f"{path}/scenes.json: {error}") from None
        if about.get("format") != FORMAT:
            raise ScenesError(f"{path}: wanted format {FORMAT}, got {about.get('format')}")
        self.about: dict = about
        self._shards = sorted(p for p in (path / "shards").iterdir() if p.name.isdigit())
        self._lines: list[list[str]] = [(s / "facts.jsonl").read_text().splitlines() for s in self._shards]
        self._arrays: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        self._starts = np.cumsum([0, *(len(lines) for lines in self._lines)])
        if len(self) != about["views"]:
            raise ScenesError(f"{path}: wanted {about['views']} views, found {len(self)} in its shards")

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __iter__(self) -> Iterator[SceneView]:
        return (self[i] for i in range(len(self)))

    def facts(self, index: int) -> ViewFacts:
        """Without touching the pictures.

        Raises:
            IndexError: There is no such view.
        """
        shard, row = self._find(index)
        try:
            return parse_facts(self._lines[shard][row])
        except ValueError as error:
            raise ScenesError(f"{self._shards[shard]}/facts.jsonl line {row + 1}: {error}") from None

    def __getitem__(self, index: int) -> SceneView:
        shard, row = self._find(index)
        facts = self.facts(index)
        if shard not in self._arrays:
            rgb, depth, ids = (
                np.load(self._shards[shard] / f"{name}.npy", mmap_mode="r")
                for name in ("rgb", "depth", "ids")
            )
            if not len(rgb) == len(depth) == len(ids) == len(self._lines[shard]):
                raise ScenesError(f"{self._shards[shard]}: pictures and facts differ in number")
            self._arrays[shard] = (rgb, depth, ids)
        rgb, depth, ids = self._arrays[shard]
        height, width = ids.shape[1:]
        view = View(
            np.array(rgb[row]),
            depth[row].astype(np.float32) * np.float32(DEPTH_UNIT),
            Intrinsics(*facts.intrinsics, width=width, height=height),
            facts.camera_in_world,
            facts.camera,
        )
        return SceneView(view, np.array(ids[row]), facts)

    def _find(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            raise IndexError(f"view {index} of {len(self)} at '{self.path}'")
        shard = int(np.searchsorted(self._starts, index, side="right")) - 1
        return shard, index - int(self._starts[shard])
