"""Cuts the solids that things are made of into convex pieces, which is what physics collides."""

from itertools import pairwise

import numpy as np

_FLAT = 1e-9
_AXIS_M = 1e-6
_SECTORS = 12
"""Of a wall that goes round; as many as keep a 6 cm bowl's wall within 1 mm of round."""
_ROUNDING_M = 0.0006
"""Corners that stand out less are left out."""


def convex_outlines(outline: np.ndarray) -> list[np.ndarray]:
    """Cut a simple polygon (corner, 2), counter-clockwise, into convex ones that cover it.

    Ears are cut off, then triangles are joined again while they stay convex (Hertel and Mehlhorn, 1983).
    """
    corners = _without_spikes(np.asarray(outline, float))
    if len(corners) < 3:
        return []
    parts = [list(triangle) for triangle in _triangles(corners)]
    joined = True
    while joined:
        joined = False
        for a in range(len(parts)):
            for b in range(a + 1, len(parts)):
                merged = _merged(parts[a], parts[b], corners)
                if merged is not None:
                    parts[a] = merged
                    del parts[b]
                    joined = True
                    break
            if joined:
                break
    return [corners[part] for part in parts]


def revolved_pieces(profile: np.ndarray, sectors: int) -> list[np.ndarray]:
    """Convex pieces of a solid of revolution about z, each (corner, 3).

    Args:
        profile: Radius and height (point, 2) from the axis below over the outside back to the axis above.
        sectors: Corners of the round parts.
    """
    outline = _simplified(np.asarray(profile, float))
    pieces = []
    angle = np.arange(sectors) * 2 * np.pi / sectors
    for part in convex_outlines(outline):
        if (part[:, 0] < _AXIS_M).sum() >= 2:
            pieces.append(_around(part, angle))
            continue
        edges = np.linspace(0, 2 * np.pi, _SECTORS + 1)
        pieces += [_around(part, np.array(pair)) for pair in pairwise(edges)]
    return pieces


def prism_pieces(outline: np.ndarray, height: float) -> list[np.ndarray]:
    """Convex pieces of a prism from z = 0 to `height`, each (corner, 3)."""
    return [
        np.concatenate([np.column_stack([part, np.full(len(part), z)]) for z in (0.0, height)])
        for part in convex_outlines(outline)
    ]


def tube_pieces(rings: list[np.ndarray]) -> list[np.ndarray]:
    """Convex pieces of a tube, one between each ring (sector, 3) and the next."""
    return [np.concatenate(pair) for pair in pairwise(rings)]


def as_box(piece: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Middle (3,), rotation (3, 3) and half size (3,) if the piece (8, 3) is a box, else None."""
    if len(piece) != 8:
        return None
    middle = piece.mean(axis=0)
    order = np.argsort(np.linalg.norm(piece - piece[0], axis=-1))
    for k in (3, 4):  # the third edge may be longer than a face's diagonal
        edges = piece[order[[1, 2, k]]] - piece[0]
        lengths = np.linalg.norm(edges, axis=-1)
        if lengths.min() < 1e-6:
            continue
        axes = edges / lengths[:, None]
        if np.abs(axes @ axes.T - np.eye(3)).max() > 1e-5:
            continue
        if np.abs(np.abs((piece - middle) @ axes.T) - lengths / 2).max() > 1e-6:
            continue
        if np.linalg.det(axes) < 0:
            axes[2] = -axes[2]
        return middle, axes.T, lengths / 2
    return None


def _around(part: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """A part of a profile (corner, 2) at several angles, (corner, 3)."""
    radius, height = part[:, 0], part[:, 1]
    x, y = np.outer(np.cos(angles), radius), np.outer(np.sin(angles), radius)
    corners = np.stack([x, y, np.broadcast_to(height, x.shape)], axis=-1).reshape(-1, 3)
    return np.unique(corners.round(7), axis=0)


def _simplified(profile: np.ndarray) -> np.ndarray:
    """A profile without the points that hardly matter; its ends stay (Douglas and Peucker, 1973)."""
    if len(profile) < 3:
        return profile
    start, end = profile[0], profile[-1]
    along = end - start
    length = float(np.linalg.norm(along))
    offset = profile - start
    if length < 1e-9:
        apart = np.linalg.norm(offset, axis=-1)
    else:
        apart = np.abs(offset[:, 0] * along[1] - offset[:, 1] * along[0]) / length
    far = int(np.argmax(apart))
    if apart[far] < _ROUNDING_M:
        return profile[[0, -1]]
    return np.concatenate([_simplified(profile[: far + 1])[:-1], _simplified(profile[far:])])


def _cross(o: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    return float((a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]))


def _without_spikes(corners: np.ndarray) -> np.ndarray:
    """Without repeated corners and with counter-clockwise order."""
    apart = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=-1)
    kept = corners[apart > 1e-7]
    following = np.roll(kept, -1, axis=0)
    area = float((kept[:, 0] * following[:, 1] - kept[:, 1] * following[:, 0]).sum()) / 2
    return kept if area > 0 else kept[::-1]


def _triangles(corners: np.ndarray) -> list[tuple[int, int, int]]:
    left = list(range(len(corners)))
    found = []
    while len(left) > 3:
        for i in range(len(left)):
            a, b, c = left[i - 1], left[i], left[(i + 1) % len(left)]
            if _cross(corners[a], corners[b], corners[c]) <= _FLAT:
                continue
            if any(_holds(corners[[a, b, c]], corners[other]) for other in left if other not in (a, b, c)):
                continue
            found.append((a, b, c))
            del left[i]
            break
        else:  # only flat corners are left
            flat = min(range(len(left)), key=lambda i: abs(_turn_at(corners, left, i)))
            del left[flat]
    if len(left) == 3 and _cross(*corners[left]) > _FLAT:
        found.append((left[0], left[1], left[2]))
    return found


def _turn_at(corners: np.ndarray, left: list[int], i: int) -> float:
    return _cross(corners[left[i - 1]], corners[left[i]], corners[left[(i + 1) % len(left)]])


def _holds(triangle: np.ndarray, point: np.ndarray) -> bool:
    return all(_cross(triangle[i], triangle[(i + 1) % 3], point) > -_FLAT for i in range(3))


def _merged(a: list[int], b: list[int], corners: np.ndarray) -> list[int] | None:
    """Two parts that share an edge as one, if that is convex."""
    for i, first in enumerate(a):
        second = a[(i + 1) % len(a)]
        if second not in b or first not in b:
            continue
        j = b.index(second)
        if b[(j + 1) % len(b)] != first:
            continue
        # Walk a from the edge's end round to its start, then b likewise.
        ring = [a[(i + 1 + k) % len(a)] for k in range(len(a))]
        ring += [b[(j + 2 + k) % len(b)] for k in range(len(b) - 2)]
        turns = [
            _cross(corners[ring[k - 1]], corners[ring[k]], corners[ring[(k + 1) % len(ring)]])
            for k in range(len(ring))
        ]
        if min(turns) >= -_FLAT:
            return ring
    return None
