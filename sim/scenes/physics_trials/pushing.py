"""Pushing along the table: two fingers like a rake behind the thing, re-placed where the way bends."""

import mujoco
import numpy as np

from robotics.pose import Pose
from sim.scenes.physics_trials.trial_table import TrialTable

_TIP_ABOVE_TABLE_M = 0.006
_BEHIND_M = 0.02
"""Between rake and thing where the hand comes down."""
_ABOVE = np.array([0.0, 0.0, 0.12])
"""From where the hand comes down [m]."""
_STEP_M = 0.004
_SPEED = 0.12
_BEND_COSINE = 0.97
_OVERRUN_M = 0.06
"""The rake gives up so far beyond where the thing should have arrived."""


def push_along(table: TrialTable, body: str, path: np.ndarray) -> str:
    """Push a thing's centre along a path (waypoint, 3) [m]; 'done', or the stage that failed.

    The rake stops when the thing's centre has come past a bend or the end, as a robot that looks would.
    """
    for corner in _corners(path):
        start = table.centre(body)[:2]
        way = corner[:2] - start
        length = float(np.linalg.norm(way))
        if length < 0.004:
            continue
        stage = _push_straight(table, body, way / length, length)
        if stage != "done":
            return stage
    return "done"


def _corners(path: np.ndarray) -> list[np.ndarray]:
    """The waypoints where the way bends, and the last one."""
    found = []
    for before, here, after in zip(path[:-2], path[1:-1], path[2:], strict=True):
        a, b = here[:2] - before[:2], after[:2] - here[:2]
        lengths = np.linalg.norm(a) * np.linalg.norm(b)
        if lengths > 1e-9 and float(a @ b) < _BEND_COSINE * lengths:
            found.append(here)
    return [*found, path[-1]]


def _push_straight(table: TrialTable, body: str, direction: np.ndarray, length: float) -> str:
    corners = _outline(table, body)  # (point, 3)
    centre = table.centre(body)
    forward = np.array([direction[0], direction[1], 0.0])
    closing = np.array([-direction[1], direction[0], 0.0])
    along, aside = (corners - centre) @ forward, (corners - centre) @ closing
    gap = float(np.clip(0.6 * np.ptp(aside), 0.0, 0.9 * table.greatest_gap()))
    finger, tip = _finger(table)
    # Turned so that the wrist camera of the built-in hands is behind, where no thing stands.
    rotation = np.stack([forward, -closing, [0.0, 0.0, -1.0]], axis=1)
    start = centre + forward * (along.min() - finger - _BEHIND_M)
    start[2] = tip + _TIP_ABOVE_TABLE_M
    above = Pose.from_matrix(rotation, start + _ABOVE)
    table.put_hand(0, above, gap)
    down = Pose(start, above.quaternion)
    if not table.move(0, down, 0.4, stop=lambda: table.is_blocked(0)):
        return "approach"
    goal = centre[:2] @ direction + length
    travelled, most = 0.0, length + _BEHIND_M + _OVERRUN_M
    while table.centre(body)[:2] @ direction < goal - 0.002:
        travelled += _STEP_M
        if travelled > most:
            return "push"
        table.move(0, Pose(start + forward * travelled, above.quaternion), _STEP_M / _SPEED)
    table.wait(0.1)
    back = Pose(table.goal().position - 0.03 * forward, above.quaternion)
    table.move(0, back, 0.2)
    table.move(0, Pose(back.position + _ABOVE, above.quaternion), 0.3)
    return "done"


def _outline(table: TrialTable, body: str) -> np.ndarray:
    """Corners of the boxes around a thing's shapes, in the world, shape (corner, 3) [m]."""
    model, data = table.model, table.data
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
    found = []
    for geom in range(model.ngeom):
        touches = model.geom_contype[geom] or model.geom_conaffinity[geom]
        if not touches or model.geom_bodyid[geom] != model.body(body).id:
            continue
        middle, half = model.geom_aabb[geom, :3], model.geom_aabb[geom, 3:]
        rotation = data.geom_xmat[geom].reshape(3, 3)
        found.append((middle + signs * half) @ rotation.T + data.geom_xpos[geom])
    return np.concatenate(found)


def _finger(table: TrialTable) -> tuple[float, float]:
    """Half the width of a finger and how far it stands out of the tool point along the approach [m]."""
    model, data = table.model, table.data
    hand = table.hands[0]
    tool, rotation = data.site_xpos[hand.site], data.site_xmat[hand.site].reshape(3, 3)
    width, tip = 0.0, 0.0
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
    for geom in range(model.ngeom):
        if model.geom_bodyid[geom] not in hand.finger_bodies[0] or not model.geom_contype[geom]:
            continue
        if model.geom_type[geom] != mujoco.mjtGeom.mjGEOM_BOX:
            continue
        box = (signs * model.geom_size[geom]) @ data.geom_xmat[geom].reshape(3, 3).T + data.geom_xpos[geom]
        local = (box - tool) @ rotation
        width, tip = max(width, float(np.abs(local[:, 0]).max())), max(tip, float(local[:, 2].max()))
    return width, tip
