"""Latency of the control loop's stages over the last second, cheap enough for every tick."""

import time

from robotics.session import LatencyStatistics


class StageTimes:
    """Collects durations by stage; a report empties it."""

    def __init__(self, stages: tuple[str, ...]):
        self._durations_ns: dict[str, list[int]] = {stage: [] for stage in stages}

    def record(self, stage: str, since_ns: int) -> int:
        """Count the time since `since_ns` for `stage`; returns now, both as `time.perf_counter_ns`."""
        now_ns = time.perf_counter_ns()
        self._durations_ns[stage].append(now_ns - since_ns)
        return now_ns

    def record_duration(self, stage: str, duration_ns: int) -> None:
        """Count a duration [ns] that was measured elsewhere."""
        self._durations_ns[stage].append(duration_ns)

    def report(self) -> tuple[LatencyStatistics, ...]:
        """Percentiles (nearest rank) since the last report; stages without samples are left out."""
        report = tuple(_summarise(stage, d) for stage, d in self._durations_ns.items() if d)
        for durations in self._durations_ns.values():
            durations.clear()
        return report


def _summarise(stage: str, durations_ns: list[int]) -> LatencyStatistics:
    ordered = sorted(durations_ns)
    count = len(ordered)

    def percentile_ms(percent: int) -> float:
        return ordered[max(0, -(-percent * count // 100) - 1)] * 1e-6

    return LatencyStatistics(
        stage, count, percentile_ms(50), percentile_ms(95), percentile_ms(99), ordered[-1] * 1e-6
    )
