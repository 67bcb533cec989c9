"""`robotics train success`: learn from recorded episodes to see whether an instruction was carried out."""

import json as jsonlib
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from robotics.cli.connect import UsageError
from robotics.cli.progress import progress_bar


@dataclass(frozen=True)
class Arguments:
    """Train the success detector on judged episodes, calibrate it and measure it on held-out ones.

    It sees a picture before, a picture after and the instruction, nothing else. Successes are the pictures
    from the judgement on; everything else is made from the same episodes: moments before, other words, other
    tasks, before and after exchanged; failed episodes where the datasets have some.

    Example:
      robotics train success --data data/put_in_bowl data/stack_blocks --out checkpoints/success
    """

    data: tuple[Path, ...]
    """Dataset folders."""
    out: Path
    """Folder for weights, config and report."""
    start: Path | None = None
    """Checkpoint of a driving policy whose words and first layers are taken over: learns faster."""
    cameras: tuple[str, ...] = ("overhead", "worms_eye")
    """Fixed cameras to look through; those that a dataset has are used."""
    steps: int = 700
    batch: int = 40
    held_out: float = 0.2
    """The last share of every dataset: not trained on; half of it calibrates, half is measured."""
    seed: int = 0
    json: bool = False
    """Print the report as JSON."""

    def __post_init__(self):
        if self.steps < 1 or self.batch < 2:
            raise UsageError(f"wanted at least 1 step and a batch of 2, got {self.steps} and {self.batch}")
        if not 0 < self.held_out < 1:
            raise UsageError(f"--held-out wants a share between 0 and 1, got {self.held_out:g}")


def main(arguments: Arguments) -> int:
    import torch

    from policies.reasoner.success_making import make_success_detector
    from policies.reasoner.success_training import SuccessTraining

    torch.set_num_threads(1)  # sums of several threads differ in the last bit, and so would the weights
    with progress_bar("training", arguments.steps) as update:
        made = make_success_detector(
            arguments.data,
            arguments.out,
            cameras=arguments.cameras,
            held_out=arguments.held_out,
            config=SuccessTraining(steps=arguments.steps, batch=arguments.batch, seed=arguments.seed),
            start_from=arguments.start,
            command=shlex.join(["robotics", *sys.argv[1:]]),
            report=lambda done, of, line: update(done, line),
        )
    if arguments.json:
        print(jsonlib.dumps(made.report, indent=1))
        return 0
    for name, value in made.report.items():
        words = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        print(f"{name.replace('_', ' '):18s} {words}")
    print(f"success detector: {arguments.out}")
    return 0
