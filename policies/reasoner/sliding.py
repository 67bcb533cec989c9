"""Finds a way along the table for something that is pushed."""

import heapq

import numpy as np

from policies.reasoner.height_map import CELL_M, HeightMap

_OBSTACLE_M = 0.008
"""Lower than this is table and noise."""
_MARGIN_M = 0.012


def slide_around(
    scene: HeightMap, start: np.ndarray, end: np.ndarray, half: np.ndarray, rotation: np.ndarray
) -> tuple[np.ndarray, bool]:
    """The straight way if it is free, else the shortest way around what stands there.

    Args:
        start: Centre of the thing, shape (3,) [m].
        end: Where its centre shall be, shape (3,) [m]; at the same height.
        half: Half size, shape (3,) [m].
        rotation: thing_in_world, shape (3, 3).

    Returns:
        Path, shape (waypoint, 3) [m], and whether it is free; if no way is, the straight one.
    """
    straight = np.stack([start, end])
    if _is_free(scene, start, end, half, rotation):
        return straight, True
    found = _shortest(scene, start, end, half, rotation)
    if found is None:
        return straight, False
    return _shortened(scene, found, half, rotation), True


def _is_free(scene: HeightMap, a: np.ndarray, b: np.ndarray, half: np.ndarray, rotation: np.ndarray) -> bool:
    count = max(2, int(np.ceil(np.linalg.norm(b[:2] - a[:2]) / CELL_M)) + 1)
    places = np.linspace(a[:2], b[:2], count)[1:]
    return all(scene.under(place, half, rotation, grow=_MARGIN_M) < _OBSTACLE_M for place in places)


def _shortest(
    scene: HeightMap, start: np.ndarray, end: np.ndarray, half: np.ndarray, rotation: np.ndarray
) -> np.ndarray | None:
    """A* over cells; a cell is free if the thing fits there, turned as it is."""
    shape = scene.heights.shape
    source = tuple(np.floor((start[:2] - scene.low) / CELL_M).astype(int).tolist())
    target = tuple(np.floor((end[:2] - scene.low) / CELL_M).astype(int).tolist())
    if not all(0 <= c < n for cell in (source, target) for c, n in zip(cell, shape, strict=True)):
        return None
    known: dict[tuple[int, int], bool] = {source: True}

    def free(cell: tuple[int, int]) -> bool:
        if cell not in known:
            place = scene.low + (np.array(cell) + 0.5) * CELL_M
            known[cell] = scene.under(place, half, rotation, grow=_MARGIN_M) < _OBSTACLE_M
        return known[cell]

    if not free(target):
        return None
    cost = {source: 0.0}
    before: dict[tuple[int, int], tuple[int, int]] = {}
    queue = [(0.0, source)]
    done: set[tuple[int, int]] = set()
    while queue:
        _, cell = heapq.heappop(queue)
        if cell == target:
            break
        if cell in done:
            continue
        done.add(cell)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            beside = (cell[0] + dx, cell[1] + dy)
            if not (0 <= beside[0] < shape[0] and 0 <= beside[1] < shape[1]):
                continue
            total = cost[cell] + float(np.hypot(dx, dy))
            if total >= cost.get(beside, np.inf) or not free(beside):
                continue
            cost[beside], before[beside] = total, cell
            ahead = float(np.hypot(beside[0] - target[0], beside[1] - target[1]))
            heapq.heappush(queue, (total + ahead, beside))
    if target not in before and target != source:
        return None
    cells = [target]
    while cells[-1] != source:
        cells.append(before[cells[-1]])
    places = scene.low + (np.array(cells[::-1]) + 0.5) * CELL_M
    path = np.column_stack([places, np.full(len(places), start[2])])
    path[0], path[-1] = start, end
    return path


def _shortened(scene: HeightMap, path: np.ndarray, half: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """The path with every corner cut that can be."""
    kept, i = [path[0]], 0
    while i < len(path) - 1:
        j = len(path) - 1
        while j > i + 1 and not _is_free(scene, path[i], path[j], half, rotation):
            j -= 1
        kept.append(path[j])
        i = j
    return np.stack(kept)
