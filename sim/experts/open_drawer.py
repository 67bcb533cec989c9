"""Opens the drawer: the right arm takes the handle from above and pulls."""

import numpy as np

from sim.experts.handling import downward, pick
from sim.experts.law import Command, Law
from sim.experts.moment import Item, Moment
from sim.experts.plant import Frame
from sim.props import CABINET
from sim.tasks import Goal
from sim.world import World

_TOWARDS_FRONT_M = 0.003
"""The grasp keeps so much more distance from the handle's end piece than the handle's site."""
_OPEN_ENOUGH = 0.95
"""Of the travel: then the hand lets go. Well past what the task asks for: demonstrations that end on its
threshold teach a policy to stop there, on either side."""
_PULL_TO = 1.0


class OpenDrawerLaw(Law):
    items = ("drawer",)

    def __init__(self, goal: Goal):
        super().__init__(goal)
        self.arm = goal["arm"]
        self._axis, self._closing = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
        self._closed_handle = np.zeros(3)

    def see(self, world: World) -> tuple[dict[str, Item], dict[str, float]]:
        cabinet, slide = world.rotation("cabinet"), world.joint("drawer_slide")
        self._axis = cabinet[:, 0].copy()
        grasp = world.site("drawer_handle") - _TOWARDS_FRONT_M * self._axis
        self._closed_handle = grasp - slide * self._axis
        half = world.model.geom_size[world.model.geom("prop/drawer_handle").id].copy()
        return {"drawer": Item(half, Frame(grasp.copy(), cabinet.copy()))}, {"slide": slide}

    def decide(self, moment: Moment) -> dict[str, Command]:
        arm, plant = self.arm, moment.plant
        home_y = plant.home[arm].rotation[:, 1]
        side = moment.items["drawer"].frame.rotation[:, 1]
        closing = side * (np.sign(side @ home_y) or 1.0)
        slide, tool = moment.scalars["slide"], moment.tool[arm]
        handle = moment.items["drawer"].frame.position
        holds = moment.grips(arm, "drawer")
        opened = slide / CABINET.travel
        if opened > _OPEN_ENOUGH or (opened > 0.82 and moment.commanded_opening(arm) > 0.2):
            return {arm: self._let_go(moment)}
        if holds:
            way = (_PULL_TO * CABINET.travel - slide) * self._axis
            across = handle - tool.position
            across -= (across @ self._axis) * self._axis
            target = downward(plant, arm, tool.position + across + way, closing)
            return {arm: Command(target, 0.0, speed=0.25, freedom=0.15)}
        return {arm: pick(moment, arm, "drawer", closing=closing, clearance=0.06)}

    def _let_go(self, moment: Moment) -> Command:
        arm, goal = self.arm, moment.goal[self.arm]
        handle = moment.items["drawer"].frame.position
        touch = moment.opening_for(arm, "drawer")
        near = float(np.linalg.norm(handle - goal.position)) < 0.04
        if moment.opening(arm) < min(touch + 0.35, 0.9) and near:
            return Command(goal, 1.0, freedom=0.0)
        top = max(handle[2] + 0.08, goal.position[2])
        return Command(
            Frame(np.array([goal.position[0], goal.position[1], top]), goal.rotation), 1.0, freedom=0.3
        )

    def react(self, moment: Moment) -> None:
        item = moment.items["drawer"]
        if moment.grips(self.arm, "drawer"):
            along = float((item.frame.position - self._closed_handle) @ self._axis)
            moment.scalars["slide"] = float(np.clip(along, 0.0, CABINET.travel))
        slide = moment.scalars["slide"]
        item.frame = Frame(self._closed_handle + slide * self._axis, item.frame.rotation)
