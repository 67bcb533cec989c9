"""How well states and actions are found in recorded simulated episodes, a part of which is wrong.

    python tests/benchmarks/state_change.py FOLDER [--episodes 100] [--wrong 0.3] [--variants full "no order"]

FOLDER holds one dataset a task: `robotics record --source expert --task TASK --out FOLDER/TASK` makes them.

The truth is the judge's progress, which the simulator recorded with every tick. Initial state: until the
first stage in which the thing moves. Action: from the stage in which it is grasped until the goal holds. End
state: from then on. A wrong episode has another task's label, or breaks off during the action and stands
still.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import tyro

from demonstrations import DemonstrationDataset, Episode
from policies.reasoner.state_change_features import FeatureConfig, Features
from policies.reasoner.state_change_samples import EpisodeSamples, SampleConfig, load_samples
from policies.reasoner.state_change_trained import PoolEpisode
from policies.reasoner.state_change_training import TrainingConfig, train_state_change
from policies.reasoner.success_measuring import auroc
from sim.tasks import make_task, task_names

VARIANTS = {
    "full": (FeatureConfig(), TrainingConfig()),
    "pictures only": (FeatureConfig(readings=False), TrainingConfig(touched=0.0)),
    "readings only": (FeatureConfig(pictures=False), TrainingConfig()),
    "no order": (FeatureConfig(), TrainingConfig(ordered=False)),
    "no weights": (FeatureConfig(), TrainingConfig(weighted=False)),
    "no grip": (FeatureConfig(), TrainingConfig(touched=0.0)),
}


@dataclass(frozen=True)
class Arguments:
    folder: tyro.conf.Positional[Path]
    episodes: int = 100
    """Of each task."""
    wrong: float = 0.3
    """Share of wrong episodes in the pool."""
    variants: tuple[str, ...] = ("full",)
    cache: Path = Path("/tmp/state_change_cache")
    seed: int = 0


@dataclass(frozen=True)
class Case:
    """One episode of the pool."""

    label: str
    samples: EpisodeSamples
    truth: np.ndarray | None
    """bool (3, T): initial, action, end; None where the episode is wrong."""


def truth_of(episode: Episode, task_name: str, rows: np.ndarray) -> np.ndarray:
    task, progress = make_task(task_name), episode.state["progress"]
    stage_size = 1 / len(task.stages)
    at = lambda share: int(np.argmax(progress >= share - 1e-9))  # noqa: E731
    done = at(1.0) - round(task.hold_s * episode.metadata.control_rate_hz)
    grasped, moves = (
        at(stage_size * task.stages.index("grasp")),
        at(stage_size * (1 + task.stages.index("grasp"))),
    )
    return np.stack([rows < moves, (rows >= grasped) & (rows <= done), rows >= done])


def load(arguments: Arguments) -> list[Case]:
    cases = []
    for task in task_names():
        dataset = DemonstrationDataset.open(arguments.folder / task, recover=False)
        chosen = range(min(arguments.episodes, len(dataset)))
        samples = load_samples(dataset, SampleConfig(), episodes=chosen, cache=arguments.cache / task)
        cases += [
            Case(task, s, truth_of(dataset.episode(i), task, s.rows))
            for i, s in zip(chosen, samples, strict=True)
        ]
    return cases


def spoil(cases: Sequence[Case], share: float, rng: np.random.Generator) -> list[Case]:
    pool = []
    for case in cases:
        if rng.random() >= share:
            pool.append(case)
        elif rng.random() < 0.5:
            other = [task for task in task_names() if task != case.label]
            pool.append(Case(str(rng.choice(other)), case.samples, None))
        else:
            pool.append(Case(case.label, break_off(case, rng), None))
    return pool


def break_off(case: Case, rng: np.random.Generator) -> EpisodeSamples:
    """The episode until some moment of its action, then 0.4 to 1 s of standing still."""
    assert case.truth is not None
    action = np.flatnonzero(case.truth[1])
    cut = int(rng.integers(action[0], max(action[0] + 1, action[-1] - 1)))
    kept = np.concatenate([np.arange(cut), np.full(int(rng.integers(4, 10)), cut)])
    images = {camera: pictures[kept] for camera, pictures in case.samples.images.items()}
    return replace(
        case.samples, rows=np.arange(len(kept)), images=images, readings=case.samples.readings[kept]
    )


def measure(cases: Sequence[Case], features: FeatureConfig, training: TrainingConfig) -> None:
    tasks = list(task_names())
    fitted = Features.fit([case.samples for case in cases], features)
    pool = [PoolEpisode(fitted.apply(c.samples), tasks.index(c.label), c.samples.untouched) for c in cases]
    trained = train_state_change(pool, len(tasks), training)
    rows = []
    for number, task in enumerate(tasks):
        found = []
        for case, episode in zip(cases, pool, strict=True):
            if case.label != task or case.truth is None:
                continue
            if training.ordered:
                order = trained.order(episode)
                moments, parts = order.moments, order.segments
                at = (moments.initial, moments.action, moments.end)
                starts = (parts.action_start, parts.end_start)
            else:
                log = trained.log_probabilities(episode)
                at = tuple(int(np.argmax(values)) for values in (log.initial, log.between, log.end))
                starts = (at[1], at[2])
            true = case.truth[np.arange(3), at]
            borders = np.argmax(case.truth[1]), np.argmax(case.truth[2])
            found.append((0.5 * true[0] + 0.5 * true[2], true[1], *np.abs(np.subtract(starts, borders)) / 10))
        rows.append(np.mean(found, axis=0))
        state, action, first, second = rows[-1]
        print(
            f"  {task:16s} {len(found):3d} right ones: state P@1 {state:.3f}  action P@1 {action:.3f}"
            f"  border error {first:.2f} s, {second:.2f} s  runs used {trained.used[:, number].sum()}"
        )
    state, action, *_ = np.mean(rows, axis=0)
    print(f"  mean: state P@1 {state:.3f}  action P@1 {action:.3f}", end="")
    wrong = np.array([case.truth is None for case in cases])
    if wrong.any():
        doubted = trained.weights < 0.5
        relabelled = np.array([c.truth is None and c.samples.task != c.label for c in cases])
        print(
            f"; wrong ones: AUROC {auroc(trained.scores[~wrong], trained.scores[wrong]):.3f}, doubted "
            f"of those with a wrong label {doubted[relabelled].mean():.2f}, broken off "
            f"{doubted[wrong & ~relabelled].mean():.2f}, right {doubted[~wrong].mean():.2f}",
            end="",
        )
    print(f"; {trained.seconds:.0f} s of CPU time", flush=True)


def measure_places(cases: Sequence[Case]) -> None:
    """First, middle and last sample: what no learning at all reaches, because recordings are cut so."""
    for task in task_names():
        truths = [case.truth for case in cases if case.label == task and case.truth is not None]
        state = np.mean([0.5 * t[0, 0] + 0.5 * t[2, -1] for t in truths])
        action = np.mean([t[1, t.shape[1] // 2] for t in truths])
        print(f"  {task:16s} state P@1 {state:.3f}  action P@1 {action:.3f}")


def main(arguments: Arguments) -> None:
    torch.set_num_threads(1)
    cases = spoil(load(arguments), arguments.wrong, np.random.default_rng(arguments.seed))
    print(f"{len(cases)} episodes, {sum(case.truth is None for case in cases)} of them wrong")
    print("first, middle and last sample:")
    measure_places(cases)
    for variant in arguments.variants:
        print(f"{variant}:")
        features, training = VARIANTS[variant]
        measure(cases, features, replace(training, seed=arguments.seed))


if __name__ == "__main__":
    main(tyro.cli(Arguments))
