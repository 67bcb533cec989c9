"""`robotics data restore`: an older version becomes the current one."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from robotics.cli.data_shared import open_dataset, say_version


@dataclass(frozen=True)
class Arguments:
    """Undo edits: show again what an older version showed. What was recorded since then stays.

    This is itself a new version, and can be undone in turn.

    Example:
      robotics data restore data/put_in_bowl 0
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    version: tyro.conf.Positional[int]
    """The version to show again; 0 is the dataset before any edit."""
    dry_run: bool = False
    """Only say what would be done."""


def main(arguments: Arguments) -> int:
    from demonstrations.editing.transaction import Edit
    from demonstrations.index import number_ranges

    dataset = open_dataset(arguments.dataset)
    # opening it at that version refuses one whose episodes are gone
    open_dataset(arguments.dataset, arguments.version)
    history = dataset.history
    hidden = history.hidden_to_restore(history.get(arguments.version))
    numbers = {entry.number for entry in dataset.committed_entries}
    shown = {entry.number for entry in dataset.entries}
    hide, show = shown & hidden, (numbers & history.current.hidden) - hidden
    if not hide and not show:
        print(f"{dataset.path} shows this already; nothing was changed")
        return 0
    what = f"shows {number_ranges(show) or 'none'} again, hides {number_ranges(hide) or 'none'}"
    if arguments.dry_run:
        say_version(dataset, None, what)
        return 0
    with Edit(dataset, f"restore {arguments.version}") as edit:
        version = edit.commit(hide, show=show)
    say_version(dataset, version, what)
    return 0
