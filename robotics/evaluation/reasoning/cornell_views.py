"""Views of the Cornell grasping dataset: picture, depth and the camera's place, from its point clouds.

A cloud lists points in millimetres in a frame fixed to the robot, each with the number of its pixel. The
dataset publishes neither intrinsics nor the camera's place. The place follows from the points and their
pixels for a Kinect's usual intrinsics, and the world's level from the table, the cloud's largest plane.
"""

from pathlib import Path

import numpy as np

from robotics.pinhole import Intrinsics
from robotics.pose import Pose
from robotics.reasoning.errors import ImageError
from robotics.reasoning.images import read_photo
from robotics.reasoning.scenes.folder import ScenesError
from robotics.reasoning.view import View

KINECT = Intrinsics(525.0, 525.0, 320.0, 240.0, 640, 480)
"""Of a Kinect's colour picture, and of depth that is registered to it, where nobody calibrated the camera:
Open3D's `PrimeSenseDefault`, whose principal point (319.5, 239.5) counts from a pixel's centre."""
FIELDS = ("x", "y", "z", "rgb", "index")
MOST_PIXELS_OFF = 3.0
"""Median distance of projected points from their pixels at which a cloud still fits the camera [pixel]."""
TABLE_TOLERANCE = 0.008
"""Of points from the table's plane, more than a Kinect's noise at a metre [m]."""
LEAST_TABLE = 0.25
"""Of all points."""
_SAMPLE = 3000
"""Points that the fits look at."""


def read_cornell_view(picture: Path, cloud: Path) -> View:
    """The view, with depth and place; without both where the cloud fits no such camera or has no table.

    The world's z is up, its x the camera's right, its origin the middle of the visible table.

    Raises:
        ImageError: The picture is missing, damaged or of another size.
        ScenesError: The cloud is missing or damaged.
    """
    view = read_photo(picture).view
    if (view.width, view.height) != (KINECT.width, KINECT.height):
        wanted = f"{KINECT.width} x {KINECT.height}"
        raise ImageError(f"{picture} is {view.width} x {view.height} pixels; wanted {wanted}")
    points, pixels = read_cloud(cloud)
    points = locate_camera(points, pixels)
    camera_in_world = None if points is None else stand_on_table(points)
    if points is None or camera_in_world is None:
        return View(view.image, name=view.name)
    depth = np.zeros(KINECT.width * KINECT.height, np.float32)
    depth[pixels] = np.maximum(points[:, 2], 0)
    return View(view.image, depth.reshape(view.image.shape[:2]), KINECT, camera_in_world, view.name)


def read_cloud(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 3) [m] and their pixels, row * 640 + column, int64 (n,).

    Raises:
        ScenesError: Missing, no such cloud, or cut off.
    """
    try:
        with path.open() as lines:
            wanted = _read_header(path, lines)
            rows = np.loadtxt(lines, ndmin=2)
    except OSError as error:
        raise ScenesError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, StopIteration) as error:
        raise ScenesError(f"{path} is no point cloud: {error}") from None
    if rows.shape != (wanted, len(FIELDS)):
        raise ScenesError(f"{path}: wanted {wanted} points of {len(FIELDS)} numbers, got {rows.shape}")
    rows = rows[np.isfinite(rows[:, [0, 1, 2, 4]]).all(axis=1)]
    pixels = rows[:, 4].astype(np.int64)
    count = KINECT.width * KINECT.height
    if len(pixels) and not 0 <= pixels.min() <= pixels.max() < count:
        raise ScenesError(f"{path}: wanted indices 0 .. {count - 1}, got {pixels.min()} .. {pixels.max()}")
    return rows[:, :3] / 1000, pixels


def _read_header(path: Path, lines) -> int:
    """How many points follow."""
    header = {}
    for _ in range(20):
        name, _, value = next(lines).strip().partition(" ")
        header[name] = value
        if name == "DATA":
            break
    if tuple(header.get("FIELDS", "").split()) != FIELDS or header.get("DATA") != "ascii":
        got = f"'{header.get('FIELDS')}' and '{header.get('DATA')}'"
        raise ScenesError(f"{path}: wanted FIELDS '{' '.join(FIELDS)}' and DATA 'ascii', got {got}")
    return int(header.get("POINTS", ""))


def locate_camera(points: np.ndarray, pixels: np.ndarray) -> np.ndarray | None:
    """The points (n, 3) [m] in the frame of the camera that sees them in their pixels; None: none does."""
    import cv2

    if len(points) < 100:
        return None
    some = np.linspace(0, len(points) - 1, min(_SAMPLE, len(points))).astype(int)
    known = np.ascontiguousarray(points[some])
    seen = np.column_stack([pixels[some] % KINECT.width, pixels[some] // KINECT.width]) + 0.5
    matrix = np.array([[KINECT.fx, 0, KINECT.cx], [0, KINECT.fy, KINECT.cy], [0, 0, 1]])
    found, turn, place = cv2.solvePnP(known, seen, matrix, np.zeros(4), flags=cv2.SOLVEPNP_SQPNP)
    if not found:
        return None
    turn, place = cv2.solvePnPRefineLM(known, seen, matrix, np.zeros(4), turn, place)
    projected = cv2.projectPoints(known, turn, place, matrix, np.zeros(4))[0].reshape(-1, 2)
    if not np.median(np.linalg.norm(projected - seen, axis=1)) <= MOST_PIXELS_OFF:
        return None
    return points @ cv2.Rodrigues(turn)[0].T + place.reshape(3)


def stand_on_table(points: np.ndarray) -> Pose | None:
    """The camera's place above the largest plane of the points (n, 3) [m], in the camera's frame; by RANSAC.

    None: no plane has a quarter of the points, or the camera lies in it.
    """
    rng = np.random.default_rng(0)
    some = points[np.linspace(0, len(points) - 1, min(_SAMPLE, len(points))).astype(int)]
    best = np.zeros(len(some), bool)
    for _ in range(200):
        a, b, c = some[rng.choice(len(some), 3, replace=False)]
        normal = np.cross(b - a, c - a)
        length = np.linalg.norm(normal)
        if length < 1e-6:  # in a line
            continue
        near = np.abs((some - a) @ normal) < TABLE_TOLERANCE * length
        if near.sum() > best.sum():
            best = near
    if best.sum() < max(3, LEAST_TABLE * len(some)):
        return None
    middle = some[best].mean(axis=0)
    normal = np.linalg.svd(some[best] - middle, full_matrices=False)[2][2]
    up = normal if normal @ middle < 0 else -normal  # towards the camera
    right = np.array([1.0, 0.0, 0.0]) - up[0] * up
    if -up @ middle < 0.05 or np.linalg.norm(right) < 1e-3:
        return None
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(up, right), up])
    return Pose.from_matrix(rotation, -rotation @ middle)
