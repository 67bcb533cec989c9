"""A reasoner over anything that looks at pictures and writes text: prompts out, strict parsers in."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import cv2
import numpy as np

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
from robotics.reasoning.errors import AnswerFormatError
from robotics.reasoning.formats import prompts
from robotics.reasoning.formats.boxes import parse_boxes
from robotics.reasoning.formats.boxes3d import parse_boxes3d
from robotics.reasoning.formats.grasps import parse_grasps
from robotics.reasoning.formats.parsed import ParseCounter, Parsed
from robotics.reasoning.formats.paths import parse_matches, parse_trajectory
from robotics.reasoning.formats.points import parse_points
from robotics.reasoning.formats.scale import Scale, Unit
from robotics.reasoning.formats.words import parse_answer, parse_success
from robotics.reasoning.lifting import lift_grasp, lift_point, lift_trajectory
from robotics.reasoning.reasoner import QUESTIONS, GripperShape
from robotics.reasoning.view import View

Item = TypeVar("Item", Point, Box2D, Box3D, Grasp, Trajectory)
Value = TypeVar("Value")


class ChatModel(Protocol):
    """What writes the text."""

    def say(self, kind: str, prompt: str, images: Sequence[np.ndarray], attempt: int) -> str:
        """The answer to one prompt after some pictures.

        Args:
            kind: Which of QUESTIONS is asked.
            images: RGB uint8, (height, width, 3) each.
            attempt: 0, then 1, 2, ... where earlier answers could not be parsed.

        Raises:
            BackendError: The model failed.
        """
        ...


class ChatReasoner:
    """Implements `robotics.reasoning.reasoner.Reasoner`; as thread-safe as its model.

    Models of this kind say how sure they are of nothing: confidence is 1 for what they answer.
    """

    def __init__(
        self,
        name: str,
        model: ChatModel,
        *,
        unit: Unit = Unit.THOUSANDTH,
        y_first: bool = True,
        longest_side: int = 1536,
        asks: int = 1,
    ):
        """
        Args:
            unit: In which the model writes places, and `y_first` their order.
            longest_side: Larger pictures are reduced to it before they are sent [pixel].
            asks: How often a question is asked at most, until its answer can be parsed.
        """
        self._name = name
        self._model = model
        self._unit, self._y_first = unit, y_first
        self._longest_side = longest_side
        self._asks = asks
        self.parsing = ParseCounter()
        """What became of the model's texts."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def supports(self) -> frozenset[str]:
        return frozenset(QUESTIONS)

    def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
        image, scale = self._prepare(view)
        prompt = prompts.prompt_points(check_query(query), scale, check_limit(limit))
        parsed = self._ask("point", prompt, [image], lambda text: parse_points(text, scale))
        return _found([lift_point(point, view) for point in parsed.items], limit)

    def detect(self, view: View, query: str, limit: int = 50) -> Found[Box2D]:
        image, scale = self._prepare(view)
        prompt = prompts.prompt_boxes(check_query(query), scale, check_limit(limit))
        parsed = self._ask("detect", prompt, [image], lambda text: parse_boxes(text, scale))
        return _found(parsed.items, limit)

    def boxes3d(self, view: View, query: str, limit: int = 50) -> Found[Box3D]:
        image, _ = self._prepare(view)
        prompt = prompts.prompt_boxes3d(check_query(query), check_limit(limit))
        # Without intrinsics a view is no calibrated one, though its camera's place may be known.
        camera_in_world = view.camera_in_world if view.is_calibrated else None
        parsed = self._ask("boxes3d", prompt, [image], lambda text: parse_boxes3d(text, camera_in_world))
        return _found(parsed.items, limit)

    def grasps(
        self, view: View, query: str, gripper: GripperShape | None = None, limit: int = 10
    ) -> Found[Grasp]:
        image, scale = self._prepare(view)
        prompt = prompts.prompt_grasps(check_query(query), scale, check_limit(limit))
        parsed = self._ask("grasps", prompt, [image], lambda text: parse_grasps(text, scale))
        return _found([lift_grasp(grasp, view, gripper) for grasp in parsed.items], limit)

    def trajectory(self, view: View, instruction: str) -> Found[Trajectory]:
        image, scale = self._prepare(view)
        instruction = check_query(instruction, "instruction")
        prompt = prompts.prompt_trajectory(instruction, scale)
        parsed = self._ask(
            "trajectory", prompt, [image], lambda text: parse_trajectory(text, scale, instruction)
        )
        return _found([lift_trajectory(trajectory, view) for trajectory in parsed.items], 1)

    def correspond(self, source: View, points: Sequence[Point], target: View) -> tuple[Correspondence, ...]:
        first, source_scale = self._prepare(source)
        second, target_scale = self._prepare(target)
        check_points(points, source)
        prompt = prompts.prompt_matches(points, source_scale, target_scale)
        parsed = self._ask(
            "correspond", prompt, [first, second], lambda text: parse_matches(text, points, target_scale)
        )
        return tuple(
            dataclasses.replace(match, target=match.target and lift_point(match.target, target))
            for match in parsed.items
        )

    def success(self, before: Sequence[View], after: Sequence[View], instruction: str) -> Success:
        check_views(after, "a view of the moment after")
        images = [self._prepare(view)[0] for view in (*before, *after)]
        instruction = check_query(instruction, "instruction")
        prompt = prompts.prompt_success(instruction, len(before), len(after))
        return self._ask("success", prompt, images, parse_success).items[0]

    def answer(self, views: Sequence[View], question: str) -> Answer:
        check_views(views)
        images = [self._prepare(view)[0] for view in views]
        prompt = prompts.prompt_answer(check_query(question, "question"))
        return self._ask("answer", prompt, images, parse_answer).items[0]

    def _ask(
        self,
        kind: str,
        prompt: str,
        images: Sequence[np.ndarray],
        parse: Callable[[str], Parsed[Value]],
    ) -> Parsed[Value]:
        """The first answer that can be parsed; raises AnswerFormatError where none of `asks` can."""
        for attempt in range(self._asks):
            text = self._model.say(kind, prompt, images, attempt)
            try:
                return self.parsing.count(lambda text=text: parse(text))
            except AnswerFormatError:
                if attempt + 1 == self._asks:
                    raise
        raise AssertionError("asks is at least 1")

    def _prepare(self, view: View) -> tuple[np.ndarray, Scale]:
        """The picture to send, and how places in it are written."""
        image = check_view(view)
        factor = self._longest_side / max(view.width, view.height)
        if factor < 1:
            size = (max(1, round(view.width * factor)), max(1, round(view.height * factor)))
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        sent = (image.shape[1], image.shape[0])
        return image, Scale(view.width, view.height, self._unit, self._y_first, sent)


def _found(items: Sequence[Item], limit: int) -> Found[Item]:
    return Found(tuple(items[:limit]), presence=1.0 if items else 0.0)
