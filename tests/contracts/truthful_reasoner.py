"""A reasoner that knows the simulation: it answers from the true places of a task's props, or near them.

It stands in for a model that looks, so that the planner's motions are tested without one.
"""

from dataclasses import dataclass

import numpy as np

from robotics.pose import Pose, quaternion_to_matrix
from robotics.reasoning.answers import Answer, Box3D, Found, Frame, Point, Success, Vector
from robotics.reasoning.errors import UnsupportedQuestionError
from robotics.reasoning.language.parser import parse_query
from robotics.reasoning.query import FreeSpace, Thing
from robotics.reasoning.spatial import Placed, resolve, viewer_axes
from robotics.reasoning.spatial.free_space import free_space_scores
from robotics.reasoning.view import View
from sim.props import BOWL, CABINET
from sim.robot import SimulatedRobot


@dataclass(frozen=True)
class Flaws:
    """How far answers are from the truth."""

    position_m: float = 0.0
    """Standard deviation of a box's centre along each axis [m]."""
    size_m: float = 0.0
    """Standard deviation of each extent [m]."""
    yaw_rad: float = 0.0
    miss: float = 0.0
    """Probability that a thing is not seen in a look."""
    seed: int = 0


FLAWLESS = Flaws()


class TruthfulReasoner:
    """Implements Reasoner for point and boxes3d."""

    name = "truth"
    supports = frozenset({"point", "boxes3d"})

    def __init__(self, robot: SimulatedRobot, flaws: Flaws = FLAWLESS):
        self._robot = robot
        self._flaws = flaws
        self._rng = np.random.default_rng(flaws.seed)
        self.queries: list[str] = []

    def boxes3d(self, view: View, query: str, limit: int = 50) -> Found[Box3D]:
        self.queries.append(query)
        parsed = parse_query(query)
        if parsed.target is None:
            return Found((), unknown_words=parsed.unknown_words)
        assert isinstance(parsed.target, Thing)
        part = parsed.target.part
        names, boxes = self._seen()
        if part:
            boxes = {n: box for n in names if (box := self._parts(n).get(part)) is not None}
            names = list(boxes)
        found = self._resolve(parsed.target, names, {n: self._box(n) for n in names}, view)
        if isinstance(found, str):
            return Found((), presence=0.05, reason=found)
        return Found(tuple(self._blurred(boxes[name], query) for name in found[:limit]))

    def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
        self.queries.append(query)
        parsed = parse_query(query)
        if not isinstance(parsed.target, FreeSpace):
            found = self.boxes3d(view, query, limit)
            return Found(tuple(_pixel(view, np.array(b.center)) for b in found), reason=found.reason)
        names, boxes = self._seen()
        placed = [Placed.from_box3d(boxes[n]) for n in names]
        anchors = []
        for anchor in parsed.target.anchors:
            which = self._resolve(anchor, names, boxes, view)
            if isinstance(which, str):
                return Found((), reason=which)
            anchors.append(placed[names.index(which[0])])
        x, y = np.meshgrid(np.linspace(-0.2, 0.2, 41), np.linspace(-0.2, 0.2, 41))
        points = np.stack([x, y, 0 * x], axis=-1).reshape(-1, 3)
        scores = free_space_scores(
            points, placed, parsed.target.relation, anchors, viewer_axes(view.camera_in_world)
        )
        if scores.max() < 0.5:
            return Found((), reason="there is no room")
        return Found((_pixel(view, points[int(scores.argmax())]),))

    def _resolve(self, target: Thing, names: list[str], boxes: dict, view: View) -> list[str] | str:
        def match(thing: Thing) -> np.ndarray:
            return np.array([_is_called(name, thing) for name in names], float)

        placed = [Placed.from_box3d(boxes[name]) for name in names]
        which = resolve(target, placed, match, viewer_axes(view.camera_in_world))
        return [names[i] for i in which.indices] or which.reason

    def _seen(self) -> tuple[list[str], dict[str, Box3D]]:
        world = self._robot.episode.world
        bodies = [world.model.body(i).name for i in range(world.model.nbody)]
        names = [b.removeprefix("prop/") for b in bodies if b.startswith("prop/") and b != "prop/drawer"]
        names = [name for name in names if self._rng.random() >= self._flaws.miss]
        return names, {name: self._box(name) for name in names}

    def _box(self, name: str) -> Box3D:
        world = self._robot.episode.world
        position, rotation = world.position(name).copy(), world.rotation(name).copy()
        if name.endswith("bowl"):
            wide = 2 * (BOWL.rim_radius + BOWL.thickness)
            return _box(
                position + np.array([0.0, 0.0, BOWL.height / 2]), rotation, (wide, wide, BOWL.height), name
            )
        if name == "cabinet":
            size = (CABINET.width, CABINET.depth, CABINET.height)
            center = position + rotation @ [-CABINET.depth / 2, 0, CABINET.height / 2]
            return _box(center, rotation @ _QUARTER, size, name)
        geom = int(world.model.body_geomadr[world.body(name)])
        half = world.model.geom_size[geom]
        half = np.array([half[0], half[0], half[1]]) if half[2] == 0 else half
        return _box(position, rotation, tuple(2 * half), name)

    def _parts(self, name: str) -> dict[str, Box3D]:
        if name != "cabinet":
            return {}
        world = self._robot.episode.world
        rotation = world.rotation("cabinet")
        middle = world.site("drawer_handle") + rotation @ [-0.012, 0, 0]
        return {"handle": _box(middle, rotation, (0.077, 0.052, 0.028), "handle")}

    def _blurred(self, box: Box3D, label: str) -> Box3D:
        flaws, rng = self._flaws, self._rng
        center = np.array(box.center) + rng.normal(0, 1, 3) * flaws.position_m
        size = np.maximum(np.array(box.size) + rng.normal(0, 1, 3) * flaws.size_m, 0.005)
        yaw = float(rng.normal(0, 1)) * flaws.yaw_rad
        c, s = np.cos(yaw), np.sin(yaw)
        rotation = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ quaternion_to_matrix(np.array(box.rotation))
        return _box(center, rotation, tuple(size), label)

    def detect(self, view, query, limit=50):
        raise UnsupportedQuestionError(self.name, "detect", self.supports)

    def grasps(self, view, query, gripper=None, limit=10):
        raise UnsupportedQuestionError(self.name, "grasps", self.supports)

    def trajectory(self, view, instruction):
        raise UnsupportedQuestionError(self.name, "trajectory", self.supports)

    def correspond(self, source, points, target):
        raise UnsupportedQuestionError(self.name, "correspond", self.supports)

    def success(self, before, after, instruction) -> Success:
        raise UnsupportedQuestionError(self.name, "success", self.supports)

    def answer(self, views, question) -> Answer:
        raise UnsupportedQuestionError(self.name, "answer", self.supports)


_QUARTER = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])


def _box(center, rotation, size, label) -> Box3D:
    pose = Pose.from_matrix(rotation, np.array(center, float))
    return Box3D(
        _vector(pose.position),
        _vector(size),
        (*_vector(pose.quaternion[:3]), float(pose.quaternion[3])),
        Frame.WORLD,
        label,
    )


def _vector(values) -> Vector:
    return float(values[0]), float(values[1]), float(values[2])


def _is_called(name: str, thing: Thing) -> bool:
    colour = name.split("_", maxsplit=1)[0] if "_" in name else {"cube": "red", "cabinet": "grey"}[name]
    noun = name.rsplit("_", maxsplit=1)[-1]
    colour = "white" if noun == "bowl" else colour
    # a cube may be called a block
    nouns = {noun, "cube"} if noun == "block" else {noun, "block"} if noun == "cube" else {noun}
    return (not thing.noun or thing.noun in nouns) and (not thing.colour or thing.colour == colour)


def _pixel(view: View, at: np.ndarray) -> Point:
    assert view.camera_in_world is not None and view.intrinsics is not None
    k = view.intrinsics
    inner = (at - view.camera_in_world.position) @ view.camera_in_world.rotation
    return Point(k.fx * inner[0] / inner[2] + k.cx, k.fy * inner[1] / inner[2] + k.cy, position=_vector(at))
