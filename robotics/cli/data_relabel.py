"""`robotics data relabel`: other words or another judgement for episodes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tyro

from robotics.cli.connect import UsageError
from robotics.cli.data_shared import open_dataset, open_episode, quoted, say_version


@dataclass(frozen=True)
class Arguments:
    """Give episodes another instruction, judgement, operator or note, as new episodes that share all files.

    The old ones are hidden, and `restore` brings them back.

    Example:
      robotics data relabel data/put_in_bowl 3 5-7 --success false --note "cube was dropped"
      robotics data relabel data/put_in_bowl 4 --instruction "put the cube into the left bowl"
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    episodes: tyro.conf.Positional[tuple[str, ...]]
    """Numbers, or ranges such as 5-9."""
    instruction: str | None = None
    """What the robot was told."""
    success: Literal["true", "false", "none"] | None = None
    """none: nobody judged."""
    outcome: str | None = None
    """The judgement in words."""
    operator: str | None = None
    """Who moved the robot or watched it."""
    note: str | None = None
    """Whatever is to be remembered."""
    dry_run: bool = False
    """Only say what would be done."""

    def __post_init__(self):
        if not self.episodes:
            raise UsageError("wanted at least one episode number, got none")
        if not changes_of(self):
            raise UsageError(
                "nothing to change: give --instruction, --success, --outcome, --operator or --note"
            )


def changes_of(arguments: Arguments) -> dict[str, Any]:
    """New values of the metadata."""
    from demonstrations.editing.selection import SUCCESS_WORDS

    changes: dict[str, Any] = {
        name: getattr(arguments, name)
        for name in ("instruction", "outcome", "operator", "note")
        if getattr(arguments, name) is not None
    }
    if arguments.success is not None:
        changes["success"] = SUCCESS_WORDS[arguments.success]
        # words that speak of the judgement before would contradict it
        changes.setdefault("outcome", {"true": "success", "false": "failure", "none": ""}[arguments.success])
    return changes


def main(arguments: Arguments) -> int:
    from demonstrations.editing.relabel import copy_relabelled
    from demonstrations.editing.selection import parse_numbers
    from demonstrations.editing.transaction import Edit
    from demonstrations.index import number_ranges

    dataset = open_dataset(arguments.dataset)
    changes = changes_of(arguments)
    chosen = [open_episode(dataset, number) for number in parse_numbers(arguments.episodes)]
    numbers = [episode.number for episode in chosen]
    words = [f"{name}={value}" for name, value in changes.items()]
    what = f"{', '.join(f'{name} = {value!r}' for name, value in changes.items())}"
    if arguments.dry_run:
        say_version(dataset, None, f"relabelled episodes {number_ranges(numbers)}: {what}")
        return 0
    with Edit(dataset, f"relabel {number_ranges(numbers)} {quoted(words)}") as edit:
        for episode in chosen:
            copy_relabelled(
                episode, edit.new_episode(), edit=f"relabel {quoted([*changes])}", changes=changes
            )
        version = edit.commit(numbers)
    made = number_ranges(version.made)
    say_version(dataset, version, f"episodes {made} are {number_ranges(numbers)} with {what}")
    return 0
