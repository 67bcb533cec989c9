"""Scenes to try grasps and trajectories in: things that have settled on a trial table, and their picture."""

from dataclasses import dataclass, replace

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.pinhole import project
from robotics.pose import Pose, matrix_to_quaternion
from robotics.reasoning.answers import Box3D, Frame
from robotics.reasoning.view import View
from sim.scenes.appearance import dress
from sim.scenes.arrangement import Arrangement
from sim.scenes.choices import HeldOut, any_wish
from sim.scenes.physical import physical_scene
from sim.scenes.physics_trials.trial_table import TrialTable
from sim.scenes.picture import TABLE, ScenePainter
from sim.scenes.pool import Instance, Pool
from sim.scenes.thing import Layout, Thing
from sim.scenes.truth import box_of, upright_box
from sim.scenes.viewpoints import Viewpoint, free_viewpoint, set_view

POOL_SCENES = 50
"""Scenes that share a pool."""
_TRIES = 20
_LEAST_PIXELS = 60
_VIEWPOINTS = 40
_LOWEST_ELEVATION = np.radians(35)
_SPOT = np.array([0.2, 0.12])
"""Things are about a place no farther from the table's centre [m]."""
_GAP_M = 0.012


@dataclass(frozen=True, eq=False)
class TrialScene:
    """Things at rest; thing number i, counted from 1, is the body 'thing/i' of the table."""

    view: View
    ids: np.ndarray
    """Number of the thing that is seen, 0 none, 250 the table; uint8, shape (height, width)."""
    things: tuple[Thing, ...]
    instances: tuple[Instance, ...]
    """Of each thing."""
    table: TrialTable

    def body(self, number: int) -> str:
        return f"thing/{number}"

    def family(self, number: int) -> str:
        return self.instances[number - 1].family

    def mask(self, number: int) -> np.ndarray:
        """Pixels of a thing, bool, shape (height, width)."""
        return self.ids == number

    def box(self, number: int) -> Box3D:
        """The box around a thing, in the world."""
        return _box(*box_of(self.things[number - 1], self.instances[number - 1]))

    def parts(self, number: int) -> dict[str, Box3D]:
        """Boxes around the named parts of a thing, in the world."""
        pose = self.things[number - 1].pose
        boxes = {}
        for name, part in self.instances[number - 1].shape.part_boxes().items():
            center, size, turn = upright_box(pose.rotation, *part)
            boxes[name] = _box(pose.position + center, size, turn)
        return boxes


def _box(center: np.ndarray, size: np.ndarray, turn: np.ndarray) -> Box3D:
    x, y, z = center.tolist()
    a, b, c = size.tolist()
    w, i, j, k = matrix_to_quaternion(turn).tolist()
    return Box3D((x, y, z), (a, b, c), (w, i, j, k), Frame.WORLD)


class TrialScenes:
    """Scene `seed` depends on the seed, the options and nothing else."""

    def __init__(self, embodiment: Embodiment, width: int = 320, height: int = 240, hands: int = 1):
        """
        Args:
            hands: Free grippers above the table, 2 for hand-overs.

        Raises:
            RenderingUnavailableError: There is nothing to draw with.
        """
        self.embodiment, self.hands = embodiment, hands
        self.width, self.height = width, height
        self._painter = ScenePainter(width, height)
        self._pool_number = -1

    def close(self) -> None:
        self._painter.close()

    def make(
        self, seed: int, count: int, held_out: HeldOut = "allowed", family: str | None = None
    ) -> TrialScene:
        """A scene of `count` things of different families, each whole in the picture.

        Args:
            held_out: Pairs of colour and family that training never sees: 'absent', 'allowed' or 'only'.
            family: Of the first thing; None: any but cabinets.

        Raises:
            ValueError: No such scene was found in 20 draws.
        """
        if seed // POOL_SCENES != self._pool_number:
            self._pool_number = seed // POOL_SCENES
            self.pool = Pool(self._pool_number, self.embodiment.name, self.width, self.height)
            self._painter.open(self.pool)
        for attempt in range(_TRIES):
            rng = np.random.default_rng([seed, 23, attempt])
            layout = self._lay_out(rng, count, held_out, family)
            if len(layout.things) < count:
                continue
            instances = tuple(self.pool.instances[thing.instance] for thing in layout.things)
            spec = physical_scene(instances, [thing.pose for thing in layout.things])
            table = TrialTable(spec, self.embodiment, self.hands)
            if not table.settle():
                continue
            table.reset()
            layout = replace(
                layout,
                things=tuple(
                    replace(thing, pose=table.body_pose(f"thing/{number}"))
                    for number, thing in enumerate(layout.things, start=1)
                ),
            )
            viewpoint = self._seeing(layout, instances, rng)
            if viewpoint is None:
                continue
            view, ids = self._look(layout, viewpoint, rng)
            if all((ids == number).sum() >= _LEAST_PIXELS for number in range(1, count + 1)):
                return TrialScene(view, ids, layout.things, instances, table)
        raise ValueError(f"no scene of {count} things came of seed {seed} in {_TRIES} draws")

    def _lay_out(self, rng: np.random.Generator, count: int, held_out: HeldOut, family: str | None) -> Layout:
        x, y = rng.uniform(-_SPOT, _SPOT).tolist()
        arrangement = Arrangement(
            self.pool, rng, (x, y), 0.001 if count == 1 else 0.04 + 0.05 * np.sqrt(count)
        )
        families: set[str] = set()
        for _ in range(6 * count):
            wish = any_wish(rng, held_out, family=family if family and not families else "")
            fits = wish.family != "cabinet" or wish.family == family
            if fits and wish.family not in families and arrangement.beside(wish, _GAP_M):
                families.add(wish.family)
            if len(families) == count:
                break
        return arrangement.layout("trial")

    def _seeing(
        self, layout: Layout, instances: tuple[Instance, ...], rng: np.random.Generator
    ) -> Viewpoint | None:
        """A free viewpoint that is not too flat and has every thing whole in its picture."""
        points = np.concatenate(
            [thing.pose.apply(i.shape.points()) for thing, i in zip(layout.things, instances, strict=True)]
        )
        for _ in range(_VIEWPOINTS):
            viewpoint = free_viewpoint(rng, layout.spot, layout.radius)
            camera = viewpoint.camera
            if -camera.rotation[2, 2] < np.sin(_LOWEST_ELEVATION):
                continue
            k = viewpoint.intrinsics(self.width, self.height)
            column, row, depth = project(points, camera.rotation, camera.position, k).T
            inside = (column > 3) & (column < self.width - 3) & (row > 3) & (row < self.height - 3)
            if inside.all() and depth.min() > 0.1:
                return viewpoint
        return None

    def _look(
        self, layout: Layout, viewpoint: Viewpoint, rng: np.random.Generator
    ) -> tuple[View, np.ndarray]:
        pool = self.pool
        dress(pool, layout, False, rng, self._painter.upload)
        set_view(pool, viewpoint)
        mujoco.mj_kinematics(pool.model, pool.data)
        mujoco.mj_camlight(pool.model, pool.data)
        id_of_geom = np.zeros(pool.model.ngeom, np.uint8)
        id_of_geom[pool.table] = TABLE
        for number, thing in enumerate(layout.things, start=1):
            id_of_geom[list(pool.instances[thing.instance].geoms)] = number
        rgb, depth, ids = self._painter.draw(id_of_geom, shadows=False)
        view = View(
            image=rgb,
            depth=depth.astype(np.float32),
            intrinsics=viewpoint.intrinsics(self.width, self.height),
            camera_in_world=Pose(viewpoint.camera.position, viewpoint.camera.quaternion),
            name=viewpoint.name,
        )
        return view, ids
