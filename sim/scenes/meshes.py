"""Triangle meshes that things are made of: surfaces of revolution, prisms, tubes, boxes."""

from dataclasses import dataclass

import numpy as np

from sim.scenes.convex import prism_pieces, revolved_pieces, tube_pieces


@dataclass(frozen=True)
class Mesh:
    """Triangles, counter-clockwise seen from outside."""

    vertices: np.ndarray
    """Shape (vertex, 3) [m]."""
    faces: np.ndarray
    """Shape (face, 3), int."""
    hulls: tuple[np.ndarray, ...] = ()
    """Convex sets of vertices, each (n, 3) [m], that together fill it: silhouette and contacts."""
    solids: tuple[np.ndarray, ...] = ()
    """The same with nothing rounded off, in more pieces: what fingers close on."""

    def moved(
        self, offset: tuple[float, float, float] = (0, 0, 0), rotation: np.ndarray | None = None
    ) -> "Mesh":
        """Turned by `rotation` (3, 3), then shifted by `offset` [m]."""
        vertices = self.vertices if rotation is None else self.vertices @ rotation.T
        hulls = self.hulls if rotation is None else tuple(hull @ rotation.T for hull in self.hulls)
        solids = self.solids if rotation is None else tuple(solid @ rotation.T for solid in self.solids)
        return Mesh(
            vertices + np.asarray(offset),
            self.faces,
            tuple(hull + np.asarray(offset) for hull in hulls),
            tuple(solid + np.asarray(offset) for solid in solids),
        )


def about(axis: str, angle: float) -> np.ndarray:
    """Rotation matrix (3, 3) about 'x', 'y' or 'z' [rad]."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array(
        {
            "x": [[1, 0, 0], [0, c, -s], [0, s, c]],
            "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
            "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
        }[axis]
    )


def joined(*meshes: Mesh) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]),
        tuple(hull for mesh in meshes for hull in mesh.hulls),
        tuple(solid for mesh in meshes for solid in mesh.solids),
    )


def revolved(profile: list[tuple[float, float]], sectors: int = 24, hollow: float | None = None) -> Mesh:
    """A surface of revolution about z.

    Args:
        profile: Radius and height [m], from the axis over the outside back to the axis, so that the outside
            lies to its right: bottom middle, bottom rim, top rim, top middle.
        hollow: Thickness of the floor of a vessel or 0 for a ring [m]; None: it is convex enough.
    """
    rings = np.array(profile, float)
    angle = np.arange(sectors) * 2 * np.pi / sectors
    vertices = np.stack(
        [
            rings[:, :1] * np.cos(angle),
            rings[:, :1] * np.sin(angle),
            np.repeat(rings[:, 1:], sectors, axis=1),
        ],
        axis=-1,
    ).reshape(-1, 3)
    faces = []
    for ring in range(len(rings) - 1):
        for sector in range(sectors):
            a, b = ring * sectors + sector, ring * sectors + (sector + 1) % sectors
            c, d = a + sectors, b + sectors
            if rings[ring, 0] > 1e-6:
                faces.append((a, b, c))
            if rings[ring + 1, 0] > 1e-6:
                faces.append((b, d, c))
    hulls = _revolved_hulls(rings, vertices, sectors, hollow)
    return Mesh(vertices, np.array(faces), hulls, tuple(revolved_pieces(rings, sectors)))


def _revolved_hulls(
    rings: np.ndarray, vertices: np.ndarray, sectors: int, hollow: float | None
) -> tuple[np.ndarray, ...]:
    if hollow is None:
        return (vertices,)
    grid = vertices.reshape(len(rings), sectors, 3)
    step = max(1, sectors // 8)
    wall = grid[rings[:, 0] > 1e-6]
    hulls = []
    if hollow > 0:
        bottom = wall[wall[:, 0, 2] < rings[:, 1].min() + 1e-6]
        floor = bottom.reshape(-1, 3)
        hulls.append(np.concatenate([floor, floor + np.array([0.0, 0.0, hollow])]))
        widest = np.hypot(*floor[:, :2].T).max()
        wall = wall[np.hypot(*wall[:, 0, :2].T) > 0.8 * widest]
    for start in range(0, sectors, step):
        wedge = [wall[:, k % sectors] for k in range(start, start + step + 1)]
        hulls.append(np.concatenate(wedge))
    return tuple(hulls)


def prism(outline: np.ndarray, height: float) -> Mesh:
    """An outline (corner, 2), counter-clockwise, star-shaped about its mean, from z = 0 to `height` [m]."""
    count = len(outline)
    middle = outline.mean(axis=0)
    rings = [np.column_stack([outline, np.full(count, z)]) for z in (0.0, height)]
    vertices = np.concatenate([*rings, [[*middle, 0.0], [*middle, height]]])
    faces = []
    for i in range(count):
        j = (i + 1) % count
        faces += [(i, j, count + i), (j, count + j, count + i)]
        faces += [(2 * count, j, i), (2 * count + 1, count + i, count + j)]
    return Mesh(
        vertices, np.array(faces), _prism_hulls(outline, height), tuple(prism_pieces(outline, height))
    )


def _prism_hulls(outline: np.ndarray, height: float) -> tuple[np.ndarray, ...]:
    following = np.roll(outline, -1, axis=0)
    edge, after = following - outline, np.roll(following, -1, axis=0) - following
    if (edge[:, 0] * after[:, 1] - edge[:, 1] * after[:, 0] >= -1e-12).all():
        return (_swept(outline, height),)
    middle = outline.mean(axis=0)
    return tuple(_swept(np.array([middle, a, b]), height) for a, b in zip(outline, following, strict=True))


def _swept(outline: np.ndarray, height: float) -> np.ndarray:
    return np.concatenate([np.column_stack([outline, np.full(len(outline), z)]) for z in (0.0, height)])


def box(size: tuple[float, float, float], offset: tuple[float, float, float] = (0, 0, 0)) -> Mesh:
    """A box of whole extents `size` with the middle of its underside at `offset` [m]."""
    x, y = size[0] / 2, size[1] / 2
    return prism(np.array([[-x, -y], [x, -y], [x, y], [-x, y]]), size[2]).moved(offset)


def tube(path: np.ndarray, radii: np.ndarray, sectors: int = 10) -> Mesh:
    """A round tube along points (n, 3) [m] with a radius at each (n,), closed at both ends."""
    tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    angle = np.arange(sectors) * 2 * np.pi / sectors
    up = np.array([0.0, 0.0, 1.0]) if abs(tangents[0, 2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    vertices = []
    for point, tangent, radius in zip(path, tangents, radii, strict=True):
        side = np.cross(tangent, up)
        side /= np.linalg.norm(side)
        up = np.cross(side, tangent)
        vertices.append(point + radius * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * up))
    count = len(path)
    corners = np.concatenate([*vertices, path[:1], path[-1:]])
    faces = []
    for ring in range(count - 1):
        for sector in range(sectors):
            a, b = ring * sectors + sector, ring * sectors + (sector + 1) % sectors
            faces += [(a, a + sectors, b), (b, a + sectors, b + sectors)]
    first, last, end = count * sectors, count * sectors + 1, (count - 1) * sectors
    for sector in range(sectors):
        b = (sector + 1) % sectors
        faces += [(first, sector, b), (last, end + b, end + sector)]
    straight = (tangents @ tangents[0] > 0.999).all() and len(path) == 2
    hulls = [np.concatenate(vertices[i : i + 2]) for i in range(count - 1)]
    return Mesh(
        corners, np.array(faces), (corners,) if straight else tuple(hulls), tuple(tube_pieces(vertices))
    )
