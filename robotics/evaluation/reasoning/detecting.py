"""Average precision of boxes: every family in a view, and one that is not there, is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from robotics.evaluation.reasoning.overlap import box_iou, solid_iou_any_turn
from robotics.evaluation.reasoning.precision import Precision, Scored, Wanted, average_precision
from robotics.pose import Pose
from robotics.reasoning.answers import Box3D, Frame
from robotics.reasoning.errors import AnswerFormatError, QueryError
from robotics.reasoning.language.families import FAMILIES
from robotics.reasoning.language.nouns import plural
from robotics.reasoning.query import Thing
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.scenes.facts import ObjectFacts
from robotics.reasoning.scenes.folder import SceneView
from robotics.reasoning.scenes.truth import fits
from robotics.reasoning.spatial import Placed, level_in_world
from robotics.reasoning.view import View

LEAST_VISIBLE = 0.3
"""Of a thing's silhouette; what shows less is neither right nor wrong."""
SOLID_THRESHOLDS = (0.15, 0.25, 0.5)


@dataclass
class Detections:
    """Collected boxes of many views."""

    guesses: list[Scored] = field(default_factory=list)
    truths: list[Wanted] = field(default_factory=list)
    queries: int = 0
    unparsable: int = 0

    def flat_precision(self, threshold: float = 0.5) -> Precision:
        """Of boxes in the image."""
        return average_precision(self.guesses, self.truths, box_iou, threshold)

    def solid_precision(self, threshold: float) -> Precision:
        """Of boxes in space."""
        return average_precision(self.guesses, self.truths, solid_iou_any_turn, threshold)


def families_asked(scene: SceneView, rng: np.random.Generator) -> list[str]:
    """All families that are clearly in view, and one that is clearly not."""
    objects = scene.facts.objects
    there = sorted({t.family for t in objects if t.is_seen and t.visible >= LEAST_VISIBLE})
    absent = [f for f in FAMILIES if all(fits(t, Thing("", f)) == 0 for t in objects if t.pixels)]
    return there + ([absent[int(rng.integers(len(absent)))]] if absent else [])


def detect_flat(reasoner: Reasoner, scenes: Iterable[SceneView], rng: np.random.Generator) -> Detections:
    """2D boxes of every family."""
    result = Detections()
    for number, scene in enumerate(scenes):
        for family in families_asked(scene, rng):
            where = (number, family)
            result.queries += 1
            for thing, ignored in _wanted(scene, family):
                if thing.box is not None:
                    result.truths.append(Wanted(where, thing.box, ignored))
            try:
                found = reasoner.detect(scene.view, f"all {plural(family)}")
            except AnswerFormatError:
                result.unparsable += 1
                continue
            except QueryError:
                continue
            for box in found:
                corners = (box.left, box.top, box.right, box.bottom)
                result.guesses.append(Scored(where, box.confidence, corners))
    return result


def detect_solid(
    reasoner: Reasoner, scenes: Iterable[SceneView], rng: np.random.Generator, with_depth: bool
) -> Detections:
    """3D boxes of every family, in the world; things that the image's border cuts do not count.

    Args:
        with_depth: Otherwise the reasoner sees the calibrated picture alone.
    """
    result = Detections()
    for number, scene in enumerate(scenes):
        view = scene.view if with_depth else replace(scene.view, depth=None)
        for family in families_asked(scene, rng):
            where = (number, family)
            result.queries += 1
            for thing, ignored in _wanted(scene, family):
                result.truths.append(Wanted(where, thing.placed, ignored or thing.is_cut))
            try:
                found = reasoner.boxes3d(view, f"all {plural(family)}")
            except AnswerFormatError:
                result.unparsable += 1
                continue
            except QueryError:
                continue
            for box in found:
                result.guesses.append(Scored(where, box.confidence, placed_in_world(box, view)))
    return result


def placed_in_world(box: Box3D, view: View) -> Placed:
    """
    Raises:
        ValueError: The view is not calibrated.
    """
    pose = view.camera_in_world
    if pose is None:
        raise ValueError("wanted a calibrated view")
    if box.frame is not Frame.WORLD:
        frame = level_in_world(pose) if box.frame is Frame.LEVEL else pose
        inner = frame.compose(_pose(box))
        center, quaternion = inner.position, inner.quaternion
        return Placed.from_box(center, box.size, quaternion, box.label)
    return Placed.from_box(box.center, box.size, box.rotation, box.label)


def _pose(box: Box3D) -> Pose:
    return Pose(np.array(box.center), np.array(box.rotation))


def _wanted(scene: SceneView, family: str) -> list[tuple[ObjectFacts, bool]]:
    """Things that show and may be found for a family, and whether that is neither right nor wrong."""
    wanted = []
    for thing in scene.facts.objects:
        fit = fits(thing, Thing("", family)) if thing.pixels else 0.0
        if fit:
            wanted.append((thing, fit < 1 or not thing.is_seen or thing.visible < LEAST_VISIBLE))
    return wanted
