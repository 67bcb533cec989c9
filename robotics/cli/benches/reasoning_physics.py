"""Grasps that a reasoner predicts, carried out in physics: close, lift 10 cm, shake, hold 2 s."""

import sys
from collections import Counter

from robotics.cli.benches.measurement import Measurement
from robotics.cli.benches.reasoning_rows import share
from robotics.embodiments import load_embodiment
from robotics.kinematics.gripper_shape import measure_gripper
from robotics.reasoning.reasoner import Reasoner

SEED = 7_000_000
"""Of the first scene."""
REACH = {1: ">= 94", 5: ">= 88"}
"""By how many things are on the table."""


def grasp_rows(reasoner: Reasoner, robot: str, scenes: int) -> list[Measurement]:
    """One thing on the table, and one of five; asked for by its family in one view with depth.

    A scene counts if a grasp exists that holds; things that no searched grasp holds are told apart.

    Args:
        robot: Whose gripper and camera it is.
        scenes: Tried for each row.
    """
    from sim.scenes.grasp_labels import GraspSampling, label_grasps
    from sim.scenes.physics_trials.grasp_trial import run_grasp_trial
    from sim.scenes.trial_scenes import TrialScenes

    embodiment = load_embodiment(robot)
    gripper = measure_gripper(embodiment, embodiment.arm[0])
    search = GraspSampling(candidates=40, repetitions=2, keep=1)
    made = TrialScenes(embodiment)
    rows: list[Measurement] = []
    for count, reach in REACH.items():
        stages: Counter[str] = Counter()
        for seed in range(SEED, SEED + scenes):
            try:
                scene = made.make(seed, count)
            except ValueError as error:  # no room for so many things
                print(f"{error}: left out", file=sys.stderr)
                continue
            number = 1 + seed % count
            grasps = reasoner.grasps(scene.view, f"the {scene.family(number)}", gripper, 3).items
            body = scene.body(number)
            stage = run_grasp_trial(scene.table, grasps[0], body).stage if grasps else "no grasp found"
            if stage != "held" and not label_grasps(scene.table, body, 0, search):
                stage = "without any grasp"
            stages[stage] += 1
            if (seed - SEED) % 20 == 19:
                print(f"grasps of {count} on the table: {dict(stages)}", file=sys.stderr, flush=True)
        hopeless = stages.pop("without any grasp", 0)
        failed = ", ".join(f"{stage} {times}" for stage, times in stages.items() if stage != "held")
        what = "grasps held, alone on the table" if count == 1 else f"grasps held, {count} on the table"
        note = f"{failed}; {hopeless} without any grasp left out"
        rows.append(share(what, stages["held"], sum(stages.values()), note, reach))
    return rows
