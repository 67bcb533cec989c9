"""The reasoner that ships with the project: a small network, a parser and geometry, all offline."""

import threading
import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from policies.reasoner.conversation import answer_question
from policies.reasoner.free_places import find_places
from policies.reasoner.grasping import predict_grasps
from policies.reasoner.likeness import match_points
from policies.reasoner.looking import Look, Looker
from policies.reasoner.model_folder import SHIPPED, ReasonerModel, load_model
from policies.reasoner.moving import find_trajectory
from policies.reasoner.parts import part_box, part_box3d, part_reason, part_weight
from policies.reasoner.reprojection import carry_points
from policies.reasoner.spotting import Spotted, spot, understand
from policies.reasoner.success import SuccessDetector
from robotics.reasoning.answers import (
    Answer,
    Box2D,
    Box3D,
    Correspondence,
    Found,
    Grasp,
    Point,
    Success,
    Trajectory,
)
from robotics.reasoning.checks import check_limit, check_points, check_query, check_view, check_views
from robotics.reasoning.errors import MissingInputError, UnsupportedQuestionError
from robotics.reasoning.lifting import lift_point
from robotics.reasoning.query import FreeSpace, Thing
from robotics.reasoning.reasoner import GripperShape
from robotics.reasoning.view import View

_WITHOUT_SUCCESS = ("point", "detect", "boxes3d", "grasps", "trajectory", "correspond", "answer")


class EmbeddedReasoner:
    """Answers from one dense look at a view, which is kept as long as the view is.

    Args:
        model: The trained network.
        success: Judges whether an instruction was carried out; without one, `success` is not supported.
    """

    def __init__(self, model: ReasonerModel, success: SuccessDetector | None = None):
        self._success = success
        self._looker = Looker(model)
        self._looks: weakref.WeakKeyDictionary[View, Look] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    @staticmethod
    def load(folder: Path | None = None) -> "EmbeddedReasoner":
        """From a checkpoint folder, the shipped one by default, with the success detector in its subfolder
        `success` where there is one.

        Raises:
            CheckpointError: The folder is missing, damaged or of another format.
        """
        inner = (SHIPPED if folder is None else folder) / "success"
        detector = SuccessDetector.load(inner) if (inner / "config.json").is_file() else None
        return EmbeddedReasoner(load_model(folder), detector)

    @property
    def name(self) -> str:
        return "embedded"

    @property
    def supports(self) -> frozenset[str]:
        return frozenset(_WITHOUT_SUCCESS) | ({"success"} if self._success else frozenset())

    def look(self, view: View) -> Look:
        """What is seen in a view, computed once.

        Raises:
            ImageError: The view cannot be used.
        """
        with self._lock:
            known = self._looks.get(view)
        if known is not None:
            return known
        seen = self._looker.look(view)
        with self._lock:
            return self._looks.setdefault(view, seen)

    def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
        query, limit = check_query(query), check_limit(limit)
        parsed, unknown = understand(query)
        look = self.look(view)
        if unknown:
            return Found((), presence=0.0, unknown_words=parsed.unknown_words, reason=unknown)
        if isinstance(parsed.target, FreeSpace):
            return find_places(look, parsed.target, query, limit)
        assert parsed.target is not None
        spotted, points = spot(look, parsed.target), []
        for number, score in zip(spotted.indices[:limit], spotted.scores, strict=False):
            weight = None
            if parsed.target.part:
                weight = part_weight(look, number, parsed.target.part)
                if weight is None:
                    continue
            column, row = look.inner_point(number, weight)
            points.append(lift_point(Point(column, row, _label(parsed.target), score), view))
        return _found(points, spotted, parsed.target)

    def detect(self, view: View, query: str, limit: int = 50) -> Found[Box2D]:
        look, target, spotted, failed = self._spot(view, query, limit, "detect")
        if failed is not None:
            return failed
        boxes: list[Box2D] = []
        for number, score in zip(spotted.indices[:limit], spotted.scores, strict=False):
            if not target.part:
                boxes.append(look.box(number, _label(target), score))
            elif (weight := part_weight(look, number, target.part)) is not None:
                boxes.append(part_box(look, number, weight, _label(target), score))
        return _found(boxes, spotted, target)

    def boxes3d(self, view: View, query: str, limit: int = 50) -> Found[Box3D]:
        look, target, spotted, failed = self._spot(view, query, limit, "boxes3d")
        if failed is not None:
            return failed
        boxes: list[Box3D] = []
        for number, score in zip(spotted.indices[:limit], spotted.scores, strict=False):
            if not target.part:
                boxes.append(look.box3d(number, _label(target), score))
            elif (weight := part_weight(look, number, target.part)) is not None:
                box = part_box3d(look, number, weight, _label(target), score)
                if box is None:
                    raise MissingInputError(
                        f"a 3D box of the {target.part} needs depth and intrinsics; the view lacks them"
                    )
                boxes.append(box)
        return _found(boxes, spotted, target)

    def grasps(
        self, view: View, query: str, gripper: GripperShape | None = None, limit: int = 10
    ) -> Found[Grasp]:
        look, target, spotted, failed = self._spot(view, query, limit, "grasps")
        if view.depth is None or not view.is_calibrated:
            raise MissingInputError("grasps need a view with depth, intrinsics and the camera's place")
        if failed is not None:
            return failed
        for number, score in zip(spotted.indices, spotted.scores, strict=True):
            region = None
            if target.part:
                weight = part_weight(look, number, target.part)
                if weight is None:
                    continue
                region = part_box3d(look, number, weight, _label(target), score)
            grasps = predict_grasps(
                *(view, look.mask(number), look.box3d(number), gripper or GripperShape(), limit, region)
            )
            # of a thing that the picture's border cuts some lie outside of the picture
            grasps = [g for g in grasps if 0 <= g.column <= view.width and 0 <= g.row <= view.height]
            if grasps:
                label = _label(target)
                return Found(tuple(replace(g, label=label) for g in grasps), presence=spotted.presence)
        reason = spotted.reason or f"sees the {_label(target)}, but no grasp fits"
        return Found((), presence=spotted.presence, reason=reason)

    def trajectory(self, view: View, instruction: str) -> Found[Trajectory]:
        instruction = check_query(instruction, "instruction")
        look = self.look(view)
        if view.depth is None or not view.is_calibrated:
            raise MissingInputError("trajectories need a view with depth, intrinsics and the camera's place")
        return find_trajectory(look, instruction)

    def correspond(self, source: View, points: Sequence[Point], target: View) -> tuple[Correspondence, ...]:
        check_views((source, target))
        check_points(points, source)
        if source.depth is not None and source.is_calibrated and target.is_calibrated:
            return carry_points(source, points, target)
        return match_points(self.look(source), points, self.look(target))

    def success(self, before: Sequence[View], after: Sequence[View], instruction: str) -> Success:
        if self._success is None:
            raise UnsupportedQuestionError(self.name, "success", _WITHOUT_SUCCESS)
        instruction = check_query(instruction, "instruction")
        check_views(after, "a view of the moment after")
        for view in before:
            check_view(view)
        probability = self._success.probability(before, after, instruction)
        return Success(probability >= 0.5, probability)

    def answer(self, views: Sequence[View], question: str) -> Answer:
        question = check_query(question, "question")
        check_views(views)
        return answer_question([self.look(view) for view in views], question)

    def _spot(
        self, view: View, query: str, limit: int, kind: str
    ) -> tuple[Look, Thing, Spotted, Found | None]:
        """The things that a query means; or, last, the answer that says why there are none."""
        query, _ = check_query(query), check_limit(limit)
        parsed, unknown = understand(query)
        look, nothing = self.look(view), Spotted((), (), 0.0)
        if isinstance(parsed.target, FreeSpace):
            raise UnsupportedQuestionError(self.name, f"{kind} of free space", ("point at free space",))
        if parsed.target is None:
            answer = Found((), presence=0.0, unknown_words=parsed.unknown_words, reason=unknown)
            return look, Thing(""), nothing, answer
        return look, parsed.target, spot(look, parsed.target), None


def _label(target: Thing) -> str:
    """What an answer is called."""
    return f"{target.part} of the {target.phrase}" if target.part else target.phrase


def _found(items: list, spotted: Spotted, target: Thing) -> Found:
    if items:
        return Found(tuple(items), presence=spotted.presence)
    reason = spotted.reason or (part_reason(target) if target.part else "")
    presence = min(spotted.presence, 0.3) if spotted.indices else spotted.presence
    return Found((), presence=presence, reason=reason)
