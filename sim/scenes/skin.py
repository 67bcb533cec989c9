"""How a mesh is drawn: sharp and smooth edges, and where a pattern lies on it."""

from dataclasses import dataclass

import numpy as np

from sim.scenes.meshes import Mesh


@dataclass(frozen=True)
class Skin:
    """A mesh as it is drawn: every triangle has corners, normals and texture coordinates of its own."""

    vertices: np.ndarray  # (corner, 3) [m]
    normals: np.ndarray  # (corner, 3)
    texture: np.ndarray  # (corner, 2), one unit is TILE_M
    faces: np.ndarray  # (face, 3)


TILE_M = 0.08
"""Patterns repeat so often along a surface [m]."""
_CREASE = np.cos(np.radians(42))


def skinned(mesh: Mesh) -> Skin:
    """Smooth across gentle edges, sharp across others; patterns are projected along the nearest axis."""
    corners = mesh.vertices[mesh.faces]  # (face, 3, 3)
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])  # twice the area
    area = np.linalg.norm(flat, axis=1)
    kept = area > 1e-12
    corners, flat, area = corners[kept], flat[kept], area[kept]
    unit = flat / area[:, None]
    _, place = np.unique(np.round(corners.reshape(-1, 3), 6), axis=0, return_inverse=True)
    place = place.reshape(-1, 3)
    normals = _smooth(place, unit, _angles(corners))
    axis = np.abs(unit).argmax(axis=1)
    planes = np.array([(1, 2), (0, 2), (0, 1)])[axis]  # (face, 2)
    texture = np.take_along_axis(corners, planes[:, None, :].repeat(3, axis=1), axis=2) / TILE_M
    count = len(corners)
    return Skin(
        corners.reshape(-1, 3),
        normals.reshape(-1, 3),
        texture.reshape(-1, 2),
        np.arange(3 * count).reshape(-1, 3),
    )


def _angles(corners: np.ndarray) -> np.ndarray:
    """Of triangles (face, 3, 3) at each corner, (face, 3) [rad]."""
    ahead = np.roll(corners, -1, axis=1) - corners
    back = np.roll(corners, 1, axis=1) - corners
    cosine = (ahead * back).sum(axis=2) / np.linalg.norm(ahead, axis=2) / np.linalg.norm(back, axis=2)
    return np.arccos(np.clip(cosine, -1, 1))


def _smooth(place: np.ndarray, unit: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Normals (face, 3, 3) of corners: the mean over the faces at the same place that bend gently.

    Weighted by the faces' angles there, so that it does not matter how quadrilaterals were cut.

    Args:
        place: Number of the place of each corner, (face, 3).
        unit: Normals of the faces, (face, 3).
        angle: At each corner, (face, 3) [rad].
    """
    owner = np.repeat(np.arange(len(place)), 3)
    order = np.argsort(place.ravel(), kind="stable")
    face, spot = owner[order], place.ravel()[order]
    start, count = np.unique(spot, return_index=True, return_counts=True)[1:]
    group = np.repeat(np.arange(len(start)), count)
    # every corner with every face at its place
    each = np.repeat(np.arange(len(face)), count[group])
    within = np.arange(len(each)) - np.repeat(np.cumsum(count[group]) - count[group], count[group])
    beside = start[group[each]] + within
    other, weight = face[beside], angle.ravel()[order][beside]
    gentle = np.einsum("pk,pk->p", unit[face[each]], unit[other]) > _CREASE
    summed = np.zeros((len(face), 3))
    np.add.at(summed, each[gentle], (unit[other] * weight[:, None])[gentle])
    normals = np.empty((len(face), 3))
    normals[order] = summed / np.linalg.norm(summed, axis=1, keepdims=True)
    return normals.reshape(-1, 3, 3)
