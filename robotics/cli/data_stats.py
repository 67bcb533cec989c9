"""`robotics data stats`: what a dataset holds, in numbers."""

import json as jsonlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tyro

from robotics.cli.data_shared import new_table, open_dataset

if TYPE_CHECKING:
    from demonstrations import DemonstrationDataset


@dataclass(frozen=True)
class Arguments:
    """Per-dimension statistics of a dataset, its durations, measured rates and counts.

    Example:
      robotics data stats data/put_in_bowl
      robotics data stats data/put_in_bowl --json stats.json
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    all: bool = False
    """Of every episode; by default of those to learn from: whole, and not judged a failure."""
    version: int | None = None
    """An older version; `robotics data versions` lists them."""
    json: Path | None = None
    """Write them to this file, too."""


def main(arguments: Arguments) -> int:
    from demonstrations.statistics import compute_statistics

    dataset = open_dataset(arguments.dataset, arguments.version)
    chosen = list(range(len(dataset))) if arguments.all else dataset.demonstrations()
    statistics = compute_statistics(dataset, chosen)
    counts = _count(dataset, chosen)
    _print_counts(dataset, counts, len(chosen))
    _print_dimensions(statistics)
    for note in statistics.notes:
        print(f"note: {note}")
    if arguments.json is not None:
        data = {**statistics.to_json(), **counts, "identity": dataset.dataset_identity()}
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(jsonlib.dumps(data, indent=1) + "\n")
    return 0


def _count(dataset: "DemonstrationDataset", chosen: list[int]) -> dict[str, Any]:
    from collections import Counter

    import numpy as np

    entries = [dataset.entries[i] for i in chosen]
    seconds = np.array([entry.length for entry in entries]) / dataset.description.control_rate_hz
    metadata = [dataset.episode(i).metadata for i in chosen]
    rates: dict[str, list[float]] = {}
    dropped: Counter[str] = Counter()
    for meta in metadata:
        for name, camera in meta.cameras.items():
            rates.setdefault(name, []).extend([camera.rate_hz] if camera.rate_hz else [])
            dropped[name] += len(camera.dropped_time_ns)
    return {
        "duration_s": {
            "total": float(seconds.sum()),
            **{f"p{q}": float(np.percentile(seconds, q)) for q in (0, 5, 50, 95, 100)},
        },
        "cameras": {
            name: {
                "frames": sum(meta.cameras[name].frames for meta in metadata if name in meta.cameras),
                "dropped": dropped[name],
                "rate_hz_min": min(values, default=None),
                "rate_hz_max": max(values, default=None),
            }
            for name, values in rates.items()
        },
        "missing_ticks": sum(meta.missing_ticks for meta in metadata),
        "judged": Counter(str(entry.success).lower() for entry in entries),
        "tasks": Counter(entry.task for entry in entries),
        "sources": Counter(entry.source for entry in entries),
        "instructions": Counter(entry.instruction for entry in entries),
    }


def _print_counts(dataset: "DemonstrationDataset", counts: dict[str, Any], episodes: int) -> None:
    duration = counts["duration_s"]
    print(f"{dataset.path}: {episodes} of {len(dataset)} episodes, {duration['total'] / 60:.1f} min")
    print(
        f"duration [s]  min {duration['p0']:.2f}, p5 {duration['p5']:.2f}, median {duration['p50']:.2f}, "
        f"p95 {duration['p95']:.2f}, max {duration['p100']:.2f}"
    )
    for title in ("judged", "tasks", "sources"):
        words = ", ".join(f"{name or '-'} {count}" for name, count in counts[title].most_common())
        print(f"{title:<13} {words}")
    most = counts["instructions"].most_common(3)
    words = ", ".join(f'"{text}" {count}' for text, count in most)
    print(f"instructions  {len(counts['instructions'])} different; most often {words}")
    print(f"ticks missing {counts['missing_ticks']}")
    for name, camera in counts["cameras"].items():
        low, high = camera["rate_hz_min"], camera["rate_hz_max"]
        measured = f"{low:g} .. {high:g} Hz measured" if low is not None else "no rate"
        print(f"camera        {name}: {camera['frames']} frames, {measured}, {camera['dropped']} dropped")


def _print_dimensions(statistics) -> None:
    from robotics.cli.progress import wide_console

    columns = ("mean", "std", "min", "q01", "q99", "max")
    for quantity, of in statistics.quantities.items():
        table = new_table((quantity, *columns), columns)
        for d, name in enumerate(statistics.action_names):
            table.add_row(name, *(f"{getattr(of, column)[d]:.4f}" for column in columns))
        wide_console().print(table)
