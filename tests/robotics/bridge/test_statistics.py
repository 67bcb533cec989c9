"""Stage latencies are percentiles over what was recorded since the last report."""

from robotics.bridge.statistics import StageTimes


def test_percentiles_are_by_nearest_rank():
    times = StageTimes(("read", "write"))
    for milliseconds in range(100, 0, -1):
        times.record_duration("read", milliseconds * 1_000_000)
    (read,) = times.report()
    assert (read.stage, read.count) == ("read", 100)
    assert (read.p50_ms, read.p95_ms, read.p99_ms, read.max_ms) == (50, 95, 99, 100)


def test_a_report_starts_a_new_window():
    times = StageTimes(("read",))
    times.record("read", 0)
    assert times.report()[0].count == 1
    assert times.report() == ()
