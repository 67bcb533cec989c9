"""Smallest distance between the arms, of an arm to itself and to the table, from the collision geometry."""

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.kinematics.joint_map import JointMap


class Distances:
    """Distances at a joint position; pairs that the model excludes from contact do not count."""

    def __init__(self, embodiment: Embodiment, model: mujoco.MjModel, joint_map: JointMap):
        self._model, self._map = model, joint_map
        self._data = mujoco.MjData(model)
        self._qpos = model.qpos0.copy()
        collides = (model.geom_contype != 0) | (model.geom_conaffinity != 0)
        # What is welded to the world (bases, frames) stands on the table by design.
        moves = model.body_weldid[model.geom_bodyid] != 0
        self._above_table = np.flatnonzero(collides & moves)
        self._pairs = np.array(self._collect_pairs(np.flatnonzero(collides)), int).reshape(-1, 2)
        self._radius_sum = model.geom_rbound[self._pairs].sum(axis=1)

    def _collect_pairs(self, geoms: np.ndarray) -> list[tuple[int, int]]:
        model = self._model
        excluded = {(int(s) >> 16, int(s) & 0xFFFF) for s in model.exclude_signature}
        pairs = []
        for i, first in enumerate(geoms):
            for second in geoms[i + 1 :]:
                a, b = int(model.geom_bodyid[first]), int(model.geom_bodyid[second])
                weld_a, weld_b = int(model.body_weldid[a]), int(model.body_weldid[b])
                if weld_a == weld_b:
                    continue
                parent_a = int(model.body_weldid[model.body_parentid[weld_a]])
                parent_b = int(model.body_weldid[model.body_parentid[weld_b]])
                if weld_a and weld_b and (parent_a == weld_b or parent_b == weld_a):
                    continue
                if (a, b) in excluded or (b, a) in excluded:
                    continue
                may = (model.geom_contype[first] & model.geom_conaffinity[second]) | (
                    model.geom_contype[second] & model.geom_conaffinity[first]
                )
                if may and model.geom_rbound[first] > 0 and model.geom_rbound[second] > 0:
                    pairs.append((int(first), int(second)))
        return pairs

    def smallest(self, position: np.ndarray, far_m: float = 0.3) -> float:
        """Smallest distance [m], at most `far_m`; negative where something penetrates.

        Args:
            position: Joint position, shape (action_dim,), embodiment units.
        """
        self._map.write_qpos(position, self._qpos)
        self._data.qpos[:] = self._qpos
        mujoco.mj_kinematics(self._model, self._data)
        best = min(far_m, self._to_table())
        centres = self._data.geom_xpos
        apart = np.linalg.norm(centres[self._pairs[:, 0]] - centres[self._pairs[:, 1]], axis=1)
        bound = apart - self._radius_sum  # spheres around both: never more than the distance
        for index in np.argsort(bound):
            if bound[index] >= best:
                break
            first, second = self._pairs[index]
            best = min(best, mujoco.mj_geomDistance(self._model, self._data, first, second, far_m, None))
        return float(best)

    def _to_table(self) -> float:
        """Height [m] of the lowest point over the plane z = 0, from each geometry's bounding box."""
        geoms = self._above_table
        if not len(geoms):
            return np.inf
        rotation = self._data.geom_xmat[geoms].reshape(-1, 3, 3)
        centre, half = self._model.geom_aabb[geoms, :3], self._model.geom_aabb[geoms, 3:]
        up = rotation[:, 2, :]  # world z in the geometry's frame
        height = self._data.geom_xpos[geoms, 2] + np.einsum("ij,ij->i", up, centre)
        return float((height - np.einsum("ij,ij->i", np.abs(up), half)).min())
