"""Makes one scene after the other: what stands where, how it is lit, who looks at it, and what is true of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from robotics.pinhole import Intrinsics, project, unproject
from sim.scenes.layout import Layout, PlacedThing
from sim.scenes.picture import TABLE, ScenePainter
from sim.scenes.pool import Pool
from sim.scenes.textures import TABLE_MATERIALS
from sim.scenes.viewpoints import RobotPostures, Viewpoint, free_viewpoint, set_view

POOL_SCENES = 100
"""Scenes that share a pool."""
_ROBOTS = ("aloha2", "franka_duo")
_LEAST_PIXELS = 40
_CAMERA_TRIES = 6


@dataclass(frozen=True)
class SceneOptions:
    """What scenes depend on, beside their seed."""

    width: int = 224
    """[pixel]"""
    height: int = 168
    """[pixel]"""
    views: int = 2
    """Of each scene."""
    held_out: str = "absent"
    """Pairs of colour and family that training never sees: 'absent', 'allowed' or 'only'."""

    def __post_init__(self) -> None:
        if self.held_out not in ("absent", "allowed", "only"):
            raise ValueError(f"'held_out' wants absent, allowed or only, got '{self.held_out}'")


@dataclass(frozen=True)
class RenderedView:
    """One line of a scene folder."""

    rgb: np.ndarray
    depth: np.ndarray
    ids: np.ndarray
    facts: dict[str, Any]


class SceneGenerator:
    """Scene i depends on its seed and the options only; neighbouring seeds share a pool."""

    def __init__(self, options: SceneOptions):
        self.options = options
        self._painter = ScenePainter(options.width, options.height)
        self._pool_number = -1

    def _open(self, number: int) -> None:
        if number == self._pool_number:
            return
        # Half of the pools have a robot, as half of the views are those of its cameras.
        robot = (None, _ROBOTS[0], None, _ROBOTS[1])[number % 4]
        self.pool = Pool(number, robot)
        self._postures = RobotPostures(self.pool) if robot else None
        self._painter.open(self.pool)
        self._pool_number = number

    def scene(self, seed: int, number: int) -> list[RenderedView]:
        """Every view of one scene.

        Args:
            number: Of the scene in its folder.
        """
        self._open(seed // POOL_SCENES)
        rng = np.random.default_rng([seed, 11])
        pool = self.pool
        layout = Layout(pool, rng, self.options.held_out)
        kind = layout.draw()
        things = layout.things
        self._show(things, kind, rng)
        position = None
        if self._postures is not None:
            position = self._posture(things, rng)
            self._postures.take(position)
        views = []
        for viewpoint in self._viewpoints(position, rng):
            views.append(self._look(viewpoint, things, kind, seed, number))
        return views

    def _show(self, things: list[PlacedThing], kind: str, rng: np.random.Generator) -> None:
        pool = self.pool
        pool.hide_all()
        pool.defaults.restore()
        for thing in things:
            if pool.instances[thing.index].task is None:
                pool.paint(thing.index, thing.rgb, thing.pattern, thing.shine)
            else:
                for geom in pool.instances[thing.index].tinted:
                    pool.model.geom_rgba[geom] = [*thing.rgb, 1.0]
            pool.show(thing.index, thing.center, thing.body_quaternion)
        plain = kind == "task" and rng.random() < 0.7
        pool.model.geom_matid[pool.table] = pool.wood
        if plain:
            return
        table = TABLE_MATERIALS[rng.integers(len(TABLE_MATERIALS))]
        if rng.random() < 0.85:
            pool.model.geom_matid[pool.table] = pool.materials[table]
        self._light(rng)

    def _light(self, rng: np.random.Generator) -> None:
        model = self.pool.model
        head = model.vis.headlight
        level = rng.uniform(0.6, 1.35)
        head.ambient[:] = np.clip(head.ambient * level * rng.uniform(0.8, 1.2, 3), 0, 1)
        head.diffuse[:] = head.diffuse * rng.uniform(0.3, 1.5)
        warm = rng.uniform(0.85, 1.15, 3)
        for light in range(model.nlight):
            direction = np.array([*rng.uniform(-1, 1, 2), -rng.uniform(0.5, 1.2)])
            model.light_dir[light] = direction / np.linalg.norm(direction)
            model.light_diffuse[light] = np.clip(
                model.light_diffuse[light] * level * warm * rng.uniform(0.6, 1.4), 0, 1
            )

    def _posture(self, things: list[PlacedThing], rng: np.random.Generator) -> np.ndarray:
        """A posture whose fingers are in no thing."""
        assert self._postures is not None
        for _ in range(10):
            position = self._postures.draw(rng)
            tools = self._postures.tools(position)
            clear = [
                np.any(
                    np.abs(tool - thing.center)
                    > np.max(thing.size[:2]) / 2 * np.array([1, 1, 0])
                    + [0.03, 0.03, thing.size[2] / 2 + 0.04]
                )
                for tool in tools
                for thing in things
            ]
            if all(clear):
                return position
        return self._postures.robot.home

    def _viewpoints(self, position: np.ndarray | None, rng: np.random.Generator) -> Iterator[Viewpoint]:
        count = self.options.views
        if position is None:
            for _ in range(count):
                yield self._seeing(lambda: free_viewpoint(rng))
            return
        postures = self._postures
        assert postures is not None
        cameras = [camera.name for camera in postures.robot.camera]
        for number in range(count):
            if number == 0 and rng.random() < 0.5:
                name = "overhead" if "overhead" in cameras else cameras[0]
                yield postures.viewpoint(position, name, rng)
            elif rng.random() < 0.15:
                yield self._seeing(lambda: free_viewpoint(rng))
            else:
                yield self._seeing(
                    lambda: postures.viewpoint(position, cameras[rng.integers(len(cameras))], rng)
                )

    def _seeing(self, draw: Any) -> Viewpoint:
        """A viewpoint that has things in its picture, if a few draws find one."""
        shown = [
            self.pool.data.mocap_pos[self.pool.model.body_mocapid[i.body]]
            for i in self.pool.instances
            if self.pool.model.geom_group[i.geoms[0]] == 0
        ]
        for _ in range(_CAMERA_TRIES):
            view = draw()
            if not shown:
                return view
            k = view.intrinsics(self.options.width, self.options.height)
            u, v, z = project(np.array(shown), view.camera.rotation, view.camera.position, k).T
            if np.any((u > 10) & (u < k.width - 10) & (v > 10) & (v < k.height - 10) & (z > 0.05)):
                return view
        return view

    def _look(
        self, viewpoint: Viewpoint, things: list[PlacedThing], kind: str, seed: int, number: int
    ) -> RenderedView:
        pool, options = self.pool, self.options
        set_view(pool, viewpoint)
        ids_of = np.zeros(len(pool.instances), np.uint8)
        for i, thing in enumerate(things):
            ids_of[thing.index] = i + 1
        rgb, depth, ids = self._painter.draw(ids_of)
        k = viewpoint.intrinsics(options.width, options.height)
        camera = viewpoint.camera
        _keep_table_top(ids, depth, camera.rotation, camera.position, k)
        facts = {
            "scene": number,
            "seed": seed,
            "kind": kind,
            "moment": 0,
            "change": None,
            "camera": {
                "name": viewpoint.name,
                "intrinsics": [round(x, 3) for x in (k.fx, k.fy, k.cx, k.cy)],
                "position": _rounded(camera.position),
                "quaternion": _rounded(camera.quaternion, 6),
            },
            "robot": pool.robot.name if pool.robot else None,
            "objects": [self._object(i + 1, t, ids, camera, k) for i, t in enumerate(things)],
        }
        return RenderedView(rgb, depth, ids, facts)

    def _object(
        self, number: int, thing: PlacedThing, ids: np.ndarray, camera: Any, k: Intrinsics
    ) -> dict[str, Any]:
        shape = self.pool.instances[thing.index].shape
        mask = ids == number
        pixels = int(mask.sum())
        box, cut = None, False
        if pixels:
            rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
            box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
            cut = box[0] == 0 or box[1] == 0 or box[2] == k.width or box[3] == k.height
        points = shape.points() @ thing.rotation.T + thing.center
        area = _silhouette(project(points, camera.rotation, camera.position, k), k)
        return {
            "id": number,
            "family": thing.family,
            "colour": thing.colour,
            "pattern": thing.pattern,
            "rgb": _rounded(thing.rgb),
            "center": _rounded(thing.center),
            "size": _rounded(thing.size),
            "quaternion": _rounded(thing.quaternion, 6),
            "symmetry": thing.symmetry,
            "support": thing.support,
            "inside": thing.inside,
            "parts": [
                {
                    "name": name,
                    "center": _rounded(thing.rotation @ middle + thing.center),
                    "size": _rounded(size),
                    "quaternion": _rounded(thing.body_quaternion, 6),
                }
                for name, (middle, size) in sorted(shape.part_boxes().items())
            ],
            "pixels": pixels,
            "visible": round(min(1.0, pixels / max(area, 1.0)), 3),
            "box": box,
            "cut": cut,
            "grasps": [],
        }


def _rounded(values: np.ndarray, digits: int = 4) -> list[float]:
    return [round(float(x), digits) for x in values]


def _keep_table_top(
    ids: np.ndarray, depth: np.ndarray, rotation: np.ndarray, position: np.ndarray, k: Intrinsics
) -> None:
    """What is marked as table but is not its top becomes background."""
    row, column = np.nonzero((ids == TABLE) & (depth > 0))
    pixels = np.stack([column + 0.5, row + 0.5, depth[row, column] * 1e-4], axis=-1)
    z = unproject(pixels, rotation, position, k)[:, 2]
    side = np.abs(z) > 0.006
    ids[row[side], column[side]] = 0
    ids[(ids == TABLE) & (depth == 0)] = 0


def _silhouette(points: np.ndarray, k: Intrinsics) -> float:
    """Pixels inside the image of the convex hull of a thing's points (n, 3: column, row, depth)."""
    front = points[points[:, 2] > 0.02]
    if len(front) < 3:
        return 0.0
    limit = 4.0 * max(k.width, k.height)
    hull = cv2.convexHull(np.clip(front[:, :2], -limit, limit).astype(np.float32))
    canvas = np.zeros((k.height, k.width), np.uint8)
    cv2.fillConvexPoly(canvas, np.round(hull - 0.5).astype(np.int32), 1)
    return float(canvas.sum())
