"""Scenes as physics knows them: each thing a body of convex pieces on a trial table."""

from collections.abc import Sequence

import mujoco
import numpy as np

from robotics.pose import matrix_to_quaternion
from sim.scenes.convex import as_box
from sim.scenes.layout import PlacedThing
from sim.scenes.physics_trials.trial_table import new_table
from sim.scenes.pool import Pool
from sim.scenes.shape import Piece, Shape

# Wood and hard plastic, as the built-in tasks' props; the last number keeps round things from rolling off.
_SURFACE = {
    "friction": [1.0, 0.01, 0.001],
    "condim": 6,
    "solref": [0.006, 1.0],
    "solimp": [0.95, 0.99, 0.001, 0.5, 2.0],
}
_DENSITY = 500.0
"""Between hollow plastic and wood [kg/m^3]."""
_HEAVIEST_KG = 0.3
"""What fills its whole box weighs no more: large things are hollow."""
_THINNEST_M = 0.0006
_DRAWER_TRAVEL_M = 0.11
"""As far as a drawer slides out of where it is drawn."""


def add_thing(
    spec: mujoco.MjSpec,
    name: str,
    shape: Shape,
    center: np.ndarray,
    rotation: np.ndarray,
    free: bool = True,
) -> None:
    """A body 'name' made of a shape's convex pieces.

    Args:
        center: Origin of the shape's frame in the world, shape (3,) [m].
        rotation: thing_in_world, shape (3, 3).
        free: Whether it may move.
    """
    body = spec.worldbody.add_body(name=name, pos=center, quat=matrix_to_quaternion(rotation))
    if free:
        body.add_freejoint(name=name)
    density = min(_DENSITY, _HEAVIEST_KG / float(np.prod(shape.size)))
    _add_pieces(spec, body, shape.pieces, density)


def add_cabinet(
    spec: mujoco.MjSpec, name: str, shape: Shape, center: np.ndarray, rotation: np.ndarray
) -> None:
    """A cabinet 'name' that stands fast, its drawer 'name/drawer' on the joint of that name.

    The first piece is the cabinet, all others are the drawer, which slides to where its handle is.
    """
    cabinet = spec.worldbody.add_body(name=name, pos=center, quat=matrix_to_quaternion(rotation))
    _add_pieces(spec, cabinet, shape.pieces[:1], _DENSITY)
    towards = shape.part_boxes()["handle"][0] * [1.0, 1.0, 0.0]
    axis = np.eye(3)[np.argmax(np.abs(towards))] * np.sign(towards[np.argmax(np.abs(towards))])
    drawer = cabinet.add_body(name=f"{name}/drawer")
    drawer.add_joint(
        name=f"{name}/drawer",
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=axis,
        range=[0.0, _DRAWER_TRAVEL_M],
        limited=True,
        frictionloss=0.8,
        damping=[4.0, 0.0, 0.0],
    )
    _add_pieces(spec, drawer, shape.pieces[1:], _DENSITY)
    # MuJoCo's parent filter does not apply to parents that are fixed.
    spec.add_exclude(bodyname1=name, bodyname2=f"{name}/drawer")


def _add_pieces(spec: mujoco.MjSpec, body: mujoco.MjsBody, pieces: Sequence[Piece], density: float) -> None:
    hulls = [hull for piece in pieces for hull in piece.mesh.hulls]
    for number, hull in enumerate(hulls):
        _add_piece(spec, body, f"{body.name}/{number}", hull, density)


def _add_piece(
    spec: mujoco.MjSpec, body: mujoco.MjsBody, label: str, hull: np.ndarray, density: float
) -> None:
    """One convex piece (corner, 3), unless it is too thin to be one."""
    box = as_box(hull)
    if box is not None:
        middle, rotation, half = box
        body.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=np.maximum(half, _THINNEST_M),
            pos=middle,
            quat=matrix_to_quaternion(rotation),
            density=density,
            **_SURFACE,
        )
        return
    spread = np.linalg.svd(hull - hull.mean(axis=0), compute_uv=False)
    if len(hull) < 4 or spread[2] < _THINNEST_M:
        return
    mesh = spec.add_mesh(name=label, inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_CONVEX)
    mesh.uservert = hull.ravel().tolist()
    body.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=label, density=density, **_SURFACE)


def physical_scene(pool: Pool, things: Sequence[PlacedThing]) -> mujoco.MjSpec:
    """A trial table with the things of a scene; the first is the body 'thing/1', as its id says."""
    spec = new_table()
    for number, thing in enumerate(things, start=1):
        shape = pool.instances[thing.index].shape
        add = add_cabinet if thing.family == "cabinet" else add_thing
        add(spec, f"thing/{number}", shape, thing.center, thing.rotation)
    return spec
