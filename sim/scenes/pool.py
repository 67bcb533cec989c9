"""One compiled model that many scenes are drawn from: dozens of things that are moved, coloured and hidden.

Compiling a model costs a second, moving things in it costs nothing: so a pool serves some hundred scenes.
"""

from dataclasses import dataclass

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment
from robotics.reasoning.language.families import FAMILIES
from sim.fusion import fuse_visuals
from sim.looks import add_light, add_room, add_table
from sim.scenes.meshes import Mesh, joined
from sim.scenes.rests import Rest, find_rests
from sim.scenes.shape import Shape
from sim.scenes.skin import skinned
from sim.scenes.solids import SOLIDS
from sim.scenes.task_props import task_props
from sim.scenes.textures import PATTERN_SLOTS, TABLE_MATERIALS, add_materials
from sim.scenes.tools import TOOLS
from sim.scenes.vessels import VESSELS

MAKERS = {**VESSELS, **SOLIDS, **TOOLS}
HIDDEN, SHOWN, ROBOT_GROUP = 5, 1, 2
"""Geom groups."""
_EXTRA = (
    "cube",
    "cube",
    "block",
    "block",
    "cylinder",
    "ball",
    "bowl",
    "mug",
    "cup",
    "box",
    "plate",
    "bottle",
)
"""Families that scenes need more than two of."""


@dataclass(frozen=True)
class Instance:
    """One thing of a pool."""

    family: str
    shape: Shape
    rests: tuple[Rest, ...]
    mocap: int
    drawer_mocap: int
    """-1: it has no drawer."""
    tinted: tuple[int, ...]
    """Geoms that take the thing's colour."""
    geoms: tuple[int, ...]
    task: tuple[str, tuple[float, float, float]] | None
    """Colour word and RGB of a built-in task's prop; None: it may have any colour."""


class Pool:
    """The model, its data, and what of it changes between scenes."""

    def __init__(self, seed: int, robot: str, width: int, height: int):
        """
        Args:
            robot: Name of the built-in embodiment that stands in those scenes that have a robot.
        """
        rng = np.random.default_rng([seed, 77])
        self.robot: Embodiment = load_embodiment(robot)
        spec = mujoco.MjSpec.from_file(str(self.robot.model_path))
        fuse_visuals(spec)  # before the room: its colours change
        robot_bodies = [body.name for body in spec.bodies][1:]
        add_table(spec)
        add_room(spec)
        add_light(spec)
        for number, geom in enumerate(g for g in spec.worldbody.geoms if g.group == 1):
            geom.name = f"scenes/room_{number}"
        add_materials(spec, rng)
        spec.worldbody.add_camera(name="scenes/view", mode=mujoco.mjtCamLight.mjCAMLIGHT_FIXED)
        spec.visual.global_.offwidth, spec.visual.global_.offheight = width, height
        spec.stat.extent = 1.0
        things = [(family, MAKERS[family](rng), None) for family in (*FAMILIES, *FAMILIES, *_EXTRA)]
        things += [(family, shape, (colour, rgb)) for family, colour, rgb, shape in task_props()]
        for number, (_, shape, _) in enumerate(things):
            _add_thing(spec, number, shape)
        self.model: mujoco.MjModel = spec.compile()
        self.data = mujoco.MjData(self.model)
        self.instances = [self._find(number, *thing) for number, thing in enumerate(things)]
        self.table = self.model.geom("sim/table").id
        self.view = self.model.camera("scenes/view").id
        self.plain = self.model.material("scenes/plain").id
        self.shiny = self.model.material("scenes/shiny").id
        self.patterns = [self.model.material(f"scenes/pattern_{k}").id for k in range(PATTERN_SLOTS)]
        self.pattern_textures = [self.model.texture(f"scenes/pattern_{k}").id for k in range(PATTERN_SLOTS)]
        self.tables = [self.model.material(name).id for name in TABLE_MATERIALS]
        bodies = {self.model.body(name).id for name in robot_bodies}
        self.is_robot = np.isin(self.model.geom_bodyid, sorted(bodies))  # (ngeom,)
        self._robot_groups = self.model.geom_group[self.is_robot].copy()
        self.room = [
            g
            for g in range(self.model.ngeom)
            if self.model.geom(g).name.startswith(("scenes/room", "sim/floor"))
        ]
        self.as_built = AsBuilt(self.model)

    def _find(self, number: int, family: str, shape: Shape, task: tuple | None) -> Instance:
        names = [f"thing/{number}"] + ([f"thing/{number}/drawer"] if shape.slide.any() else [])
        bodies = [self.model.body(name).id for name in names]
        geoms = [g for g in range(self.model.ngeom) if self.model.geom_bodyid[g] in bodies]
        return Instance(
            family,
            shape,
            find_rests(shape),
            int(self.model.body_mocapid[bodies[0]]),
            int(self.model.body_mocapid[bodies[1]]) if len(bodies) > 1 else -1,
            tuple(g for g in geoms if self.model.geom(g).name.endswith("/tint")),
            tuple(geoms),
            task,
        )

    def clear(self, robot: bool) -> None:
        """An empty table, with or without the robot."""
        self.model.geom_group[self.is_robot] = self._robot_groups if robot else HIDDEN
        for instance in self.instances:
            self.model.geom_group[list(instance.geoms)] = HIDDEN

    def show(self, index: int, position: np.ndarray, quaternion: np.ndarray, opened: float = 0.0) -> None:
        """Put a thing somewhere: thing_in_world, position (3,) [m], quaternion wxyz (4,)."""
        instance = self.instances[index]
        self.model.geom_group[list(instance.geoms)] = SHOWN
        self.data.mocap_pos[instance.mocap], self.data.mocap_quat[instance.mocap] = position, quaternion
        if instance.drawer_mocap >= 0:
            moved = np.zeros(3)
            mujoco.mju_rotVecQuat(moved, opened * instance.shape.slide, quaternion)
            self.data.mocap_pos[instance.drawer_mocap] = position + moved
            self.data.mocap_quat[instance.drawer_mocap] = quaternion


class AsBuilt:
    """The look of table, room and lights in the built-in tasks, to go back to."""

    def __init__(self, model: mujoco.MjModel):
        self._model = model
        self._fields = {
            name: getattr(model, name).copy()
            for name in (
                "geom_rgba", "geom_matid", "geom_size", "geom_pos", "mat_texrepeat", "light_dir", "light_pos",
                "light_diffuse", "light_specular", "light_castshadow", "cam_pos", "cam_quat", "cam_fovy",
            )
        }  # fmt: skip
        head = model.vis.headlight
        self._head = {name: getattr(head, name).copy() for name in ("ambient", "diffuse", "specular")}

    def restore(self) -> None:
        for name, value in self._fields.items():
            getattr(self._model, name)[:] = value
        for name, value in self._head.items():
            getattr(self._model.vis.headlight, name)[:] = value


def _add_thing(spec: mujoco.MjSpec, number: int, shape: Shape) -> None:
    name = f"thing/{number}"
    bodies = {False: spec.worldbody.add_body(name=name, mocap=True, pos=[0, 0, -2])}
    if shape.slide.any():
        bodies[True] = spec.worldbody.add_body(name=f"{name}/drawer", mocap=True, pos=[0, 0, -2])
    groups: dict[tuple[bool, tuple[float, float, float] | None], list[Mesh]] = {}
    for piece in shape.pieces:
        groups.setdefault((piece.slides, piece.rgb), []).append(piece.mesh)
    for count, ((slides, rgb), meshes) in enumerate(groups.items()):
        label = f"{name}/{count}{'/tint' if rgb is None else ''}"
        skin = skinned(joined(*meshes))
        made = spec.add_mesh(name=label, inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL)
        made.uservert = skin.vertices.ravel().tolist()
        made.usernormal = skin.normals.ravel().tolist()
        made.usertexcoord = skin.texture.ravel().tolist()
        made.userface = skin.faces.ravel().tolist()
        bodies[slides].add_geom(
            name=label,
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=label,
            material="scenes/plain",
            rgba=[*(rgb or (0.6, 0.6, 0.6)), 1.0],
            contype=0,
            conaffinity=0,
            group=HIDDEN,
            mass=0.0,
        )
