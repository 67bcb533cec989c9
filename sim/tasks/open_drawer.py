"""The right arm pulls a drawer open."""

import mujoco
import numpy as np

from sim.props import CABINET, add_cabinet
from sim.tasks.instructions import Goal, Instructions
from sim.tasks.task import Assessment, Task, nearness
from sim.world import World

OPEN_FRACTION = 0.8
"""Of the travel; so far open is open."""


class OpenDrawer(Task):
    name = "open_drawer"
    summary = "the right arm pulls the drawer open by its handle"
    instructions = Instructions(
        name,
        (
            "open the drawer",
            "pull the drawer open",
            "pull out the drawer",
            "open the cabinet's drawer by its handle",
            "grab the handle and open the drawer",
        ),
        fixed={"object": "drawer", "arm": "right"},
    )
    stages = ("approach", "grasp", "pull")
    time_limit_s = 10.0
    hold_s = 0.2

    def add_props(self, spec: mujoco.MjSpec) -> None:
        add_cabinet(spec)

    def place(self, world: World, rng: np.random.Generator) -> None:
        x, y, yaw = rng.uniform([-0.09, -0.05, -0.1], [-0.03, 0.01, 0.1])
        world.place_fixed("cabinet", np.array([x, y, 0.0]), yaw)

    def assess(self, world: World, goal: Goal) -> Assessment:
        opened = world.joint("drawer_slide") / CABINET.travel
        if opened >= OPEN_FRACTION:
            return self.achieved()
        if opened > 0.05:
            return self.staged("pull", opened / OPEN_FRACTION)
        if world.arms_gripping("drawer"):
            return self.staged("grasp", 0.5)
        return self.staged("approach", nearness(world.reach(world.site("drawer_handle")), 0.3))
