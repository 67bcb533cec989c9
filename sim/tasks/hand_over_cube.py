"""The right arm picks a cube and hands it to the left arm."""

import mujoco
import numpy as np

from sim.props import add_block
from sim.tasks.instructions import Goal, Instructions
from sim.tasks.task import Assessment, Task, nearness
from sim.world import World

CUBE_HALF_SIZE = 0.02
_LIFTED = 0.05
"""The cube's underside is at least so high above the table [m]."""
_CLEAR = 0.06
"""The giving gripper is at least so far from the cube's centre [m]."""


class HandOverCube(Task):
    name = "hand_over_cube"
    summary = "the right arm picks the red cube and hands it to the left arm"
    instructions = Instructions(
        name,
        (
            "hand the red cube over from the right arm to the left arm",
            "pass the red cube from the right hand to the left hand",
            "hand over the red cube",
            "give the red cube to the left arm",
            "pick up the red cube with the right arm and hand it to the left",
            "transfer the cube to the left gripper",
        ),
        fixed={"object": "cube", "giver": "right", "receiver": "left"},
    )
    stages = ("approach", "grasp", "lift", "meet", "hand over", "release")
    time_limit_s = 15.0
    hold_s = 0.2

    def add_props(self, spec: mujoco.MjSpec) -> None:
        add_block(spec, "cube", (CUBE_HALF_SIZE, CUBE_HALF_SIZE, CUBE_HALF_SIZE), "red")

    def place(self, world: World, rng: np.random.Generator) -> None:
        x, y, yaw = rng.uniform([0.08, -0.12, -0.5], [0.25, 0.12, 0.5])
        world.place_free("cube", np.array([x, y, CUBE_HALF_SIZE]), yaw)

    def assess(self, world: World, goal: Goal) -> Assessment:
        cube, giver, receiver = goal["object"], goal["giver"], goal["receiver"]
        position = world.position(cube)
        height = position[2] - CUBE_HALF_SIZE
        gripping = world.arms_gripping(cube)
        lifted = height > _LIFTED
        if receiver in gripping and lifted:
            clear = world.reach(position, [giver])
            if world.held_only_by(cube, receiver) and clear > _CLEAR:
                return self.achieved()
            return self.staged("release", 0.5 * (giver not in gripping) + 0.5 * min(clear / _CLEAR, 1.0))
        if not gripping:
            return self.staged("approach", nearness(world.reach(position, [giver]), 0.3))
        if giver not in gripping:
            return self.staged("approach", 0.0)  # the receiver took it from the table: not a hand-over
        if not lifted:
            return self.staged("lift" if height > 0.005 else "grasp", height / _LIFTED)
        distance = world.reach(position, [receiver])
        if distance > 0.08:
            return self.staged("meet", nearness(distance - 0.08, 0.4))
        return self.staged("hand over", nearness(distance, 0.08))
