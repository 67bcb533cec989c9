"""SUN RGB-D from the user's disk: AP@15 of 3D boxes over the ten classes of Total3DUnderstanding's table.

The folder holds `SUNRGBDMeta3DBB_v2.mat`, `SUNRGBD/` and `SUNRGBDtoolbox/traintestSUNRGBD/allsplit.mat`, as
S. Song et al. (CVPR 2015) publish them; the split's `alltest` is asked about. Boxes and the points of the
toolbox lie in the camera's frame turned upright: x right, y forward, z up, origin at the camera.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from robotics.evaluation.reasoning.detecting import placed_in_world
from robotics.evaluation.reasoning.overlap import solid_iou
from robotics.evaluation.reasoning.precision import (
    Precision,
    Scored,
    Wanted,
    average_precision,
    mean_average_precision,
)
from robotics.evaluation.reasoning.public_shares import NOT_PARSED, REFUSED, attempt
from robotics.pinhole import Intrinsics
from robotics.pose import Pose, matrix_to_quaternion
from robotics.reasoning.answers import Box3D, Found
from robotics.reasoning.errors import ImageError
from robotics.reasoning.images import read_photo
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.scenes.folder import ScenesError
from robotics.reasoning.spatial import Placed
from robotics.reasoning.view import View

CLASSES = ("bed", "chair", "sofa", "table", "desk", "dresser", "night_stand", "sink", "cabinet", "lamp")
"""Y. Nie et al., CVPR 2020, in whose class table each of these names stands for itself alone."""
THRESHOLD = 0.15
"""Of the intersection over the union."""
META = "SUNRGBDMeta3DBB_v2.mat"
SPLIT = "SUNRGBDtoolbox/traintestSUNRGBD/allsplit.mat"
_FARTHEST = 8.0
"""Where the toolbox cuts depth off [m]."""
_CAMERA_IN_TILTED = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""The toolbox's axes before they are turned upright are the camera's x, z and -y."""


@dataclass(frozen=True, eq=False)
class Room:
    """One picture of the split and its boxes of the ten classes."""

    image: Path
    depth: Path
    intrinsics: np.ndarray
    """K, shape (3, 3) [pixel]; the centre of the top left pixel is (1, 1)."""
    upright: np.ndarray
    """Rtilt, shape (3, 3): from the toolbox's axes to upright ones."""
    boxes: tuple[Placed, ...]
    """Labelled with their classes, in the upright frame."""


@dataclass
class RoomBoxes:
    """What was found in all rooms, by class."""

    guesses: dict[str, list[Scored[Placed]]] = field(default_factory=lambda: {c: [] for c in CLASSES})
    truths: dict[str, list[Wanted[Placed]]] = field(default_factory=lambda: {c: [] for c in CLASSES})
    queries: int = 0
    said: dict[str, int] = field(default_factory=lambda: {NOT_PARSED: 0, REFUSED: 0})

    def mean_precision(self) -> Precision:
        """Over the classes that the rooms have."""
        pairs = [(self.guesses[c], self.truths[c]) for c in CLASSES if self.truths[c]]
        return mean_average_precision(pairs, solid_iou, THRESHOLD)

    def by_class(self) -> dict[str, float]:
        present = [c for c in CLASSES if self.truths[c]]
        return {
            c: average_precision(self.guesses[c], self.truths[c], solid_iou, THRESHOLD, rounds=0).value
            for c in present
        }


def is_sun_rgbd(folder: Path) -> bool:
    return (folder / META).is_file()


def read_sun_rgbd(folder: Path) -> list[Room]:
    """The rooms of the split in which one of the ten classes is to be found.

    Raises:
        ScenesError: A file is missing, damaged or not as its authors publish it; which one and which entry.
    """
    try:
        tested = {_inner(str(name)) for name in np.atleast_1d(_load(folder / SPLIT, "alltest"))}
    except ValueError as error:
        raise ScenesError(f"{folder / SPLIT} alltest: {error}") from None
    rooms = []
    entries = _load(folder / META, "SUNRGBDMeta")
    for number, entry in enumerate(_listed(entries), 1):
        try:
            depth = _inner(entry["depthpath"])
            # .../depth_bfx/NAME.png of the folder that the split names
            if str(Path(depth).parent.parent) not in tested:
                continue
            boxes = tuple(_placed(b) for b in _listed(entry["groundtruth3DBB"]) if b["classname"] in CLASSES)
            files = folder / "SUNRGBD" / _inner(entry["rgbpath"]), folder / "SUNRGBD" / depth
            k, upright = _matrix(entry["K"]), _matrix(entry["Rtilt"])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ScenesError(f"{folder / META} entry {number}: {error!r}") from None
        if boxes:
            rooms.append(Room(*files, k, upright, boxes))
    if not rooms:
        raise ScenesError(f"{folder / META}: no room of {folder / SPLIT} with any of: {', '.join(CLASSES)}")
    return rooms


def _load(file: Path, name: str) -> Any:
    from scipy.io import loadmat

    try:
        return loadmat(file, simplify_cells=True)[name]
    except OSError as error:
        raise ScenesError(f"cannot read {file}: {error.strerror or error}") from None
    except KeyError:
        raise ScenesError(f"{file}: no variable '{name}'") from None
    except Exception as error:  # a damaged file raises anything
        raise ScenesError(f"{file} is cut off or damaged: {str(error)[:120]}") from None


def _listed(values: Any) -> list[dict[str, Any]]:
    """An array of structures as a list; MATLAB makes no difference between one and a single one."""
    return [values] if isinstance(values, dict) else list(values)


def _inner(path: str) -> str:
    """Below SUNRGBD/; the files hold the paths on the authors' machine."""
    before, found, inner = str(path).partition("/SUNRGBD/")
    if not found:
        raise ValueError(f"wanted a path with '/SUNRGBD/', got '{before}'")
    return inner.strip("/")


def _matrix(values: Any) -> np.ndarray:
    matrix = np.asarray(values, float)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
        raise ValueError(f"wanted a finite matrix (3, 3), got {matrix.shape}")
    return matrix


def _placed(box: dict[str, Any]) -> Placed:
    """`coeffs` are half the extents along the rows of `basis`, with either sign."""
    axes, half = _matrix(box["basis"]).T, np.abs(np.asarray(box["coeffs"], float))
    if np.linalg.det(axes) < 0:
        axes = axes * np.array([1.0, 1.0, -1.0])
    return Placed.from_box(box["centroid"], 2 * half, matrix_to_quaternion(axes), str(box["classname"]))


def read_room_view(room: Room) -> View:
    """
    Raises:
        ImageError: The picture or its depth is missing, damaged, or they differ in size.
    """
    image = read_photo(room.image).view.image
    height, width = image.shape[:2]
    depth = read_rotated_depth(room.depth)
    if depth.shape != (height, width):
        raise ImageError(f"{room.depth}: its size {depth.shape} is not that of {room.image}")
    k = room.intrinsics
    intrinsics = Intrinsics(k[0, 0], k[1, 1], k[0, 2] - 0.5, k[1, 2] - 0.5, width, height)
    camera_in_world = Pose.from_matrix(room.upright @ _CAMERA_IN_TILTED, np.zeros(3))
    return View(image, depth, intrinsics, camera_in_world, room.image.stem)


def read_rotated_depth(file: Path) -> np.ndarray:
    """float32 (height, width) [m], 0 where unknown. A pixel's 16 bits are millimetres, turned left by three.

    Raises:
        ImageError: Missing, damaged, or no 16-bit picture.
    """
    import cv2

    if not file.is_file():
        raise ImageError(f"no such file: {file}")
    words = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if words is None:
        raise ImageError(f"{file} is cut off or damaged")
    if words.ndim != 2 or words.dtype != np.uint16:
        raise ImageError(f"{file}: wanted a grey picture of 16 bits, got {words.dtype} {words.shape}")
    millimetres = np.bitwise_or(np.right_shift(words, 3), np.left_shift(words, 13))
    return np.minimum(millimetres.astype(np.float32) / 1000, _FARTHEST)


def find_boxes(reasoner: Reasoner, rooms: Sequence[Room], with_depth: bool) -> RoomBoxes:
    """Ask for each class that a room has.

    Args:
        with_depth: Otherwise the reasoner sees the calibrated picture alone.

    Raises:
        ImageError: See `read_room_view`.
    """
    result = RoomBoxes()
    for number, room in enumerate(rooms):
        view = read_room_view(room)
        view = view if with_depth else replace(view, depth=None)
        for name in dict.fromkeys(box.label for box in room.boxes):
            where = (number, name)
            result.queries += 1
            result.truths[name] += [Wanted(where, box) for box in room.boxes if box.label == name]
            found, said = _ask(reasoner, view, name)
            if found is None or found.unknown_words:
                result.said[said or REFUSED] += 1
                continue
            for box in found:
                result.guesses[name].append(Scored(where, box.confidence, placed_in_world(box, view)))
    return result


def _ask(reasoner: Reasoner, view: View, name: str) -> tuple[Found[Box3D] | None, str]:
    return attempt(lambda: reasoner.boxes3d(view, name.replace("_", " ")))
