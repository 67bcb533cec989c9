"""How many predicted trajectories, carried out in physics with predicted grasps, end where they should.

    python tests/benchmarks/trajectories.py [--verbs push place] [--scenes 100]

Pushed, placed and handed over is one of three things on the table, pulled a cabinet's drawer by its handle.
The Frechet distance is that to the path that the same planner makes of the true boxes of all things.
"""

import os
from collections import Counter
from dataclasses import dataclass

import numpy as np
import tyro

from policies.reasoner.grasping import predict_grasps
from policies.reasoner.handing import receiving_grasps
from policies.reasoner.height_map import CELL_M, HeightMap, height_map
from policies.reasoner.sliding import slide_around
from policies.reasoner.solid import upright
from policies.reasoner.trajectories import WAYPOINTS, carry_over, path_of, predict_trajectory
from robotics.embodiments import load_embodiment
from robotics.evaluation.statistics import wilson_interval
from robotics.kinematics.gripper_shape import measure_gripper
from robotics.reasoning.frechet import frechet_distance, resample
from sim.scenes.physics_trials.trajectory_trial import VERBS, run_trajectory_trial
from sim.scenes.trial_scenes import TrialScene, TrialScenes

_AREA = np.array([0.3, 0.22])
_SHORTEST_M, _LONGEST_M = 0.1, 0.25
_PULL_M = 0.1
_MEETING_M = 0.4
"""Height at which hands meet: room for a hand from below."""


@dataclass(frozen=True)
class Arguments:
    verbs: tuple[str, ...] = VERBS
    scenes: int = 50
    """Of each verb."""
    seed: int = 8_000_000
    robot: str = "aloha2"


def true_map(scene: TrialScene, moved: int) -> HeightMap:
    """Heights of the true boxes of everything but one thing."""
    empty = height_map(np.full((1, 1, 3), np.nan), None)
    x, y = np.indices(empty.heights.shape)
    cells = empty.low + (np.stack([x, y], axis=-1) + 0.5) * CELL_M
    for number in range(1, len(scene.things) + 1):
        if number == moved:
            continue
        centre, half, rotation = upright(scene.box(number))
        inside = (np.abs((cells - centre[:2]) @ rotation[:2, :2]) <= half[:2]).all(axis=-1)
        empty.heights[inside] = np.maximum(empty.heights[inside], 2 * half[2])
    return empty


def free_goal(scene: TrialScene, moved: int, pushed: bool, rng: np.random.Generator) -> np.ndarray | None:
    """A place on the table where the thing has room, and for a push the hand behind it, too."""
    centre, half, rotation = upright(scene.box(moved))
    truth = true_map(scene, moved)
    for _ in range(200):
        goal = rng.uniform(-_AREA, _AREA)
        far = _SHORTEST_M < np.linalg.norm(goal - centre[:2]) < _LONGEST_M
        if not far or truth.under(goal, half, rotation, grow=0.05) > 0:
            continue
        away = (goal - centre[:2]) / np.linalg.norm(goal - centre[:2])
        behind = centre[:2] - away * (np.hypot(*half[:2]) + 0.05)
        if not pushed or truth.under(behind, np.array([0.05, 0.05]), np.eye(3)) == 0:
            return np.array([*goal, 0.0])
    return None


def attempt(scene: TrialScene, verb: str, moved: int, gripper, rng) -> tuple[str, float | None]:
    """The stage that a trajectory reached, and its Frechet distance [m] to the path from true boxes."""
    body, box, part = scene.body(moved), scene.box(moved), None
    view, mask = scene.view, scene.mask(moved)
    centre, half, rotation = upright(box)
    if verb == "pull":
        part = scene.parts(moved)["handle"]
        outwards = np.array(part.center) - box.center
        axis = rotation[:, np.argmax(np.abs(outwards @ rotation[:, :2]))]
        goal = np.array(part.center) + _PULL_M * axis * np.sign(outwards @ axis)
        found, body = predict_trajectory(view, verb, part, goal, mask), f"{body}/drawer"
    else:
        goal = free_goal(scene, moved, verb == "push", rng)
        if goal is None:
            return "no goal", None
        if verb == "hand over":
            goal[2] = _MEETING_M
        found = predict_trajectory(view, verb, box, goal, mask)
    path = path_of(found)
    truth = true_map(scene, moved)
    if verb == "push":
        ideal = slide_around(truth, centre, path[-1], half, rotation)[0]
    elif verb == "pull":
        ideal = path
    else:
        ideal = carry_over(truth, centre, goal, half, rotation, lower=verb == "place")[0]
    apart = frechet_distance(path, resample(ideal, WAYPOINTS))
    if verb == "push":
        return run_trajectory_trial(scene.table, verb, body, found).stage, apart
    grasps = predict_grasps(view, mask, box, gripper, 1, part_box=part)
    if not grasps:
        return "no grasp", apart
    receiver = None
    if verb == "hand over":
        taken = receiving_grasps(view, mask, box, grasps[0], path[-1] - path[0], gripper, 1)
        if not taken:
            return "no second grasp", apart
        receiver = taken[0]
    return run_trajectory_trial(scene.table, verb, body, found, grasps[0], receiver).stage, apart


def main(arguments: Arguments) -> None:
    robot = load_embodiment(arguments.robot)
    gripper = measure_gripper(robot, robot.arm[0])
    scenes = TrialScenes(robot, hands=2)
    for verb in arguments.verbs:
        stages: Counter[str] = Counter()
        apart = []
        for seed in range(arguments.seed, arguments.seed + arguments.scenes):
            pull = verb == "pull"
            try:
                scene = scenes.make(seed, 1 if pull else 3, family="cabinet" if pull else None)
            except ValueError as error:
                print(f"{error}: left out")
                continue
            moved = 1 if pull else 1 + seed % 3
            stage, distance = attempt(scene, verb, moved, gripper, np.random.default_rng(seed))
            stages[stage] += 1
            apart += [] if distance is None else [distance]
            if stage != "done":
                print(f"{verb}, scene {seed}: {scene.family(moved)}: {stage}", flush=True)
        tried = sum(stages.values()) - stages["no goal"]
        if not tried:
            continue
        low, high = wilson_interval(stages["done"], tried)
        print(
            f"{verb}: {stages['done']} of {tried} ({stages['done'] / tried:.1%}, 95 % {low:.1%} .. "
            f"{high:.1%}); Frechet distance median {1000 * float(np.median(apart)):.0f} mm; {dict(stages)}"
        )


if __name__ == "__main__":
    main(tyro.cli(Arguments))
    os._exit(0)  # OpenGL's clean-up at exit prints an error that nobody can act on
