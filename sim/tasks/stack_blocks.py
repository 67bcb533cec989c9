"""One of three blocks goes on top of another; only the instruction tells which."""

import mujoco
import numpy as np

from sim.props import add_block
from sim.tasks.instructions import Goal, Instructions
from sim.tasks.layout import scatter
from sim.tasks.task import Assessment, Task, nearness
from sim.world import World

BLOCK_HALF_SIZE = 0.02
_BLOCKS = ("red_block", "green_block", "blue_block")
_WORDS = {block: block.removesuffix("_block") for block in _BLOCKS}


class StackBlocks(Task):
    name = "stack_blocks"
    summary = "put the named block on top of the other named block"
    instructions = Instructions(
        name,
        (
            "stack the {top} block on the {base} block",
            "put the {top} block on top of the {base} block",
            "place the {top} block on the {base} one",
            "pick up the {top} block and set it on the {base} block",
            "build a tower with the {top} block on the {base} block",
        ),
        slots={"top": _WORDS, "base": _WORDS},
        allowed=lambda goal: goal["top"] != goal["base"],
    )
    stages = ("approach", "grasp", "lift", "carry", "place", "release")
    time_limit_s = 12.0
    hold_s = 0.3

    def add_props(self, spec: mujoco.MjSpec) -> None:
        for block, colour in _WORDS.items():
            add_block(spec, block, (BLOCK_HALF_SIZE, BLOCK_HALF_SIZE, BLOCK_HALF_SIZE), colour)

    def place(self, world: World, rng: np.random.Generator) -> None:
        # Shifted towards -y, where the bases of both arms are, so that each arm reaches every block.
        points = scatter(rng, len(_BLOCKS), (-0.08, -0.12), (0.08, 0.09), spacing=0.09)
        for block, point in zip(_BLOCKS, points, strict=True):
            world.place_free(block, np.array([*point, BLOCK_HALF_SIZE]), rng.uniform(-0.4, 0.4))

    def assess(self, world: World, goal: Goal) -> Assessment:
        top, base = goal["top"], goal["base"]
        above = world.position(top) - world.position(base)
        sideways, rise = float(np.hypot(above[0], above[1])), float(above[2])
        stacked = abs(rise - 2 * BLOCK_HALF_SIZE) < 0.006 and sideways < BLOCK_HALF_SIZE
        touching = world.touching(top)
        if stacked and world.body(base) in touching:
            still = world.is_still(top) and world.is_still(base)
            if touching == {world.body(base)} and still:
                return self.achieved()
            return self.staged("release", 0.3 + 0.4 * (not world.arms_touching(top)))
        height = float(world.position(top)[2]) - BLOCK_HALF_SIZE
        if not world.arms_gripping(top):
            return self.staged("approach", nearness(world.reach(world.position(top)), 0.3))
        if height < 0.005:
            return self.staged("grasp", 0.5)
        if sideways < BLOCK_HALF_SIZE and rise > BLOCK_HALF_SIZE:
            return self.staged("place", nearness(abs(rise - 2 * BLOCK_HALF_SIZE), 0.1))
        if height < 0.03:
            return self.staged("lift", height / 0.03)
        return self.staged("carry", nearness(sideways, 0.25))
