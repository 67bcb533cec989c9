"""The part that looks and understands: one interface, several minds behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

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
from robotics.reasoning.view import View

QUESTIONS = ("point", "detect", "boxes3d", "grasps", "trajectory", "correspond", "success", "answer")
"""Every kind of question, by the name of the method that answers it."""


@dataclass(frozen=True)
class GripperShape:
    """A parallel gripper, as grasps must know it; the defaults are those of ALOHA 2's fingers."""

    opening: float = 0.07
    """Greatest distance of the fingertips [m]."""
    finger_width: float = 0.03
    """Across the closing direction [m]."""
    finger_thickness: float = 0.015
    """Along the closing direction, over the last 3 cm [m]."""
    finger_length: float = 0.09
    """From the fingertips back to the palm [m]."""
    tip_length: float = 0.013
    """From the tool point forward to the ends of the fingers [m]."""
    pad_length: float = 0.026
    """Of the pads, from the ends of the fingers back [m]."""
    palm_width: float = 0.124
    """Along the closing direction [m]."""
    palm_depth: float = 0.06
    """Across the closing direction [m]."""


class Reasoner(Protocol):
    """Implemented by the embedded model, Gemini Robotics-ER, local vision-language models and the remote one.

    Queries are free text with attributes, relations and places: "the mug left of the red box", "free space
    behind the plate". Methods that a reasoner does not support raise UnsupportedQuestionError. All raise
    QueryError for an unusable query and BackendError where the model behind fails.
    """

    @property
    def name(self) -> str:
        """Short, for reports."""
        ...

    @property
    def supports(self) -> frozenset[str]:
        """Which of QUESTIONS it answers."""
        ...

    def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
        """At most `limit` places, best first; a place on the surface has a position where depth tells."""
        ...

    def detect(self, view: View, query: str, limit: int = 50) -> Found[Box2D]:
        """Every thing that the query describes."""
        ...

    def boxes3d(self, view: View, query: str, limit: int = 50) -> Found[Box3D]:
        """In the world frame where the view is calibrated, else level to the camera."""
        ...

    def grasps(
        self, view: View, query: str, gripper: GripperShape | None = None, limit: int = 10
    ) -> Found[Grasp]:
        """Grasps of the described thing, the most promising first.

        Raises:
            MissingInputError: The reasoner needs depth or calibration that the view lacks.
        """
        ...

    def trajectory(self, view: View, instruction: str) -> Found[Trajectory]:
        """How the thing that the instruction moves should travel: "push the red block to the left"."""
        ...

    def correspond(self, source: View, points: Sequence[Point], target: View) -> tuple[Correspondence, ...]:
        """For each point of `source` the same point of the scene in `target`, or that it is not visible."""
        ...

    def success(self, before: Sequence[View], after: Sequence[View], instruction: str) -> Success:
        """Whether the instruction was carried out between two moments; `before` may be empty."""
        ...

    def answer(self, views: Sequence[View], question: str) -> Answer:
        """A question about the scene, in words."""
        ...
