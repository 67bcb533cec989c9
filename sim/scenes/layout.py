"""Where things stand: apart, close, alike, on each other, in each other, or as in the built-in tasks."""

from dataclasses import dataclass, field

import numpy as np

from robotics.pose import matrix_to_quaternion
from sim.scenes.colours import draw_colour, varied
from sim.scenes.meshes import about
from sim.scenes.pool import Pool
from sim.scenes.shape import Rest, Shape

KINDS = ("spread", "clutter", "alike", "stacked", "filled", "task")
_KIND_WEIGHTS = (0.22, 0.2, 0.2, 0.12, 0.11, 0.15)
_AREA = (0.36, 0.26)
"""Things stand at most so far from the table's centre along x and y [m]."""
_PATTERNS = ("plain", "plain", "plain", "plain", "plain", "plain", "striped", "checkered", "spotted")
_SURE_SIDES = 1e-6


@dataclass
class PlacedThing:
    """One thing of a scene; ids count from 1."""

    index: int
    """Into the pool's instances."""
    family: str
    colour: str
    pattern: str
    rgb: np.ndarray
    center: np.ndarray
    """Of its upright box in the world (3,) [m]."""
    size: np.ndarray
    """Of its upright box (3,) [m], x >= y."""
    yaw: float
    """Of its upright box [rad]."""
    rotation: np.ndarray
    """thing_in_world (3, 3): how its own frame lies."""
    symmetry: int
    support: int = 0
    inside: int = 0
    shine: bool = False
    carries: bool = field(default=False)
    """Something stands on it or in it."""

    @property
    def quaternion(self) -> np.ndarray:
        """box_in_world, wxyz."""
        return np.array([np.cos(self.yaw / 2), 0.0, 0.0, np.sin(self.yaw / 2)])

    @property
    def body_quaternion(self) -> np.ndarray:
        return matrix_to_quaternion(self.rotation)

    def corners(self, margin: float = 0.0) -> np.ndarray:
        """Footprint, counter-clockwise, (4, 2) [m]."""
        half = self.size[:2] / 2 + margin
        square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
        return square @ about("z", self.yaw)[:2, :2].T + self.center[:2]


def _overlap(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two convex quadrilaterals (4, 2) overlap: no edge direction separates them."""
    for polygon in (a, b):
        edges = np.roll(polygon, -1, axis=0)[:2] - polygon[:2]
        normals = np.column_stack([edges[:, 1], -edges[:, 0]])
        first, second = a @ normals.T, b @ normals.T
        if np.any((first.max(0) < second.min(0)) | (second.max(0) < first.min(0))):
            return False
    return True


def stand(shape: Shape, rest: Rest, yaw: float) -> tuple[np.ndarray, np.ndarray, float]:
    """How a thing stands in one of its rests.

    Returns:
        thing_in_world rotation (3, 3), size of its upright box (3,) with x >= y, yaw of that box [rad].
    """
    size = np.abs(rest.rotation @ shape.size)
    rotation = about("z", yaw) @ rest.rotation
    if size[1] > size[0] + _SURE_SIDES:
        return rotation, size[[1, 0, 2]], yaw + np.pi / 2
    return rotation, size, yaw


class Layout:
    """Draws what stands where in one scene."""

    def __init__(self, pool: Pool, rng: np.random.Generator, held_out: str):
        self.pool, self.rng, self.held_out = pool, rng, held_out
        self.things: list[PlacedThing] = []
        self._used: set[int] = set()
        self._free = [i for i, instance in enumerate(pool.instances) if instance.task is None]

    def draw(self) -> str:
        """Fill `things`; returns the kind."""
        rng = self.rng
        kind = str(rng.choice(KINDS, p=_KIND_WEIGHTS))
        if kind == "task":
            self._task()
        else:
            self._any(kind)
        return kind

    def draw_few(self, count: int, gap: float, reach: float, family: str | None = None) -> None:
        """Fill `things` with at most `count`, each of another family.

        Args:
            gap: Between their footprints at least [m].
            reach: Part of the table that they may stand on, 0..1.
            family: Of the first one; None: any but cabinets.
        """
        pool = self.pool
        middle = self.rng.uniform(-0.5, 0.5, 2) * _AREA
        for index in self.rng.permutation(self._free).tolist():
            drawn = pool.instances[index].family
            fits = drawn == family if family and not self.things else drawn != "cabinet"
            if fits and all(thing.family != drawn for thing in self.things):
                self._place(index, middle, reach, gap)
            if len(self.things) == count:
                return

    def _any(self, kind: str) -> None:
        rng = self.rng
        gap, reach = {"clutter": (0.003, 0.4)}.get(kind, (0.012, 1.0))
        middle = rng.uniform(-0.5, 0.5, 2) * _AREA if kind == "clutter" else np.zeros(2)
        count = int(rng.integers(4, 10)) if kind == "clutter" else int(rng.integers(2, 10))
        families = self._alike() if kind == "alike" else [None] * count
        if kind in ("stacked", "filled"):
            wanted = [i for i in self._free if self._can_carry(i, kind)]
            for i in rng.permutation(wanted)[: rng.integers(1, 4)]:
                self._place(int(i), middle, reach, gap)
        for family, colour in (f if f else (None, None) for f in families):
            chosen = self._choose(family)
            if chosen is not None:
                self._place(chosen, middle, reach, gap, colour)
        if kind in ("stacked", "filled"):
            for carrier in [t for t in self.things if self._can_carry(t.index, kind)]:
                self._load(carrier, kind)

    def _alike(self) -> list[tuple[str, str] | None]:
        """A few families and colours in several combinations, so that one word alone does not tell."""
        rng = self.rng
        names = [self.pool.instances[i].family for i in self._free]
        families = rng.choice(names, 3, replace=False)
        out: list[tuple[str, str] | None] = []
        for _ in range(rng.integers(4, 10)):
            family = str(families[rng.integers(3)])
            shared = [c for _, c in filter(None, out)]
            colour = draw_colour(family, self.held_out, rng)
            if shared and rng.random() < 0.5:
                again = str(rng.choice(shared))
                from robotics.reasoning.language.families import is_held_out

                colour = again if self.held_out != "absent" or not is_held_out(again, family) else colour
            out.append((family, colour))
        return out

    def _can_carry(self, index: int, kind: str) -> bool:
        shape = self.pool.instances[index].shape
        return shape.top is not None if kind == "stacked" else shape.cavity is not None

    def _choose(self, family: str | None) -> int | None:
        left = [i for i in self._free if i not in self._used]
        if family is not None:
            left = [i for i in left if self.pool.instances[i].family == family]
        elif self.rng.random() < 0.9:  # cabinets are large: rarely, and one at most
            left = [i for i in left if self.pool.instances[i].family != "cabinet"]
        return int(self.rng.choice(left)) if left else None

    def _make(self, index: int, rest: Rest, yaw: float, colour: str | None) -> PlacedThing:
        instance, rng = self.pool.instances[index], self.rng
        rotation, size, box_yaw = stand(instance.shape, rest, yaw)
        if instance.task is not None:
            word, rgb = instance.task
            return PlacedThing(
                index,
                instance.family,
                word,
                "plain",
                np.array(rgb),
                np.zeros(3),
                size,
                box_yaw,
                rotation,
                rest.symmetry,
            )
        word = colour or draw_colour(instance.family, self.held_out, rng)
        pattern = str(rng.choice(_PATTERNS)) if word not in ("black",) else "plain"
        return PlacedThing(
            index,
            instance.family,
            word,
            pattern,
            varied(word, rng),
            np.zeros(3),
            size,
            box_yaw,
            rotation,
            rest.symmetry,
            shine=bool(rng.random() < 0.3),
        )

    def _rest(self, index: int) -> Rest:
        rests = self.pool.instances[index].shape.rests
        return rests[0] if len(rests) == 1 or self.rng.random() < 0.75 else rests[1]

    def _place(
        self, index: int, middle: np.ndarray, reach: float, gap: float, colour: str | None = None
    ) -> None:
        """On the table where it touches nothing; not at all where there is no room."""
        self._used.add(index)
        rng = self.rng
        thing = self._make(index, self._rest(index), rng.uniform(-np.pi, np.pi), colour)
        for _ in range(25):
            spot = middle + rng.uniform(-1, 1, 2) * _AREA * reach
            if self._put(thing, spot, gap):
                return

    def _put(self, thing: PlacedThing, spot: np.ndarray, gap: float) -> bool:
        if np.any(np.abs(spot) > np.array(_AREA) * 1.05):
            return False
        thing.center = np.array([*spot, thing.size[2] / 2])
        mine = thing.corners(gap)
        if any(t.support == 0 and t.inside == 0 and _overlap(mine, t.corners()) for t in self.things):
            return False
        self.things.append(thing)
        return True

    def _load(self, carrier: PlacedThing, kind: str) -> None:
        """Put something small on or into a carrier that stands upright."""
        shape, rng = self.pool.instances[carrier.index].shape, self.rng
        if not np.allclose(carrier.rotation[2, 2], 1.0) or carrier.carries:
            return
        room = shape.top if kind == "stacked" else shape.cavity and shape.cavity.half
        assert room is not None
        for index in rng.permutation([i for i in self._free if i not in self._used])[:12]:
            candidate = self.pool.instances[int(index)]
            if candidate.family == "cabinet":
                continue
            rest = self._rest(int(index))
            size = np.abs(rest.rotation @ candidate.shape.size)
            slack = np.array(room) * (1.15 if kind == "stacked" else 1.0) - np.hypot(*size[:2]) / 2
            if slack.min() < 0 or size[2] > 0.12:
                continue
            thing = self._make(int(index), rest, rng.uniform(-np.pi, np.pi), None)
            number = self.things.index(carrier) + 1
            aside = rng.uniform(-1, 1, 2) * np.minimum(slack, 0.02)
            turned = (
                about("z", float(np.arctan2(carrier.rotation[1, 0], carrier.rotation[0, 0])))[:2, :2] @ aside
            )
            bottom = carrier.center[2] - carrier.size[2] / 2
            bottom += carrier.size[2] if kind == "stacked" else shape.cavity.floor  # type: ignore[union-attr]
            thing.center = np.array([*(carrier.center[:2] + turned), bottom + thing.size[2] / 2])
            thing.support = number
            thing.inside = number if kind == "filled" else 0
            carrier.carries = True
            self._used.add(int(index))
            self.things.append(thing)
            return

    def _task(self) -> None:
        """As `sim.tasks` lay their props out, with wider spreads and sometimes a step further on."""
        rng, props = self.rng, self.pool.instances
        by = {}
        for i, instance in enumerate(props):
            if instance.task is not None:
                by.setdefault((instance.task[0], instance.family), []).append(i)
        scene = rng.integers(4)
        cubes = [by["red", "cube"][0], by["green", "cube"][0], by["blue", "cube"][0]]
        middle = np.array([0.0, -0.015])
        small = [by["red", "cube"][1], by["green", "cylinder"][0], by["yellow", "block"][0]]
        if scene == 0:
            for i in cubes:
                self._prop(i, middle + rng.uniform(-0.12, 0.12, 2))
            if rng.random() < 0.3 and len(self.things) == 3:
                self._stack(self.things[0], self.things[1])
        elif scene == 1:
            for i, x in zip(by["white", "bowl"], (-0.24, 0.24), strict=True):
                self._prop(i, np.array([x, 0.0]) + rng.uniform(-0.05, 0.05, 2))
            for i in small:
                if rng.random() < 0.15 and len(self.things) >= 2 and not self.things[rng.integers(2)].carries:
                    self._drop(i, self.things[int(rng.integers(2))])
                else:
                    self._prop(i, middle + rng.uniform(-0.12, 0.12, 2))
        elif scene == 2:
            i = by["grey", "cabinet"][int(rng.random() < 0.4)]
            self._prop(i, rng.uniform([-0.22, -0.08], [-0.05, 0.05]), rng.uniform(-0.3, 0.3))
        else:
            self._prop(cubes[0], rng.uniform([-0.28, -0.15], [0.28, 0.15]))

    def _prop(self, index: int, spot: np.ndarray, yaw: float | None = None) -> None:
        rest = self.pool.instances[index].shape.rests[0]
        thing = self._make(index, rest, self.rng.uniform(-0.8, 0.8) if yaw is None else yaw, None)
        for _ in range(20):
            if self._put(thing, spot, 0.004):
                return
            spot = spot + self.rng.uniform(-0.04, 0.04, 2)

    def _stack(self, top: PlacedThing, base: PlacedThing) -> None:
        top.center = base.center + [*self.rng.uniform(-0.008, 0.008, 2), (base.size[2] + top.size[2]) / 2]
        top.support, base.carries = self.things.index(base) + 1, True

    def _drop(self, index: int, bowl: PlacedThing) -> None:
        instance = self.pool.instances[index]
        if bowl.carries or instance.shape.size[2] > 0.05:
            return
        thing = self._make(index, instance.shape.rests[0], self.rng.uniform(-np.pi, np.pi), None)
        thing.center = bowl.center.copy()
        thing.center[:2] += self.rng.uniform(-0.012, 0.012, 2)
        thing.center[2] = 0.004 + thing.size[2] / 2
        thing.support = thing.inside = self.things.index(bowl) + 1
        bowl.carries = True
        self.things.append(thing)
