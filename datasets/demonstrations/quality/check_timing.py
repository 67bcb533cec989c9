"""Are all ticks and frames there, when they should be: gaps, drops, rates, drift between cameras."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from demonstrations.quality.catalogue import found
from demonstrations.quality.findings import Finding
from demonstrations.quality.signals import EpisodeSignals
from demonstrations.schema import DatasetDescription

TICK_DEVIATION = 0.5
"""[control periods] A step of time off by more than half a period belongs to another tick."""

DROPPED_FRACTION = 0.01
"""Of a camera's frames. One dropped frame in a hundred is hidden by choosing the newest at each tick."""

GAP_PERIODS = 2.5
"""Of the camera: two frames in a row are missing, so that a policy sees a picture 3 periods old."""

SHORT_S = 0.2
"""A camera may begin later or end earlier by so much: about human reaction time."""

RATE_DEVIATION = 0.1
"""Of the stated rate; USB cameras in dim light silently halve theirs, clocks differ by 0.0001."""

DRIFT_PERIODS = 0.5
"""Of the slower camera, from the first to the last frame of the episode."""


def check_ticks(signals: EpisodeSignals) -> Iterator[Finding]:
    """time_gap, missing_ticks."""
    episode = signals.episode
    ticks = np.diff(episode.tick)
    missing = int((ticks - 1).sum())
    if missing:
        row = int(np.argmax(ticks > 1)) + 1
        text = f"{missing} of {len(episode) + missing} ticks are missing, the first before row {row}"
        yield found("missing_ticks", text, value=missing, threshold=0)
    off = np.diff(episode.time_ns) * 1e-9 - ticks * signals.period_s  # [s]
    worst = int(np.argmax(np.abs(off))) if len(off) else 0
    if len(off) and abs(off[worst]) > TICK_DEVIATION * signals.period_s:
        count = int((np.abs(off) > TICK_DEVIATION * signals.period_s).sum())
        text = f"time is off by {off[worst] * 1e3:+.1f} ms at row {worst + 1}; {count} such steps"
        yield found(
            "time_gap", text, value=abs(off[worst]) * 1e3, threshold=TICK_DEVIATION * signals.period_s * 1e3
        )


def check_frame_times(signals: EpisodeSignals, description: DatasetDescription) -> Iterator[Finding]:
    """dropped_frames, camera_short, camera_gap, camera_rate, camera_drift."""
    episode = signals.episode
    rates = {camera.name: camera.rate_hz for camera in description.cameras}
    start_ns, end_ns = int(episode.time_ns[0]), int(episode.time_ns[-1])
    times = {name: episode.image_time_ns(name) for name in episode.cameras}
    for name, stamps in times.items():
        record = episode.metadata.cameras[name]
        dropped = len(record.dropped_time_ns)
        captured = len(stamps) + dropped
        if dropped > DROPPED_FRACTION * captured:
            text = f"{dropped} of {captured} frames dropped ({dropped / captured:.1%})"
            yield found("dropped_frames", text, name, dropped / captured, DROPPED_FRACTION)
        if len(stamps) == 0:
            yield found("camera_short", "no frames", name)
            continue
        rate = rates.get(name) or record.rate_hz or description.control_rate_hz
        yield from _check_coverage(name, stamps, start_ns, end_ns, rate)
        yield from _check_intervals(name, stamps, rate)
    for one, other in combinations(times, 2):
        if rates.get(one) == rates.get(other) and min(len(times[one]), len(times[other])) > 2:
            yield from _check_drift(one, other, times[one], times[other])


def _check_coverage(
    name: str, stamps: np.ndarray, start_ns: int, end_ns: int, rate: float
) -> Iterator[Finding]:
    allowed = SHORT_S + 1 / rate
    late, early = (stamps[0] - start_ns) * 1e-9, (end_ns - stamps[-1]) * 1e-9
    if late > allowed:
        yield found("camera_short", f"its first picture is {late:.2f} s late", name, late, allowed)
    if early > allowed:
        yield found("camera_short", f"its last picture is {early:.2f} s before the end", name, early, allowed)


def _check_intervals(name: str, stamps: np.ndarray, rate: float) -> Iterator[Finding]:
    if len(stamps) < 3:
        return
    intervals = np.diff(stamps) * 1e-9
    if (intervals <= 0).any():
        text = f"{int((intervals <= 0).sum())} capture times are not later than the one before"
        yield found("time_backwards", text, name, float(intervals.min()), 0)
        return
    gaps = intervals > GAP_PERIODS / rate
    if gaps.any():
        longest = intervals.max() * 1e3
        text = f"{int(gaps.sum())} gap(s) of up to {longest:.0f} ms, wanted every {1e3 / rate:.0f} ms"
        yield found("camera_gap", text, name, intervals.max() * rate, GAP_PERIODS)
    # the mean, because frames that are taken at control ticks alternate between two intervals
    measured = 1 / float(intervals[~gaps].mean()) if not gaps.all() else 0.0
    if abs(measured / rate - 1) > RATE_DEVIATION:
        text = f"{measured:.1f} Hz, the dataset states {rate:g} Hz"
        yield found("camera_rate", text, name, abs(measured / rate - 1), RATE_DEVIATION)


def _check_drift(one: str, other: str, first: np.ndarray, second: np.ndarray) -> Iterator[Finding]:
    """From the distance of each frame to the nearest one of the other camera: gaps do not disturb it."""
    periods = [float(np.median(np.diff(stamps))) for stamps in (first, second)]
    if min(periods) <= 0 or max(periods) > (1 + RATE_DEVIATION) * min(periods):
        return  # told of as time that runs backwards, or a rate
    after = np.clip(np.searchsorted(second, first), 1, len(second) - 1)
    nearest = np.where(first - second[after - 1] < second[after] - first, second[after - 1], second[after])
    offset = np.unwrap((nearest - first) / max(periods), period=1.0)  # [periods]
    drift = float(np.polyfit(np.arange(len(offset)), offset, 1)[0]) * len(offset)
    if abs(drift) > DRIFT_PERIODS:
        text = f"{abs(drift) * max(periods) * 1e-6:.0f} ms apart after {len(first)} frames"
        yield found("camera_drift", text, f"{one}, {other}", abs(drift), DRIFT_PERIODS)
