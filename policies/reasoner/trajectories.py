"""How a thing should travel: along the table around what stands there, or in an arc over it."""

import numpy as np

from policies.reasoner.height_map import HeightMap, height_map
from policies.reasoner.sliding import slide_around
from policies.reasoner.solid import upright, world_points
from robotics.pinhole import project
from robotics.reasoning.answers import Box3D, Frame, Point, Trajectory
from robotics.reasoning.errors import QueryError
from robotics.reasoning.frechet import resample
from robotics.reasoning.view import View

VERBS = ("push", "pull", "place", "hand over")
WAYPOINTS = 12
_CLEARANCE_M = 0.025
"""Between a carried thing's underside and what it passes."""
_FINGERS_M = 0.03
"""By which the fingers stand out around a carried thing."""
_LIFT_M = 0.06
_DROP_M = 0.006
"""A carried thing is let go so far above its support."""
_SAFE, _DOUBTFUL = 0.9, 0.3


def predict_trajectory(
    view: View,
    verb: str,
    box: Box3D,
    goal: np.ndarray,
    mask: np.ndarray | None = None,
    count: int = WAYPOINTS,
) -> Trajectory:
    """Places of the thing's centre, from where it is to where it ends.

    Args:
        view: With depth and calibration.
        verb: One of `VERBS`: 'push' slides on the table, 'pull' goes straight, 'place' and 'hand over' lift.
        box: Around the thing (for 'pull' around what is pulled, e.g. a drawer's handle), in the world frame.
        goal: In the world, shape (3,) [m]: for 'push' and 'place' the place on the surface where the thing
            shall stand, for 'pull' and 'hand over' the place of its centre.
        mask: Pixels of the thing, bool, shape (height, width); None: whatever is seen inside of its box.

    Returns:
        A path whose confidence is low where the thing would have to pass through something.

    Raises:
        QueryError: Unknown verb.
        MissingInputError: The view has no depth or no calibration.
        ValueError: The box is not in the world frame.
    """
    if verb not in VERBS:
        raise QueryError(f"no way of moving a thing called '{verb}'; there are: {', '.join(VERBS)}")
    if box.frame is not Frame.WORLD:
        raise ValueError(f"the box of a trajectory must be in the world frame, got '{box.frame.value}'")
    points = world_points(view)
    centre, half, rotation = upright(box)
    if mask is None:
        mask = np.asarray((np.abs((points - centre) @ rotation) <= half + 0.005).all(axis=-1))
    scene = height_map(points, mask)
    goal = np.asarray(goal, float)
    if verb == "pull":
        path, free = np.stack([centre, goal]), True
    elif verb == "push":
        end = np.array([goal[0], goal[1], centre[2]])
        path, free = slide_around(scene, centre, end, half, rotation)
    else:
        path, free = carry_over(scene, centre, goal, half, rotation, lower=verb == "place")
    return in_image(view, resample(path, count), label=verb, confidence=_SAFE if free else _DOUBTFUL)


def carry_over(
    scene: HeightMap,
    start: np.ndarray,
    goal: np.ndarray,
    half: np.ndarray,
    rotation: np.ndarray,
    lower: bool,
    highest: float = 0.45,
) -> tuple[np.ndarray, bool]:
    """Up, over whatever stands in the way, and down.

    Args:
        start: Centre of the thing, shape (3,) [m].
        goal: Surface to stand on if `lower`, else place of the centre in the air, shape (3,) [m].
        half: Half size of the thing, shape (3,) [m].
        rotation: thing_in_world, shape (3, 3).
        highest: The thing's centre never goes higher [m].

    Returns:
        Path of the centre, shape (waypoint, 3), and whether it passes clear of what was seen.
    """
    way = np.linspace(start[:2], goal[:2], max(2, int(np.linalg.norm(goal[:2] - start[:2]) / 0.01)))
    ground = np.array([scene.under(place, half, rotation, grow=_FINGERS_M) for place in way])
    needed = ground + half[2] + _CLEARANCE_M
    over = max(float(needed.max()), start[2] + _LIFT_M)
    if lower:
        support = max(float(goal[2]), scene.under(goal, half, rotation))
        # Where the fingers do not fit in beside the thing, it is dropped from above the rim.
        rim = scene.under(goal, half, rotation, grow=_FINGERS_M)
        bottom = support if rim <= support + 2 * half[2] else rim
        end = np.array([goal[0], goal[1], bottom + half[2] + _DROP_M])
    else:
        end = np.asarray(goal, float)
        over = max(float(needed.max()), min(over, end[2]))
    over = max(over, end[2])
    free = over <= highest
    over = min(over, highest)
    up = np.array([start[0], start[1], over])
    above = np.array([end[0], end[1], over])
    return _without_repeats(np.stack([start, up, above, end])), free


def _without_repeats(path: np.ndarray) -> np.ndarray:
    keep = np.concatenate([[True], np.linalg.norm(np.diff(path, axis=0), axis=-1) > 1e-6])
    kept = path[keep]
    return kept if len(kept) > 1 else path[:2]


def in_image(view: View, path: np.ndarray, label: str, confidence: float) -> Trajectory:
    """World positions (waypoint, 3) [m] as a trajectory of the view's image."""
    assert view.intrinsics is not None and view.camera_in_world is not None
    camera = view.camera_in_world
    pixels = project(path, camera.rotation, camera.position, view.intrinsics)
    return Trajectory(
        waypoints=tuple(
            Point(
                column=float(pixel[0]),
                row=float(pixel[1]),
                position=(float(place[0]), float(place[1]), float(place[2])),
                frame=Frame.WORLD,
            )
            for pixel, place in zip(pixels, path, strict=True)
        ),
        label=label,
        confidence=confidence,
    )


def path_of(trajectory: Trajectory) -> np.ndarray:
    """World positions of a trajectory's waypoints, shape (waypoint, 3) [m].

    Raises:
        ValueError: A waypoint has no position in the world.
    """
    for waypoint in trajectory.waypoints:
        if waypoint.position is None or waypoint.frame is not Frame.WORLD:
            raise ValueError("a waypoint has no position in the world frame")
    return np.array([waypoint.position for waypoint in trajectory.waypoints], float)
