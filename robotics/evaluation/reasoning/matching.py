"""Correspondence between two views of a scene, and between views of different scenes, where there is none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from robotics.evaluation.statistics import wilson_interval
from robotics.pinhole import project
from robotics.reasoning.answers import Point
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.scenes.folder import SceneFolder, SceneView
from robotics.reasoning.view import View

TOLERANCE = 0.05
"""Of the longer side of the image."""
SAME_SURFACE = 0.01
"""A point shows in the other view if its depth there is that of the surface, within this [m]."""
POINTS = 8
"""Of each pair of views."""


@dataclass(frozen=True)
class MatchingScore:
    """Points of things, of pairs of views of the same scene and of different ones."""

    points: int
    near: int
    """Found within 5 % of the image."""
    wrong_points: int
    accepted: int
    """Points that were found in a view of another scene."""

    @property
    def near_interval(self) -> tuple[float, float]:
        return wilson_interval(self.near, self.points)

    @property
    def accepted_interval(self) -> tuple[float, float]:
        return wilson_interval(self.accepted, self.wrong_points)


def pairs(folder: SceneFolder, rng: np.random.Generator, most: int) -> Iterator[tuple[int, int, int]]:
    """Two views of the same moment of a scene, and one of another scene, by number; in random order."""
    moments: dict[tuple[int, int], list[int]] = {}
    for index in range(len(folder)):
        facts = folder.facts(index)
        moments.setdefault((facts.scene, facts.moment), []).append(index)
    several = [views for views in moments.values() if len(views) > 1]
    if len(moments) < 2:
        return
    for which in rng.permutation(len(several))[:most]:
        views = several[which]
        first, second = rng.choice(len(views), size=2, replace=False)
        scene = folder.facts(views[0]).scene
        while folder.facts(other := int(rng.integers(len(folder)))).scene == scene:
            pass
        yield views[first], views[second], other


def shared_points(
    source: SceneView, target: SceneView, rng: np.random.Generator
) -> list[tuple[Point, Point]]:
    """Points of things that show in both views, at most 8, with where they are in each."""
    pose, k, depth = target.view.camera_in_world, target.view.intrinsics, target.view.depth
    assert pose is not None and k is not None and depth is not None
    on_things = np.isin(source.ids, [t.id for t in source.facts.objects if t.is_seen])
    rows, columns = np.nonzero(on_things & np.isfinite(source.points).all(axis=-1))
    if not len(rows):
        return []
    found = []
    for i in rng.permutation(len(rows))[: 20 * POINTS]:
        column, row, far = project(source.points[rows[i], columns[i]], pose.rotation, pose.position, k)
        x, y = int(np.floor(column)), int(np.floor(row))
        if 0 <= x < k.width and 0 <= y < k.height and far > 0 and abs(depth[y, x] - far) < SAME_SURFACE:
            found.append(
                (Point(float(columns[i]) + 0.5, float(rows[i]) + 0.5), Point(float(column), float(row)))
            )
            if len(found) == POINTS:
                break
    return found


def match(
    reasoner: Reasoner, folder: SceneFolder, rng: np.random.Generator, most: int, calibrated: bool
) -> MatchingScore:
    """Ask for the same points in the other view, and in a view of another scene.

    Args:
        most: Pairs of views.
        calibrated: Otherwise the reasoner sees the pictures alone: with depth and camera poses, matching is
            mere geometry.
    """
    points = near = wrong_points = accepted = 0
    for first, second, other in pairs(folder, rng, most):
        source, target, wrong = folder[first], folder[second], folder[other]
        shared = shared_points(source, target, rng)
        if not shared:
            continue
        views = [s.view if calibrated else View(s.view.image) for s in (source, target, wrong)]
        asked = [ours for ours, _ in shared]
        found = reasoner.correspond(views[0], asked, views[1])
        points += len(asked)
        near += sum(_is_near(f.target, truth, target) for f, (_, truth) in zip(found, shared, strict=True))
        if not calibrated:  # of two calibrated scenes geometry finds the same place of the table
            found = reasoner.correspond(views[0], asked, views[2])
            wrong_points += len(asked)
            accepted += sum(f.target is not None for f in found)
    return MatchingScore(points, near, wrong_points, accepted)


def _is_near(guess: Point | None, truth: Point, target: SceneView) -> bool:
    if guess is None:
        return False
    side = max(target.view.width, target.view.height)
    return bool(np.hypot(guess.column - truth.column, guess.row - truth.row) <= TOLERANCE * side)


def changes(folder: SceneFolder) -> Sequence[tuple[int, int]]:
    """Views before and after a change, of the same camera, by number."""
    before: dict[tuple[int, str], int] = {}
    found = []
    for index in range(len(folder)):
        facts = folder.facts(index)
        key = (facts.scene, facts.camera)
        if facts.change is not None and facts.moment == 0:
            before[key] = index
        elif facts.change is not None and facts.moment == 1 and key in before:
            found.append((before[key], index))
    return found


def success_probabilities(
    reasoner: Reasoner, folder: SceneFolder, most: int
) -> tuple[list[float], list[float]]:
    """What the reasoner gives for success where the change was achieved, and where it was not."""
    achieved: list[float] = []
    failed: list[float] = []
    for first, last in changes(folder)[:most]:
        after = folder[last]
        assert after.facts.change is not None
        said = reasoner.success([folder[first].view], [after.view], after.facts.change["instruction"])
        (achieved if after.facts.change["achieved"] else failed).append(said.probability)
    return achieved, failed
