"""`robotics train reasoner`: learn the embedded reasoner's model from generated scenes."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from robotics.cli.main import EXIT_OK


@dataclass(frozen=True)
class Arguments:
    """Train the embedded reasoner from made-up scenes; run it again to go on where it stopped.

    Example:
        robotics scenes make scenes/train --scenes 10000 --seed 1000000
        robotics scenes make scenes/val --scenes 400 --seed 2000000
        robotics train reasoner --data scenes/train --held-out scenes/val --out checkpoints/reasoner
        robotics reason detect photo.jpg "the red mug" --reasoner embedded:checkpoints/reasoner
    """

    data: tuple[Path, ...]
    """Folders of scenes to learn from."""
    held_out: Path
    """Folder of scenes for the numbers on the way and for calibration."""
    out: Path
    """Folder of the run: its state, and in the end the checkpoint."""
    start: Annotated[Path | None, tyro.conf.arg(name="from")] = None
    """Folder of another run, whose weights this one begins with where they fit."""
    preset: str = "default"
    """`default`, or `debug` (tiny, seconds)."""
    steps: int | None = None
    """Of the first look, instead of the preset's."""
    closer_steps: int | None = None
    """Of the closer look, instead of the preset's."""
    hours: float = float("inf")
    """Stop after so many hours of CPU time (both cores count); what was learned is saved."""
    views: int = 400
    """Held-out views to calibrate with."""
    seed: int | None = None
    """Instead of the preset's."""


def main(arguments: Arguments) -> int:
    """Train and write the checkpoint."""
    from policies.reasoner.training_run import preset, train_reasoner, with_changes

    train_reasoner(
        arguments.data,
        arguments.held_out,
        arguments.out,
        with_changes(preset(arguments.preset), arguments.steps, arguments.closer_steps, arguments.seed),
        arguments.hours,
        arguments.start,
        arguments.views,
        " ".join(["robotics", *sys.argv[1:]]),
        lambda line: print(line, flush=True),
    )
    print(f"checkpoint: {arguments.out}")
    return EXIT_OK
