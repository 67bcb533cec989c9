"""What the fixed camera saw before the arm came between: untouched things stay where they were."""

from dataclasses import replace

import torch
from torch import Tensor

from policies.backbone import Context

LOOKS = 5
"""So many looks decide; they are the ones with the freest view."""
_OBJECT, _GOAL = 0, 1


class SceneMemory:
    """Holds the first camera's points while no gripper opens or closes.

    Of the first looks since then the one counts that agrees best with the others (the medoid). An object in a
    closed gripper moves: its point is not held, the goal's is.
    """

    def __init__(self) -> None:
        self._closed: tuple[bool, ...] = ()
        self._points: list[Tensor] = []
        self._axes: list[Tensor] = []

    def steady(self, context: Context, closed: tuple[bool, ...]) -> Context:
        """The context with held points and rotations of the first camera.

        Args:
            context: Of one observation (batch 1), as seen now.
            closed: Whether each gripper is told to be closed.
        """
        if closed != self._closed:
            self._closed = closed
            self._points, self._axes = [], []
        if len(self._points) < LOOKS:
            self._points.append(context.points[0, 0])
            self._axes.append(context.rotation_axes[0])
        points, axes = context.points.clone(), context.rotation_axes.clone()
        for point in (_GOAL,) if any(closed) else (_OBJECT, _GOAL):
            seen = torch.stack([look[point] for look in self._points])
            best = int(torch.cdist(seen, seen).sum(1).argmin())
            points[0, 0, point], axes[0, point] = seen[best], self._axes[best][point]
        return replace(context, points=points, rotation_axes=axes)
