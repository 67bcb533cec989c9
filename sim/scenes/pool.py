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
from sim.scenes.shape import Shape
from sim.scenes.solids import SOLIDS
from sim.scenes.task_props import task_props
from sim.scenes.textures import PATTERN_MATERIALS, TABLE_MATERIALS, add_materials
from sim.scenes.tools import TOOLS
from sim.scenes.vessels import VESSELS

MAKERS = {**VESSELS, **SOLIDS, **TOOLS}
_HIDDEN, _SHOWN = 4, 0
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

    body: int
    family: str
    shape: Shape
    tinted: tuple[int, ...]
    """Geoms that take the thing's colour."""
    geoms: tuple[int, ...]
    task: tuple[str, tuple[float, float, float]] | None
    """Colour word and RGB of a built-in task's prop; None: it may have any colour."""


class Pool:
    """The model, its data, and what may be changed in it between scenes."""

    def __init__(self, seed: int, robot: str | None):
        """
        Args:
            robot: Name of a built-in embodiment that stands in the scenes; None: no robot.
        """
        self.rng = np.random.default_rng([seed, 77])
        self.robot: Embodiment | None = load_embodiment(robot) if robot else None
        if self.robot is not None:
            spec = mujoco.MjSpec.from_file(str(self.robot.model_path))
        else:
            spec = mujoco.MjSpec()
        add_table(spec)
        add_room(spec)
        add_light(spec)
        if self.robot is not None:
            fuse_visuals(spec)
        add_materials(spec, self.rng)
        spec.worldbody.add_camera(name="scenes/view", mode=mujoco.mjtCamLight.mjCAMLIGHT_FIXED)
        spec.visual.global_.offwidth, spec.visual.global_.offheight = 640, 480
        things = self._add_things(spec)
        self.model = spec.compile()
        self.data = mujoco.MjData(self.model)
        self.instances = [self._find(name, family, shape, task) for name, family, shape, task in things]
        self.table = self.model.geom("sim/table").id
        self.view = self.model.camera("scenes/view").id
        self.materials = {
            name: self.model.material(f"scenes/{name}").id for name in (*PATTERN_MATERIALS, *TABLE_MATERIALS)
        }
        self.wood = self.model.material("sim/wood").id
        self.defaults = _Look(self.model)
        self.thing_of_body = np.full(self.model.nbody, -1)
        for index, instance in enumerate(self.instances):
            self.thing_of_body[instance.body] = index
        self.robot_bodies = self._robot_bodies()
        self.scene_bodies = {instance.body for instance in self.instances}

    def _add_things(self, spec: mujoco.MjSpec) -> list:
        things = []
        for number, family in enumerate((*FAMILIES, *FAMILIES, *_EXTRA)):
            shape = MAKERS[family](self.rng)
            things.append((f"thing/{number}", family, shape, None))
        for number, (family, colour, rgb, shape) in enumerate(task_props()):
            things.append((f"prop/{number}", family, shape, (colour, rgb)))
        for name, _, shape, _ in things:
            _add_thing(spec, name, shape)
        return things

    def _find(self, name: str, family: str, shape: Shape, task: tuple | None) -> Instance:
        body = self.model.body(name).id
        geoms = [g for g in range(self.model.ngeom) if self.model.geom_bodyid[g] == body]
        tinted = tuple(g for g in geoms if self.model.geom(g).name.endswith("/tint"))
        return Instance(body, family, shape, tinted, tuple(geoms), task)

    def _robot_bodies(self) -> np.ndarray:
        """Whether a body belongs to the robot, (nbody,)."""
        mask = np.zeros(self.model.nbody, bool)
        if self.robot is not None:
            mask[1:] = True
            mask[[instance.body for instance in self.instances]] = False
        return mask

    def hide_all(self) -> None:
        """An empty table."""
        for instance in self.instances:
            self.model.geom_group[list(instance.geoms)] = _HIDDEN

    def show(self, index: int, position: np.ndarray, quaternion: np.ndarray) -> None:
        """Put a thing somewhere: body_in_world, position (3,) [m], quaternion wxyz (4,)."""
        instance = self.instances[index]
        self.model.geom_group[list(instance.geoms)] = _SHOWN
        mocap = self.model.body_mocapid[instance.body]
        self.data.mocap_pos[mocap], self.data.mocap_quat[mocap] = position, quaternion

    def paint(self, index: int, rgb: np.ndarray, pattern: str, shine: bool) -> None:
        """Give a thing its colour (3,) 0..1 and its pattern."""
        for geom in self.instances[index].tinted:
            self.model.geom_rgba[geom] = [*rgb, 1.0]
            material = f"{pattern}{'_shiny' if shine and pattern == 'plain' else ''}"
            self.model.geom_matid[geom] = self.materials[material]


class _Look:
    """Lights as the built-in tasks have them, to go back to."""

    def __init__(self, model: mujoco.MjModel):
        self._model = model
        head = model.vis.headlight
        self._kept = {name: getattr(model, name).copy() for name in ("light_dir", "light_diffuse")}
        self._head = {name: getattr(head, name).copy() for name in ("ambient", "diffuse")}
        self._rgba = model.geom_rgba.copy()

    def restore(self) -> None:
        for name, value in self._kept.items():
            getattr(self._model, name)[:] = value
        for name, value in self._head.items():
            getattr(self._model.vis.headlight, name)[:] = value
        self._model.geom_rgba[:] = self._rgba


def _add_thing(spec: mujoco.MjSpec, name: str, shape: Shape) -> None:
    body = spec.worldbody.add_body(name=name, mocap=True, pos=[0, 0, -2])
    groups: dict[tuple[float, float, float] | None, list[Mesh]] = {}
    for piece in shape.pieces:
        groups.setdefault(piece.rgb, []).append(piece.mesh)
    for number, (rgb, meshes) in enumerate(groups.items()):
        mesh = joined(*meshes)
        label = f"{name}/{'tint' if rgb is None else number}"
        made = spec.add_mesh(name=label, inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL)
        made.uservert, made.userface = mesh.vertices.ravel().tolist(), mesh.faces.ravel().tolist()
        body.add_geom(
            name=label,
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=label,
            rgba=[*(rgb or (0.6, 0.6, 0.6)), 1.0],
            contype=0,
            conaffinity=0,
            group=_HIDDEN,
            mass=0.0,
        )
