"""How things may stand or lie on a table: on those sides of their convex hull that carry them."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull, cKDTree

from sim.scenes.shape import Shape

_ALIKE_M = 0.003


@dataclass(frozen=True)
class Rest:
    """A way to stand on the table."""

    rotation: np.ndarray
    """thing_at_rest, (3, 3)."""
    symmetry: int
    """Turns about the vertical that look alike; 0: any."""
    half: tuple[float, float]
    """Half extents of the footprint's rectangle along x and y [m]."""
    middle: tuple[float, float]
    """Where the middle of that rectangle lies from the thing's origin [m]."""
    below: float
    """How far the lowest point is below the thing's origin [m]."""
    height: float
    """[m]"""
    upright: bool


def find_rests(shape: Shape) -> tuple[Rest, ...]:
    """The upright rest first if it has one, then the others; at least one."""
    points = shape.points()
    found = [make_rest(points, np.eye(3), shape.symmetry, True)] if shape.upright else []
    if shape.lies or not shape.upright:
        for down in _carrying_normals(points):
            if shape.upright and abs(down[2]) > 0.97:
                continue
            rotation = _turning_down(down)
            found.append(make_rest(points, rotation, None, False))
    return tuple(found) or (make_rest(points, np.eye(3), shape.symmetry, True),)


def make_rest(points: np.ndarray, rotation: np.ndarray, symmetry: int | None, upright: bool) -> Rest:
    """Measure a rest; `symmetry` None: find it by comparing the points with themselves turned."""
    turned = points @ rotation.T
    lower, upper = turned.min(axis=0), turned.max(axis=0)
    middle, half = (lower + upper) / 2, (upper - lower) / 2
    if symmetry is None:
        symmetry = _symmetry(turned - middle)
    return Rest(
        rotation,
        symmetry,
        (float(half[0]), float(half[1])),
        (float(middle[0]), float(middle[1])),
        float(-lower[2]),
        float(upper[2] - lower[2]),
        upright,
    )


def _symmetry(points: np.ndarray) -> int:
    tree = cKDTree(points)

    def alike(angle: float) -> bool:
        c, s = np.cos(angle), np.sin(angle)
        distance, _ = tree.query(points @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]))
        return bool(np.quantile(distance, 0.95) < _ALIKE_M)

    if not alike(np.pi):
        return 1
    return 4 if alike(np.pi / 2) else 2


def _carrying_normals(points: np.ndarray) -> list[np.ndarray]:
    """Outward normals of the hull's sides over which the hull's centre lies, the safest first."""
    hull = ConvexHull(points)
    corners = points[hull.simplices]  # (face, 3, 3)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    inner = points[hull.vertices].mean(axis=0)
    volume = area * np.abs(np.einsum("fk,fk->f", hull.equations[:, :3], corners[:, 0] - inner)) / 3
    centre = (((corners.sum(axis=1) + inner) / 4) * volume[:, None]).sum(axis=0) / volume.sum()
    normals = hull.equations[:, :3]
    carrying: list[tuple[float, np.ndarray]] = []
    for normal in _distinct(normals, area):
        face = np.flatnonzero(normals @ normal > 0.9999)
        rim = np.unique(hull.simplices[face])
        x, y = _plane_axes(normal)
        flat = np.column_stack([points[rim] @ x, points[rim] @ y])
        under = np.array([centre @ x, centre @ y])
        if len(flat) < 3:
            continue
        outline = ConvexHull(flat, qhull_options="QJ")
        inside = -(outline.equations[:, :2] @ under + outline.equations[:, 2]).max()
        if inside > 0.0004:
            carrying.append((inside, normal))
    return [normal for _, normal in sorted(carrying, key=lambda item: -item[0])[:6]]


def _distinct(normals: np.ndarray, area: np.ndarray) -> list[np.ndarray]:
    kept: list[np.ndarray] = []
    for index in np.argsort(-area):
        if all(normals[index] @ other < 0.9999 for other in kept):
            kept.append(normals[index])
        if len(kept) == 24:
            break
    return kept


def _plane_axes(normal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x = np.cross(normal, [1.0, 0.0, 0.0] if abs(normal[0]) < 0.9 else [0.0, 1.0, 0.0])
    x /= np.linalg.norm(x)
    return x, np.cross(normal, x)


def _turning_down(normal: np.ndarray) -> np.ndarray:
    """A rotation (3, 3) that turns a side's outward normal to -z and keeps the longest side level."""
    x, y = _plane_axes(normal)
    return (
        np.stack([x, -y, -normal])
        if np.linalg.det(np.stack([x, -y, -normal])) > 0
        else np.stack([x, y, -normal])
    )
