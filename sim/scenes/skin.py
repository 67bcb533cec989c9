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
    normals = _smooth(place, flat, unit)
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


def _smooth(place: np.ndarray, flat: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Normals (face, 3, 3) of corners: over the faces at the same place (face, 3) that bend gently."""
    owner = np.repeat(np.arange(len(place)), 3)
    order = np.argsort(place.ravel(), kind="stable")
    face, spot = owner[order], place.ravel()[order]
    start, count = np.unique(spot, return_index=True, return_counts=True)[1:]
    group = np.repeat(np.arange(len(start)), count)
    # every corner with every face at its place
    each = np.repeat(np.arange(len(face)), count[group])
    within = np.arange(len(each)) - np.repeat(np.cumsum(count[group]) - count[group], count[group])
    other = face[start[group[each]] + within]
    gentle = np.einsum("pk,pk->p", unit[face[each]], unit[other]) > _CREASE
    summed = np.zeros((len(face), 3))
    np.add.at(summed, each[gentle], flat[other[gentle]])
    normals = np.empty((len(face), 3))
    normals[order] = summed / np.linalg.norm(summed, axis=1, keepdims=True)
    return normals.reshape(-1, 3, 3)
