"""`robotics data pack`: a dataset's pictures as H.264, for archives and slow lines."""

from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from robotics.cli.connect import UsageError
from robotics.cli.progress import progress_bar, wide_console

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demonstrations.pack import PackedCamera


@dataclass(frozen=True)
class Arguments:
    """Write a new dataset whose pictures are H.264 videos, about a tenth of the size.

    The new dataset opens, trains and verifies like the old one, which stays as it is. Each video is
    decoded again and compared with its original. Run it again to continue after an interruption.

    Example:
      robotics data pack data/put_in_bowl --out data/put_in_bowl_packed
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    out: Path
    """Folder of the new dataset."""
    crf: int = 18
    """Quality, 0 (best, largest) .. 51; 18 looks like the original, each 6 more halve the size."""
    gop: int = 10
    """From one key frame to the next: fewer read faster at random, more are smaller."""
    workers: Annotated[int, tyro.conf.arg(aliases=["-w"])] = 1
    """Cameras that are encoded at once, one core each."""

    def __post_init__(self):
        if self.workers < 1:
            raise UsageError(f"wanted at least one worker, got {self.workers}")


def main(arguments: Arguments) -> int:
    from demonstrations import DemonstrationDataset
    from demonstrations.pack import pack_dataset
    from demonstrations.video import VideoConfig

    config = VideoConfig(arguments.crf, arguments.gop)
    dataset = DemonstrationDataset.open(arguments.dataset)
    with progress_bar("packing", len(dataset)) as update:
        report = pack_dataset(
            dataset,
            arguments.out,
            config,
            workers=arguments.workers,
            progress=lambda done, of: update(done, "episodes"),
        )
    if report.skipped:
        print(f"{report.skipped} episodes were packed already")
    if not report.cameras:
        print(f"{arguments.out}: nothing to pack")
        return 0
    _print_cameras(report.cameras)
    total = reduce(add, report.cameras.values())
    print(
        f"{arguments.out}: {report.episodes} episodes; pictures {total.source_bytes / 1e6:.1f} MB -> "
        f"{total.packed_bytes / 1e6:.1f} MB ({total.packed_bytes / total.source_bytes:.1%})"
    )
    return 0


def _print_cameras(cameras: "Mapping[str, PackedCamera]") -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE)
    for heading in ("camera", "frames", "before, MB", "after, MB", "PSNR, dB", "worst frame, dB"):
        table.add_column(heading, justify="left" if heading == "camera" else "right")
    for name, camera in cameras.items():
        sizes = (f"{camera.source_bytes / 1e6:.1f}", f"{camera.packed_bytes / 1e6:.1f}")
        table.add_row(name, str(camera.frames), *sizes, f"{camera.psnr:.1f}", f"{camera.psnr_min:.1f}")
    wide_console().print(table)
