"""What a recording covers: seeds, starts of objects and arms, instructions, failures; printed at its end."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from robotics.cli.connect import parse_robot
from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment
from robotics.operator.attempt import Attempt, Ending
from robotics.session import RobotDescription

if TYPE_CHECKING:
    from demonstrations.dataset import DemonstrationDataset

_MOST_EPISODES = 500
_SHOWN = 5


@dataclass(frozen=True)
class Spread:
    """Where something stood at the start of the episodes."""

    what: str
    lower: np.ndarray
    """Least x, y [m], shape (2,)."""
    upper: np.ndarray
    """Greatest x, y [m], shape (2,)."""
    deviation: np.ndarray
    """Standard deviation, shape (2,)."""

    def __str__(self) -> str:
        axes = (
            f"{name} {low:+.3f} .. {high:+.3f} (sd {sd:.3f})"
            for name, low, high, sd in zip("xy", self.lower, self.upper, self.deviation, strict=True)
        )
        return f"{self.what}: {', '.join(axes)} m"


def print_coverage(
    dataset: "DemonstrationDataset",
    task: str,
    session: str,
    failures: Iterable[str],
    simulated: bool,
    model: Embodiment | None,
    failed_seeds: Iterable[int] = (),
) -> None:
    """Print what the dataset's episodes of a task cover, and what came of this session.

    Args:
        session: One line on this session's attempts; '' for none.
        failures: Why attempts of this session failed.
        simulated: Whether seeds mean anything.
        model: The simulated robot's embodiment; None: a real robot, or its model is not on this machine.
        failed_seeds: Seeds that failed and were not kept.
    """
    entries = [entry for entry in dataset.entries if entry.task == task]
    good = [entry for entry in entries if entry.success and not entry.truncated]
    print(f"{dataset.path}: {len(good)} successful episodes of {task}, {len(entries)} of it in all")
    if session:
        print(f"  this session: {session}")
    for text, count in Counter(failures).most_common(_SHOWN):
        print(f"    failed {count} x: {text}")
    if not entries:
        return
    if simulated:
        failed = [*failed_seeds, *_failed_seeds(entries)]
        print(f"  seeds recorded {ranges(e.seed for e in good)}; failed {ranges(failed)}")
        for spread in start_spreads(model, task, [e.seed for e in good]):
            print(f"  start of {spread}")
    instructions = Counter(entry.instruction for entry in good)
    print(f"  {len(instructions)} instructions; most often: {_most_common(instructions)}")
    starts = _arm_starts(dataset, task)
    if len(starts) > 1:
        print(f"  arms at the start: joints differ by at most {np.ptp(starts, axis=0).max():.3f}")


def session_line(attempts: Sequence[Attempt]) -> str:
    """How attempts ended and how long the successes took, in one line; '' without attempts."""
    if not attempts:
        return ""
    counts = Counter(attempt.ending for attempt in attempts)
    lengths = [attempt.duration_s for attempt in attempts if attempt.ending is Ending.SUCCESS]
    parts = [f"{count} {ending.value}" for ending, count in counts.most_common() if ending is not Ending.QUIT]
    if lengths:
        parts.append(f"successes took {np.median(lengths):.1f} s (median), {max(lengths):.1f} s at most")
    if interventions := sum(attempt.interventions for attempt in attempts):
        parts.append(f"{interventions} interventions")
    return ", ".join(parts) or "nothing recorded"


def _failed_seeds(entries) -> list[int]:
    return [entry.seed for entry in entries if entry.success is False]


def ranges(numbers: Iterable[int | None]) -> str:
    """Such as '0-4, 7, 9-12'; 'none' where there are none."""
    runs: list[list[int]] = []
    for number in sorted({n for n in numbers if n is not None}):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs) or "none"


def start_spreads(embodiment: Embodiment | None, task: str, seeds: Sequence[int | None]) -> list[Spread]:
    """Where each object of a simulated task stood at the start, over these seeds; [] without a model here."""
    chosen = [seed for seed in seeds if seed is not None][:_MOST_EPISODES]
    if embodiment is None or not chosen:
        return []
    from sim.robot import SimulatedRobot

    robot = SimulatedRobot(embodiment, task, chosen[0])
    try:
        model = robot.physics.model.ptr
        props = [
            body
            for body in range(model.nbody)
            if model.body(body).name.startswith("prop/") and not model.body_parentid[body]
        ]
        places = []
        for seed in chosen:
            robot.reset(task, seed)
            places.append(robot.physics.data.ptr.xpos[props, :2].copy())
    finally:
        robot.close()
    table = np.array(places)  # (episode, prop, 2)
    return [
        Spread(
            model.body(body).name.removeprefix("prop/"),
            table[:, i].min(axis=0),
            table[:, i].max(axis=0),
            table[:, i].std(axis=0),
        )
        for i, body in enumerate(props)
    ]


def model_here(robot: str, description: RobotDescription) -> Embodiment | None:
    """The robot's embodiment, if its model file is on this machine."""
    name = parse_robot(robot)
    if name.kind == "sim":
        return load_embodiment(name.value)
    return description.embodiment if description.embodiment.model_path.is_file() else None


def _arm_starts(dataset: "DemonstrationDataset", task: str) -> np.ndarray:
    """Joint positions at the first tick of the newest episodes, shape (episode, action_dim)."""
    indices = [index for index, entry in enumerate(dataset.entries) if entry.task == task][-_SHOWN * 20 :]
    return np.array([dataset.episode(index).position[0] for index in indices])


def _most_common(instructions: Counter[str]) -> str:
    return ", ".join(f"'{text}' {count}" for text, count in instructions.most_common(_SHOWN))
