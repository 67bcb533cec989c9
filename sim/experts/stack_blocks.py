"""Stacks one block on another with the arm on the side of the upper block."""

import numpy as np

from sim.experts.handling import carry, closing_on, draw_back, pick
from sim.experts.law import Command, Law
from sim.experts.moment import Moment
from sim.experts.plant import Frame
from sim.tasks import Goal
from sim.tasks.stack_blocks import BLOCK_HALF_SIZE

_PRESS_M = 0.002
"""The block is aimed so far below where it rests, so that stiction does not leave it hanging."""
_CLEARANCE_M = 0.06
_LEANING = 0.003
"""One minus the cosine of the angle from which on the lower block is seen as tipped up by the upper one."""


class StackBlocksLaw(Law):
    def __init__(self, goal: Goal):
        super().__init__(goal)
        self.top, self.base = goal["top"], goal["base"]
        self.items = (self.top, self.base)

    def _arm(self, moment: Moment) -> str:
        """The arm that holds the block, else the one on its side of the table."""
        for arm in ("left", "right"):
            if moment.grips(arm, self.top):
                return arm
        return "left" if moment.items[self.top].frame.position[0] < 0 else "right"

    def decide(self, moment: Moment) -> dict[str, Command]:
        arm = self._arm(moment)
        top, base = moment.items[self.top].frame, moment.items[self.base].frame
        rest = base.position + np.array([0.0, 0.0, 2 * BLOCK_HALF_SIZE])
        error = top.position - rest
        sideways = float(np.hypot(error[0], error[1]))
        if not moment.grips(arm, self.top):
            if sideways < BLOCK_HALF_SIZE and abs(error[2]) < 0.008:
                return {arm: draw_back(moment, arm, self.top)}
            return {arm: pick(moment, arm, self.top, then_to=rest)}
        letting_go = moment.commanded_opening(arm) > 0.2
        if sideways < (0.012 if letting_go else 0.006) and error[2] < (0.008 if letting_go else 0.003):
            return {arm: draw_back(moment, arm, self.top)}
        now = moment.tool[arm].rotation[:, 1]
        closing = closing_on(moment.plant, arm, moment.items[self.base], now, 1.0)
        leaning = abs(float(np.abs(base.rotation[2]).max()) - 1.0) > _LEANING
        place = rest + np.array([0.0, 0.0, _CLEARANCE_M if leaning else -_PRESS_M])
        return {arm: carry(moment, arm, self.top, place, closing, clearance=_CLEARANCE_M, upright=True)}

    def react(self, moment: Moment) -> None:
        top, base = moment.items[self.top], moment.items[self.base].frame.position
        x, y, z = top.frame.position
        on_base = abs(x - base[0]) < BLOCK_HALF_SIZE and abs(y - base[1]) < BLOCK_HALF_SIZE
        floor = base[2] + 2 * BLOCK_HALF_SIZE if on_base else BLOCK_HALF_SIZE
        held = any(moment.grips(arm, self.top) for arm in ("left", "right"))
        lowest = z if held else max(min(z, floor), z - 0.02)
        if on_base:
            lowest = max(lowest, floor)  # a held block rests on the other, too
        top.frame = Frame(np.array([x, y, lowest]), top.frame.rotation)
