"""Draws colour, depth and object ids of a pool, two passes a view."""

import mujoco
import numpy as np

from sim.cameras import make_gl_context, metres_of
from sim.scenes.pool import ROBOT_GROUP, SHOWN, Pool

TABLE, ROBOT = 250, 251
FARTHEST_M = 6.5
_MAX_GEOMS = 600


class ScenePainter:
    """Owns the OpenGL context; one a process, `open` for each pool."""

    def __init__(self, width: int, height: int):
        self.width, self.height = width, height
        self._gl = make_gl_context(width, height)
        self._options = mujoco.MjvOption()
        self._options.sitegroup[:] = 0
        self._options.geomgroup[:] = 0
        self._options.geomgroup[[0, SHOWN, ROBOT_GROUP]] = 1
        self._context: mujoco.MjrContext | None = None

    def open(self, pool: Pool) -> None:
        """Draw this pool from now on."""
        self._gl.make_current()
        if self._context is not None:
            self._context.free()
        self._pool = pool
        self._scene = mujoco.MjvScene(pool.model, _MAX_GEOMS)
        for flag in ("SHADOW", "REFLECTION", "SKYBOX", "FOG", "HAZE"):
            self._scene.flags[getattr(mujoco.mjtRndFlag, f"mjRND_{flag}")] = False
        context = self._context = mujoco.MjrContext(pool.model, mujoco.mjtFontScale.mjFONTSCALE_50)
        context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, context)
        self._view = mujoco.MjvCamera()
        self._view.type = mujoco.mjtCamera.mjCAMERA_FIXED
        self._view.fixedcamid = pool.view

    def close(self) -> None:
        if self._context is not None:
            self._gl.make_current()
            self._context.free()
            self._context = None
        self._gl.free()

    def upload(self, texture: int) -> None:
        """Tell OpenGL that a texture's pixels changed."""
        mujoco.mjr_uploadTexture(self._pool.model, self._context, texture)

    def draw(self, id_of_geom: np.ndarray, shadows: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One view of the pool as it stands, after `mj_kinematics` and `mj_camlight`.

        Args:
            id_of_geom: What each geom is in the picture, uint8 (ngeom,).

        Returns:
            uint8 RGB (height, width, 3); depth float32 [m] (height, width); ids uint8 (height, width).
        """
        pool, scene, context = self._pool, self._scene, self._context
        static, moving = mujoco.mjtCatBit.mjCAT_STATIC, mujoco.mjtCatBit.mjCAT_DYNAMIC
        mujoco.mjv_updateScene(pool.model, pool.data, self._options, None, self._view, static | moving, scene)
        codes = np.zeros(scene.ngeom + 1, np.uint8)
        for number in range(scene.ngeom):
            geom = scene.geoms[number]
            owner = geom.objid
            if geom.objtype != mujoco.mjtObj.mjOBJ_GEOM or owner < 0:
                continue
            codes[number + 1] = id_of_geom[owner]
        scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = shadows
        area = mujoco.MjrRect(0, 0, self.width, self.height)
        rgb = np.empty((self.height, self.width, 3), np.uint8)
        deep = np.empty((self.height, self.width), np.float32)
        mujoco.mjr_render(area, scene, context)
        mujoco.mjr_readPixels(rgb, deep, area, context)
        scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
        scene.flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = True
        scene.flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = True
        marked = np.empty_like(rgb)
        mujoco.mjr_render(area, scene, context)
        mujoco.mjr_readPixels(marked, None, area, context)
        scene.flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = False
        scene.flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = False
        found = marked[..., 0].astype(np.int32) + (marked[..., 1].astype(np.int32) << 8)
        ids = codes[np.minimum(found, scene.ngeom)]
        return rgb[::-1].copy(), metres_of(deep, pool.model)[::-1].copy(), ids[::-1].copy()
