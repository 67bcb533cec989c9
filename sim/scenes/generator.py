"""Makes one scene after the other: what stands where, in which light, who looks at it, what is true of it."""

from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from robotics.pinhole import project
from sim.scenes.appearance import dress, has_shadows
from sim.scenes.changes import changed
from sim.scenes.choices import HeldOut
from sim.scenes.holding import Placement, place_robot
from sim.scenes.layouts import draw_kind, lay_out
from sim.scenes.picture import FARTHEST_M, ROBOT, TABLE, ScenePainter
from sim.scenes.pool import Pool
from sim.scenes.postures import Posture, RobotPostures
from sim.scenes.thing import Layout
from sim.scenes.truth import keep_table_top, object_facts
from sim.scenes.viewpoints import Viewpoint, free_viewpoint, set_view

POOL_SCENES = 100
"""Scenes that share a pool: those whose seeds have the same hundreds."""
_ROBOTS = ("aloha2", "franka_duo")
_CAMERA_TRIES = 8
_EMPTY_TRIES = 3
_LEAST_PIXELS = 12
"""A view in which no thing shows more is drawn again from elsewhere."""


@dataclass(frozen=True)
class SceneOptions:
    """What scenes depend on, beside their seed."""

    width: int = 224
    """[pixel]"""
    height: int = 168
    """[pixel]"""
    views: int = 2
    """Of each scene and moment."""
    held_out: HeldOut = "absent"
    """Pairs of colour and family that training never sees: 'absent', 'allowed' or 'only'."""
    tasks: float = 0.15
    """Share of scenes that look as those of the built-in tasks."""
    robots: float = 0.5
    """Share of scenes in which a robot stands, seen by its cameras."""
    changes: float = 0.0
    """Share of scenes that come as a before/after pair."""
    shadows: float = 0.05
    """Share of scenes with shadows."""

    def __post_init__(self) -> None:
        if self.held_out not in ("absent", "allowed", "only"):
            raise ValueError(f"'held_out' wants absent, allowed or only, got '{self.held_out}'")
        if not (16 <= self.width <= 4096 and 16 <= self.height <= 4096):
            raise ValueError(f"'size' wants 16x16 to 4096x4096, got {self.width}x{self.height}")
        if not 1 <= self.views <= 8:
            raise ValueError(f"'views' wants 1 to 8, got {self.views}")


@dataclass(frozen=True)
class RenderedView:
    """One line of a scene folder."""

    rgb: np.ndarray  # uint8 (height, width, 3)
    depth: np.ndarray  # uint16 (height, width) [0.1 mm]
    ids: np.ndarray  # uint8 (height, width)
    facts: dict[str, Any]


class SceneGenerator:
    """Scene i depends on its seed and the options only; neighbouring seeds share a pool."""

    def __init__(self, options: SceneOptions):
        self.options = options
        self._painter = ScenePainter(options.width, options.height)
        self._pool_number = -1

    def close(self) -> None:
        self._painter.close()

    def _open(self, number: int) -> None:
        if number == self._pool_number:
            return
        robot = _ROBOTS[number % 2]
        self.pool = Pool(number, robot, self.options.width, self.options.height)
        self._postures = RobotPostures(self.pool)
        self._painter.open(self.pool)
        self._pool_number = number

    def scene(self, seed: int, number: int) -> list[RenderedView]:
        """Every view of one scene.

        Args:
            number: Of the scene in its folder.
        """
        self._open(seed // POOL_SCENES)
        options, pool = self.options, self.pool
        rng = np.random.default_rng([seed, 11])
        kind = draw_kind(rng, options.tasks)
        with_robot = bool(rng.random() < options.robots)
        layout = lay_out(pool, rng, kind, options.held_out, *self._region(with_robot))
        placement = place_robot(self._postures, pool, layout, rng) if with_robot else Placement(layout, None)
        moments = [(placement, None)]
        if rng.random() < options.changes:
            pair = changed(pool, self._postures, placement, rng)
            if pair is not None:
                after, change = pair
                moments = [(placement, change), (after, change)]
        seeds = rng.integers(0, 2**32, 3)  # of the looks, the cameras, the cameras that replace empty views
        views: list[RenderedView] = []
        viewpoints: list[Viewpoint] = []
        for moment, (placed, change) in enumerate(moments):
            look = np.random.default_rng(int(seeds[0]))  # the same light before and after
            self._prepare(placed, look)
            shadows = has_shadows(look, pool.model, options.shadows)
            if not viewpoints:
                viewpoints = self._viewpoints(placed, int(seeds[1]))
            facts = {
                "scene": number,
                "seed": seed,
                "kind": placed.layout.kind,
                "moment": moment,
                "change": change,
                "robot": self._postures.robot.name if placed.posture is not None else None,
            }
            retry = np.random.default_rng(int(seeds[2]))
            for index, viewpoint in enumerate(self._moved_along(viewpoints, placed, int(seeds[1]))):
                view = self._look(viewpoint, placed, shadows, facts)
                for _ in range(_EMPTY_TRIES if moment == 0 else 0):
                    if any(entry["pixels"] >= _LEAST_PIXELS for entry in view.facts["objects"]):
                        break
                    viewpoints[index] = self._free(placed, retry)
                    view = self._look(viewpoints[index], placed, shadows, facts)
                views.append(view)
        return views

    def _region(self, with_robot: bool) -> tuple[np.ndarray, np.ndarray]:
        """Corners of the part of the table where things may be about."""
        if not with_robot:
            return np.array([-0.3, -0.15]), np.array([0.3, 0.15])
        low, high = (np.array(corner[:2]) for corner in self._postures.robot.workspace)
        return low * [0.8, 0.5], high * [0.8, 0.5]

    def _prepare(self, placed: Placement, rng: np.random.Generator) -> None:
        pool = self.pool
        dress(pool, placed.layout, placed.posture is not None, rng, self._painter.upload)
        if placed.posture is not None:
            self._postures.take(placed.posture)

    def _viewpoints(self, placed: Placement, seed: int) -> list[Viewpoint]:
        """Cameras that have things in their picture, as far as can be told without drawing it."""
        rng, count, postures = np.random.default_rng(seed), self.options.views, self._postures
        if placed.posture is None:
            return [self._free(placed, rng) for _ in range(count)]
        names = [str(name) for name in rng.permutation(postures.cameras)]
        if rng.random() < 0.55 and "overhead" in names:
            names = ["overhead", *(name for name in names if name != "overhead")]
        found: list[Viewpoint] = []
        for _ in range(count):
            views = (self._mounted(placed.posture, name, seed) for name in names)
            view = next((view for view in views if self._sees(placed, view)), None)
            if view is None or rng.random() < 0.12:
                view = self._free(placed, rng)
            names = [name for name in names if name != view.name]
            found.append(view)
        return found

    def _free(self, placed: Placement, rng: np.random.Generator) -> Viewpoint:
        """A free camera with things in its picture, if a few draws find one."""
        layout = placed.layout
        view = free_viewpoint(rng, layout.spot, layout.radius)
        for _ in range(_CAMERA_TRIES):
            if self._sees(placed, view):
                break
            view = free_viewpoint(rng, layout.spot, layout.radius)
        return view

    def _mounted(self, posture: Posture, camera: str, seed: int) -> Viewpoint:
        """One of the robot's cameras; the same seed displaces it in the same way."""
        number = self._postures.cameras.index(camera)
        return self._postures.viewpoint(posture, camera, np.random.default_rng([seed, number]))

    def _moved_along(self, viewpoints: list[Viewpoint], placed: Placement, seed: int) -> list[Viewpoint]:
        """The same cameras at this moment: those on a wrist are where the wrist is."""
        if placed.posture is None:
            return list(viewpoints)
        return [
            view if view.name == "free" else self._mounted(placed.posture, view.name, seed)
            for view in viewpoints
        ]

    def _sees(self, placed: Placement, view: Viewpoint) -> bool:
        k = view.intrinsics(self.options.width, self.options.height)
        points = np.array([thing.pose.position for thing in placed.layout.things])
        u, v, z = project(points, view.camera.rotation, view.camera.position, k).T
        edge = 0.04 * k.width
        inside = (u > edge) & (u < k.width - edge) & (v > edge) & (v < k.height - edge) & (z > 0.08)
        return bool(inside.any())

    def _look(
        self, viewpoint: Viewpoint, placed: Placement, shadows: bool, facts: dict[str, Any]
    ) -> RenderedView:
        pool, options = self.pool, self.options
        set_view(pool, viewpoint)
        mujoco.mj_kinematics(pool.model, pool.data)
        mujoco.mj_camlight(pool.model, pool.data)
        rgb, depth, ids = self._painter.draw(self._id_of_geom(placed.layout), shadows)
        k, camera = viewpoint.intrinsics(options.width, options.height), viewpoint.camera
        keep_table_top(ids, depth, camera, k)
        objects = [
            object_facts(i + 1, thing, pool.instances[thing.instance], ids, camera, k)
            for i, thing in enumerate(placed.layout.things)
        ]
        described = {
            "name": viewpoint.name,
            "intrinsics": [round(x, 4) for x in (k.fx, k.fy, k.cx, k.cy)],
            "position": [round(float(x), 6) for x in camera.position],
            "quaternion": [round(float(x), 7) for x in camera.quaternion],
        }
        fine = np.where(depth < FARTHEST_M, np.round(depth * 10_000), 0).astype(np.uint16)
        return RenderedView(rgb, fine, ids, {**facts, "camera": described, "objects": objects})

    def _id_of_geom(self, layout: Layout) -> np.ndarray:
        pool = self.pool
        ids = np.zeros(pool.model.ngeom, np.uint8)
        ids[pool.table] = TABLE
        ids[pool.is_robot] = ROBOT
        for number, thing in enumerate(layout.things, start=1):
            ids[list(pool.instances[thing.instance].geoms)] = number
        return ids
