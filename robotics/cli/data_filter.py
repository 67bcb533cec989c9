"""`robotics data filter`: hide the episodes that are not wanted."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro

from robotics.cli.connect import UsageError
from robotics.cli.data_shared import open_dataset, quoted, say_version


@dataclass(frozen=True)
class Arguments:
    """Hide episodes: those named, or all that do not fulfil the conditions. `restore` brings them back.

    Example:
      robotics data filter data/put_in_bowl --hide 3 17-19
      robotics data filter data/put_in_bowl --success true --min-length 100
      robotics data filter data/put_in_bowl --instruction "left bowl" --dry-run
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    hide: tuple[str, ...] = ()
    """Hide these: numbers, or ranges such as 5-9."""
    keep: tuple[str, ...] = ()
    """Hide all but these."""
    success: Literal["true", "false", "none"] | None = None
    """Keep those judged so; none: judged by nobody."""
    task: str | None = None
    """Keep those of this task."""
    instruction: str | None = None
    """Keep those whose instruction matches this regular expression, whatever its case."""
    source: str | None = None
    """Keep those that this policy or teleoperator recorded."""
    operator: str | None = None
    """Keep those of this operator."""
    min_length: int | None = None
    """Keep those of at least so many ticks."""
    max_length: int | None = None
    """Keep those of at most so many ticks."""
    whole: bool = False
    """Keep those that are not truncated."""
    dry_run: bool = False
    """Only say what would be done."""

    def command(self) -> str:
        words: list[object] = ["filter"]
        for name in ("hide", "keep"):
            if getattr(self, name):
                words += [f"--{name}", *getattr(self, name)]
        for name in ("success", "task", "instruction", "source", "operator", "min_length", "max_length"):
            if getattr(self, name) is not None:
                words += [f"--{name.replace('_', '-')}", getattr(self, name)]
        return quoted([*words, *(["--whole"] if self.whole else [])])


def main(arguments: Arguments) -> int:
    from demonstrations.editing.selection import SUCCESS_WORDS, Selection, parse_numbers
    from demonstrations.editing.transaction import Edit
    from demonstrations.index import number_ranges

    if arguments.command() == "filter":
        raise UsageError("nothing to filter by: give --hide, --keep or a condition")
    selection = Selection(
        success=SUCCESS_WORDS[arguments.success] if arguments.success else None,
        unjudged=arguments.success == "none",
        task=arguments.task,
        instruction=arguments.instruction,
        source=arguments.source,
        operator=arguments.operator,
        min_length=arguments.min_length,
        max_length=arguments.max_length,
        whole=arguments.whole,
    )
    dataset = open_dataset(arguments.dataset)
    selection.check_names(dataset)
    hide, keep = parse_numbers(arguments.hide), parse_numbers(arguments.keep)
    for number in (*hide, *keep):
        dataset.index_of(number)
    hidden = [
        entry.number
        for entry in dataset.entries
        if entry.number in hide or (keep and entry.number not in keep) or not selection.matches(entry)
    ]
    if not hidden:
        print(f"every episode of {dataset.path} fulfils this; nothing was changed")
        return 0
    if len(hidden) == len(dataset):
        raise UsageError(f"no episode of {dataset.path} would be left; nothing was changed")
    what = f"hid {len(hidden)} of {len(dataset)} episodes: {number_ranges(hidden)}"
    if arguments.dry_run:
        say_version(dataset, None, what)
        return 0
    with Edit(dataset, arguments.command()) as edit:
        version = edit.commit(hidden)
    say_version(dataset, version, what)
    return 0
