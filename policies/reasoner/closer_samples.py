"""Things of generated scenes as training samples of the closer look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor

from policies.reasoner.closer_crops import (
    SIDE,
    BoxRow,
    Pyramid,
    Square,
    crop_channels,
    crop_geometry,
    light_of,
    no_geometry,
    warp,
)
from policies.reasoner.closer_network import MAP_STRIDE
from policies.reasoner.decoding import overlap
from policies.reasoner.network import WORDS
from policies.reasoner.scene_samples import (
    LARGEST_ID,
    TARGETS,
    Augmentation,
    disturb_picture,
    disturbed_geometry,
    handle_pixels,
    object_targets,
)
from robotics.reasoning.scenes.facts import ObjectFacts
from robotics.reasoning.scenes.folder import SceneView
from robotics.reasoning.spatial import level_in_world

_SAME, _OTHER = 0.5, 0.3
"""A box is a thing's from this overlap on, and nobody's below that one."""


@dataclass(frozen=True)
class CropSample:
    """One enlarged thing, or a box that is none's."""

    channels: np.ndarray
    """See `closer_crops.crop_channels`."""
    light: np.ndarray
    """See `closer_crops.LIGHT`, (LIGHT,)."""
    mask: np.ndarray
    """Whether each cell shows the thing, bool (32, 32)."""
    handle: np.ndarray
    """Whether it shows its handle."""
    words: tuple[int, int, int]
    """Numbers of its family, colour and pattern; the colour's is -1 where it was changed."""
    values: np.ndarray
    """See VALUE_NAMES, float32."""


VALUE_NAMES = (
    *("left", "top", "right", "bottom"),
    *("x", "y", "z"),
    *("log_x", "log_y", "log_z"),
    *("sin2", "cos2", "sin4", "cos4"),
    *("column", "row", "log_width"),
    *("symmetry", "is_thing", "has_reference"),
)
"""Box in the crop [side]; centre from the reference point [0.05 m]; log(size / 0.05 m); yaw; the centre's
projection [side] and the window's width there, log(/ 0.1 m); turns that look alike; 1 a thing, 0 none, -1 not
to be judged; whether the places of surfaces were known."""


@dataclass(frozen=True)
class CropAugmentation:
    """How the boxes of things are disturbed in training, as a first look does."""

    shift: float = 0.12
    """Standard deviation of a side's place, of the box's length across it."""
    elsewhere: float = 0.2
    """Probability that a box is moved off its thing."""
    coarse: float = 0.4
    """Probability that the crop has fewer pixels than it could."""
    repaint: float = 0.15
    """Probability that red, green and blue change places, so that families are known in any colour."""


def disturbed_box(box: BoxRow, how: CropAugmentation, rng: np.random.Generator) -> BoxRow:
    """Each side moved on its own; or the whole box moved and resized."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if rng.random() < how.elsewhere:
        turn, away = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.3)
        x, y = left + width / 2 + width * away * np.cos(turn), top + height / 2 + height * away * np.sin(turn)
        width, height = width * rng.uniform(0.5, 1.8), height * rng.uniform(0.5, 1.8)
        left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
    else:
        spread = how.shift * rng.uniform(0, 1.6)
        noise = np.clip(rng.standard_normal(4), -2.5, 2.5) * spread + rng.standard_normal(4) * 0.3 / max(
            min(width, height), 1.0
        )
        left, right = left + noise[0] * width, right + noise[1] * width
        top, bottom = top + noise[2] * height, bottom + noise[3] * height
    return float(left), float(top), float(max(right, left + 1.0)), float(max(bottom, top + 1.0))


def crop_sample(
    scene: SceneView,
    pyramid: Pyramid,
    thing: ObjectFacts,
    box: BoxRow,
    rng: np.random.Generator,
    how: Augmentation,
    boxes: CropAugmentation | None = None,
) -> CropSample:
    """What a closer look at a box should say of a thing that shows in the scene.

    Args:
        box: Of the look, in the picture.
        boxes: How the crop is disturbed; not at all by default.
    """
    view, k, camera = scene.view, scene.view.intrinsics, scene.view.camera_in_world
    assert view.depth is not None and k is not None and camera is not None and thing.box is not None
    level = level_in_world(camera)
    square = Square.around(box)
    picture = pyramid.crop(square)
    boxes = boxes or CropAugmentation(coarse=0.0, repaint=0.0)
    if rng.random() < boxes.coarse:
        fewer = int(rng.integers(20, SIDE))
        small = cv2.resize(picture, (fewer, fewer), interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    # the same light, noise and coding for the thing and for the scene that tells its light
    disturbed = disturb_picture(np.concatenate([picture, pyramid.thumbnail()]), rng, how)
    repainted = rng.random() < boxes.repaint
    if repainted:
        disturbed = disturbed[..., rng.permutation(3)]
    picture, light = disturbed[:SIDE], light_of(disturbed[SIDE:])
    exact = crop_geometry(view.depth, camera, k, square)
    known = rng.random() >= how.no_geometry
    geometry = disturbed_geometry(exact, float(level.position[2]), rng) if known else no_geometry()
    inner = square.inner(box)
    channels, reference = crop_channels(picture, geometry, inner, square.side / k.fx)
    ids = warp(scene.ids, square)
    cells = slice(MAP_STRIDE // 2, None, MAP_STRIDE)
    mask = (ids == thing.id) & (ids <= LARGEST_ID)
    handle = mask & handle_pixels(thing, mask, exact, level)
    targets = dict(zip(TARGETS, object_targets(thing, camera, level, k).tolist(), strict=True))
    values = np.zeros(len(VALUE_NAMES), np.float32)
    values[:4] = square.inner(thing.box)
    if reference is not None:
        height = targets["z"] + level.position[2]
        values[4:7] = (np.array([targets["x"], targets["y"], height]) - reference) / 0.05
    for place, name in enumerate(VALUE_NAMES[7:14], 7):
        values[place] = targets[name]
    depth = np.exp(targets["log_depth"]) * k.fx / 200.0
    values[14:17] = (
        (targets["column"] - square.left) / square.side,
        (targets["row"] - square.top) / square.side,
        np.log(square.side / k.fx * depth / 0.1),
    )
    same = float(overlap(np.array([box]), np.array([thing.box]))[0, 0])
    is_thing = 1.0 if same >= _SAME else 0.0 if same < _OTHER else -1.0
    values[17:] = targets["symmetry"], is_thing, float(reference is not None)
    family, colour, pattern = (
        WORDS[kind].index(word)
        for kind, word in zip(WORDS, (thing.family, thing.colour, thing.pattern), strict=True)
    )
    sample = CropSample(
        channels,
        light,
        mask[cells, cells],
        handle[cells, cells],
        (family, -1 if repainted else colour, pattern),
        values,
    )
    return mirrored_crop(sample) if rng.random() < how.flip else sample


def mirrored_crop(sample: CropSample) -> CropSample:
    """Left and right exchanged."""
    channels = sample.channels[:, :, ::-1].copy()
    channels[3] *= -1
    values = sample.values.copy()
    at = {name: i for i, name in enumerate(VALUE_NAMES)}
    values[at["left"]], values[at["right"]] = 1 - sample.values[at["right"]], 1 - sample.values[at["left"]]
    values[at["column"]] = 1 - sample.values[at["column"]]
    for name in ("x", "sin2", "sin4"):
        values[at[name]] *= -1
    # a cell's middle is half a crop pixel off after the turn: less than the picture's own sharpness
    return replace(
        sample,
        channels=channels,
        mask=sample.mask[:, ::-1].copy(),
        handle=sample.handle[:, ::-1].copy(),
        values=values,
    )


def draw_crops(
    scene: SceneView,
    count: int,
    rng: np.random.Generator,
    how: Augmentation,
    boxes: CropAugmentation,
    proposals: np.ndarray | None = None,
) -> list[CropSample]:
    """Some things of a view, each at most once; or some of its proposed boxes (box, 4)."""
    seen = [thing for thing in scene.facts.objects if thing.is_seen and thing.box is not None]
    if not seen:
        return []
    pyramid, found = Pyramid(scene.view.image), []
    if proposals is not None:
        drawn: list[BoxRow] = [tuple(box) for box in proposals.tolist()]
    else:
        drawn = [disturbed_box(thing.box, boxes, rng) for thing in seen if thing.box is not None]
    if not drawn:
        return []
    # a box that was moved off its thing may lie on another one
    owner = overlap(np.array(drawn), np.array([thing.box for thing in seen])).argmax(axis=1)
    for index in rng.permutation(len(drawn))[:count].tolist():
        found.append(crop_sample(scene, pyramid, seen[owner[index]], drawn[index], rng, how, boxes))
    return found


@dataclass(frozen=True)
class CropBatch:
    """Samples as tensors."""

    channels: Tensor
    light: Tensor
    mask: Tensor
    handle: Tensor
    words: Tensor
    """(crop, 3)."""
    values: Tensor

    def of(self, name: str) -> Tensor:
        """One of VALUE_NAMES, (crop,)."""
        return self.values[:, VALUE_NAMES.index(name)]

    def several(self, first: str, last: str) -> Tensor:
        """From one of VALUE_NAMES to another, (crop, number)."""
        return self.values[:, VALUE_NAMES.index(first) : VALUE_NAMES.index(last) + 1]


def collate_crops(samples: Sequence[CropSample]) -> CropBatch:
    return CropBatch(
        torch.from_numpy(np.stack([s.channels for s in samples])),
        torch.from_numpy(np.stack([s.light for s in samples])),
        torch.from_numpy(np.stack([s.mask for s in samples])),
        torch.from_numpy(np.stack([s.handle for s in samples])),
        torch.tensor([s.words for s in samples]),
        torch.from_numpy(np.stack([s.values for s in samples])),
    )
