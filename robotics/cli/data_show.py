"""`robotics data show`: everything about one episode."""

import json as jsonlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from robotics.cli.data_shared import new_table, open_dataset, open_episode, size_text

if TYPE_CHECKING:
    from demonstrations import Episode


@dataclass(frozen=True)
class Arguments:
    """Show everything about one episode: metadata, arrays, cameras, measured rates, events, provenance.

    Example:
      robotics data show data/put_in_bowl 3
      robotics data show data/put_in_bowl 3 --json
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    episode: tyro.conf.Positional[int]
    """Number of the episode."""
    version: int | None = None
    """An older version; `robotics data versions` lists them."""
    json: bool = False
    """Print the attributes as JSON."""


def main(arguments: Arguments) -> int:
    dataset = open_dataset(arguments.dataset, arguments.version)
    episode = open_episode(dataset, arguments.episode)
    if arguments.json:
        print(jsonlib.dumps(episode.attributes, indent=1, ensure_ascii=False))
        return 0
    _print_metadata(episode)
    _print_cameras(episode)
    _print_arrays(episode)
    _print_events(episode)
    return 0


def _print_metadata(episode: "Episode") -> None:
    from demonstrations.index import folder_bytes

    meta = episode.metadata
    span, ticks = int(episode.time_ns[-1] - episode.time_ns[0]), int(episode.tick[-1] - episode.tick[0])
    rate = f" ({ticks * 1e9 / span:.3f} Hz measured)" if span else ""
    judged = {True: "success", False: "failure", None: "not judged"}[meta.success]
    progress = f", progress {meta.progress:g}" if meta.progress is not None else ""
    seconds, outcome = meta.length / meta.control_rate_hz, meta.outcome
    size, files = folder_bytes(episode.path), len(episode.attributes["checksums"]["files"])
    software = f"software {meta.software_version or '-'}, commit {meta.git_commit[:12] or '-'}"
    robot = f"interface {meta.interface_fingerprint}, file {meta.embodiment_hash[:16]}"
    lines = {
        "episode": f"{episode.number}, {episode.path}",
        "instruction": meta.instruction,
        "judgement": f"{judged}{f' ({outcome})' if outcome not in ('', judged) else ''}{progress}",
        "task": f"{meta.task or '-'}, seed {'-' if meta.seed is None else meta.seed}",
        "length": f"{meta.length} ticks, {seconds:.2f} s at {meta.control_rate_hz} Hz{rate}",
        "missing": f"{meta.missing_ticks} ticks",
        "truncated": "yes: the end is missing" if meta.truncated else "no",
        "source": f"{meta.source or '-'}, operator {meta.operator or '-'}",
        "robot": f"{meta.embodiment}, {robot}",
        "recorded": f"{meta.recorded_utc}, {software}",
        "clock": meta.clock_id or "-",
        "note": meta.note or "-",
        "edited": f"{meta.edit}, from {', '.join(c[:16] for c in meta.derived_from)}" if meta.edit else "no",
        "extra": jsonlib.dumps(dict(meta.extra), ensure_ascii=False) if meta.extra else "-",
        "size": f"{size_text(size)} in {files} files",
        "checksum": episode.checksum,
    }
    for name, text in lines.items():
        print(f"{name:<12} {text}")


def _print_cameras(episode: "Episode") -> None:
    from robotics.cli.progress import wide_console

    right = ("frames", "rate [Hz]", "first [ms]", "longest gap [ms]", "dropped", "mean size")
    table = new_table(("camera", "size", *right, "stored as", "intrinsics", "extrinsics"), right)
    for name, camera in episode.metadata.cameras.items():
        times = episode.image_time_ns(name)
        gap = max((int(b - a) for a, b in pairwise(times)), default=0)
        stored = sum(f.stat().st_size for f in (episode.path / "images" / name).rglob("*") if f.is_file())
        table.add_row(
            name,
            f"{camera.height} x {camera.width}",
            str(camera.frames),
            "-" if camera.rate_hz is None else f"{camera.rate_hz:g}",
            f"{(int(times[0]) - int(episode.time_ns[0])) / 1e6:.1f}" if len(times) else "-",
            f"{gap / 1e6:.1f}",
            str(len(camera.dropped_time_ns)),
            size_text(stored / camera.frames) if camera.frames else "-",
            camera.encoding,
            "yes" if camera.intrinsics else "no",
            (camera.mount or "yes") if camera.extrinsics else "no",
        )
    if table.row_count:
        wide_console().print(table)


def _print_arrays(episode: "Episode") -> None:
    from robotics.cli.progress import wide_console

    table = new_table(("array", "type", "shape", "min", "max"), ("min", "max"))
    for name in episode.state:
        array = episode.state[name]
        table.add_row(
            f"state/{name}", array.dtype.name, str(array.shape), f"{array.min():.6g}", f"{array.max():.6g}"
        )
    wide_console().print(table)


def _print_events(episode: "Episode") -> None:
    for event in episode.metadata.events:
        seconds = (event.time_ns - int(episode.time_ns[0])) / 1e9
        data = "  " + ", ".join(f"{k}={v}" for k, v in event.data.items()) if event.data else ""
        print(f"event {seconds:8.3f} s  {event.kind.value:<12} {event.text}{data}")
