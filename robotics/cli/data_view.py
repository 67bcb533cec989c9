"""`robotics data view`: look at an episode, in the Rerun viewer or as a film."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from robotics.cli.connect import UsageError
from robotics.cli.data_shared import embodiment_of, open_dataset, open_episode, size_text

FILM, RERUN = ".mp4", ".rrd"


@dataclass(frozen=True)
class Arguments:
    """Look at an episode: opens the Rerun viewer where it is installed, or writes a film or a recording.

    The film shows all cameras over instruction, tick, time, mode, grippers, joints and events. A .rrd
    file is a recording for the Rerun viewer (`pip install 'robotics[rerun]'`).

    Example:
      robotics data view data/put_in_bowl 3 --out film.mp4
      robotics data view data/put_in_bowl 3
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    episode: tyro.conf.Positional[int]
    """Number of the episode."""
    out: Path | None = None
    """Write film.mp4, or recording.rrd, instead of opening the viewer."""
    cameras: tuple[str, ...] = ()
    """Cameras of the film; all by default."""
    version: int | None = None
    """An older version; `robotics data versions` lists them."""

    def __post_init__(self):
        if self.out is not None and self.out.suffix not in (FILM, RERUN):
            raise UsageError(f"--out wants a name that ends in {FILM} or {RERUN}, got {self.out}")
        if self.out is not None and self.out.exists():
            raise UsageError(f"{self.out} already exists; choose another name")


def main(arguments: Arguments) -> int:
    dataset = open_dataset(arguments.dataset, arguments.version)
    episode = open_episode(dataset, arguments.episode)
    if arguments.out is None or arguments.out.suffix == RERUN:
        from demonstrations.viewing.rerun_log import show_in_rerun

        show_in_rerun(episode, dataset.description.action_names, arguments.out)
    else:
        from demonstrations.viewing.film import check_cameras, write_film
        from robotics.cli.progress import progress_bar

        check_cameras(episode, arguments.cameras)
        with progress_bar("film [%]", 100) as update:
            write_film(
                episode,
                embodiment_of(dataset),
                arguments.out,
                cameras=arguments.cameras,
                on_picture=lambda done, of: update(100 * done // of),
            )
    if arguments.out is not None:
        print(f"{arguments.out}: episode {episode.number}, {size_text(arguments.out.stat().st_size)}")
    return 0
