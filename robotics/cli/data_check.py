"""`robotics data check`: which demonstrations of a dataset are bad, and why."""

import json as jsonlib
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from robotics.cli.main import EXIT_NOT_SUCCEEDED, EXIT_OK

if TYPE_CHECKING:
    from demonstrations.quality import DatasetQuality, Finding

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


@dataclass(frozen=True)
class Arguments:
    """Check every demonstration of a dataset: arrays, timing, motion, pictures, events, copies, outliers.

    The worst come first, with a score of 100 less the weight of each finding; docs/quality.md lists every
    check.
    Nothing is changed. Hide bad ones with `robotics data filter`, cut idle ends with `robotics data trim`.

    Example:
      robotics data check data/put_in_bowl
      robotics data check data/put_in_bowl --report quality.html
      robotics data check data/put_in_bowl --strict --json
    """

    dataset: tyro.conf.Positional[Path]
    """The dataset's folder."""
    json: bool = False
    """Print everything as JSON instead of tables."""
    report: Path | None = None
    """Write a page with plots and pictures of every episode to this file, too."""
    strict: bool = False
    """Exit code 1 where there is an error."""
    embodiment: str | None = None
    """NAME or my.toml of the robot, for its limits; by default the built-in one of the dataset's name."""
    pictures: bool = True
    """--no-pictures reads the joints only, which takes a second."""
    all: bool = False
    """List good episodes, too."""


def main(arguments: Arguments) -> int:
    from demonstrations import DemonstrationDataset
    from demonstrations.quality import Severity, check_dataset
    from robotics.cli.progress import progress_bar
    from robotics.embodiments import load_embodiment

    embodiment = None if arguments.embodiment is None else load_embodiment(arguments.embodiment)
    dataset = DemonstrationDataset.open(arguments.dataset, recover=False)
    with progress_bar("checking", len(dataset.entries)) as update:
        quality = check_dataset(dataset, embodiment, pictures=arguments.pictures, progress=update)
    if arguments.report is not None:
        from demonstrations.quality.report.page import write_report

        with progress_bar("drawing", len(dataset.entries)) as update:
            write_report(arguments.report, dataset, quality, embodiment, progress=update)
    if arguments.json:
        print(jsonlib.dumps(quality.to_json(), indent=1, ensure_ascii=False))
    else:
        _print(quality, arguments)
    has_errors = quality.count()[Severity.ERROR] > 0
    return EXIT_NOT_SUCCEEDED if arguments.strict and has_errors else EXIT_OK


def _print(quality: "DatasetQuality", arguments: Arguments) -> None:
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    from robotics.cli.progress import wide_console

    console = wide_console()
    table = Table(box=SIMPLE)
    for heading in ("episode", "score", "ticks", "finding"):
        table.add_column(heading, justify="left" if heading == "finding" else "right")
    shown = [e for e in quality.worst_first() if e.findings or arguments.all]
    for episode in shown:
        words = Text("\n").join(_line(finding) for finding in episode.findings)
        if episode.trim is not None:
            start, end = episode.trim
            words.append(f"\nrobotics data trim {shlex.quote(quality.path)} {episode.number} {start}:{end}")
        table.add_row(str(episode.number), str(episode.score), str(episode.length), words)
    if shown:
        console.print(table)
    for finding in quality.findings:
        console.print(Text("dataset  ").append(_line(finding)), soft_wrap=True)
    console.print(Text(_summary(quality)), soft_wrap=True)
    if arguments.report is not None:
        console.print(Text(f"report: {arguments.report}"), soft_wrap=True)


def _line(finding: "Finding"):
    from rich.text import Text

    colour = _COLOURS[finding.severity.value]
    return Text.assemble((f"{finding.severity.value} {finding.check}", colour), f"  {finding}")


def _summary(quality: "DatasetQuality") -> str:
    from demonstrations.quality import Severity

    count = quality.count()
    clean = sum(not episode.findings for episode in quality.episodes)
    numbers = quality.numbers_with(Severity.ERROR)
    lines = [
        f"{len(quality.episodes)} episodes, {clean} without any finding; "
        f"errors: {count[Severity.ERROR]}, warnings: {count[Severity.WARNING]}, notes: {count[Severity.INFO]}"
    ]
    if not quality.limits_known:
        lines.append(
            f"limits were not checked: no robot file of '{quality.embodiment}'; name one with --embodiment"
        )
    if numbers:
        listed = " ".join(map(str, numbers))
        lines.append(
            f"hide those with errors: robotics data filter {shlex.quote(quality.path)} --hide {listed}"
        )
    return "\n".join(lines)
