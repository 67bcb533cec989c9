"""`robotics data export`: demonstrations in the format of another project."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro


@dataclass(frozen=True)
class Arguments:
    """Write demonstrations in another project's format: successful, whole episodes unless you choose.

    Formats: lerobot, aloha, robomimic, diffusion-policy, mcap. docs/interchange.md says what each keeps.

    Example:
        robotics data export data/put_in_bowl --format lerobot --out exports/put_in_bowl
        robotics data export data/put_in_bowl --format aloha --episodes 0:50 --pad --out exports/act
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    format: str
    """lerobot, aloha, robomimic, diffusion-policy or mcap."""
    out: Path
    """New folder; it appears when all is written."""
    episodes: tuple[str, ...] | None = None
    """Episode numbers, e.g. `0 3 10:20` (20 excluded); the successful, whole ones by default."""
    task: str | None = None
    """Only episodes of this task."""
    failures: bool = False
    """Without --episodes: those judged a failure too."""
    action: Literal["intended", "requested", "applied"] = "intended"
    """Which target is the action: `intended` by the policy (without exploration noise), `requested` by the
    plan, `applied` by the guard."""
    rate: float | None = None
    """Rows a second [Hz]; the control rate by default, at which no tick is lost."""
    size: tuple[int, int] | None = None
    """HEIGHT WIDTH of every picture [pixel]; as stored by default. Some learners want all cameras alike."""
    compress_images: bool = False
    """aloha: JPEG in the file, as recorded, instead of pixels."""
    pad: bool = False
    """aloha: repeat the last row until all episodes are equally long, as ACT's own loader wants."""
    crf: int = 20
    """lerobot: quality of H.264, 0 (best) .. 51."""
    keyframe_every: int = 2
    """lerobot: frames from one keyframe to the next; small reads fast at random, large saves space."""
    own_columns: bool = True
    """lerobot: keep what only we record in `robotics.*` columns, from which an import restores it."""
    valid_fraction: float = 0.1
    """robomimic: share of the episodes under the filter key `valid`."""


def main(arguments: Arguments) -> int:
    """Export; exit code 0 when the whole export is there."""
    from demonstrations.dataset import DemonstrationDataset
    from demonstrations.interchange.exporting import export_episodes
    from demonstrations.interchange.formats import find_format
    from demonstrations.interchange.selection import ExportOptions, parse_numbers, select_episodes
    from robotics.cli.progress import progress_bar

    find_format(arguments.format)
    dataset = DemonstrationDataset.open(arguments.dataset, recover=False)  # reads only
    selection = select_episodes(
        dataset,
        None if arguments.episodes is None else parse_numbers(arguments.episodes),
        task=arguments.task,
        failures=arguments.failures,
    )
    options = ExportOptions(
        action=arguments.action,
        rate_hz=arguments.rate,
        size=arguments.size,
        pad=arguments.pad,
        compress_images=arguments.compress_images,
        crf=arguments.crf,
        keyframe_every=arguments.keyframe_every,
        own_columns=arguments.own_columns,
        valid_fraction=arguments.valid_fraction,
    )
    started = time.monotonic()
    with progress_bar(f"export to {arguments.format}", len(selection)) as update:
        report = export_episodes(
            selection, arguments.format, arguments.out, options, lambda done, _total: update(done)
        )
    for note in report.notes:
        print(f"note: {note}")
    took_s = time.monotonic() - started
    print(f"{report.episodes} episodes, {report.bytes / 1e6:.1f} MB, {took_s:.1f} s: {report.path}")
    return 0
