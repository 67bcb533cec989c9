"""Hands the cube over: the right arm brings it to the middle, the left takes it there and keeps it lifted."""

import numpy as np

from sim.experts.handling import ease, home_closing, pick, settled
from sim.experts.law import Command, Law
from sim.experts.moment import Moment
from sim.experts.plant import Frame, Plant, level, pointing
from sim.tasks import Goal

_STAND_OFF_M = 0.09
"""The receiver waits so far before the meeting point."""
_ABOUT_LEVEL = 0.94
"""Cosine of the angle to level below which the hand still turns as a whole arm."""
_BACK_OFF_M = 0.12
"""The giver draws back so far."""


class HandOverCubeLaw(Law):
    """The hands face each other level, the giver's fingers left and right of the cube, the receiver's
    above and below, so that they do not meet."""

    def __init__(self, goal: Goal):
        super().__init__(goal)
        self.cube, self.giver, self.receiver = goal["object"], goal["giver"], goal["receiver"]
        self.items = (self.cube,)

    def _meeting(self, plant: Plant) -> np.ndarray:
        """Where the cube changes hands: in the middle between the bases, shape (3,) [m]."""
        bases = plant.base[self.giver] + plant.base[self.receiver]
        return np.array([0.5 * bases[0], 0.5 * bases[1], plant.level_height_m])

    def _facing(self, plant: Plant, arm: str) -> np.ndarray:
        """Level direction (3,) from an arm's base towards the meeting point."""
        side = level(self._meeting(plant) - plant.base[arm])
        return level(np.array([side[0], 0.0, 0.0]))

    def decide(self, moment: Moment) -> dict[str, Command]:
        meeting = self._meeting(moment.plant)
        gives, takes = moment.grips(self.giver, self.cube), moment.grips(self.receiver, self.cube)
        commands: dict[str, Command] = {}
        if takes:
            commands[self.receiver] = self._receive(moment)
            commands[self.giver] = self._withdraw(moment)
        elif gives:
            commands[self.giver] = self._present(moment)
            commands[self.receiver] = self._receive(moment)
        else:
            commands[self.giver] = pick(moment, self.giver, self.cube)
            far = float(np.linalg.norm(moment.tool[self.receiver].position - meeting))
            if far < 0.16 and moment.items[self.cube].frame.position[2] > 0.1:
                commands[self.receiver] = self._wait(moment)
        return commands

    def _present(self, moment: Moment) -> Command:
        """Lift the cube, turn the hand level, hold the cube still at the meeting point."""
        arm, plant = self.giver, moment.plant
        meeting = self._meeting(plant)
        facing = self._facing(plant, arm)
        closing = home_closing(plant, arm)
        level_hand = pointing(closing, facing)
        in_tool = moment.in_tool(arm, self.cube)
        cube = moment.items[self.cube].frame.position
        raised = ease(cube[2], 0.03, 0.10)
        point = cube + raised * (meeting - cube)
        point[2] = meeting[2]
        rotation = level_hand if raised > 0.3 else moment.goal[arm].rotation
        wanted = Frame(point - rotation @ in_tool, rotation)
        freedom = 0.6 * raised * ease(float(np.linalg.norm(cube - meeting)), 0.03, 0.12)
        if raised > 0.3 and float(moment.goal[arm].rotation[:, 2] @ facing) < _ABOUT_LEVEL:
            there = Frame(meeting - level_hand @ in_tool, level_hand)
            return Command(there, 0.0, posture=plant.posture(arm, there), freedom=freedom)
        return Command(settled(moment, arm, wanted), 0.0, freedom=freedom)

    def _level_receiver(self, moment: Moment) -> np.ndarray:
        """Tool rotation (3, 3): pointing at the giver, closing up and down."""
        facing = self._facing(moment.plant, self.receiver)
        # A quarter turn from home, always the same way round.
        return pointing(np.cross(facing, home_closing(moment.plant, self.receiver)), facing)

    def _wait(self, moment: Moment) -> Command:
        """Go to the stand-off."""
        plant, arm = moment.plant, self.receiver
        facing = self._facing(plant, arm)
        tool = Frame(self._meeting(plant) - _STAND_OFF_M * facing, self._level_receiver(moment))
        unturned = Frame(tool.position, pointing(home_closing(plant, arm), facing))
        away = float(np.linalg.norm(moment.tool[arm].position - tool.position))
        freedom = 0.5 * ease(away, 0.03, 0.15)
        return Command(tool, 1.0, posture=plant.posture(arm, unturned, tool), freedom=freedom)

    def _receive(self, moment: Moment) -> Command:
        """Wait before the meeting point, come forward when the cube is there, close, keep it."""
        arm, meeting = self.receiver, self._meeting(moment.plant)
        facing, rotation = self._facing(moment.plant, arm), self._level_receiver(moment)
        cube, tool = moment.items[self.cube].frame.position, moment.tool[arm]
        if moment.grips(arm, self.cube):
            gone = not moment.grips(self.giver, self.cube)
            in_tool = moment.in_tool(arm, self.cube)
            keep = meeting - rotation @ in_tool
            return Command(Frame(keep, rotation) if gone else moment.goal[arm], 0.0, freedom=0.0)
        off_line = tool.position - cube
        along = float(off_line @ facing)  # negative: still before the cube
        aside = float(np.linalg.norm(off_line - along * facing))
        askew = float(np.arccos(np.clip(tool.rotation[:, 1] @ rotation[:, 1], -1.0, 1.0)))
        here = float(np.linalg.norm(cube - meeting))
        begun = moment.commanded_opening(arm) < 0.9
        near = 0.014 if begun else 0.007
        if abs(along) < near and aside < near and here < 0.03 and moment.grips(self.giver, self.cube):
            return Command(settled(moment, arm, Frame(cube, rotation)), 0.0, speed=0.25, freedom=0.0)
        ready = 1.0 - ease(max(here - 0.01, aside - 0.006, 0.1 * (askew - 0.12)), 0.0, 0.03)
        ready *= ease(moment.opening(arm), 0.7, 0.9)
        if ready < 0.02:
            return self._wait(moment)
        point = (1.0 - ready) * meeting + ready * cube - (1.0 - ready) * _STAND_OFF_M * facing
        freedom = 0.3 * ease(-along, 0.02, _STAND_OFF_M)
        return Command(settled(moment, arm, Frame(point, rotation)), 1.0, freedom=freedom)

    def _withdraw(self, moment: Moment) -> Command:
        """The receiver has it: open, then straight back, then hold still."""
        arm, goal = self.giver, moment.goal[self.giver]
        facing = self._facing(moment.plant, arm)
        touch = moment.opening_for(arm, self.cube)
        back = float((moment.items[self.cube].frame.position - goal.position) @ facing)
        if moment.opening(arm) < min(touch + 0.2, 0.9) and back < 0.03:
            return Command(goal, 1.0, freedom=0.0)
        target = goal.position - max(_BACK_OFF_M - back, 0.0) * facing
        return Command(Frame(target, goal.rotation), 1.0, freedom=0.3)

    def react(self, moment: Moment) -> None:
        """A cube that nobody holds falls to the table."""
        cube = moment.items[self.cube]
        if not any(moment.grips(arm, self.cube) for arm in (self.giver, self.receiver)):
            x, y, z = cube.frame.position
            cube.frame = Frame(
                np.array([x, y, max(z - 0.04, min(z, cube.half_size[2]))]), cube.frame.rotation
            )
