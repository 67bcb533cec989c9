"""One look at a view: its things with masks and boxes, computed once; phrases are matched to them cheaply."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import cv2
import numpy as np
import torch

from policies.reasoner.closer_crops import Square
from policies.reasoner.closer_look import CloserLooker
from policies.reasoner.decoding import SeenThing, Sight, distinct_things, read_maps
from policies.reasoner.model_folder import MatchCalibration, ReasonerModel
from policies.reasoner.network import STRIDE, WORDS, ReasonerNet, fused
from policies.reasoner.patch import CELLS, Patch, patch_surface
from policies.reasoner.phrases import ALSO_CALLED
from policies.reasoner.preparing import Prepared, prepare
from robotics.pose import Pose
from robotics.reasoning.answers import Box2D, Box3D, Frame, Quaternion, Vector
from robotics.reasoning.language.families import COLOURS, FAMILIES, PATTERNS
from robotics.reasoning.query import Thing
from robotics.reasoning.spatial import Placed, Viewer, viewer_axes
from robotics.reasoning.view import View

_LARGER = 2.05
"""Greatest input, of the pixels that the network is trained with."""


class Looker:
    """Looks at views with the networks of one model."""

    def __init__(self, model: ReasonerModel):
        self.network: ReasonerNet = fused(model.network)
        self._closer = None if model.closer is None else CloserLooker(model.closer)
        self.calibration: MatchCalibration = model.match
        config = self.network.config
        self._area = config.height * config.width

    def look(self, view: View) -> "Look":
        """
        Raises:
            ImageError: The view cannot be used.
        """
        prepared = prepare(view, self._pixels(view))
        image = torch.from_numpy(prepared.image).permute(2, 0, 1)[None].float() / 255.0
        with torch.inference_mode():
            maps = self.network(image, torch.from_numpy(prepared.geometry)[None])
            sight = read_maps(maps, prepared)
        if self._closer is None:
            return Look(view, prepared, sight, self)
        things, patches = self._closer.refine(view, prepared, sight.things)
        kept = distinct_things(things)
        numbers = np.full(len(things) + 1, -1)  # the last one for cells of no thing
        numbers[kept] = np.arange(len(kept))
        sight = replace(sight, things=tuple(things[i] for i in kept), label=numbers[sight.label])
        return Look(view, prepared, sight, self, tuple(patches[i] for i in kept))

    def _pixels(self, view: View) -> int:
        """Small things need more pixels than the network was trained with, where the view has them."""
        return int(np.clip(view.width * view.height, self._area, _LARGER * self._area))

    def evidence(self, things: Sequence[SeenThing], asked: Thing) -> np.ndarray:
        """That things are what a plain query says, (thing,); see `MatchCalibration`."""
        return self.signs(things, asked) @ self.calibration.weights

    def signs(self, things: Sequence[SeenThing], asked: Thing) -> np.ndarray:
        """Log probabilities of the family, colour and pattern asked for (0 where none is), (thing, 3)."""
        return np.array([word_signs(thing.words, asked) for thing in things])


class Look:
    """What was seen in one view; pixels are those of the view."""

    def __init__(
        self,
        view: View,
        prepared: Prepared,
        sight: Sight,
        looker: Looker,
        patches: tuple[Patch, ...] | None = None,
    ):
        self.view, self.prepared, self.sight, self._looker = view, prepared, sight, looker
        self._patches: list[Patch | None] = list(patches) if patches else [None] * len(sight.things)

    @property
    def things(self) -> tuple[SeenThing, ...]:
        return self.sight.things

    @property
    def scale(self) -> tuple[float, float]:
        """Columns and rows of the view per column and row of the network's input."""
        return self.view.width / self.prepared.width, self.view.height / self.prepared.height

    def match(self, thing: Thing) -> np.ndarray:
        """Probability that each thing is what a plain query says, (thing,); see `spatial.resolve`."""
        if not self.things:
            return np.zeros(0)
        if not (thing.noun or thing.colour or thing.attributes):
            return np.ones(len(self.things))  # 'object' is true of everything
        return self._looker.calibration.probability(self.evidence(thing))

    def evidence(self, thing: Thing) -> np.ndarray:
        """That each thing is what a plain query says, not calibrated, (thing,)."""
        return self._looker.evidence(self.things, thing)

    @cached_property
    def names(self) -> list[tuple[str, str]]:
        """The likeliest family and colour of each thing."""
        return [
            (FAMILIES[int(t.words["family"].argmax())], COLOURS[int(t.words["colour"].argmax())])
            for t in self.things
        ]

    def box(self, number: int, label: str = "", confidence: float = 1.0) -> Box2D:
        """Of a thing in the image."""
        left, top, right, bottom = self.things[number].box
        x, y = self.scale
        return Box2D(
            left * x,
            top * y,
            min(right * x, float(self.view.width)),
            min(bottom * y, float(self.view.height)),
            label,
            confidence,
        )

    def box3d(self, number: int, label: str = "", confidence: float = 1.0) -> Box3D:
        """In the world where the view is calibrated, else level to the camera."""
        thing = self.things[number]
        turn = np.array([np.cos(thing.yaw / 2), 0.0, 0.0, np.sin(thing.yaw / 2)])
        pose, frame = Pose(thing.center, turn), Frame.LEVEL
        level = self.prepared.level_in_world
        if level is not None and self.prepared.has_intrinsics:
            pose, frame = level.compose(pose), Frame.WORLD
        return Box3D(
            as_vector(pose.position),
            as_vector(thing.size),
            as_quaternion(pose.quaternion),
            frame,
            label,
            confidence,
        )

    @cached_property
    def placed(self) -> list[Placed] | list[Box2D]:
        """All things as `spatial` compares them: in space where the camera is known, else in the image."""
        count = range(len(self.things))
        if self.view.intrinsics is None:
            return [self.box(i) for i in count]
        return [Placed.from_box3d(self.box3d(i), self.things[i].is_round) for i in count]

    @property
    def viewer(self) -> Viewer:
        """Of `placed`."""
        return viewer_axes(self.view.camera_in_world if self.view.is_calibrated else None)

    def patch(self, number: int) -> Patch:
        """What shows of a thing; of the first look's cells where there was no closer one."""
        patch = self._patches[number]
        if patch is None:
            patch = self._patches[number] = _patch_of_cells(self, number)
        return patch

    def mask(self, number: int) -> np.ndarray:
        """Pixels that show a thing, bool (height, width)."""
        return self.pixels(number, self.patch(number).weight)

    def pixels(self, number: int, cells: np.ndarray) -> np.ndarray:
        """Pixels where the cells (32, 32) of a thing's patch weigh more than one half, bool (height, width);
        never none."""
        return self.patch(number).pixels(cells, self.view.height, self.view.width)

    def inner_point(self, number: int, cells: np.ndarray | None = None) -> tuple[float, float]:
        """Column and row [pixel] well inside of what shows of a thing, or of these cells of its patch."""
        patch = self.patch(number)
        column, row = patch.inner_point(patch.weight if cells is None else cells)
        return (
            float(np.clip(column, 0.5, self.view.width - 0.5)),
            float(np.clip(row, 0.5, self.view.height - 0.5)),
        )


def _patch_of_cells(look: Look, number: int) -> Patch:
    """The first look's cells of a thing, interpolated."""
    thing = look.things[number]
    box = look.box(number)
    square = Square.around((box.left, box.top, box.right, box.bottom))
    x, y = look.scale
    at = (np.arange(CELLS, dtype=np.float32) + 0.5) * (square.side / CELLS)
    # a cell stands for the pixel 2 right and 2 below its corner: half a pixel off its middle
    columns = ((square.left + at) / x - 0.5 - STRIDE / 2) / STRIDE
    rows = ((square.top + at) / y - 0.5 - STRIDE / 2) / STRIDE
    grid = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    found = []
    for values in (thing.weight, thing.handle):
        cells = np.zeros(look.sight.label.shape, np.float32)
        cells[thing.cells] = values
        found.append(cv2.remap(cells, grid[0], grid[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    return Patch(square, found[0], found[1], patch_surface(look.view, look.prepared, square))


def word_signs(words: dict[str, np.ndarray], asked: Thing) -> list[float]:
    """Log probabilities that a thing has the family, colour and pattern asked for; 0 where none is."""
    nouns = (asked.noun, *ALSO_CALLED.get(asked.noun, ())) if asked.noun else ()
    colours = (asked.colour,) if asked.colour else ()
    patterns = tuple(attribute for attribute in asked.attributes if attribute in PATTERNS)
    return [
        float(np.logaddexp.reduce([words[kind][WORDS[kind].index(word)] for word in wanted]))
        if wanted
        else 0.0
        for kind, wanted in (("family", nouns), ("colour", colours), ("pattern", patterns))
    ]


def as_vector(values: np.ndarray) -> Vector:
    x, y, z = values.tolist()
    return x, y, z


def as_quaternion(values: np.ndarray) -> Quaternion:
    w, x, y, z = values.tolist()
    return w, x, y, z
