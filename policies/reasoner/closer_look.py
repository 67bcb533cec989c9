"""Takes the closer look: every thing that the first look found, enlarged, in one batch."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from policies.reasoner.closer_crops import (
    BoxRow,
    Pyramid,
    Square,
    crop_channels,
    crop_geometry,
    light_of,
    no_geometry,
)
from policies.reasoner.closer_network import Closer, CloserNet
from policies.reasoner.decoding import SeenThing, log_softmax
from policies.reasoner.network import WORDS, fused
from policies.reasoner.patch import Patch, patch_surface
from policies.reasoner.preparing import Prepared
from robotics.pinhole import Intrinsics
from robotics.reasoning.checks import as_rgb
from robotics.reasoning.view import View

_FIRST = 0.3
"""Weight of the first look's words beside the closer look's."""
_FLATTEST = 0.05
"""Least fall per metre of depth of a ray that tells where a thing stands."""
_AGREES = 0.4
"""Greatest logarithm between the depth at which a thing would stand on the table and the guessed one."""


class CloserLooker:
    """Refines what a first look found with one network."""

    def __init__(self, network: CloserNet):
        self.network = fused(network)

    def refine(
        self, view: View, prepared: Prepared, things: Sequence[SeenThing]
    ) -> tuple[tuple[SeenThing, ...], tuple[Patch, ...]]:
        """The same things in the same order, with better words, boxes and numbers, and what shows of them."""
        if not things:
            return (), ()
        x, y = view.width / prepared.width, view.height / prepared.height
        boxes = [(t.box[0] * x, t.box[1] * y, t.box[2] * x, t.box[3] * y) for t in things]
        squares = [Square.around(box) for box in boxes]
        k = prepared.intrinsics.resized(view.width, view.height)
        pyramid = Pyramid(as_rgb(view.image))
        channels, references = [], []
        for box, square in zip(boxes, squares, strict=True):
            geometry = self._geometry(view, prepared, k, square)
            crop, reference = crop_channels(
                pyramid.crop(square), geometry, square.inner(box), square.side / k.fx
            )
            channels.append(crop)
            references.append(reference)
        light = torch.from_numpy(light_of(pyramid.thumbnail())).expand(len(things), -1)
        with torch.inference_mode():
            closer = self.network(torch.from_numpy(np.stack(channels)), light)
        words = {name: torch.log_softmax(logits, dim=1).numpy() for name, logits in closer.words.items()}
        masks, handles = torch.sigmoid(closer.mask).numpy(), torch.sigmoid(closer.handle).numpy()
        refined, patches = [], []
        for number, (thing, square) in enumerate(zip(things, squares, strict=True)):
            named = {
                kind: log_softmax(
                    (1 - _FIRST) * words[kind][number] + _FIRST * np.maximum(thing.words[kind], -12.0)
                )
                for kind in WORDS
            }
            refined.append(
                replace(
                    thing,
                    probability=thing.probability
                    * float(torch.sigmoid(closer.values["is thing"][number, 0])),
                    words=named,
                    box=_box(closer, number, square, view, x, y),
                    **_solid(closer, number, square, references[number], prepared, k, (x, y), thing),
                )
            )
            patches.append(
                Patch(square, masks[number], handles[number], patch_surface(view, prepared, square))
            )
        return tuple(refined), tuple(patches)

    @staticmethod
    def _geometry(view: View, prepared: Prepared, k: Intrinsics, square: Square) -> np.ndarray:
        pose = view.camera_in_world
        if prepared.view_depth is None or pose is None or not prepared.has_intrinsics:
            return no_geometry()
        return crop_geometry(prepared.view_depth, pose, k, square)


def _box(closer: Closer, number: int, square: Square, view: View, x: float, y: float) -> BoxRow:
    """In the first look's pixels, within the picture."""
    left, top, right, bottom = square.outer(closer.values["box"][number].numpy())
    left = float(np.clip(left, 0, view.width - 1))
    top = float(np.clip(top, 0, view.height - 1))
    right = float(np.clip(right, left + 1, view.width))
    bottom = float(np.clip(bottom, top + 1, view.height))
    return left / x, top / y, right / x, bottom / y


def _solid(
    closer: Closer,
    number: int,
    square: Square,
    reference: np.ndarray | None,
    prepared: Prepared,
    k: Intrinsics,
    scale: tuple[float, float],
    thing: SeenThing,
) -> dict:
    """Centre, size, yaw and roundness, in the level frame."""
    v = {name: tensor[number].numpy() for name, tensor in closer.values.items()}
    size = np.exp(np.clip(v["log_size"], -4.0, 3.0)) * 0.05
    is_round = bool(v["round"][0] > 0)
    if is_round:
        yaw = 0.0
    elif np.linalg.norm(v["yaw2"]) > 0.5:
        yaw = float(np.arctan2(v["yaw2"][0], v["yaw2"][1]) / 2)
    else:
        yaw = float(np.arctan2(v["yaw4"][0], v["yaw4"][1]) / 4)
    if reference is not None and prepared.level_in_world is not None:
        center = reference + v["offset"] * 0.05
        center[2] -= prepared.level_in_world.position[2]
    elif prepared.depth is not None:
        center = thing.center  # measured, though the camera's place is unknown
    else:
        column = square.left + v["centre"][0] * square.side
        row = square.top + v["centre"][1] * square.side
        depth = float(np.exp(np.clip(v["centre"][2], -4, 4))) * 0.1 / (square.side / k.fx)
        ray = prepared.rays(np.array(column / scale[0]), np.array(row / scale[1]))
        center = ray * _standing_depth(prepared, ray, depth, float(size[2]))
    return {"center": center, "size": size, "yaw": yaw, "is_round": is_round}


def _standing_depth(prepared: Prepared, ray: np.ndarray, depth: float, height: float) -> float:
    """Depth of a thing's middle [m] along a ray (3,), by its guessed depth: that at which it stands on the
    table, if the camera's place is known and the guess does not contradict it."""
    if prepared.level_in_world is None or not prepared.has_intrinsics or ray[2] > -_FLATTEST:
        return depth
    standing = (height / 2 - float(prepared.level_in_world.position[2])) / float(ray[2])
    return standing if standing > 0 and abs(np.log(standing / depth)) < _AGREES else depth
