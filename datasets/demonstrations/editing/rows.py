"""A part of an episode as a new episode: ticks are sliced, pictures copied undecoded."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from demonstrations.episode import Episode
from demonstrations.schema import DatasetDescription, EpisodeMetadata
from demonstrations.shards import ShardWriter
from demonstrations.staging import finish_group
from robotics.errors import DatasetError
from robotics.session import Event, EventKind

_GROUPS = {"state", "images", "image_time_ns"}
_LASTING = (EventKind.INSTRUCTION, EventKind.SUBTASK, EventKind.INTERVENTION)
"""What such an event says holds until the next one of its kind."""


@dataclass(frozen=True)
class RowRange:
    """Rows `start` .. `end` - 1 of an episode."""

    start: int
    end: int

    def __post_init__(self):
        if not 0 <= self.start < self.end:
            raise DatasetError(f"wanted a range of at least one tick, got {self.start}:{self.end}")


def copy_rows(
    episode: Episode,
    rows: RowRange,
    path: Path,
    description: DatasetDescription,
    *,
    edit: str,
    **changes: object,
) -> EpisodeMetadata:
    """Write the rows of an episode as a complete episode at `path`; returns its metadata.

    Every row keeps the picture that it had: of each camera, the frames captured during the rows are
    copied, and the one that was the newest at the first row. Where the end of the episode is cut off, so
    is the judgement, unless it was given before. An instruction, a subtask or an intervention that was in
    force at the first row begins there.

    Args:
        edit: What the metadata says was done.
        changes: Metadata that gets another value.

    Raises:
        DatasetError: There are no such rows, something of them is damaged, or the episode holds what
            cannot be cut.
    """
    length = len(episode)
    if rows.end > length:
        raise DatasetError(f"{episode.path.name} has ticks 0:{length}, wanted {rows.start}:{rows.end}")
    check_can_be_cut(episode)
    state = {name: episode.state[name][rows.start : rows.end] for name in episode.state}
    records = np.empty(
        rows.end - rows.start, [(name, array.dtype, array.shape[1:]) for name, array in state.items()]
    )
    for name, array in state.items():
        records[name] = array
    times, checksums = {}, {}
    for camera, record in episode.metadata.cameras.items():
        frames = frames_of_rows(episode, camera, rows)
        times[camera] = episode.image_time_ns(camera)[frames]
        shards = ShardWriter(path / "images" / camera, record.shard_frames)
        try:
            for jpeg in episode.jpegs(camera, frames):
                shards.append(jpeg)
            shards.finish()
        finally:
            shards.abandon()
        checksums[camera] = shards.checksums
    path.mkdir(parents=True, exist_ok=True)
    metadata = replace(_metadata_of_rows(episode, rows), edit=edit, **changes)  # pyright: ignore[reportArgumentType]
    return finish_group(path, description, records, times, checksums, metadata=metadata)


def check_can_be_cut(episode: Episode) -> None:
    """Refuse what this software would lose.

    Raises:
        DatasetError: A camera is a packed video, or there are arrays that it does not know.
    """
    for name, camera in episode.metadata.cameras.items():
        if camera.encoding != "jpeg":
            raise DatasetError(
                f"{episode.path.name}: camera '{name}' is stored as {camera.encoding}, wanted single "
                "pictures (jpeg); edit the episode before it is packed"
            )
    unknown = {item.name for item in episode.path.iterdir() if item.is_dir()} - _GROUPS
    if unknown:
        raise DatasetError(
            f"{episode.path.name} holds {', '.join(sorted(unknown))}, which cannot be cut; "
            f"known are {', '.join(sorted(_GROUPS))}"
        )


def frames_of_rows(episode: Episode, camera: str, rows: RowRange) -> range:
    """The camera's frames that belong to the rows."""
    frame_times, row_times = episode.image_time_ns(camera), episode.time_ns
    first = 0
    if rows.start > 0:
        first = max(0, int(np.searchsorted(frame_times, row_times[rows.start], side="right")) - 1)
    last = len(frame_times)
    if rows.end < len(episode):
        last = int(np.searchsorted(frame_times, row_times[rows.end], side="left"))
    return range(first, max(first, last))


def _metadata_of_rows(episode: Episode, rows: RowRange) -> EpisodeMetadata:
    meta = episode.metadata
    start_ns = int(episode.time_ns[rows.start]) if rows.start > 0 else None
    end_ns = int(episode.time_ns[rows.end]) if rows.end < len(episode) else None
    events = _events_of(meta.events, start_ns, end_ns)
    cameras = {
        name: replace(
            camera,
            dropped_time_ns=tuple(t for t in camera.dropped_time_ns if _is_within(t, start_ns, end_ns)),
        )
        for name, camera in meta.cameras.items()
    }
    judged = end_ns is None or any(event.kind is EventKind.OUTCOME for event in events)
    progress = meta.progress
    if end_ns is not None and "progress" in episode.state:
        last = float(episode.state["progress"][rows.end - 1])
        progress = last if np.isfinite(last) else None
    return replace(
        meta,
        success=meta.success if judged else None,
        outcome=meta.outcome if judged else "",
        progress=progress,
        truncated=meta.truncated and end_ns is None,
        cameras=cameras,
        events=events,
        derived_from=(episode.checksum,),
    )


def _is_within(time_ns: int, start_ns: int | None, end_ns: int | None) -> bool:
    return (start_ns is None or time_ns >= start_ns) and (end_ns is None or time_ns < end_ns)


def _events_of(events: tuple[Event, ...], start_ns: int | None, end_ns: int | None) -> tuple[Event, ...]:
    within = [event for event in events if _is_within(event.time_ns, start_ns, end_ns)]
    if start_ns is None:
        return tuple(within)
    carried = []
    for kind in _LASTING:
        earlier = [event for event in events if event.kind is kind and event.time_ns < start_ns]
        if earlier and not (kind is EventKind.INTERVENTION and earlier[-1].text == "end"):
            last = earlier[-1]
            data = {**last.data, "began_ns": last.data.get("began_ns", str(last.time_ns))}
            carried.append(Event(kind, last.text, start_ns, data))
    return (*carried, *within)
