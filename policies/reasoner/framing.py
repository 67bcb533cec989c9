"""A part of a scene's picture as a picture of its own, as if a longer lens had taken it; facts included."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from robotics.pinhole import Intrinsics
from robotics.reasoning.scenes.facts import ObjectFacts
from robotics.reasoning.scenes.folder import SceneView
from robotics.reasoning.view import View


@dataclass(frozen=True)
class Window:
    """Part of a picture, whole pixels."""

    left: int
    top: int
    width: int
    height: int


def draw_window(height: int, width: int, least: float, rng: np.random.Generator) -> Window:
    """Of the picture's shape, its sides at least so much of the picture's, anywhere."""
    part = rng.uniform(least, 1.0)
    h, w = max(8, round(height * part)), max(8, round(width * part))
    return Window(int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1)), w, h)


def framed(scene: SceneView, window: Window, height: int, width: int) -> SceneView:
    """What the window shows, at a new size; things outside of it remain, without pixels and box."""
    if window == Window(0, 0, width, height) and scene.ids.shape == (height, width):
        return scene
    inside = (
        slice(window.top, window.top + window.height),
        slice(window.left, window.left + window.width),
    )
    view, k = scene.view, scene.view.intrinsics
    assert view.depth is not None and k is not None
    ids = scene.ids[inside]
    how = cv2.INTER_AREA if height < window.height else cv2.INTER_LINEAR
    size = (width, height)
    picture = cv2.resize(np.ascontiguousarray(view.image[inside]), size, interpolation=how)
    depth = cv2.resize(np.ascontiguousarray(view.depth[inside]), size, interpolation=cv2.INTER_NEAREST)
    cut = Intrinsics(
        k.fx, k.fy, k.cx - window.left, k.cy - window.top, width=window.width, height=window.height
    )
    things = tuple(_framed_thing(thing, ids, window, height, width) for thing in scene.facts.objects)
    small = cut.resized(width, height)
    facts = replace(scene.facts, objects=things, intrinsics=(small.fx, small.fy, small.cx, small.cy))
    return SceneView(
        View(picture, depth, small, view.camera_in_world, view.name),
        cv2.resize(np.ascontiguousarray(ids), size, interpolation=cv2.INTER_NEAREST),
        facts,
    )


def _framed_thing(
    thing: ObjectFacts, ids: np.ndarray, window: Window, height: int, width: int
) -> ObjectFacts:
    if thing.box is None:
        return thing
    left, top = thing.box[0] - window.left, thing.box[1] - window.top
    right, bottom = thing.box[2] - window.left, thing.box[3] - window.top
    pixels, is_cut = thing.pixels, thing.is_cut
    if left < 0 or top < 0 or right > window.width or bottom > window.height:
        rows, columns = np.nonzero(ids == thing.id)
        if len(rows) == 0:
            return replace(thing, pixels=0, visible=0.0, box=None, is_cut=True)
        left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        pixels, is_cut = len(rows), True
    x, y = width / window.width, height / window.height
    return replace(
        thing,
        pixels=round(pixels * x * y),
        visible=thing.visible * pixels / max(thing.pixels, 1),
        box=(float(left * x), float(top * y), float(right * x), float(bottom * y)),
        is_cut=is_cut,
    )
