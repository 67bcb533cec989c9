"""What one depth picture says about the space around a thing: filled by it or by others, free or unseen."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from robotics.pinhole import project, unproject
from robotics.pose import quaternion_to_matrix
from robotics.reasoning.answers import Box3D, Frame
from robotics.reasoning.errors import MissingInputError
from robotics.reasoning.view import View

_MOST_VOXELS = 500_000
_FINEST_M = 0.003
_STRAY_M = 0.02
"""A masked pixel so far outside of the thing's box belongs to something else."""
_TABLE_NOISE_M = 0.003
"""Masks bleed onto the table: what lies lower is only believed where the thing itself is that flat."""


@dataclass(frozen=True, eq=False)
class Solid:
    """A lattice of cubes around a thing; its z is the world's, its x and y are turned by `yaw`."""

    thing: np.ndarray
    """Filled by the thing, seen or inferred; bool, shape (x, y, z)."""
    other: np.ndarray
    """Filled by something else above the table, seen or below what is seen; bool, shape (x, y, z)."""
    unseen: np.ndarray
    """Neither seen free nor filled: nobody knows; bool, shape (x, y, z)."""
    seen: np.ndarray
    """The thing's surface was seen here; bool, shape (x, y, z)."""
    corner: np.ndarray
    """World position of the outer corner of voxel (0, 0, 0), shape (3,) [m]; its z is the table's."""
    rotation: np.ndarray
    """lattice_in_world, shape (3, 3)."""
    voxel: float
    """Edge [m]."""

    @cached_property
    def code(self) -> np.ndarray:
        """All at once: bits 1 the thing, 2 others, 4 unseen, 8 thing and seen; uint8, shape (x, y, z)."""
        code = self.thing + 2 * self.other + 4 * self.unseen + 8 * (self.seen & self.thing)
        return code.astype(np.uint8)

    def world(self, index: np.ndarray) -> np.ndarray:
        """World positions (..., 3) [m] of fractional indices (..., 3); 0.5 is the first voxel's centre."""
        return self.corner + (np.asarray(index) * self.voxel) @ self.rotation.T

    def index(self, points: np.ndarray) -> np.ndarray:
        """Fractional indices (..., 3) of world points (..., 3) [m]."""
        return (np.asarray(points) - self.corner) @ self.rotation / self.voxel


def world_points(view: View) -> np.ndarray:
    """World position of every pixel, shape (height, width, 3) [m]; NaN where depth is unknown.

    Raises:
        MissingInputError: The view has no depth or no calibration.
    """
    if view.depth is None or view.intrinsics is None or view.camera_in_world is None:
        missing = [
            name
            for name, value in (
                ("depth", view.depth),
                ("intrinsics", view.intrinsics),
                ("camera_in_world", view.camera_in_world),
            )
            if value is None
        ]
        raise MissingInputError(f"grasps and paths in 3D need a view with {', '.join(missing)}")
    rows, columns = np.mgrid[: view.height, : view.width] + 0.5
    depth = np.where(view.depth > 0, view.depth, np.nan).astype(float)
    pixels = np.stack([columns, rows, depth], axis=-1)
    pose = view.camera_in_world
    return unproject(pixels, pose.rotation, pose.position, view.intrinsics)


def box_of_points(points: np.ndarray, table_z: float = 0.0) -> Box3D:
    """The smallest upright box around points (point, 3) [m] that reaches down to the table.

    Raises:
        ValueError: Fewer than three points.
    """
    if len(points) < 3:
        raise ValueError(f"a box needs at least 3 points, got {len(points)}")
    best: tuple[float, float, np.ndarray, np.ndarray] | None = None
    for yaw in np.linspace(0, np.pi / 2, 30, endpoint=False):
        turned = points[:, :2] @ _turn(yaw)
        low, high = np.percentile(turned, [1, 99], axis=0)
        area = float(np.prod(high - low + 1e-4))
        if best is None or area < best[0]:
            best = (area, float(yaw), low, high)
    assert best is not None
    _, yaw, low, high = best
    size = high - low
    if size[1] > size[0]:
        yaw += np.pi / 2
        middle = _turn(best[1]) @ ((low + high) / 2)
        size = size[::-1]
    else:
        middle = _turn(yaw) @ ((low + high) / 2)
    top = float(np.percentile(points[:, 2], 99))
    bottom = min(table_z, top - 0.002)
    return Box3D(
        center=(float(middle[0]), float(middle[1]), (top + bottom) / 2),
        size=(float(size[0]), float(size[1]), top - bottom),
        rotation=(float(np.cos(yaw / 2)), 0.0, 0.0, float(np.sin(yaw / 2))),
        frame=Frame.WORLD,
    )


def _turn(yaw: float) -> np.ndarray:
    """Rotation (2, 2); its columns are the turned axes."""
    return np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])


def upright(box: Box3D) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre (3,), half size (3,) [m] and rotation (3, 3) of the smallest upright box around a box."""
    rotation = quaternion_to_matrix(np.array(box.rotation))
    half = np.array(box.size) / 2
    flat = rotation[:2] * half  # (2, axis)
    long = int(np.argmax(np.hypot(*flat)))
    yaw = float(np.arctan2(rotation[1, long], rotation[0, long]))
    turned = np.eye(3)
    turned[:2, :2] = _turn(yaw)
    extent = np.abs(turned.T @ rotation) @ half
    return np.array(box.center), extent, turned


def reconstruct(
    view: View,
    points: np.ndarray,
    mask: np.ndarray,
    box: Box3D,
    margin: float,
    headroom: float,
    region: Box3D | None = None,
    table_z: float = 0.0,
) -> Solid:
    """Carve the thing out of its box by what was seen through, and fill in what others hide.

    A voxel in the box is the thing's unless the camera saw through it or through its mirror images about the
    box's upright planes: most things are about symmetric, and where they are not, what was seen stays.

    Args:
        points: `world_points` of the view.
        mask: Pixels of the thing, bool, shape (height, width).
        box: Around the thing, in the world frame.
        margin: Free space to know about around the region [m].
        headroom: And above it [m].
        region: Where grasps are wanted, e.g. a part's box; None: all of `box`.
    """
    centre, half, rotation = upright(box)
    want_centre, want_half, want_rotation = (centre, half, rotation) if region is None else upright(region)
    reach = np.abs(rotation.T @ want_rotation) @ want_half
    middle = (want_centre - centre) @ rotation
    low = middle - reach - margin
    high = middle + reach + margin
    low[2], high[2] = table_z - centre[2], middle[2] + reach[2] + headroom
    extent = np.maximum(high - low, 0.02)
    voxel = max(_FINEST_M, float(np.cbrt(np.prod(extent) / _MOST_VOXELS)))
    shape = tuple(int(n) for n in np.ceil(extent / voxel))
    corner = centre + rotation @ low

    lattice = np.stack(np.meshgrid(*[np.arange(n) + 0.5 for n in shape], indexing="ij"), axis=-1) * voxel
    world = corner + lattice @ rotation.T  # (x, y, z, 3)
    free = _seen_through(view, world, voxel)
    mine, theirs = _split(points, mask, centre, half, rotation, table_z)
    draft = Solid(free, free, free, free, corner, rotation, voxel)
    seen = _mark(draft, mine, shape)
    other = _mark(draft, theirs, shape)
    other = np.flip(np.maximum.accumulate(np.flip(other, 2), axis=2), 2)  # things stand on the table

    local = lattice + low  # from the box's centre
    inside = np.asarray((np.abs(local) <= half + 0.4 * voxel).all(axis=-1))
    carved = inside & ~free
    for flip in ((-1, 1, 1), (1, -1, 1), (-1, -1, 1)):
        carved &= ~_seen_through(view, centre + (local * flip) @ rotation.T, voxel, inside)
    thick = seen.copy()
    thick[:, :, :-1] |= seen[:, :, 1:]  # at least two voxels deep
    thing = (carved & ~other) | (thick & (inside | seen))
    return Solid(
        thing=thing,
        other=other & ~thing,
        unseen=~free & ~thing & ~other,
        seen=seen,
        corner=corner,
        rotation=rotation,
        voxel=voxel,
    )


def _seen_through(view: View, world: np.ndarray, voxel: float, where: np.ndarray | None = None) -> np.ndarray:
    """Whether the camera saw something behind world points (x, y, z, 3); only asked `where` True."""
    assert view.depth is not None and view.intrinsics is not None and view.camera_in_world is not None
    pose, k = view.camera_in_world, view.intrinsics
    wanted = world if where is None else world[where]
    column, row, depth = np.moveaxis(project(wanted, pose.rotation, pose.position, k), -1, 0)
    inside = (column >= 0) & (column < view.width) & (row >= 0) & (row < view.height) & (depth > 0)
    i = np.clip(row, 0, view.height - 1).astype(int)
    j = np.clip(column, 0, view.width - 1).astype(int)
    measured = view.depth[i, j]
    through = inside & (measured > 0) & (depth < measured - 0.7 * voxel)
    if where is None:
        return through
    found = np.zeros(where.shape, bool)
    found[where] = through
    return found


def _split(
    points: np.ndarray,
    mask: np.ndarray,
    centre: np.ndarray,
    half: np.ndarray,
    rotation: np.ndarray,
    table_z: float,
) -> tuple[np.ndarray, np.ndarray]:
    """The thing's points and everything else's above the table, each (point, 3)."""
    known = np.isfinite(points[..., 0])
    outside = np.abs((points - centre) @ rotation) - half
    stray = (outside > _STRAY_M).any(axis=-1)
    low = points[..., 2] < table_z + min(_TABLE_NOISE_M, half[2])
    mine = known & mask & ~stray & ~low
    theirs = known & ~mine & (points[..., 2] > table_z + 0.005) & ~(mask & ~stray)
    return points[mine], points[theirs]


def _mark(solid: Solid, points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Voxels that hold a point, bool of `shape`."""
    marked = np.zeros(shape, bool)
    index = np.floor(solid.index(points)).astype(int)
    inside = ((index >= 0) & (index < shape)).all(axis=-1)
    marked[tuple(index[inside].T)] = True
    return marked
