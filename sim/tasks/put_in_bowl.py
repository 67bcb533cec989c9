"""One of three objects goes into one of two bowls; only the instruction tells which."""

import mujoco
import numpy as np

from sim.props import BOWL, add_block, add_bowl, add_cylinder
from sim.tasks.instructions import Goal, Instructions
from sim.tasks.layout import scatter
from sim.tasks.task import Assessment, Task, nearness
from sim.world import World

_HEIGHTS = {"red_cube": 0.019, "green_cylinder": 0.02, "yellow_block": 0.018}
"""Half heights [m]."""
_BOWL_X = 0.24
_JITTER = 0.03


def bowl_of(goal: Goal) -> str:
    """Name of the prop that the goal calls 'left' or 'right'."""
    return f"{goal['bowl']}_bowl"


class PutInBowl(Task):
    name = "put_in_bowl"
    summary = "put the named object in the named bowl with the arm on the bowl's side"
    instructions = Instructions(
        name,
        (
            "put the {object} in the {bowl} bowl",
            "place the {object} into the {bowl} bowl",
            "drop the {object} in the {bowl} bowl",
            "pick up the {object} and put it in the {bowl} bowl",
            "the {object} goes into the bowl on the {bowl}",
        ),
        slots={
            "object": {
                "red_cube": "red cube",
                "green_cylinder": "green cylinder",
                "yellow_block": "yellow block",
            },
            "bowl": {"left": "left", "right": "right"},
        },
    )
    stages = ("approach", "grasp", "lift", "carry", "release")
    time_limit_s = 12.0
    hold_s = 0.2

    def add_props(self, spec: mujoco.MjSpec) -> None:
        add_block(spec, "red_cube", (0.019, 0.019, 0.019), "red")
        add_cylinder(spec, "green_cylinder", 0.019, 0.02, "green")
        add_block(spec, "yellow_block", (0.028, 0.016, 0.018), "yellow")  # to be grasped across its y
        add_bowl(spec, "left_bowl", "white")
        add_bowl(spec, "right_bowl", "white")

    def place(self, world: World, rng: np.random.Generator) -> None:
        # Shifted towards -y, where the bases of both arms are, so that each arm reaches every object.
        points = scatter(rng, len(_HEIGHTS), (-0.07, -0.12), (0.07, 0.09), spacing=0.09)
        for (name, half_height), point in zip(_HEIGHTS.items(), points, strict=True):
            world.place_free(name, np.array([*point, half_height]), rng.uniform(-0.4, 0.4))
        for name, x in (("left_bowl", -_BOWL_X), ("right_bowl", _BOWL_X)):
            jitter = rng.uniform(-_JITTER, _JITTER, size=2)
            world.place_fixed(name, np.array([x + jitter[0], jitter[1], 0.0]))

    def is_in(self, world: World, prop: str, bowl: str) -> bool:
        """Whether a prop's centre is inside a bowl."""
        x, y, z = world.in_frame_of(prop, bowl)
        return bool(np.hypot(x, y) < BOWL.rim_radius and z < BOWL.height + 0.005)

    def assess(self, world: World, goal: Goal) -> Assessment:
        prop, bowl = goal["object"], bowl_of(goal)
        others_in_bowls = any(
            self.is_in(world, other, any_bowl)
            for other in _HEIGHTS
            if other != prop
            for any_bowl in ("left_bowl", "right_bowl")
        )
        touching = bool(world.arms_touching(prop))
        x, y, _ = world.in_frame_of(prop, bowl)
        sideways = float(np.hypot(x, y))
        if self.is_in(world, prop, bowl):
            if not touching and world.is_still(prop) and not others_in_bowls:
                return self.achieved()
            return self.staged("release", 0.4 + 0.4 * (not touching))
        position = world.position(prop)
        height = float(position[2]) - _HEIGHTS[prop]
        if not world.arms_gripping(prop):
            return self.staged("approach", nearness(world.reach(position), 0.3))
        if height < 0.005:
            return self.staged("grasp", 0.5)
        if sideways < BOWL.rim_radius:
            return self.staged("release", 0.2)
        if height < 0.03:
            return self.staged("lift", height / 0.03)
        return self.staged("carry", nearness(sideways - BOWL.rim_radius, 0.25))
