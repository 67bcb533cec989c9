"""Generated scenes as training samples: input channels, and what each map should say at each cell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from policies.reasoner.network import GEOMETRY_CHANNELS, STRIDE
from robotics.pinhole import Intrinsics, project
from robotics.pose import Pose, quaternion_to_matrix
from robotics.reasoning.scenes.facts import TABLE, ObjectFacts
from robotics.reasoning.scenes.folder import SceneFolder, SceneView
from robotics.reasoning.spatial import level_in_world

LARGEST_ID = 200
"""Of the ids of things; the table's and the robot's are higher."""


@dataclass(frozen=True)
class Sample:
    """One view; cells are at stride 4."""

    image: np.ndarray
    """uint8 (height, width, 3)."""
    geometry: np.ndarray
    """float32 (5, height, width), zeros where unknown."""
    cells: np.ndarray
    """Id of the object at each cell, 0 none, uint8 (rows, columns)."""
    table: np.ndarray
    """Whether each cell shows the table's top, bool (rows, columns)."""
    handle: np.ndarray
    """Whether each cell shows a handle, bool (rows, columns)."""
    targets: np.ndarray
    """Of each object by id - 1: see TARGETS, float32 (object, len(TARGETS))."""
    surface: np.ndarray
    """Level-frame place under each cell [m], float32 (rows, columns, 3); NaN where unknown."""
    words: tuple[tuple[str, str, str], ...]
    """Family, colour, pattern of each object by id - 1."""
    camera_height: float
    """Of the camera above the table [m]."""


TARGETS = (
    *("left", "top", "right", "bottom"),
    *("x", "y", "z"),
    *("log_x", "log_y", "log_z"),
    *("sin2", "cos2", "sin4", "cos4"),
    *("column", "row", "log_depth"),
    *("symmetry", "cut"),
)
"""Box [pixel]; centre in the level frame [m]; log(size / 0.05 m); yaw there; projection of the centre [pixel]
and log(depth / focal length * 200); turns that look alike; whether the border cuts it."""


class SceneViews:
    """The views of scene folders as samples.

    Raises:
        ScenesError: A folder is no finished dataset.
    """

    def __init__(self, folders: Sequence[Path]):
        self._folders = [SceneFolder(folder) for folder in folders]
        self._starts = np.cumsum([0, *(len(folder) for folder in self._folders)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def scene(self, index: int) -> SceneView:
        """One view with its facts."""
        which = int(np.searchsorted(self._starts, index, side="right")) - 1
        return self._folders[which][index - int(self._starts[which])]

    def sample(self, index: int) -> Sample:
        """One view with what the maps should say."""
        return scene_sample(self.scene(index))


def scene_sample(scene: SceneView) -> Sample:
    """What the maps should say of a view."""
    view, objects = scene.view, scene.facts.objects
    depth, k, camera = view.depth, view.intrinsics, view.camera_in_world
    assert depth is not None and k is not None and camera is not None
    level = level_in_world(camera)
    geometry = geometry_channels(depth, camera, k)
    half = STRIDE // 2
    cells = scene.ids[half::STRIDE, half::STRIDE]
    surface = np.moveaxis(geometry[:3, half::STRIDE, half::STRIDE], 0, -1).copy()
    surface[..., 2] -= level.position[2]  # height above the table -> below the camera
    surface[geometry[4, half::STRIDE, half::STRIDE] == 0] = np.nan
    targets = np.stack([object_targets(o, camera, level, k) for o in objects]).astype(np.float32)
    return Sample(
        view.image,
        geometry,
        np.where(cells <= LARGEST_ID, cells, 0),
        cells == TABLE,
        _handles(objects, cells, surface, level),
        targets,
        surface,
        tuple((o.family, o.colour, o.pattern) for o in objects),
        float(level.position[2]),
    )


def geometry_channels(depth: np.ndarray, camera: Pose, k: Intrinsics) -> np.ndarray:
    """Input channels of a calibrated view with depth (height, width) [m], float32 (5, height, width)."""
    height, width = depth.shape
    level = level_in_world(camera)
    rotation = (level.rotation.T @ camera.rotation).astype(np.float32)  # camera -> level
    u = (np.arange(width, dtype=np.float32) + 0.5 - k.cx) / k.fx
    v = (np.arange(height, dtype=np.float32) + 0.5 - k.cy) / k.fy
    out = np.empty((GEOMETRY_CHANNELS, height, width), np.float32)
    x, y = u[None, :] * depth, v[:, None] * depth
    for row in range(3):
        out[row] = rotation[row, 0] * x + rotation[row, 1] * y + rotation[row, 2] * depth
    out[2] += np.float32(level.position[2])  # above the table
    out[3] = depth
    out[4] = depth > 0
    out[:4] *= out[4]
    return out


def object_targets(o: ObjectFacts, camera: Pose, level: Pose, k: Intrinsics) -> np.ndarray:
    """The TARGETS of one object's facts."""
    box = o.box or (0.0, 0.0, 0.0, 0.0)
    centre = np.array(o.center)
    place = level.rotation.T @ (centre - level.position)
    axis = level.rotation.T @ quaternion_to_matrix(np.array(o.quaternion))[:, 0]
    yaw = np.arctan2(axis[1], axis[0])
    column, row, depth = project(centre, camera.rotation, camera.position, k)
    return np.array(
        [
            *box,
            *place,
            *np.log(np.array(o.size) / 0.05),
            *(np.sin(2 * yaw), np.cos(2 * yaw), np.sin(4 * yaw), np.cos(4 * yaw)),
            *(column, row, np.log(max(depth, 0.02) / k.fx * 200.0)),
            *(o.symmetry, float(o.is_cut)),
        ]
    )


def _handles(
    objects: Sequence[ObjectFacts], cells: np.ndarray, surface: np.ndarray, level: Pose
) -> np.ndarray:
    """Which cells lie in a handle's box."""
    found = np.zeros(cells.shape, bool)
    for o in objects:
        here = cells == o.id
        if here.any():
            found[here] = _in_handles(o, surface[here], level)
    return found


def handle_pixels(thing: ObjectFacts, mask: np.ndarray, geometry: np.ndarray, level: Pose) -> np.ndarray:
    """Which pixels of a thing's mask (height, width) show its handle, by the picture's geometry channels."""
    surface = np.moveaxis(geometry[:3], 0, -1)[mask] - np.array([0.0, 0.0, level.position[2]])
    found = np.zeros(mask.shape, bool)
    found[mask] = _in_handles(thing, surface, level) & (geometry[4][mask] > 0)
    return found


def _in_handles(thing: ObjectFacts, surface: np.ndarray, level: Pose) -> np.ndarray:
    """Which points (n, 3) of the level frame lie in a handle's box, (n,)."""
    found = np.zeros(len(surface), bool)
    for part in thing.parts:
        if part.name == "handle":
            world = surface @ level.rotation.T + level.position
            local = np.abs((world - np.array(part.center)) @ quaternion_to_matrix(np.array(part.quaternion)))
            found |= np.all(local < np.array(part.size) / 2 + 0.004, axis=-1)
    return found


@dataclass(frozen=True)
class Augmentation:
    """How samples are disturbed in training."""

    zoom: float = 0.6
    """Probability that only a part of the picture is seen, larger."""
    least_part: float = 0.55
    """Of the picture's sides, then."""
    flip: float = 0.5
    """Probability of mirroring left and right."""
    no_geometry: float = 0.3
    """Probability that depth and calibration are unknown."""
    blur: float = 0.15
    jpeg: float = 0.2
    noise: float = 6.0
    """Greatest standard deviation of pixel noise, of 255."""
    light: float = 0.25
    """Greatest relative change of brightness; half as much for each colour channel."""


def disturb(sample: Sample, rng: np.random.Generator, how: Augmentation) -> Sample:
    """The same view as another camera would have taken it, perhaps in a mirror."""
    pixels = disturb_picture(sample.image, rng, how)
    geometry = sample.geometry
    if rng.random() < how.no_geometry:
        geometry = np.zeros_like(geometry)
    else:
        geometry = disturbed_geometry(geometry, sample.camera_height, rng)
    changed = replace(sample, image=pixels, geometry=geometry)
    return mirrored(changed) if rng.random() < how.flip else changed


def disturb_picture(picture: np.ndarray, rng: np.random.Generator, how: Augmentation) -> np.ndarray:
    """Other light, sharpness, noise and coding; uint8 (height, width, 3)."""
    image = picture.astype(np.float32)
    gain = (1 + rng.uniform(-how.light, how.light)) * (1 + rng.uniform(-how.light / 3, how.light / 3, 3))
    image = (image - 128) * rng.uniform(0.8, 1.2) + 128
    image = image * gain.astype(np.float32) + rng.uniform(-12, 12)
    if rng.random() < how.blur:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.0))
    image = image + rng.standard_normal(image.shape, np.float32) * rng.uniform(0, how.noise)
    pixels = np.clip(image, 0, 255).astype(np.uint8)
    if rng.random() < how.jpeg:
        _, coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))])
        pixels = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))
    return pixels


def disturbed_geometry(geometry: np.ndarray, camera_height: float, rng: np.random.Generator) -> np.ndarray:
    """Depth noise of 2 mm + 0.5 % along the ray, and holes."""
    depth = geometry[3]
    noise = rng.standard_normal(depth.shape, np.float32) * (0.002 + 0.005 * depth) * rng.uniform(0, 1)
    factor = 1 + noise / np.maximum(depth, 0.05)
    out = geometry.copy()
    out[:4] = geometry[:4] * factor
    # heights are above the table, not the camera: scale them about the camera's height
    out[2] = geometry[2] + (factor - 1) * (geometry[2] - camera_height)
    for _ in range(rng.integers(0, 5)):
        r, c = rng.integers(0, depth.shape[0]), rng.integers(0, depth.shape[1])
        h, w = rng.integers(2, 16, 2)
        out[:, r : r + h, c : c + w] = 0
    out[:, rng.random(depth.shape, np.float32) < rng.uniform(0, 0.02)] = 0
    out[:4] *= out[4]
    return out


def mirrored(sample: Sample) -> Sample:
    """Left and right exchanged, geometry included."""
    width = sample.image.shape[1]
    t = sample.targets.copy()
    names = {name: i for i, name in enumerate(TARGETS)}
    t[:, names["left"]] = width - sample.targets[:, names["right"]]
    t[:, names["right"]] = width - sample.targets[:, names["left"]]
    t[:, names["column"]] = width - sample.targets[:, names["column"]]
    for name in ("x", "sin2", "sin4"):
        t[:, names[name]] *= -1
    geometry = sample.geometry[:, :, ::-1].copy()
    geometry[0] *= -1
    # cell middles are 2.5 pixels from the left and 1.5 from the right of a cell: resampling is not worth it
    surface = sample.surface[:, ::-1].copy()
    surface[..., 0] *= -1
    return replace(
        sample,
        image=np.ascontiguousarray(sample.image[:, ::-1]),
        geometry=geometry,
        cells=np.ascontiguousarray(sample.cells[:, ::-1]),
        table=np.ascontiguousarray(sample.table[:, ::-1]),
        handle=np.ascontiguousarray(sample.handle[:, ::-1]),
        targets=t,
        surface=surface,
    )
