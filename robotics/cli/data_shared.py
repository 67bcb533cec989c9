"""What the `robotics data` commands share: opening datasets, choosing episodes, sizes and tables in words."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from demonstrations import DemonstrationDataset, Episode
    from demonstrations.versions import Version
    from robotics.embodiment import Embodiment


def open_dataset(path: Path, version: int | None = None) -> "DemonstrationDataset":
    """Open it, and tell on stderr what an interruption had left behind."""
    from demonstrations import DemonstrationDataset

    dataset = DemonstrationDataset.open(path, version=version)
    for line in dataset.recovered:
        print(f"{path}: {line}", file=sys.stderr)
    return dataset


def open_episode(dataset: "DemonstrationDataset", number: int) -> "Episode":
    """The episode of that number, as the dataset's version shows it."""
    return dataset.episode(dataset.index_of(number))


def embodiment_of(dataset: "DemonstrationDataset") -> "Embodiment | None":
    """The robot that was recorded, where this machine knows it by name."""
    from robotics.embodiments import load_embodiment
    from robotics.errors import RoboticsError

    try:
        embodiment = load_embodiment(dataset.description.embodiment)
    except RoboticsError:
        return None
    return embodiment if embodiment.action_names == dataset.description.action_names else None


def size_text(size: float) -> str:
    """Bytes in a unit that fits."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def judgement_text(success: bool | None) -> str:
    return {True: "yes", False: "no", None: "-"}[success]


def new_table(headings: Sequence[str], right: Sequence[str] = ()) -> "Table":
    """A plain table; columns in `right` are aligned there."""
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    return table


def say_version(dataset: "DemonstrationDataset", version: "Version | None", what: str) -> None:
    """What an edit did, and which version it made; None where it was only asked what it would do."""
    if version is None:
        print(f"would have: {what} (--dry-run: nothing was changed)")
        return
    print(f"{what}; {dataset.path} is at version {version.version} now, {len(dataset)} episodes")


def quoted(words: Sequence[object]) -> str:
    """A command line as it could be typed."""
    import shlex

    return shlex.join(map(str, words))
