"""Points on the outside of a thing, with normals, sampled from the shapes that it collides with."""

import mujoco
import numpy as np

_BOX = int(mujoco.mjtGeom.mjGEOM_BOX)
_SPHERE = int(mujoco.mjtGeom.mjGEOM_SPHERE)
_ELLIPSOID = int(mujoco.mjtGeom.mjGEOM_ELLIPSOID)
_CYLINDER = int(mujoco.mjtGeom.mjGEOM_CYLINDER)
_CAPSULE = int(mujoco.mjtGeom.mjGEOM_CAPSULE)
_MESH = int(mujoco.mjtGeom.mjGEOM_MESH)


def bodies_below(model: mujoco.MjModel, body: int) -> frozenset[int]:
    """A body and everything that hangs on it."""
    found = {body}
    for other in range(body + 1, model.nbody):  # parents come before children
        if model.body_parentid[other] in found:
            found.add(other)
    return frozenset(found)


def sample_surface(
    model: mujoco.MjModel, data: mujoco.MjData, body: int, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """About `count` points and outward normals, each (point, 3), in the world [m].

    Args:
        data: After `mj_kinematics`.

    Raises:
        ValueError: The body has no shape that collides.
    """
    parts = bodies_below(model, body)
    geoms = [
        geom
        for geom in range(model.ngeom)
        if int(model.geom_bodyid[geom]) in parts
        and (model.geom_contype[geom] or model.geom_conaffinity[geom])
    ]
    if not geoms:
        raise ValueError(f"body '{model.body(body).name}' has no shape that collides")
    half = model.geom_aabb[geoms, 3:]
    areas = half[:, 0] * half[:, 1] + half[:, 1] * half[:, 2] + half[:, 0] * half[:, 2] + 1e-9
    points, normals = [], []
    for geom, part in zip(geoms, areas / areas.sum(), strict=True):
        local, outward = _on_geom(model, geom, max(4, int(np.ceil(1.6 * count * part))), rng)
        rotation = data.geom_xmat[geom].reshape(3, 3)
        world, turned = local @ rotation.T + data.geom_xpos[geom], outward @ rotation.T
        hidden = np.zeros(len(world), bool)
        for other in geoms:
            if other != geom:
                hidden |= _inside(model, data, other, world + 0.0005 * turned)
        points.append(world[~hidden])
        normals.append(turned[~hidden])
    points, normals = np.concatenate(points), np.concatenate(normals)
    chosen = rng.permutation(len(points))[:count]
    return points[chosen], normals[chosen]


def _on_geom(
    model: mujoco.MjModel, geom: int, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Points and normals on one shape in its own frame."""
    kind, size = int(model.geom_type[geom]), model.geom_size[geom]
    if kind == _MESH:
        return _on_mesh(model, int(model.geom_dataid[geom]), count, rng)
    if kind == _BOX:
        return _on_box(size, count, rng)
    if kind == _CYLINDER:
        return _on_cylinder(size, count, rng)
    direction = rng.standard_normal((count, 3))
    direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
    if kind == _CAPSULE:
        middle = np.zeros((count, 3))
        middle[:, 2] = rng.uniform(-size[1], size[1], count)
        shaft = rng.random(count) < size[1] / (size[1] + size[0])
        direction[shaft, 2] = 0.0
        direction /= np.linalg.norm(direction, axis=-1, keepdims=True) + 1e-12
        middle[~shaft, 2] = np.sign(direction[~shaft, 2]) * size[1]
        return middle + size[0] * direction, direction
    radii = np.full(3, size[0]) if kind == _SPHERE else size
    normal = direction / radii
    return direction * radii, normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def _on_box(size: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    areas = np.array([size[1] * size[2], size[0] * size[2], size[0] * size[1]])
    axis = rng.choice(3, count, p=areas / areas.sum())
    side = rng.choice([-1.0, 1.0], count)
    points = rng.uniform(-1, 1, (count, 3)) * size
    normals = np.zeros((count, 3))
    rows = np.arange(count)
    points[rows, axis] = side * size[axis]
    normals[rows, axis] = side
    return points, normals


def _on_cylinder(size: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    radius, half = size[0], size[1]
    angle = rng.uniform(-np.pi, np.pi, count)
    outward = np.stack([np.cos(angle), np.sin(angle), np.zeros(count)], axis=-1)
    points = radius * outward
    points[:, 2] = rng.uniform(-half, half, count)
    cap = rng.random(count) < radius / (radius + 2 * half)
    points[cap, :2] *= np.sqrt(rng.random((int(cap.sum()), 1)))
    side = rng.choice([-1.0, 1.0], count)
    points[cap, 2] = side[cap] * half
    normals = outward
    normals[cap] = 0.0
    normals[cap, 2] = side[cap]
    return points, normals


def _on_mesh(
    model: mujoco.MjModel, mesh: int, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    first = int(model.mesh_vertadr[mesh])
    vertices = model.mesh_vert[first : first + int(model.mesh_vertnum[mesh])]
    first = int(model.mesh_faceadr[mesh])
    corners = vertices[model.mesh_face[first : first + int(model.mesh_facenum[mesh])]]  # (face, 3, 3)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(across, axis=-1)
    face = rng.choice(len(corners), count, p=area / area.sum())
    a, b = rng.random((2, count, 1))
    swap = (a + b > 1)[:, 0]
    a[swap], b[swap] = 1 - a[swap], 1 - b[swap]
    chosen = corners[face]
    points = chosen[:, 0] + a * (chosen[:, 1] - chosen[:, 0]) + b * (chosen[:, 2] - chosen[:, 0])
    return points, across[face] / area[face, None]


def _inside(model: mujoco.MjModel, data: mujoco.MjData, geom: int, points: np.ndarray) -> np.ndarray:
    """Which world points lie inside of a primitive; meshes are taken to contain nothing."""
    local = (points - data.geom_xpos[geom]) @ data.geom_xmat[geom].reshape(3, 3)
    kind, size = int(model.geom_type[geom]), model.geom_size[geom]
    if kind == _BOX:
        return (np.abs(local) < size).all(axis=-1)
    if kind == _CYLINDER:
        return (np.hypot(local[:, 0], local[:, 1]) < size[0]) & (np.abs(local[:, 2]) < size[1])
    if kind == _CAPSULE:
        local[:, 2] -= np.clip(local[:, 2], -size[1], size[1])
        return np.linalg.norm(local, axis=-1) < size[0]
    if kind == _SPHERE:
        return np.linalg.norm(local, axis=-1) < size[0]
    if kind == _ELLIPSOID:
        return np.linalg.norm(local / size, axis=-1) < 1
    return np.zeros(len(points), bool)
