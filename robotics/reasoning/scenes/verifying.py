"""Whether the facts of a scene folder agree with its pictures."""

from collections.abc import Iterator

import numpy as np

from robotics.reasoning.scenes.facts import ROBOT, TABLE
from robotics.reasoning.scenes.folder import SceneFolder, ScenesError, SceneView


def find_problems(folder: SceneFolder) -> Iterator[str]:
    """One line for each thing that is wrong, with the number of its view."""
    for index in range(len(folder)):
        try:
            view = folder[index]
        except (ScenesError, OSError, ValueError) as error:  # NumPy says what a damaged file is by ValueError
            yield f"view {index}: {error}"
            continue
        for problem in _problems_of_view(view):
            yield f"view {index}: {problem}"


def _problems_of_view(view: SceneView) -> Iterator[str]:
    shown = np.unique(view.ids)
    known = {0, TABLE, ROBOT, *(thing.id for thing in view.facts.objects)}
    for number in set(shown.tolist()) - known:
        yield f"the picture of ids has {number}, which the facts lack"
    for thing in view.facts.objects:
        rows, columns = np.nonzero(view.ids == thing.id)
        if len(rows) != thing.pixels:
            yield f"object {thing.id} shows {len(rows)} pixels, the facts say {thing.pixels}"
            continue
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else None
        if box != thing.box:
            yield f"object {thing.id} has the box {box}, the facts say {thing.box}"
        if len(rows) and not np.isfinite(view.points[rows, columns]).all():
            yield f"object {thing.id} has pixels without depth"
