"""Things that stand on the table: blocks, cylinders, bowls, and a cabinet with a drawer."""

from dataclasses import dataclass

import mujoco
import numpy as np

COLOURS: dict[str, tuple[float, float, float, float]] = {
    "red": (0.83, 0.12, 0.11, 1.0),
    "green": (0.11, 0.58, 0.24, 1.0),
    "blue": (0.10, 0.30, 0.80, 1.0),
    "yellow": (0.97, 0.76, 0.10, 1.0),
    "white": (0.90, 0.90, 0.88, 1.0),
    "slate": (0.27, 0.33, 0.40, 1.0),
    "orange": (0.93, 0.42, 0.07, 1.0),
}

# Wood and hard plastic: dry friction about 1, some torsional friction so that a held block does not
# spin; the contact is as stiff as two physics steps allow, so that a block sinks in by 0.1 mm only.
_SURFACE = {
    "friction": [1.0, 0.01, 0.0005],
    "condim": 4,
    "solref": [0.006, 1.0],
    "solimp": [0.95, 0.99, 0.001, 0.5, 2.0],
}
_UNSEEN = {"group": 3}
_UNTOUCHED = {"contype": 0, "conaffinity": 0, "mass": 0.0}

_DENSITY = 600.0  # beech wood is 700 kg/m^3, hard plastic shells are lighter


def add_block(spec: mujoco.MjSpec, name: str, half_size: tuple[float, float, float], colour: str) -> None:
    """A free box 'prop/NAME' with its origin in its centre; half sizes along x, y, z [m]."""
    body = spec.worldbody.add_body(name=f"prop/{name}", pos=[0, 0, half_size[2]])
    body.add_freejoint(name=f"prop/{name}")
    body.add_geom(
        name=f"prop/{name}",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=half_size,
        density=_DENSITY,
        rgba=COLOURS[colour],
        **_SURFACE,
    )


def add_cylinder(spec: mujoco.MjSpec, name: str, radius: float, half_height: float, colour: str) -> None:
    """A free upright cylinder 'prop/NAME' with its origin in its centre [m]."""
    body = spec.worldbody.add_body(name=f"prop/{name}", pos=[0, 0, half_height])
    body.add_freejoint(name=f"prop/{name}")
    body.add_geom(
        name=f"prop/{name}",
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        size=[radius, half_height, 0],
        density=_DENSITY,
        rgba=COLOURS[colour],
        **_SURFACE,
    )


@dataclass(frozen=True)
class BowlShape:
    """A wide shallow bowl: a flat floor and a slanted rim."""

    floor_radius: float = 0.054
    """[m]"""
    rim_radius: float = 0.074
    """Inner radius at the top [m]."""
    height: float = 0.040
    """[m]"""
    thickness: float = 0.004
    """Of floor and rim [m]."""


BOWL = BowlShape()
_RIM_PIECES = 8


def add_bowl(spec: mujoco.MjSpec, name: str, colour: str, shape: BowlShape = BOWL) -> None:
    """A bowl 'prop/NAME', fixed to the table, with its origin in the middle of its underside.

    One round mesh is seen; nine boxes are touched, because box against box is the fastest contact.
    """
    body = spec.worldbody.add_body(name=f"prop/{name}", mocap=True)
    _add_bowl_mesh(spec, shape)
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_MESH, meshname="bowl", rgba=COLOURS[colour], group=1, **_UNTOUCHED
    )
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[shape.floor_radius, shape.floor_radius, shape.thickness / 2],
        pos=[0, 0, shape.thickness / 2],
        **_UNSEEN,
        **_SURFACE,
    )
    rise = np.array([shape.rim_radius - shape.floor_radius, shape.height])
    slant = float(np.arctan2(rise[0], rise[1]))
    middle = (shape.floor_radius + shape.rim_radius) / 2 + shape.thickness / 2
    for angle in np.arange(_RIM_PIECES) * 2 * np.pi / _RIM_PIECES:
        # Turn about z, then lean outwards.
        turn = np.array([np.cos(angle / 2), 0, 0, np.sin(angle / 2)])
        lean = np.array([np.cos(slant / 2), 0, np.sin(slant / 2), 0])
        quaternion = np.zeros(4)
        mujoco.mju_mulQuat(quaternion, turn, lean)
        body.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=[
                shape.thickness / 2,
                (shape.rim_radius + shape.thickness) * np.tan(np.pi / _RIM_PIECES),
                float(np.linalg.norm(rise)) / 2,
            ],
            pos=[middle * np.cos(angle), middle * np.sin(angle), shape.height / 2],
            quat=quaternion,
            **_UNSEEN,
            **_SURFACE,
        )


def _add_bowl_mesh(spec: mujoco.MjSpec, shape: BowlShape, sectors: int = 32) -> None:
    """The bowl as a surface of revolution, once a scene."""
    if any(mesh.name == "bowl" for mesh in spec.meshes):
        return
    lip = shape.thickness
    profile = np.array(  # (ring, 2): radius and height, from the inside middle over the lip to the underside
        [
            (0.0, shape.thickness),
            (shape.floor_radius * 0.9, shape.thickness),
            (shape.floor_radius + 0.006, shape.thickness + 0.006),
            (shape.rim_radius, shape.height),
            (shape.rim_radius + lip, shape.height),
            (shape.floor_radius + 0.006 + lip, 0.006),
            (shape.floor_radius * 0.9, 0.0),
            (0.0, 0.0),
        ]
    )
    angle = np.arange(sectors) * 2 * np.pi / sectors
    vertices = np.stack(
        [
            profile[:, :1] * np.cos(angle),
            profile[:, :1] * np.sin(angle),
            np.repeat(profile[:, 1:], sectors, axis=1),
        ],
        axis=-1,
    )  # (ring, sector, 3)
    faces = []
    for ring in range(len(profile) - 1):
        for sector in range(sectors):
            a, b = ring * sectors + sector, ring * sectors + (sector + 1) % sectors
            c, d = a + sectors, b + sectors
            if profile[ring, 0] > 0:
                faces.append((a, c, b))
            if profile[ring + 1, 0] > 0:
                faces.append((b, c, d))
    mesh = spec.add_mesh(name="bowl", inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL)
    mesh.uservert = vertices.reshape(-1, 3).ravel().tolist()
    mesh.userface = np.array(faces).ravel().tolist()
    mesh.smoothnormal = 1


@dataclass(frozen=True)
class CabinetShape:
    """A low cabinet with one drawer, which slides along +x of the cabinet."""

    depth: float = 0.20
    """Along x [m]."""
    width: float = 0.22
    """Along y [m]."""
    height: float = 0.10
    """[m]"""
    travel: float = 0.13
    """Of the drawer [m]."""
    handle_reach: float = 0.045
    """From the drawer's front to the point that is grasped [m]."""
    handle_height: float = 0.065
    """Above the table [m]."""


CABINET = CabinetShape()


def add_cabinet(spec: mujoco.MjSpec, shape: CabinetShape = CABINET) -> None:
    """'prop/cabinet', fixed to the table, with 'prop/drawer' sliding on 'prop/drawer_slide'.

    The cabinet's origin lies on the table in the middle of its front; the drawer opens along +x. The
    handle is a T: fingers close along y on its stem from above, and its end piece lets them pull even
    if they slip. Site 'prop/drawer_handle' is the grasp: z approach (down), y closing.
    """
    box, wall = mujoco.mjtGeom.mjGEOM_BOX, 0.006
    half_depth, half_width, half_height = shape.depth / 2, shape.width / 2, shape.height / 2
    cabinet = spec.worldbody.add_body(name="prop/cabinet", mocap=True)
    cabinet.add_geom(
        type=box,
        size=[half_depth, half_width, half_height],
        pos=[-half_depth, 0, half_height],
        **_UNSEEN,
        **_SURFACE,
    )
    look = {"type": box, "rgba": COLOURS["slate"], "group": 1, **_UNTOUCHED}
    for side in (-1, 1):
        y = side * (half_width - wall / 2)
        cabinet.add_geom(size=[half_depth, wall / 2, half_height], pos=[-half_depth, y, half_height], **look)
        z = half_height + side * (half_height - wall / 2)
        cabinet.add_geom(size=[half_depth, half_width, wall / 2], pos=[-half_depth, 0, z], **look)
    cabinet.add_geom(
        size=[wall / 2, half_width, half_height], pos=[-shape.depth + wall / 2, 0, half_height], **look
    )

    drawer = cabinet.add_body(name="prop/drawer")
    drawer.add_joint(
        name="prop/drawer_slide",
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=[1, 0, 0],
        range=[0, shape.travel],
        limited=True,
        frictionloss=0.8,
        damping=[4.0, 0, 0],
    )
    gap = 0.003
    front = [wall, half_width - wall - gap, half_height - wall - gap]
    drawer.add_geom(
        type=box, size=front, pos=[-wall - 0.004, 0, half_height], mass=0.1, rgba=COLOURS["white"], **_SURFACE
    )
    inside = {
        "type": box,
        "rgba": (0.78, 0.66, 0.50, 1),
        "group": 1,
        "contype": 0,
        "conaffinity": 0,
        "mass": 0.05,
    }
    length, low = half_depth - wall, wall + gap
    drawer.add_geom(size=[length, front[1], 0.003], pos=[-half_depth, 0, low + 0.003], **inside)
    for side in (-1, 1):
        drawer.add_geom(
            size=[length, 0.003, 0.025], pos=[-half_depth, side * (front[1] - 0.003), low + 0.025], **inside
        )
    drawer.add_geom(
        size=[0.003, front[1], 0.025], pos=[-half_depth - length + 0.003, 0, low + 0.025], **inside
    )

    metal = {"type": box, "rgba": COLOURS["orange"], "mass": 0.02, **_SURFACE}
    stem_end = shape.handle_reach + 0.016  # half a finger beyond the grasp
    drawer.add_geom(
        name="prop/drawer_handle",
        size=[(stem_end + 0.006) / 2, 0.009, 0.012],
        pos=[(stem_end - 0.006) / 2, 0, shape.handle_height],
        **metal,
    )
    drawer.add_geom(size=[0.005, 0.026, 0.014], pos=[stem_end + 0.005, 0, shape.handle_height], **metal)
    drawer.add_site(
        name="prop/drawer_handle",
        pos=[shape.handle_reach, 0, shape.handle_height],
        quat=[0, 1, 0, 0],  # half a turn about x: z down, y along -y
        group=5,
        size=[0.004, 0.004, 0.004],
    )
    # MuJoCo's parent filter does not apply to parents that are fixed.
    spec.add_exclude(bodyname1="prop/cabinet", bodyname2="prop/drawer")
