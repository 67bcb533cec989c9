"""A table that fills up: things beside, on and in each other without touching what they should not."""

from dataclasses import dataclass, field, replace

import numpy as np

from robotics.pose import Pose
from sim.scenes.choices import Wish, paint
from sim.scenes.footprint import Footprint
from sim.scenes.pool import Instance, Pool
from sim.scenes.rests import Rest
from sim.scenes.thing import TABLE, Layout, Paint, Thing, yawed

_REACH = (0.66, 0.38)
"""Half extents of the part of the table that may be used [m]."""


@dataclass
class Arrangement:
    """Things placed so far."""

    pool: Pool
    rng: np.random.Generator
    spot: tuple[float, float]
    radius: float
    things: list[Thing] = field(default_factory=list)
    footprints: list[Footprint] = field(default_factory=list)
    rests: list[Rest] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def find_instance(self, family: str, task: bool = False) -> int | None:
        """An unused instance of a family."""
        free = [
            i
            for i, instance in enumerate(self.pool.instances)
            if instance.family == family and i not in self.used and (instance.task is not None) == task
        ]
        return free[int(self.rng.integers(len(free)))] if free else None

    def instance_of(self, thing: int) -> Instance:
        """Of the thing with an id."""
        return self.pool.instances[self.things[thing - 1].instance]

    def beside(self, wish: Wish, gap: float, near: int = 0, upright: bool = False) -> int:
        """Put a thing on the table, `gap` [m] from all others; near the thing of an id, if given.

        Returns:
            Its id, or 0: there was no room or no such instance.
        """
        index = self.find_instance(wish.family)
        if index is None:
            return 0
        instance = self.pool.instances[index]
        rest = instance.rests[0] if upright else self._any_rest(instance)
        made = self.find_beside(rest, gap, near)
        return 0 if made is None else self.add(index, rest, made, 0.0, paint(wish, self.rng))

    def find_beside(self, rest: Rest, gap: float, near: int = 0) -> Footprint | None:
        """A free place on the table, `gap` [m] from all others."""
        for _ in range(30):
            yaw = float(self.rng.uniform(-np.pi, np.pi))
            if near:
                other, angle = self.footprints[near - 1], self.rng.uniform(-np.pi, np.pi)
                away = max(other.half) + max(rest.half) + self.rng.uniform(-0.02, 0.02)
                x, y = other.x + away * np.cos(angle), other.y + away * np.sin(angle)
            else:
                away, angle = self.radius * np.sqrt(self.rng.random()), self.rng.uniform(-np.pi, np.pi)
                x, y = self.spot[0] + away * np.cos(angle), self.spot[1] + away * np.sin(angle)
            if self._is_free(made := Footprint(float(x), float(y), yaw, rest.half), gap):
                return made
        return None

    def at(self, index: int, x: float, y: float, yaw: float, painted: Paint, opened: float = 0.0) -> int:
        """Put a certain instance upright at a place, without asking."""
        rest = self.pool.instances[index].rests[0]
        number = self.add(index, rest, Footprint(x, y, yaw, rest.half), 0.0, painted)
        self.things[-1] = replace(self.things[-1], opened=opened)
        return number

    def on(self, wish: Wish, support: int) -> int:
        """Put a thing on the flat top of an upright thing; its id or 0."""
        index = self.find_instance(wish.family)
        if index is None:
            return 0
        rest = self._any_rest(self.pool.instances[index])
        found = self.find_on(rest, support)
        return 0 if found is None else self._carried(index, rest, *found, support, wish, False)

    def find_on(self, rest: Rest, support: int) -> tuple[Footprint, float] | None:
        """A place on a thing that carries nothing yet, and its height [m]."""
        below = self.rests[support - 1]
        top = self.instance_of(support).shape.top
        if top is None or not below.upright or self.is_loaded(support):
            return None
        if rest.half[0] * rest.half[1] > 1.7 * top[0] * top[1] or max(rest.half) > 1.4 * max(top):
            return None
        room = np.maximum(0.0, np.array(top) - np.array(rest.half))
        shift = self.rng.uniform(-1, 1, 2) * np.minimum(room, 0.04)
        turn = self.rng.normal(0.0, 0.2) if min(room) < 0.005 else self.rng.uniform(-np.pi, np.pi)
        return self._footprint(support, shift, float(turn), rest), self._base(support) + below.height

    def into(self, wish: Wish, container: int) -> int:
        """Put a thing on the floor of an upright container; its id or 0."""
        index = self.find_instance(wish.family)
        if index is None:
            return 0
        rest = self._any_rest(self.pool.instances[index])
        found = self.find_in(rest, container)
        return 0 if found is None else self._carried(index, rest, *found, container, wish, True)

    def find_in(self, rest: Rest, container: int) -> tuple[Footprint, float] | None:
        """A place on the floor of a container, and its height [m]."""
        cavity = self.instance_of(container).shape.cavity
        if cavity is None or not self.rests[container - 1].upright:
            return None
        inside = [i for i, thing in enumerate(self.things) if thing.inside == container]
        if len(inside) >= 3 or (inside and max(cavity.half) < 0.05):
            return None
        for _ in range(12):
            turn = float(self.rng.uniform(-np.pi, np.pi))
            c, s = abs(np.cos(turn)), abs(np.sin(turn))
            spread = np.array([c * rest.half[0] + s * rest.half[1], s * rest.half[0] + c * rest.half[1]])
            room = np.array(cavity.half) - spread
            if room.min() < 0:
                continue
            made = self._footprint(container, self.rng.uniform(-1, 1, 2) * room, turn, rest)
            if not any(made.overlaps(self.footprints[i], 0.003) for i in inside):
                return made, self._base(container) + cavity.floor
        return None

    def leaning(self, wish: Wish, container: int) -> int:
        """Stand a long thin thing in a mug, cup or jar, against the rim; its id or 0."""
        carrier, rest_below = self.instance_of(container), self.rests[container - 1]
        cavity = carrier.shape.cavity
        index = self.find_instance(wish.family)
        if cavity is None or index is None or not rest_below.upright or self.is_loaded(container):
            return 0
        long, wide, thick = self.pool.instances[index].shape.size
        radius, height = max(wide, thick) / 2, carrier.shape.size[2]
        rim = carrier.shape.size[1] / 2 - 0.004
        if radius > 0.9 * min(cavity.half) or long < 1.2 * height:
            return 0
        low = float(min(cavity.half)) - radius
        slope = np.arctan2(low + rim - 1.2 * radius, height - cavity.floor)
        turn = self.rng.uniform(-np.pi, np.pi)
        outward = yawed(turn)[:, 0]
        along = np.sin(slope) * outward + [0, 0, np.cos(slope)]
        base = self.things[container - 1].pose.position - [0, 0, height / 2 - cavity.floor]
        start = base - low * outward + [0, 0, radius * np.sin(slope)]
        side = np.cross([0, 0, 1.0], outward)
        sign = -1.0 if self.rng.random() < 0.7 else 1.0  # the handle is at -x: mostly up
        rotation = np.stack([sign * along, side, np.cross(sign * along, side)], axis=1)
        pose = Pose.from_matrix(rotation, start + along * long / 2)
        footprint = self.footprints[container - 1]
        self._append(
            Thing(index, pose, paint(wish, self.rng), 1, container, container), footprint, rest_below
        )
        return len(self.things)

    def is_loaded(self, support: int) -> bool:
        return any(thing.support == support for thing in self.things)

    def add(self, index: int, rest: Rest, made: Footprint, height: float, painted: Paint) -> int:
        """Append a thing on the table or, `height` [m] above it, on another; its id."""
        pose = resting_pose(rest, made, height)
        self._append(Thing(index, pose, painted, rest.symmetry), made, rest)
        return len(self.things)

    def _append(self, thing: Thing, made: Footprint, rest: Rest) -> None:
        self.things.append(thing)
        self.footprints.append(made)
        self.rests.append(rest)
        self.used.add(thing.instance)

    def move(self, number: int, made: Footprint, height: float, support: int, inside: bool = False) -> None:
        """Put a thing that is there somewhere else."""
        self.footprints[number - 1] = made
        pose = resting_pose(self.rests[number - 1], made, height)
        self.things[number - 1] = replace(
            self.things[number - 1], pose=pose, support=support, inside=support if inside else 0
        )

    def layout(self, kind: str) -> Layout:
        """What is there, fixed."""
        return Layout(
            kind, tuple(self.things), self.spot, self.radius, tuple(self.rests), tuple(self.footprints)
        )

    def _base(self, support: int) -> float:
        """Height of the underside of a thing [m]."""
        return float(self.things[support - 1].pose.position[2]) - self.rests[support - 1].below

    def _carried(
        self, index: int, rest: Rest, made: Footprint, height: float, support: int, wish: Wish, inside: bool
    ) -> int:
        number = self.add(index, rest, made, height, paint(wish, self.rng))
        self.things[-1] = replace(self.things[-1], support=support, inside=support if inside else 0)
        return number

    def _footprint(self, support: int, shift: np.ndarray, turn: float, rest: Rest) -> Footprint:
        """In the frame of an upright support, whose origin is its middle."""
        below = self.footprints[support - 1]
        moved = yawed(below.yaw)[:2, :2] @ shift
        return Footprint(below.x + float(moved[0]), below.y + float(moved[1]), below.yaw + turn, rest.half)

    def _any_rest(self, instance: Instance) -> Rest:
        rests = instance.rests
        if len(rests) == 1 or (rests[0].upright and self.rng.random() < 0.72):
            return rests[0]
        others = [rest for rest in rests if not rest.upright]
        return others[int(self.rng.integers(len(others)))]

    def _is_free(self, made: Footprint, gap: float) -> bool:
        corners = np.abs(made.corners())
        if (corners > _REACH).any():
            return False
        return not any(
            made.overlaps(other, gap)
            for other, thing in zip(self.footprints, self.things, strict=True)
            if thing.support == TABLE
        )


def resting_pose(rest: Rest, made: Footprint, height: float) -> Pose:
    """thing_in_world of a thing that rests so on a level surface `height` [m] above the table."""
    rotation = yawed(made.yaw)
    offset = rotation @ np.array([*rest.middle, 0.0])
    position = np.array([made.x - offset[0], made.y - offset[1], height + rest.below])
    return Pose.from_matrix(rotation @ rest.rotation, position)
