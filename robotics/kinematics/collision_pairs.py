"""Which parts of a robot can meet: pairs of collision geometries, and the names that people call them by."""

from collections.abc import Iterable

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.errors import UnknownNameError

FINGERS, TABLE = "fingers", "table"
"""Names for the moving bodies of all grippers, and for the plane z = 0."""


def collision_geoms(model: mujoco.MjModel) -> np.ndarray:
    """Geometries that take part in contacts."""
    return np.flatnonzero((model.geom_contype != 0) | (model.geom_conaffinity != 0))


def collect_pairs(model: mujoco.MjModel) -> np.ndarray:
    """Pairs of geometries that may touch, shape (n, 2).

    Left out: what MuJoCo would not let collide (contact bits, parent and child, <exclude>), and what
    cannot move against each other.
    """
    excluded = {(int(s) >> 16, int(s) & 0xFFFF) for s in model.exclude_signature}
    pairs = []
    geoms = collision_geoms(model)
    for i, first in enumerate(geoms):
        for second in geoms[i + 1 :]:
            a, b = int(model.geom_bodyid[first]), int(model.geom_bodyid[second])
            weld_a, weld_b = int(model.body_weldid[a]), int(model.body_weldid[b])
            if weld_a == weld_b:
                continue
            parent_a = int(model.body_weldid[model.body_parentid[weld_a]])
            parent_b = int(model.body_weldid[model.body_parentid[weld_b]])
            if weld_a and weld_b and (parent_a == weld_b or parent_b == weld_a):
                continue
            # Neighbours on a chain always touch, also where the base is fixed to the world.
            if (b and int(model.body_parentid[weld_a]) == b) or (a and int(model.body_parentid[weld_b]) == a):
                continue
            if (a, b) in excluded or (b, a) in excluded:
                continue
            may = (model.geom_contype[first] & model.geom_conaffinity[second]) | (
                model.geom_contype[second] & model.geom_conaffinity[first]
            )
            if may and model.geom_rbound[first] > 0 and model.geom_rbound[second] > 0:
                pairs.append((int(first), int(second)))
    return np.array(pairs, int).reshape(-1, 2)


def geoms_above_table(model: mujoco.MjModel) -> np.ndarray:
    """Collision geometries that must stay above z = 0: all but what is welded to the world, shape (n,)."""
    geoms = collision_geoms(model)
    return geoms[model.body_weldid[model.geom_bodyid[geoms]] != 0]


def heights(model: mujoco.MjModel, data: mujoco.MjData, geoms: np.ndarray) -> np.ndarray:
    """Height [m] of each geometry's lowest point over the plane z = 0; exact but for ellipsoids and meshes.

    Args:
        data: After `mj_kinematics`.
        geoms: Shape (n,).
    """
    up = data.geom_xmat[geoms, 6:9]  # world z in each geometry's frame
    centre, half = model.geom_aabb[geoms, :3], model.geom_aabb[geoms, 3:]
    reach = np.einsum("ij,ij->i", np.abs(up), half)
    kind, size = model.geom_type[geoms], model.geom_size[geoms]
    along = np.abs(up[:, 2]) * size[:, 1]
    reach = np.where(kind == mujoco.mjtGeom.mjGEOM_SPHERE, size[:, 0], reach)
    reach = np.where(kind == mujoco.mjtGeom.mjGEOM_CAPSULE, along + size[:, 0], reach)
    across = size[:, 0] * np.sqrt(np.maximum(1.0 - up[:, 2] ** 2, 0.0))
    reach = np.where(kind == mujoco.mjtGeom.mjGEOM_CYLINDER, along + across, reach)
    return data.geom_xpos[geoms, 2] + np.einsum("ij,ij->i", up, centre) - reach


def finger_bodies(embodiment: Embodiment, model: mujoco.MjModel) -> set[int]:
    """Bodies behind an arm's last joint that have a joint of their own, and what they carry."""
    wrists = {int(model.joint(arm.joint[-1].model_joint).bodyid[0]) for arm in embodiment.arm}
    fingers: set[int] = set()
    for body in range(1, model.nbody):  # parents come first
        chain, up = [], body
        while up and up not in wrists:
            chain.append(up)
            up = int(model.body_parentid[up])
        if up and any(model.body_jntnum[b] for b in chain):
            fingers.add(body)
    return fingers


def allowed_bodies(
    embodiment: Embodiment, model: mujoco.MjModel, allowed: Iterable[tuple[str, str]]
) -> set[tuple[int, int]]:
    """Pairs of bodies, in both orders, that may touch; the table is body -1.

    Raises:
        UnknownNameError: A name is no body of the model.
    """
    fingers = finger_bodies(embodiment, model)
    names = {model.body(index).name: {index} for index in range(1, model.nbody)}
    names |= {FINGERS: fingers, TABLE: {-1}}
    result = set()
    for first, second in allowed:
        for name in (first, second):
            if name not in names:
                raise UnknownNameError("body", name, names, owner=f"{embodiment.name} [guard] allowed")
        result |= {(a, b) for a in names[first] for b in names[second]}
        result |= {(b, a) for a in names[first] for b in names[second]}
    return result
