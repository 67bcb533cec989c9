"""How well and how fast a reasoner answers about scenes that training never saw."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from robotics.cli.benches.measurement import Measurement
from robotics.cli.benches.reasoning_gallery import draw_gallery
from robotics.cli.benches.reasoning_physics import grasp_rows
from robotics.cli.benches.reasoning_public import open_public_set
from robotics.cli.benches.reasoning_rows import (
    Rate,
    absence_rows,
    box_rows,
    latency_rows,
    matching_rows,
    pointing_rows,
    success_rows,
)
from robotics.cli.connect import parse_robot
from robotics.evaluation.reasoning.pointing import Verdict, ask, questions_of
from robotics.evaluation.reasoning.repeated import Repeated
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.scenes.folder import SceneFolder

SEED = 90_000_000
"""Of the first scene that is made for this; training starts at 0."""
QUESTIONS, QUICK_QUESTIONS = 1000, 50
"""Of each kind."""
PASSES = 4
"""Through the folder, each with other questions, until there are enough of the rarer kinds."""


def measure(
    robot: str,
    quick: bool,
    data: Path | None = None,
    reasoner: str = "embedded",
    gallery: Path | None = None,
    grasps: int = 0,
) -> list[Measurement]:
    """Ask about made-up scenes; prints a Markdown table.

    Args:
        robot: Whose gripper carries out the grasps; scenes show several.
        data: A folder that `robotics scenes make` wrote with `--held-out allowed`, or one of the public
            benchmarks of `reasoning_public` as published; None: scenes are made.
        gallery: Where to write the page with drawn answers.
        grasps: Scenes in which predicted grasps are carried out in physics, for each row.
    """
    count = QUICK_QUESTIONS if quick else QUESTIONS
    # bad input first: loading and making take a while
    public = open_public_set(data) if data else None
    given = SceneFolder(data) if data and not public else None
    from robotics.cli.reasoners import close_reasoner, open_reasoner

    answering = open_reasoner(reasoner)
    try:
        if public:
            return _print_rows(public(answering), f"reasoner '{answering.name}' on {data}")
        with ExitStack() as stack:
            folder = given or SceneFolder(_make_scenes(stack, count))
            rows = measure_reasoner(answering, folder, count, gallery)
        if grasps > 0 and "grasps" in answering.supports:
            heading = f"reasoner '{answering.name}', grasps with {robot} in physics"
            rows += _print_rows(grasp_rows(answering, parse_robot(robot).value, grasps), f"\n{heading}")
        return rows
    finally:
        close_reasoner(answering)


def measure_reasoner(
    reasoner: Reasoner, folder: SceneFolder, count: int, gallery: Path | None = None
) -> list[Measurement]:
    """All rows that the reasoner supports, with `count` questions of each kind where the folder has so many.

    Raises:
        BackendError: The model behind the reasoner failed.
    """
    rng = np.random.default_rng(0)
    rows: list[Measurement] = []
    if "point" in reasoner.supports:
        verdicts = _ask(reasoner, folder, rng, count)
        rows += [*pointing_rows(verdicts), *absence_rows(verdicts), *latency_rows(verdicts)]
    rows += box_rows(reasoner, folder, rng, count)
    if "correspond" in reasoner.supports:
        rows += matching_rows(reasoner, folder, rng, max(1, count // 8))
    if "success" in reasoner.supports:
        rows += success_rows(reasoner, folder, count)
    seed = folder.about.get("seed")
    _print_rows(rows, f"reasoner '{reasoner.name}', {len(folder)} views of scenes from seed {seed}")
    if gallery is not None:
        draw_gallery(reasoner, folder, gallery)
        print(f"gallery: {gallery}", file=sys.stderr)
    return rows


def _ask(reasoner: Reasoner, folder: SceneFolder, rng: np.random.Generator, count: int) -> list[Verdict]:
    verdicts: list[Verdict] = []
    for number, scene, questions in questions_of(Repeated(folder, PASSES), rng, count):
        for i, question in enumerate(questions):
            verdicts.append(ask(reasoner, scene, question, i == 0, number))
        if number % 100 == 99:
            print(f"{len(verdicts)} questions about {number + 1} views", file=sys.stderr, flush=True)
    return verdicts


def _make_scenes(stack: ExitStack, count: int) -> Path:
    """Two views each of enough scenes, some before and after a change, in a folder of this run only."""
    from sim.scenes.generator import SceneOptions
    from sim.scenes.writing import write_scenes

    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench_reasoning_"))) / "scenes"
    print(f"making about {count} views of {(count + 1) // 2} scenes", file=sys.stderr, flush=True)
    options = SceneOptions(width=320, height=240, views=2, held_out="allowed", changes=0.15)
    write_scenes(folder, (count + 1) // 2, SEED, options, workers=2)
    return folder


def _print_rows(rows: list[Measurement], heading: str) -> list[Measurement]:
    print(f"{heading}\n")
    print("| what | value | 95 % | n | reach | note |\n|---|---|---|---|---|---|")
    for row in rows:
        if isinstance(row, Rate):
            cells = [f"{row.p50:.1f} {row.unit}", f"{row.lower:.1f} .. {row.upper:.1f}", str(row.asked)]
            cells += [row.reach, row.note]
        else:
            value = f"p50 {row.p50:.1f}, p95 {row.p95:.1f} {row.unit}"
            cells = [value, "", str(row.count), "", row.note]
        print("| " + " | ".join([row.what, *cells]) + " |")
    return rows
