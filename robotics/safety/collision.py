"""Whether the arms are about to come too close to each other, to themselves or to the table."""

from collections.abc import Iterable

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.errors import EmbodimentError
from robotics.kinematics.collision_pairs import allowed_bodies, collect_pairs, geoms_above_table, heights
from robotics.kinematics.joint_map import JointMap

_CREEP_M = 1e-6
"""Rounding of a distance; what is inside its margin must not come nearer by more than this a tick."""


class CollisionWatch:
    """Looks at joint positions that are about to be commanded; knows the robot and the table, no props.

    A pair of bodies that is nearer than the margin already, be it that the robot was started so, may
    move as long as it comes no nearer: nothing is ever trapped. The same holds for a tool that is
    outside its box.
    """

    def __init__(self, embodiment: Embodiment):
        """
        Raises:
            EmbodimentError: The model does not compile.
            UnknownNameError: An allowed pair names no body of the model.
        """
        try:
            self._model = mujoco.MjModel.from_xml_path(str(embodiment.model_path))
        except (ValueError, mujoco.FatalError) as error:
            line = f"model '{embodiment.model}' does not compile: {' '.join(str(error).split())}"
            raise EmbodimentError(str(embodiment.source), [line]) from error
        self._data = mujoco.MjData(self._model)
        self._map = JointMap(embodiment, self._model)
        self.margin_m = embodiment.guard.collision_margin
        """Least distance [m] that a motion may lead to."""
        allowed = allowed_bodies(embodiment, self._model, embodiment.guard.allowed)
        body = self._model.geom_bodyid
        pairs = collect_pairs(self._model)
        kept = [(int(body[a]), int(body[b])) not in allowed for a, b in pairs]
        pairs = pairs[np.array(kept, bool)]
        self._first, self._second = pairs.T.copy()
        self._square_sum = (self._model.geom_rbound[pairs].sum(axis=1) + self.margin_m) ** 2
        above = geoms_above_table(self._model)
        self._above = above[[(int(body[geom]), -1) not in allowed for geom in above]]
        self._height_bound = self._model.geom_rbound[self._above] + self.margin_m
        boxes = embodiment.guard.tool_box
        self._tools = [
            (arm.name, self._model.site(arm.tool_site).id, np.array(boxes[arm.name]))
            for arm in embodiment.arm
            if arm.name in boxes
        ]

    def find(self, positions: Iterable[np.ndarray], now: np.ndarray) -> str | None:
        """Why the robot must not go through `positions`, in one line; None where it may.

        Args:
            positions: Joint positions (action_dim,) in the order of motion.
            now: Where the joints are commanded to be, shape (action_dim,).
        """
        for position in self._worth_a_look(list(positions)):
            self._load(position)
            near = self._near_pairs() + self._near_table()
            outside = [(tool, excess) for tool in self._tools if (excess := self._excess(*tool[1:])) > 0.0]
            if near or outside:
                self._load(now)
                for distance, first, second in sorted(near):
                    if distance < self._distance(first, second) - _CREEP_M:
                        return (
                            f"predicted collision: {self._name(first)} and {self._name(second)}, "
                            f"{max(0.0, distance) * 1e3:.0f} mm apart; margin {self.margin_m * 1e3:g} mm"
                        )
                for (arm, site, box), excess in outside:
                    if excess > self._excess(site, box) + _CREEP_M:
                        return (
                            f"predicted exit: the tool of arm '{arm}' would leave its box by "
                            f"{excess * 1e3:.0f} mm; it is [{_corner(box[0])}] to [{_corner(box[1])}] m"
                        )
        return None

    def _worth_a_look(self, positions: list[np.ndarray]) -> list[np.ndarray]:
        """Those of `positions` where spheres around the bodies do not tell that all is well."""
        if self._tools:
            return positions
        centres = np.empty((len(positions), *self._data.geom_xpos.shape))
        for index, position in enumerate(positions):
            self._load(position)
            centres[index] = self._data.geom_xpos
        apart = centres.take(self._first, axis=1)
        apart -= centres.take(self._second, axis=1)
        near = np.einsum("kij,kij->ki", apart, apart) < self._square_sum
        low = centres[:, self._above, 2] < self._height_bound
        if not (np.count_nonzero(near) or np.count_nonzero(low)):
            return []
        look = near.any(axis=1) | low.any(axis=1)
        return [position for position, wanted in zip(positions, look, strict=True) if wanted]

    def _load(self, position: np.ndarray) -> None:
        self._map.write_qpos(position, self._data.qpos)
        mujoco.mj_kinematics(self._model, self._data)

    def _near_pairs(self) -> list[tuple[float, int, int]]:
        """(distance [m], geometry, geometry) of the pairs inside the margin."""
        centres = self._data.geom_xpos
        apart = centres[self._first] - centres[self._second]
        # Spheres around both: what they keep apart needs no closer look.
        maybe = np.flatnonzero(np.einsum("ij,ij->i", apart, apart) < self._square_sum)
        found = []
        for first, second in zip(self._first[maybe].tolist(), self._second[maybe].tolist(), strict=True):
            distance = self._distance(first, second)
            if distance < self.margin_m:
                found.append((distance, first, second))
        return found

    def _near_table(self) -> list[tuple[float, int, int]]:
        low = self._above[self._data.geom_xpos[self._above, 2] < self._height_bound]
        if not len(low):
            return []
        height = heights(self._model, self._data, low)
        return [(float(height[i]), int(low[i]), -1) for i in np.flatnonzero(height < self.margin_m)]

    def _distance(self, first: int, second: int) -> float:
        """Distance [m] at the loaded position, at most the margin; `second` -1 is the table."""
        if second < 0:
            return min(float(heights(self._model, self._data, np.array([first]))[0]), self.margin_m)
        return mujoco.mj_geomDistance(self._model, self._data, first, second, self.margin_m, None)

    def _excess(self, site: int, box: np.ndarray) -> float:
        """How far [m] a tool point is outside its box, on the worst axis; negative inside."""
        point = self._data.site_xpos[site]
        return float(np.maximum(box[0] - point, point - box[1]).max())

    def _name(self, geom: int) -> str:
        return "table" if geom < 0 else self._model.body(int(self._model.geom_bodyid[geom])).name


def _corner(corner: np.ndarray) -> str:
    return ", ".join(f"{value:g}" for value in corner)
