"""Fuses what is only looked at into one mesh per body: each thing drawn costs a CPU about 25 us.

Colours survive as cells of a palette texture. Geoms that touch, weigh or are named stay as they are.
"""

from collections import defaultdict
from dataclasses import dataclass

import mujoco
import numpy as np

_SECTORS = 20
"""Of a cylinder."""
_CELL = 4
"""Side of a palette cell [pixel]; a shape samples the middle of its cell only."""
_FUSED_TYPES = (mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER)
_PALETTE = "sim/palette"


@dataclass(frozen=True)
class _Shape:
    """Triangles with one normal per vertex."""

    vertices: np.ndarray  # (vertex, 3)
    normals: np.ndarray  # (vertex, 3)
    faces: np.ndarray  # (face, 3)


def _polygon(count: int) -> np.ndarray:
    """Triangles of a convex polygon with so many corners, shape (count - 2, 3)."""
    return np.array([(0, i, i + 1) for i in range(1, count - 1)])


def _prism(outline: np.ndarray, half_height: float, smooth: bool) -> _Shape:
    """Outline (corner, 2), counter-clockwise, swept along z; smooth sides have the normals of a cylinder."""
    vertices, normals, faces, start = [], [], [], 0
    for sign in (-1.0, 1.0):
        ring = np.column_stack([outline, np.full(len(outline), sign * half_height)])
        vertices.append(ring)
        normals.append(np.tile([0.0, 0.0, sign], (len(ring), 1)))
        faces.append(start + _polygon(len(ring))[:, :: int(sign)])
        start += len(ring)
    for one, two in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        low, high = -half_height, half_height
        vertices.append(np.array([[*one, low], [*two, low], [*two, high], [*one, high]]))
        edge = two - one
        flat = np.array([edge[1], -edge[0], 0.0]) / np.linalg.norm(edge)
        round_ = np.array([[*corner, 0.0] for corner in (one, two, two, one)])
        normals.append(
            round_ / np.linalg.norm(round_, axis=1, keepdims=True) if smooth else np.tile(flat, (4, 1))
        )
        faces.append(start + _polygon(4))
        start += 4
    return _Shape(np.concatenate(vertices), np.concatenate(normals), np.concatenate(faces))


def _shape_of(kind: int, size: np.ndarray) -> _Shape:
    """A box or cylinder of MuJoCo's sizes around the origin."""
    if kind == mujoco.mjtGeom.mjGEOM_BOX:
        x, y, z = size
        return _prism(np.array([[-x, -y], [x, -y], [x, y], [-x, y]]), z, smooth=False)
    angle = np.arange(_SECTORS) * 2 * np.pi / _SECTORS
    return _prism(size[0] * np.column_stack([np.cos(angle), np.sin(angle)]), size[1], smooth=True)


def _is_fused(geom: mujoco.MjsGeom, model: mujoco.MjModel) -> bool:
    return (
        geom.type in _FUSED_TYPES
        and not geom.name
        and not geom.material
        and not geom.contype
        and not geom.conaffinity
        and geom.mass == 0.0
        and geom.group <= 2  # higher groups are hidden
        and model.geom_rgba[geom.id, 3] == 1.0
    )


def fuse_visuals(spec: mujoco.MjSpec) -> None:
    """Replace the unnamed, massless boxes and cylinders that nothing touches by one mesh per body and group.

    Raises:
        ValueError: The scene does not compile.
    """
    model = spec.compile()  # resolves defaults, frames and every way to say an orientation
    fused = [geom for geom in spec.geoms if _is_fused(geom, model)]
    if not fused:
        return
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)  # (body, group) -> geom ids
    for geom in fused:
        groups[geom.parent.name, geom.group].append(geom.id)
    colours, cells = np.unique(model.geom_rgba[:, :3], axis=0, return_inverse=True)
    for geom in fused:
        spec.delete(geom)
    _add_palette(spec, colours)
    across = (cells.ravel() + 0.5) / len(colours)  # middle of each geom's cell, in texture coordinates
    for number, ((body, group), ids) in enumerate(groups.items()):
        name = f"sim/fused_{number}"
        _add_mesh(spec, model, name, ids, across)
        spec.body(body).add_geom(
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=name,
            material=_PALETTE,
            group=group,
            contype=0,
            conaffinity=0,
            mass=0.0,
        )


def _add_palette(spec: mujoco.MjSpec, colours: np.ndarray) -> None:
    """A texture with one row of cells, one for each colour (colour, 3) in 0..1."""
    row = np.repeat(np.round(colours * 255).astype(np.uint8), _CELL, axis=0)
    texture = spec.add_texture(
        name=_PALETTE,
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        width=len(row),
        height=_CELL,
        nchannel=3,
    )
    texture.data = np.tile(row, (_CELL, 1, 1)).tobytes()
    material = spec.add_material(name=_PALETTE)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = _PALETTE


def _add_mesh(
    spec: mujoco.MjSpec, model: mujoco.MjModel, name: str, ids: list[int], across: np.ndarray
) -> None:
    """One mesh of these geoms of the compiled model, in their body's frame."""
    vertices, normals, texture, faces, start = [], [], [], [], 0
    for geom in ids:
        shape = _shape_of(model.geom_type[geom], model.geom_size[geom])
        rotation = np.zeros(9)
        mujoco.mju_quat2Mat(rotation, model.geom_quat[geom])
        turn = rotation.reshape(3, 3).T
        vertices.append(shape.vertices @ turn + model.geom_pos[geom])
        normals.append(shape.normals @ turn)
        texture.append(np.tile([across[geom], 0.5], (len(shape.vertices), 1)))
        faces.append(shape.faces + start)
        start += len(shape.vertices)
    mesh = spec.add_mesh(name=name, inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL)
    mesh.uservert = np.concatenate(vertices).ravel().tolist()
    mesh.usernormal = np.concatenate(normals).ravel().tolist()
    mesh.usertexcoord = np.concatenate(texture).ravel().tolist()
    mesh.userface = np.concatenate(faces).ravel().tolist()
