"""Draws the cameras of a simulated robot, in its process or in another one."""

import atexit
import sys
import weakref
from typing import TYPE_CHECKING, Any

import mujoco
import numpy as np

from robotics.embodiment import Camera, Embodiment
from robotics.observation import CameraFrame
from sim.gl import RenderingUnavailableError, missing_library
from sim.scene import compiled_scene

if TYPE_CHECKING:
    from sim.robot import SimulatedRobot

_MAX_GEOMS = 1000


def make_gl_context(width: int, height: int) -> Any:
    """An off-screen OpenGL context; EGL on Linux, whatever MuJoCo prefers elsewhere.

    Raises:
        RenderingUnavailableError: A library is missing or there is no device to draw on.
    """
    missing = missing_library()
    if missing:
        raise RenderingUnavailableError(f"{missing} is not installed")
    try:
        if sys.platform.startswith("linux"):
            from mujoco.egl import GLContext
        else:
            from mujoco import GLContext
        context = GLContext(width, height)
        context.make_current()
    except Exception as error:  # EGL and PyOpenGL raise half a dozen unrelated types here
        raise RenderingUnavailableError(f"no OpenGL device ({str(error).splitlines()[0][:80]})") from error
    return context


class _Drawing:
    """What OpenGL holds of one scene."""

    def __init__(self, model: mujoco.MjModel):
        self.model = model
        self.data = mujoco.MjData(model)
        self.scene = mujoco.MjvScene(model, _MAX_GEOMS)
        for flag in ("SHADOW", "REFLECTION", "SKYBOX", "FOG", "HAZE"):
            self.scene.flags[getattr(mujoco.mjtRndFlag, f"mjRND_{flag}")] = False
        self.context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_50)
        self.context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR


class SimulatedCameraRig:
    """Implements robotics.robot.SimulatedCameraRig with MuJoCo's renderer."""

    def __init__(self, embodiment: Embodiment, depth: bool = False):
        """
        Args:
            depth: Whether frames carry depth.

        Raises:
            RenderingUnavailableError: This machine cannot draw.
        """
        self._embodiment = embodiment
        self._depth = depth
        self._gl: Any = make_gl_context(
            max((camera.width for camera in embodiment.camera), default=1),
            max((camera.height for camera in embodiment.camera), default=1),
        )
        self._drawings: dict[str, _Drawing] = {}
        self._current: _Drawing | None = None
        self._robot: SimulatedRobot | None = None
        self._options = mujoco.MjvOption()
        self._options.sitegroup[:] = 0
        # MuJoCo ends EGL at exit; what is still open then would raise while Python goes down.
        atexit.register(_close, weakref.ref(self))

    def reset(self, task: str, seed: int, instruction: str | None = None) -> None:
        """Show the task's scene; where things are comes with `set_world_state`."""
        if task not in self._drawings:
            model = compiled_scene(self._embodiment, task)
            self._gl.make_current()
            self._drawings[task] = _Drawing(model)
        self._current = self._drawings[task]

    def follow(self, robot: "SimulatedRobot") -> None:
        """From now on every capture shows the robot of this process, through its resets too."""
        self._robot = robot

    def set_world_state(self, state: np.ndarray) -> None:
        drawing = self._require_episode()
        model, data = drawing.model, drawing.data
        wanted = model.nq + 7 * model.nmocap
        if state.shape != (wanted,):
            raise ValueError(f"the world state of this episode has shape ({wanted},), got {state.shape}")
        data.qpos[:] = state[: model.nq]
        data.mocap_pos[:] = state[model.nq : model.nq + 3 * model.nmocap].reshape(-1, 3)
        data.mocap_quat[:] = state[model.nq + 3 * model.nmocap :].reshape(-1, 4)
        mujoco.mj_kinematics(model, data)
        mujoco.mj_camlight(model, data)

    def capture(self, camera: str, time_ns: int) -> CameraFrame:
        described = self._embodiment.get_camera(camera)
        if self._robot is not None:
            self.reset(self._robot.setup.task, self._robot.setup.seed)
            self.set_world_state(self._robot.world_state())
        image, depth = self._draw(self._require_episode(), described)
        return CameraFrame(image=image, capture_time_ns=time_ns, depth=depth)

    def _require_episode(self) -> _Drawing:
        if self._current is None:
            raise RuntimeError("a camera rig shows nothing before `reset` or `follow`")
        return self._current

    def _draw(self, drawing: _Drawing, camera: Camera) -> tuple[np.ndarray, np.ndarray | None]:
        self._gl.make_current()
        view = mujoco.MjvCamera()
        view.type = mujoco.mjtCamera.mjCAMERA_FIXED
        view.fixedcamid = drawing.model.camera(camera.model_camera).id
        mujoco.mjv_updateScene(
            drawing.model,
            drawing.data,
            self._options,
            None,
            view,
            mujoco.mjtCatBit.mjCAT_ALL,
            drawing.scene,
        )
        # Each time: OpenGL may still be bound to the buffer of another task's scene.
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, drawing.context)
        rectangle = mujoco.MjrRect(0, 0, camera.width, camera.height)
        mujoco.mjr_render(rectangle, drawing.scene, drawing.context)
        image = np.empty((camera.height, camera.width, 3), np.uint8)
        raw = np.empty((camera.height, camera.width), np.float32) if self._depth else None
        mujoco.mjr_readPixels(image, raw, rectangle, drawing.context)
        upright = np.ascontiguousarray(image[::-1])
        if raw is None:
            return upright, None
        return upright, metres_of(raw[::-1], drawing.model)

    def close(self) -> None:
        if self._gl is None:
            return
        self._gl.make_current()
        for drawing in self._drawings.values():
            drawing.context.free()
        self._drawings.clear()
        self._current = None
        self._gl.free()
        self._gl = None


class SimulatedDepthCameraRig(SimulatedCameraRig):
    """A rig whose frames carry depth, for those who can only name a class."""

    def __init__(self, embodiment: Embodiment):
        super().__init__(embodiment, depth=True)


def _close(rig: "weakref.ref[SimulatedCameraRig]") -> None:
    alive = rig()
    if alive is not None:
        alive.close()


def metres_of(depth_buffer: np.ndarray, model: mujoco.MjModel) -> np.ndarray:
    """Distance along the optical axis [m], float32, from a depth buffer that is 1 near and 0 far."""
    near = model.vis.map.znear * model.stat.extent
    far = model.vis.map.zfar * model.stat.extent
    return (near * far / (near + depth_buffer * (far - near))).astype(np.float32)
