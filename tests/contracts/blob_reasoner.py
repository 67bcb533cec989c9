"""A small reasoner that really looks: it finds patches of the colours that a query names, with OpenCV."""

import math
import re
import threading
from collections.abc import Sequence

import cv2
import numpy as np

from robotics.pinhole import unproject
from robotics.reasoning.answers import (
    Answer,
    Box2D,
    Box3D,
    Correspondence,
    Found,
    Frame,
    Grasp,
    Point,
    Success,
    Trajectory,
)
from robotics.reasoning.checks import check_limit, check_points, check_query, check_view, check_views
from robotics.reasoning.errors import ImageError, MissingInputError
from robotics.reasoning.frames import best_frame, level_in_camera
from robotics.reasoning.reasoner import QUESTIONS, GripperShape
from robotics.reasoning.view import View

HUES = {"red": 0, "yellow": 30, "green": 60, "turquoise": 90, "blue": 120, "pink": 150}
"""In the middle of OpenCV's range of 180."""
PATCH = 16
MOST_VALUES = 3 * (1 << 22)


class BlobReasoner:
    """Implements Reasoner for saturated things on a dull background; thread-safe."""

    name = "blobs"
    supports = frozenset(QUESTIONS)

    def __init__(self):
        self.looked = 0
        """Views that were segmented; each is once, however many questions are asked about it."""
        self._masks: dict[int, tuple[View, dict[str, np.ndarray]]] = {}
        self._lock = threading.Lock()

    def _look(self, view: View) -> dict[str, np.ndarray]:
        image = check_view(view)
        if image.size > MOST_VALUES:
            raise ImageError(
                f"blobs are looked for in 4 megapixels at most, got {view.width} x {view.height}"
            )
        with self._lock:
            if id(view) in self._masks:
                return self._masks[id(view)][1]
            self.looked += 1
            hsv = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2HSV)
            vivid = (hsv[..., 1] > 110) & (hsv[..., 2] > 60)
            masks = {}
            for colour, hue in HUES.items():
                away = np.abs((hsv[..., 0].astype(int) - hue + 90) % 180 - 90)
                masks[colour] = (vivid & (away <= 14)).astype(np.uint8)
            self._masks[id(view)] = (view, masks)
            return masks

    def _find(self, view: View, query: str) -> tuple[list[np.ndarray], tuple[str, ...], str]:
        """Masks, largest first, unknown words, and what is missing."""
        masks = self._look(view)
        words = re.findall(r"[a-z]+", check_query(query).lower())
        colours = [word for word in words if word in HUES]
        unknown = tuple(word for word in words if re.fullmatch(r"zorb\w*", word))
        found = []
        for colour in dict.fromkeys(colours or HUES):
            count, labels = cv2.connectedComponents(masks[colour])
            found += [labels == n for n in range(1, count)]
        found = [mask for mask in found if mask.sum() >= 20]
        found.sort(key=lambda mask: -int(mask.sum()))
        reason = "" if found else f"nothing {' or '.join(colours) or 'coloured'} here"
        return ([] if unknown else found), unknown, reason

    def _found(self, view: View, query: str, limit: int, make) -> Found:
        check_limit(limit)
        masks, unknown, reason = self._find(view, query)
        items = tuple(make(mask) for mask in masks[:limit])
        return Found(items, 0.98 if items else 0.02, unknown, reason)

    def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
        return self._found(view, query, limit, lambda mask: self._place(view, mask))

    def _place(self, view: View, mask: np.ndarray) -> Point:
        rows, columns = np.nonzero(mask)
        middle = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
        column, row = float(columns[middle]) + 0.5, float(rows[middle]) + 0.5
        position = None
        frame = best_frame(view.camera_in_world) if view.is_calibrated else Frame.WORLD
        if view.depth is not None and view.is_calibrated and view.depth[rows[middle], columns[middle]] > 0:
            x, y, z = self._world(view, np.array([[column, row, view.depth[rows[middle], columns[middle]]]]))[
                0
            ]
            position = (float(x), float(y), float(z))
        return Point(column, row, "blob", 0.9, position, frame)

    @staticmethod
    def _world(view: View, pixel_depth: np.ndarray) -> np.ndarray:
        assert view.camera_in_world is not None and view.intrinsics is not None
        pose = view.camera_in_world
        return unproject(pixel_depth, pose.rotation, pose.position, view.intrinsics)

    def detect(self, view: View, query: str, limit: int = 50) -> Found[Box2D]:
        def box(mask: np.ndarray) -> Box2D:
            rows, columns = np.nonzero(mask)
            edges = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
            left, top, right, bottom = map(float, edges)
            return Box2D(left, top, right, bottom, "blob", 0.9)

        return self._found(view, query, limit, box)

    def boxes3d(self, view: View, query: str, limit: int = 50) -> Found[Box3D]:
        if view.depth is None or view.intrinsics is None:
            check_view(view)
            check_query(query)
            raise MissingInputError("boxes3d needs depth and intrinsics")

        def box(mask: np.ndarray) -> Box3D:
            rows, columns = np.nonzero(mask)
            assert view.depth is not None and view.intrinsics is not None
            pixels = np.stack([columns + 0.5, rows + 0.5, view.depth[rows, columns]], axis=-1)
            if view.is_calibrated:
                points, frame = self._world(view, pixels), Frame.WORLD
            else:
                inner = unproject(pixels, np.eye(3), np.zeros(3), view.intrinsics)
                points, frame = level_in_camera(None).inverse().apply(inner), Frame.LEVEL
            low, high = points.min(0), points.max(0)
            x, y, z = map(float, (low + high) / 2)
            sx, sy, sz = map(float, np.maximum(high - low, 0.01))
            return Box3D((x, y, z), (sx, sy, sz), (1.0, 0.0, 0.0, 0.0), frame, "blob", 0.8)

        return self._found(view, query, limit, box)

    def grasps(
        self, view: View, query: str, gripper: GripperShape | None = None, limit: int = 10
    ) -> Found[Grasp]:
        opening = (gripper or GripperShape()).opening

        def grasp(mask: np.ndarray) -> Grasp:
            place = self._place(view, mask)
            rows, columns = np.nonzero(mask)
            centred = np.stack([columns - columns.mean(), rows - rows.mean()])
            x, y = np.linalg.svd(centred @ centred.T)[0][:, 1]
            angle = math.atan(y / x) if abs(x) > 1e-9 else math.pi / 2
            down = (0.0, 1.0, 0.0, 0.0) if place.position else None
            return Grasp(
                place.column,
                place.row,
                angle,
                place.position,
                down,
                opening,
                place.frame,
                "blob",
                0.7,
            )

        return self._found(view, query, limit, grasp)

    def trajectory(self, view: View, instruction: str) -> Found[Trajectory]:
        across = {"left": -0.2, "right": 0.2}
        step = next((s for word, s in across.items() if word in check_query(instruction)), 0.0) * view.width

        def path(mask: np.ndarray) -> Trajectory:
            start = self._place(view, mask)
            end = Point(min(max(start.column + step, 0.0), view.width), start.row, "end")
            return Trajectory((start, end), "blob", 0.6)

        return self._found(view, instruction, 1, path)

    def correspond(self, source: View, points: Sequence[Point], target: View) -> tuple[Correspondence, ...]:
        check_views((source, target))
        check_points(points, source)
        grey = [
            cv2.cvtColor(np.ascontiguousarray(check_view(v)), cv2.COLOR_RGB2GRAY) for v in (source, target)
        ]
        return tuple(self._match(grey[0], grey[1], point) for point in points)

    @staticmethod
    def _match(source: np.ndarray, target: np.ndarray, point: Point) -> Correspondence:
        top, left = max(0, int(point.row) - PATCH), max(0, int(point.column) - PATCH)
        patch = source[top : top + 2 * PATCH + 1, left : left + 2 * PATCH + 1]
        fits = all(part <= whole for part, whole in zip(patch.shape, target.shape, strict=True))
        if not fits or not patch.size or patch.std() < 8:
            return Correspondence(point, None, 0.5)  # nothing that would be recognised
        _, best, _, place = cv2.minMaxLoc(cv2.matchTemplate(target, patch, cv2.TM_CCOEFF_NORMED))
        if not best > 0.6:
            return Correspondence(point, None, 0.5)
        column, row = place[0] + point.column - left, place[1] + point.row - top
        return Correspondence(point, Point(column, row, point.label), min(1.0, float(best)))

    def success(self, before: Sequence[View], after: Sequence[View], instruction: str) -> Success:
        check_query(instruction)
        check_views(after)
        check_views((*before, *after))
        if not before:
            raise MissingInputError("success needs a view from before")
        words = instruction.lower()
        places = [self.point(views[0], instruction).best for views in (before, after)]
        if None in places:
            return Success(False, 0.1, "the thing is not in both pictures")
        old, new = places
        assert old is not None and new is not None
        moved = new.column - old.column
        achieved = moved < -5 if "left" in words else moved > 5
        return Success(achieved, 0.9 if achieved else 0.1, f"it moved {moved:+.0f} pixels")

    def answer(self, views: Sequence[View], question: str) -> Answer:
        check_query(question)
        check_views(views)
        seen = [f"{len(self._find(view, colour)[0])} {colour}" for view in views for colour in HUES]
        return Answer(", ".join(text for text in seen if not text.startswith("0")) or "nothing", 0.8)
