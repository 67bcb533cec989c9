"""How many grasps, predicted from one view with depth, hold in physics.

Of a thing's true pixels; `robotics bench reasoning --grasps 150` asks a reasoner for things by name instead.

    python tests/benchmarks/grasps.py [--count 5] [--box seen] [--robot franka_duo] [--scenes 500]

A scene counts if a verified grasp exists: things that no grasp of `label_grasps` holds are reported apart.
"""

import os
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import tyro

from policies.reasoner.grasping import predict_grasps
from robotics.embodiments import load_embodiment
from robotics.evaluation.statistics import wilson_interval
from robotics.kinematics.gripper_shape import measure_gripper
from robotics.reasoning.answers import Box3D
from sim.scenes.grasp_labels import GraspSampling, label_grasps
from sim.scenes.physics_trials.grasp_trial import run_grasp_trial
from sim.scenes.trial_scenes import TrialScene, TrialScenes

_ORACLE = GraspSampling(candidates=40, repetitions=2, keep=1)


@dataclass(frozen=True)
class Arguments:
    count: int = 1
    """Things on the table; one of them is grasped."""
    scenes: int = 100
    seed: int = 7_000_000
    robot: str = "aloha2"
    box: Literal["true", "noisy", "seen"] = "true"
    """Given to the predictor: the true 3D box, one off by 5 mm, 5 degrees and 8 %, or none."""


def given_box(scene: TrialScene, number: int, kind: str, rng: np.random.Generator) -> Box3D | None:
    """What the predictor is told about the thing's box."""
    box = scene.box(number)
    if kind == "seen":
        return None
    if kind == "true":
        return box
    x, y, z = (np.array(box.center) + rng.normal(0, 0.005, 3)).tolist()
    a, b, c = (np.array(box.size) * rng.normal(1, 0.08, 3)).tolist()
    half = np.arctan2(box.rotation[3], box.rotation[0]) + rng.normal(0, np.radians(5)) / 2
    return replace(
        box, center=(x, y, z), size=(a, b, c), rotation=(float(np.cos(half)), 0, 0, float(np.sin(half)))
    )


def main(arguments: Arguments) -> None:
    robot = load_embodiment(arguments.robot)
    gripper = measure_gripper(robot, robot.arm[0])
    scenes = TrialScenes(robot)
    held: dict[str, list[bool]] = defaultdict(list)
    hopeless, seconds = 0, []
    for seed in range(arguments.seed, arguments.seed + arguments.scenes):
        try:
            scene = scenes.make(seed, arguments.count)
        except ValueError as error:
            print(f"{error}: left out")
            continue
        number = 1 + seed % arguments.count
        box = given_box(scene, number, arguments.box, np.random.default_rng(seed))
        start = time.process_time()
        grasps = predict_grasps(scene.view, scene.mask(number), box, gripper, 3)
        seconds.append(time.process_time() - start)
        family, body = scene.family(number), scene.body(number)
        stage = run_grasp_trial(scene.table, grasps[0], body).stage if grasps else "no grasp found"
        if stage != "held" and not label_grasps(scene.table, body, 0, _ORACLE):
            hopeless += 1
            continue
        held[family].append(stage == "held")
        if stage != "held":
            size = " x ".join(f"{1000 * extent:.0f}" for extent in scene.box(number).size)
            print(f"scene {seed}: {family} of {size} mm: {stage}", flush=True)
    outcomes = [outcome for of_family in held.values() for outcome in of_family]
    if not outcomes:
        print("no scene with a thing that can be grasped")
        return
    low, high = wilson_interval(sum(outcomes), len(outcomes))
    print(
        f"{arguments.robot}, {arguments.count} on the table, true pixels, box {arguments.box}: "
        f"{sum(outcomes)} of {len(outcomes)} held "
        f"({sum(outcomes) / len(outcomes):.1%}, 95 % {low:.1%} .. {high:.1%}); "
        f"{hopeless} without any verified grasp; {np.median(seconds):.2f} CPU s a prediction"
    )


if __name__ == "__main__":
    main(tyro.cli(Arguments))
    os._exit(0)  # OpenGL's clean-up at exit prints an error that nobody can act on
