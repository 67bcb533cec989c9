"""Puts the named object into the named bowl with the arm on the bowl's side."""

import numpy as np

from sim.experts.handling import carry, draw_back, home_closing, pick
from sim.experts.law import Command, Law
from sim.experts.moment import Item, Moment
from sim.experts.plant import Frame
from sim.props import BOWL
from sim.tasks import Goal
from sim.world import World

_DROP_M = 0.012
"""The object is let go so far above the bowl's floor."""
_FUNNEL_M = (0.012, 0.06)
_CLEARANCE_M = 0.065
"""Its travel height above that; the object's underside passes 3 cm above the rim."""


class PutInBowlLaw(Law):
    def __init__(self, goal: Goal):
        super().__init__(goal)
        self.arm, self.item, self.bowl = goal["bowl"], goal["object"], f"{goal['bowl']}_bowl"
        self.items = (self.item,)
        self._bowl_position = np.zeros(3)

    def see(self, world: World) -> tuple[dict[str, Item], dict[str, float]]:
        self._bowl_position = world.position(self.bowl).copy()
        return super().see(world)

    def _rest(self, item: Item) -> float:
        """Height of the item's centre when it lies in the bowl [m]."""
        return BOWL.thickness + float(np.abs(item.frame.rotation[2]) @ item.half_size)

    def decide(self, moment: Moment) -> dict[str, Command]:
        item = moment.items[self.item]
        from_bowl = item.frame.position - self._bowl_position
        sideways = float(np.hypot(from_bowl[0], from_bowl[1]))
        place = self._bowl_position + np.array([0.0, 0.0, self._rest(item) + _DROP_M])
        if not moment.grips(self.arm, self.item):
            inside = sideways < BOWL.rim_radius - 0.01 and from_bowl[2] < BOWL.height + 0.005
            if inside:
                return {self.arm: draw_back(moment, self.arm, self.item)}
            return {self.arm: pick(moment, self.arm, self.item)}
        opening = moment.commanded_opening(self.arm) > 0.2
        low = from_bowl[2] < place[2] - self._bowl_position[2] + (0.02 if opening else 0.01)
        if sideways < (0.03 if opening else 0.02) and low:
            return {self.arm: draw_back(moment, self.arm, self.item)}
        closing = home_closing(moment.plant, self.arm)
        return {
            self.arm: carry(
                moment, self.arm, self.item, place, closing, clearance=_CLEARANCE_M, funnel=_FUNNEL_M
            )
        }

    def react(self, moment: Moment) -> None:
        item = moment.items[self.item]
        if moment.grips(self.arm, self.item):
            return
        from_bowl = item.frame.position - self._bowl_position
        over_bowl = float(np.hypot(from_bowl[0], from_bowl[1])) < BOWL.rim_radius
        half = float(np.abs(item.frame.rotation[2]) @ item.half_size)
        floor = self._rest(item) if over_bowl else half
        x, y, z = item.frame.position
        item.frame = Frame(np.array([x, y, max(min(z, floor), z - 0.02)]), item.frame.rotation)
