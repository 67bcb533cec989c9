"""Scenes as physics knows them: each thing a body of convex pieces on a trial table."""

from collections.abc import Sequence

import mujoco
import numpy as np

from robotics.pose import Pose, matrix_to_quaternion
from sim.scenes.convex import as_box
from sim.scenes.physics_trials.trial_table import new_table
from sim.scenes.pool import Instance
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


def add_thing(
    spec: mujoco.MjSpec,
    name: str,
    shape: Shape,
    pose: Pose,
) -> None:
    """A free body 'name' made of a shape's convex pieces; `pose` is thing_in_world."""
    body = spec.worldbody.add_body(name=name, pos=pose.position, quat=pose.quaternion)
    body.add_freejoint(name=name)
    density = min(_DENSITY, _HEAVIEST_KG / float(np.prod(shape.size)))
    _add_pieces(spec, body, shape.pieces, density)


def add_cabinet(spec: mujoco.MjSpec, name: str, shape: Shape, pose: Pose) -> None:
    """A cabinet 'name' that stands fast, its closed drawer 'name/drawer' on the joint of that name."""
    cabinet = spec.worldbody.add_body(name=name, pos=pose.position, quat=pose.quaternion)
    _add_pieces(spec, cabinet, [piece for piece in shape.pieces if not piece.slides], _DENSITY)
    travel = float(np.linalg.norm(shape.slide))
    drawer = cabinet.add_body(name=f"{name}/drawer")
    drawer.add_joint(
        name=f"{name}/drawer",
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=shape.slide / travel,
        range=[0.0, travel],
        limited=True,
        frictionloss=0.8,
        damping=[4.0, 0.0, 0.0],
    )
    _add_pieces(spec, drawer, [piece for piece in shape.pieces if piece.slides], _DENSITY)
    # MuJoCo's parent filter does not apply to parents that are fixed.
    spec.add_exclude(bodyname1=name, bodyname2=f"{name}/drawer")


def _add_pieces(spec: mujoco.MjSpec, body: mujoco.MjsBody, pieces: Sequence[Piece], density: float) -> None:
    hulls = [hull for piece in pieces for hull in piece.mesh.solids]
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


def physical_scene(instances: Sequence[Instance], poses: Sequence[Pose]) -> mujoco.MjSpec:
    """A trial table with things at poses thing_in_world; the first is the body 'thing/1'."""
    spec = new_table()
    for number, (instance, pose) in enumerate(zip(instances, poses, strict=True), start=1):
        add = add_cabinet if instance.shape.slide.any() else add_thing
        add(spec, f"thing/{number}", instance.shape, pose)
    return spec
