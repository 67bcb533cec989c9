"""`robotics train policy`: learn a policy from recorded demonstrations."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from robotics.cli.main import EXIT_NOT_SUCCEEDED, EXIT_OK
from robotics.errors import RoboticsError


@dataclass(frozen=True)
class Arguments:
    """Train a policy from recorded demonstrations; run it again to resume where it stopped.

    Example:
        robotics record --task put_in_bowl --episodes 100 --out data/bowl
        robotics train policy --data data/bowl --out checkpoints/mine
    """

    data: tuple[Path, ...]
    """Dataset folders."""
    out: Path
    """Checkpoint folder; training states lie in its subfolder `training`."""
    embodiment: str = "aloha2"
    """Built-in robot, or the path of your TOML."""
    preset: str = "default"
    """`default`, or `debug` (tiny, seconds)."""
    start: Annotated[Path | None, tyro.conf.arg(name="from")] = None
    """Checkpoint folder to start from (fine-tuning)."""
    backbone_steps: int | None = None
    """Instead of the preset's."""
    decoder_steps: int | None = None
    """Instead of the preset's."""
    colours: bool = True
    """Exchange colours in pictures and words; `--no-colours` where a colour must stay what it is."""
    mirror: bool = True
    """Mirror pictures, words and motion; `--no-mirror` for tasks whose mirror image is wrong (a screw)."""
    cache: Path | None = None
    """Where decoded frames are kept; default: inside `out`."""
    hours: float = float("inf")
    """Stop after so much wall time; what was learned is saved, and the next call goes on."""
    seed: int | None = None
    """Instead of the preset's."""


class _Progress:
    """Prints a line when a stage starts, every ten seconds, and whenever held-out errors are known."""

    def __init__(self) -> None:
        self._stage, self._first_done, self._started, self._printed = "", 0, 0.0, 0.0

    def __call__(self, stage: str, done: int, total: int, line: str) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._first_done, self._started, self._printed = stage, done, now, 0.0
        if now - self._printed < 10 and "held out" not in line and done != total:
            return
        self._printed = now
        left = ""
        if done > self._first_done:
            left = f"  {(now - self._started) / (done - self._first_done) * (total - done) / 60:.1f} min left"
        print(f"{stage} {done}/{total}{left}  {line}", flush=True)


def main(arguments: Arguments) -> int:
    """Train; exit code 0 when all steps are done, 1 when the time ran out before."""
    from dataclasses import replace

    from policies.training import TrainingConfig, train, with_steps, without_variations
    from robotics.embodiments import load_embodiment

    for path in arguments.data:
        if not path.exists():
            raise RoboticsError(f"no dataset in '{path}'")
    config = TrainingConfig.preset(arguments.preset)
    if arguments.seed is not None:
        seed = arguments.seed
        config = replace(
            config,
            seed=seed,
            backbone=replace(config.backbone, seed=seed),
            decoder=replace(config.decoder, seed=seed),
        )
    config = with_steps(config, arguments.backbone_steps, arguments.decoder_steps)
    config = without_variations(config, colours=not arguments.colours, mirror=not arguments.mirror)
    done = train(
        list(arguments.data),
        load_embodiment(arguments.embodiment),
        arguments.out,
        config,
        start_from=arguments.start,
        cache=arguments.cache,
        hours=arguments.hours,
        report=_Progress(),
    )
    print(f"checkpoint: {arguments.out}" if done else f"time is up; run it again to resume ({arguments.out})")
    return EXIT_OK if done else EXIT_NOT_SUCCEEDED
