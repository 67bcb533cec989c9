"""The boxes that a trained first look finds in scenes: what the closer look will be shown."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from policies.reasoner.looking import Looker
from policies.reasoner.model_folder import ReasonerModel
from policies.reasoner.network import ReasonerNet
from policies.reasoner.scene_samples import SceneViews

_SAID_EVERY = 1000


class Proposals:
    """Boxes of some views of scene folders [pixel].

    Args:
        views: Numbers of the views, ascending, (view,).
        starts: Where each view's boxes begin, (view + 1,).
        boxes: Left, top, right, bottom, (box, 4).
    """

    def __init__(self, views: np.ndarray, starts: np.ndarray, boxes: np.ndarray):
        self.views, self._starts, self._boxes = views, starts, boxes

    def of(self, place: int) -> np.ndarray:
        """Boxes of the view `views[place]`, (box, 4)."""
        return self._boxes[self._starts[place] : self._starts[place + 1]]

    def save(self, path: Path) -> None:
        """Atomically."""
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, views=self.views, starts=self._starts, boxes=self._boxes.astype(np.float32))
        partial.replace(path)

    @staticmethod
    def load(path: Path) -> "Proposals":
        with np.load(path) as table:
            return Proposals(table["views"], table["starts"], table["boxes"])


def propose(
    network: ReasonerNet, scenes: SceneViews, count: int, say: Callable[[str], None] = print
) -> Proposals:
    """Look at so many views, evenly spread."""
    looker, found = Looker(ReasonerModel(network)), []
    views = np.unique(np.linspace(0, len(scenes) - 1, min(count, len(scenes))).astype(int))
    for done, index in enumerate(views, 1):
        look = looker.look(scenes.scene(int(index)).view)
        boxes = [look.box(number) for number in range(len(look.things))]
        found.append(np.array([[b.left, b.top, b.right, b.bottom] for b in boxes]).reshape(-1, 4))
        if done % _SAID_EVERY == 0:
            say(f"looked at {done} of {len(views)} views")
    starts = np.cumsum([0, *(len(boxes) for boxes in found)])
    return Proposals(views, starts, np.concatenate(found) if found else np.empty((0, 4)))
