"""Draws colour, depth and object ids of a pool, two passes a view."""

import mujoco
import numpy as np

from sim.cameras import make_gl_context, metres_of
from sim.scenes.pool import Pool

TABLE, ROBOT = 250, 251
_FARTHEST_M = 6.5
_MAX_GEOMS = 1500


class ScenePainter:
    """Owns the OpenGL context; one a process, `open` for each pool."""

    def __init__(self, width: int, height: int):
        self.width, self.height = width, height
        self._gl = make_gl_context(max(width, 640), max(height, 480))
        self._options = mujoco.MjvOption()
        self._options.geomgroup[:] = [1, 1, 1, 0, 0, 0]
        self._options.sitegroup[:] = 0
        self._context: mujoco.MjrContext | None = None

    def open(self, pool: Pool) -> None:
        """Draw this pool from now on."""
        self._gl.make_current()
        if self._context is not None:
            self._context.free()
        self.pool = pool
        self._scene = mujoco.MjvScene(pool.model, _MAX_GEOMS)
        for flag in ("SHADOW", "REFLECTION", "SKYBOX", "FOG", "HAZE"):
            self._scene.flags[getattr(mujoco.mjtRndFlag, f"mjRND_{flag}")] = False
        self._context = mujoco.MjrContext(pool.model, mujoco.mjtFontScale.mjFONTSCALE_50)
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._view = mujoco.MjvCamera()
        self._view.type = mujoco.mjtCamera.mjCAMERA_FIXED
        self._view.fixedcamid = pool.view

    def draw(self, id_of_thing: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One view of the pool as it stands.

        Args:
            id_of_thing: Id in the picture of each of the pool's instances, (instance,), 0 for hidden ones.

        Returns:
            uint8 RGB (height, width, 3); depth uint16 [0.1 mm]; ids uint8 (docs/scenes.md).
        """
        pool, scene, context = self.pool, self._scene, self._context
        mujoco.mj_kinematics(pool.model, pool.data)
        mujoco.mj_camlight(pool.model, pool.data)
        category = mujoco.mjtCatBit.mjCAT_ALL
        mujoco.mjv_updateScene(pool.model, pool.data, self._options, None, self._view, category, scene)
        area = mujoco.MjrRect(0, 0, self.width, self.height)
        rgb = np.empty((self.height, self.width, 3), np.uint8)
        deep = np.empty((self.height, self.width), np.float32)
        mujoco.mjr_render(area, scene, context)
        mujoco.mjr_readPixels(rgb, deep, area, context)
        marked = np.empty_like(rgb)
        scene.flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = True
        scene.flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = True
        mujoco.mjr_render(area, scene, context)
        mujoco.mjr_readPixels(marked, None, area, context)
        scene.flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = False
        scene.flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = False
        metres = metres_of(deep, pool.model)
        depth = np.where(metres < _FARTHEST_M, np.round(metres * 10_000), 0).astype(np.uint16)
        return rgb[::-1].copy(), depth[::-1].copy(), self._ids(marked, id_of_thing)[::-1].copy()

    def _ids(self, marked: np.ndarray, id_of_thing: np.ndarray) -> np.ndarray:
        pool, scene = self.pool, self._scene
        codes = marked[..., 0].astype(np.int32) + (marked[..., 1].astype(np.int32) << 8)
        table = np.zeros(scene.ngeom + 1, np.uint8)
        for geom in scene.geoms[: scene.ngeom]:
            if geom.objtype != mujoco.mjtObj.mjOBJ_GEOM or geom.segid < 0:
                continue
            if geom.objid == pool.table:
                table[geom.segid + 1] = TABLE
                continue
            body = pool.model.geom_bodyid[geom.objid]
            thing = pool.thing_of_body[body]
            if thing >= 0:
                table[geom.segid + 1] = id_of_thing[thing]
            elif pool.robot_bodies[body]:
                table[geom.segid + 1] = ROBOT
        return table[np.minimum(codes, len(table) - 1)]
