"""Scenes to try grasps and trajectories in: things that have settled on a trial table, and their picture."""

from dataclasses import dataclass, replace

import numpy as np

from robotics.embodiment import Embodiment
from robotics.pinhole import project
from robotics.pose import Pose
from robotics.reasoning.answers import Box3D, Frame
from robotics.reasoning.view import View
from sim.scenes.layout import Layout, PlacedThing
from sim.scenes.physical import physical_scene
from sim.scenes.physics_trials.trial_table import TrialTable
from sim.scenes.picture import ScenePainter
from sim.scenes.pool import Pool
from sim.scenes.viewpoints import Viewpoint, free_viewpoint, set_view

POOL_SCENES = 50
"""Scenes that share a pool."""
_TRIES = 20
_LEAST_PIXELS = 60
_VIEWPOINTS = 40
_LOWEST_ELEVATION = np.radians(35)
_GAP_M = {True: 0.05, False: 0.012}
_REACH = {True: 0.7, False: 0.45}


@dataclass(frozen=True, eq=False)
class TrialScene:
    """Things at rest; thing number i, counted from 1, is the body 'thing/i' of the table."""

    view: View
    ids: np.ndarray
    """Number of the thing that is seen, 0 none, 250 the table; uint8, shape (height, width)."""
    things: tuple[PlacedThing, ...]
    parts: tuple[dict[str, Box3D], ...]
    """Boxes around named parts of each thing, in the world."""
    table: TrialTable

    def body(self, number: int) -> str:
        return f"thing/{number}"

    def mask(self, number: int) -> np.ndarray:
        """Pixels of a thing, bool, shape (height, width)."""
        return self.ids == number

    def box(self, number: int) -> Box3D:
        """The box around a thing, in the world."""
        thing = self.things[number - 1]
        x, y, z = thing.center.tolist()
        w, i, j, k = thing.quaternion.tolist()
        return Box3D((x, y, z), tuple(thing.size.tolist()), (w, i, j, k), Frame.WORLD)


class TrialScenes:
    """Scene `seed` depends on the seed, the options and nothing else."""

    def __init__(self, embodiment: Embodiment, width: int = 320, height: int = 240, hands: int = 1):
        """
        Args:
            hands: Free grippers above the table, 2 for hand-overs.
        """
        self.embodiment, self.hands = embodiment, hands
        self.width, self.height = width, height
        self._painter = ScenePainter(width, height)
        self._pool_number = -1

    def make(self, seed: int, count: int, held_out: str = "allowed", family: str | None = None) -> TrialScene:
        """A scene of `count` things of different families, all of them seen.

        Args:
            held_out: Pairs of colour and family that training never sees: 'absent', 'allowed' or 'only'.
            family: Of the first thing; None: any but cabinets.

        Raises:
            ValueError: No such scene was found in 20 draws.
        """
        if seed // POOL_SCENES != self._pool_number:
            self._pool_number = seed // POOL_SCENES
            self.pool = Pool(self._pool_number, None)
            self._painter.open(self.pool)
        wide = count == 1
        for attempt in range(_TRIES):
            rng = np.random.default_rng([seed, 23, attempt])
            layout = Layout(self.pool, rng, held_out)
            layout.draw_few(count, _GAP_M[wide], _REACH[wide], family)
            if len(layout.things) < count:
                continue
            table = TrialTable(physical_scene(self.pool, layout.things), self.embodiment, self.hands)
            if not table.settle():
                continue
            table.reset()
            poses = [table.body_pose(f"thing/{i + 1}") for i in range(count)]
            things = tuple(map(self._settled, layout.things, poses))
            viewpoint = self._seeing(things, rng)
            if viewpoint is None:
                continue
            view, ids = self._look(things, poses, viewpoint)
            if all((ids == i).sum() >= _LEAST_PIXELS for i in range(1, count + 1)):
                return TrialScene(view, ids, things, tuple(map(self._parts, things, poses)), table)
        raise ValueError(
            f"no scene of {count} things that are all seen came of seed {seed} in {_TRIES} draws"
        )

    def _settled(self, thing: PlacedThing, pose: Pose) -> PlacedThing:
        """A thing where physics left it, with the upright box around it there."""
        turned = pose.rotation @ thing.rotation.T
        yaw = thing.yaw + float(np.arctan2(turned[1, 0], turned[0, 0]))
        c, s = np.cos(yaw), np.sin(yaw)
        axes = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        local = self.pool.instances[thing.index].shape.points() @ pose.rotation.T @ axes
        low, high = local.min(axis=0), local.max(axis=0)
        return replace(
            thing,
            center=pose.position + axes @ ((low + high) / 2),
            size=high - low,
            yaw=yaw,
            rotation=pose.rotation,
        )

    def _parts(self, thing: PlacedThing, pose: Pose) -> dict[str, Box3D]:
        """Named parts of a thing where it stands."""
        w, i, j, k = pose.quaternion.tolist()
        shape = self.pool.instances[thing.index].shape
        boxes = {}
        for name, (middle, extent) in shape.part_boxes().items():
            x, y, z = pose.apply(middle).tolist()
            boxes[name] = Box3D((x, y, z), tuple(extent.tolist()), (w, i, j, k), Frame.WORLD)
        return boxes

    def _seeing(self, things: tuple[PlacedThing, ...], rng: np.random.Generator) -> Viewpoint | None:
        """A free viewpoint that is not too flat and has every thing whole in its picture."""
        corners = np.concatenate(
            [np.column_stack([t.corners(), np.full(4, z * t.size[2])]) for t in things for z in (0, 1)]
        )
        middle = corners.mean(axis=0)
        for _ in range(_VIEWPOINTS):
            drawn = free_viewpoint(rng)
            rotation = drawn.camera.rotation
            if -rotation[2, 2] < np.sin(_LOWEST_ELEVATION):
                continue
            ahead = rotation[:, 2] * (drawn.camera.position[2] - middle[2]) / -rotation[2, 2]
            camera = Pose(middle - ahead, drawn.camera.quaternion)
            k = drawn.intrinsics(self.width, self.height)
            column, row, depth = project(corners, rotation, camera.position, k).T
            inside = (column > 3) & (column < self.width - 3) & (row > 3) & (row < self.height - 3)
            if inside.all() and depth.min() > 0.1:
                return replace(drawn, camera=camera)
        return None

    def _look(
        self, things: tuple[PlacedThing, ...], poses: list[Pose], viewpoint: Viewpoint
    ) -> tuple[View, np.ndarray]:
        pool = self.pool
        pool.hide_all()
        pool.defaults.restore()
        ids_of = np.zeros(len(pool.instances), np.uint8)
        for number, (thing, pose) in enumerate(zip(things, poses, strict=True), start=1):
            pool.paint(thing.index, thing.rgb, thing.pattern, thing.shine)
            pool.show(thing.index, pose.position, pose.quaternion)
            ids_of[thing.index] = number
        set_view(pool, viewpoint)
        rgb, depth, ids = self._painter.draw(ids_of)
        view = View(
            image=rgb,
            depth=(depth * 1e-4).astype(np.float32),
            intrinsics=viewpoint.intrinsics(self.width, self.height),
            camera_in_world=viewpoint.camera,
            name=viewpoint.name,
        )
        return view, ids
