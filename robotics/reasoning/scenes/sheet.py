"""A contact sheet of scene views, their truth drawn on them."""

from collections.abc import Sequence

import cv2
import numpy as np

from robotics.pinhole import project
from robotics.pose import Pose, quaternion_to_matrix
from robotics.reasoning.answers import Quaternion, Vector
from robotics.reasoning.scenes.facts import ROBOT, TABLE
from robotics.reasoning.scenes.folder import SceneView

_SCALE = 2
_EDGES = [(a, b) for a in range(8) for b in range(a) if (a ^ b) in (1, 2, 4)]
_SIGNS = np.array([[(i >> 2) & 1, (i >> 1) & 1, i & 1] for i in range(8)]) - 0.5


def contact_sheet(views: Sequence[SceneView], columns: int) -> np.ndarray:
    """Every view beside its ids, uint8 RGB (height, width, 3)."""
    tiles = [np.hstack([draw_truth(view), _draw_ids(view)]) for view in views]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    return np.vstack(rows)


def draw_truth(view: SceneView) -> np.ndarray:
    """The picture at twice its size: boxes of things in their colour, of parts in white."""
    canvas = cv2.resize(view.view.image, None, fx=_SCALE, fy=_SCALE, interpolation=cv2.INTER_LINEAR)
    for thing in view.facts.objects:
        if thing.pixels == 0:
            continue
        colour = tuple(int(c) for c in _palette()[thing.id])
        _draw_box3d(canvas, view, thing.center, thing.size, thing.quaternion, colour)
        for part in thing.parts:
            _draw_box3d(canvas, view, part.center, part.size, part.quaternion, (255, 255, 255))
        if thing.box is not None:
            left, top, right, bottom = (round(_SCALE * v) for v in thing.box)
            cv2.rectangle(canvas, (left, top), (right - 1, bottom - 1), colour, 1)
            label = f"{thing.id} {thing.colour} {thing.family} {thing.visible:.2f}"
            _write(canvas, label, (left, max(9, top - 2)))
    facts = view.facts
    title = f"{facts.seed} {facts.kind} {facts.camera} {facts.robot or ''}"
    if facts.change is not None:
        title += f" | {facts.moment}: {facts.change['instruction']} ({facts.change['achieved']})"
    _write(canvas, title, (3, canvas.shape[0] - 5))
    return canvas


def _draw_ids(view: SceneView) -> np.ndarray:
    size = (view.view.width * _SCALE, view.view.height * _SCALE)
    return cv2.resize(_palette()[view.ids], size, interpolation=cv2.INTER_NEAREST)


def _palette() -> np.ndarray:
    colours = np.random.default_rng(3).integers(70, 255, (256, 3)).astype(np.uint8)
    colours[0], colours[TABLE], colours[ROBOT] = (20, 20, 20), (70, 70, 70), (120, 0, 120)
    return colours


def _draw_box3d(
    canvas: np.ndarray,
    view: SceneView,
    center: Vector,
    size: Vector,
    quaternion: Quaternion,
    colour: tuple[int, ...],
) -> None:
    k, camera = view.view.intrinsics, view.view.camera_in_world
    assert k is not None and isinstance(camera, Pose)
    corners = (_SIGNS * size) @ quaternion_to_matrix(np.array(quaternion)).T + center
    places = project(corners, camera.rotation, camera.position, k)
    if (places[:, 2] < 0.03).any():
        return
    for a, b in _EDGES:
        start, end = (tuple(int(v) for v in np.clip(_SCALE * places[i, :2], -5000, 5000)) for i in (a, b))
        cv2.line(canvas, start, end, colour, 1, cv2.LINE_AA)


def _write(canvas: np.ndarray, text: str, place: tuple[int, int]) -> None:
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.33, (0, 0, 0), 2, cv2.LINE_AA)
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.33, (255, 255, 255), 1, cv2.LINE_AA)
