"""Smallest distance between the arms, of an arm to itself and to the table, from the collision geometry."""

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.kinematics.collision_pairs import collect_pairs, geoms_above_table, heights
from robotics.kinematics.joint_map import JointMap


class Distances:
    """Distances at a joint position; pairs that the model excludes from contact do not count."""

    def __init__(self, embodiment: Embodiment, model: mujoco.MjModel, joint_map: JointMap):
        self._model, self._map = model, joint_map
        self._data = mujoco.MjData(model)
        self._above_table = geoms_above_table(model)
        self._pairs = collect_pairs(model)
        self._radius_sum = model.geom_rbound[self._pairs].sum(axis=1)

    def smallest(self, position: np.ndarray, far_m: float = 0.3) -> float:
        """Smallest distance [m], at most `far_m`; negative where something penetrates.

        Args:
            position: Joint position, shape (action_dim,), embodiment units.
        """
        return self.closest(position, far_m)[0]

    def closest(self, position: np.ndarray, far_m: float = 0.3) -> tuple[float, str, str]:
        """The smallest distance as `smallest`, and the two bodies; empty names where none is nearer.

        Args:
            position: Joint position, shape (action_dim,), embodiment units.
        """
        self._map.write_qpos(position, self._data.qpos)
        mujoco.mj_kinematics(self._model, self._data)
        best, names = far_m, ("", "")
        if len(self._above_table):
            height = heights(self._model, self._data, self._above_table)
            lowest = int(height.argmin())
            if height[lowest] < best:
                best, names = float(height[lowest]), (self._body(self._above_table[lowest]), "table")
        centres = self._data.geom_xpos
        apart = np.linalg.norm(centres[self._pairs[:, 0]] - centres[self._pairs[:, 1]], axis=1)
        bound = apart - self._radius_sum  # spheres around both: never more than the distance
        for index in np.argsort(bound):
            if bound[index] >= best:
                break
            first, second = self._pairs[index]
            distance = mujoco.mj_geomDistance(self._model, self._data, first, second, far_m, None)
            if distance < best:
                best, names = float(distance), (self._body(first), self._body(second))
        return best, *names

    def _body(self, geom: int) -> str:
        return self._model.body(int(self._model.geom_bodyid[geom])).name
