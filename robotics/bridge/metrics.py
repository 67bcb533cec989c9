"""What a monitoring system asks a robot: counters, gauges and stage latencies, in Prometheus' text format.

Served by the server process on loopback, never by the control process: a scrape reads what the server has
heard anyway, and control does not know of it.
"""

from collections.abc import Callable, Iterable, Mapping
from http.server import HTTPServer
from typing import Any

from robotics.bridge.address import AddressError, join_address, split_address
from robotics.bridge.server_statistics import ServerStatistics
from robotics.bridge.v1 import types_pb2
from robotics.errors import RoboticsError

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_QUANTILES = (("0.5", "p50_ms"), ("0.95", "p95_ms"), ("0.99", "p99_ms"), ("1", "max_ms"))
_REFUSED = "refused"
"""The guard counts its refusals among its interventions; the server counts them with all the others."""


class RobotCollector:
    """Makes the metrics when they are asked for; on any thread."""

    def __init__(
        self,
        statistics: ServerStatistics,
        newest_state: Callable[[], types_pb2.RobotState],
        leader: Callable[[], str],
    ):
        """
        Args:
            leader: The client that leads; '' if nobody does.
        """
        self._statistics = statistics
        self._newest_state = newest_state
        self._leader = leader

    def collect(self) -> Iterable[Any]:
        """Called by prometheus_client with each scrape."""
        state, statistics = self._newest_state(), self._statistics
        guard = {k: v for k, v in state.guard_counts.items() if k.partition("/")[0] != _REFUSED}
        yield _counter("ticks", "Control ticks executed.", statistics.ticks)
        yield _counter(
            "missed_deadlines", "Control ticks that started a full period late.", state.missed_deadlines
        )
        yield _counter("starvations", "Times that the plan ran out.", state.starvations)
        yield _counter("guard_interventions", "Interventions of the guard.", guard, "kind")
        yield _counter("refused_chunks", "Chunks refused whole.", dict(statistics.refused), "status")
        frames, lost = dict(statistics.frames), statistics.lost_frames
        yield _counter("camera_frames", "Pictures taken.", frames, "camera")
        dropped = {camera: lost[camera] for camera in frames}
        yield _counter("camera_frames_dropped", "Pictures that readers were too slow for.", dropped, "camera")
        yield _gauge("mode", "1 for the mode that the robot is in.", _modes(state.mode), "mode")
        yield _gauge("leader_present", "Whether a client holds the lease.", {"": bool(self._leader())})
        yield _gauge("plan_steps", "Steps of the plan that are left.", {"": state.plan_steps})
        yield from _stages(statistics.rows)


def _counter(name: str, help_text: str, values: float | Mapping[str, float], label: str = "") -> Any:
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(f"robot_{name}", help_text, labels=[label] if label else [])
    for key, value in values.items() if isinstance(values, Mapping) else (("", values),):
        family.add_metric([key] if label else [], value)
    return family


def _gauge(name: str, help_text: str, values: Mapping[str, float], label: str = "") -> Any:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"robot_{name}", help_text, labels=[label] if label else [])
    for key, value in values.items():
        family.add_metric([key] if label else [], value)
    return family


def _modes(present: int) -> dict[str, float]:
    named = {
        name.removeprefix("ROBOT_MODE_").lower(): value
        for name, value in types_pb2.RobotMode.items()
        if value
    }
    return {name: float(value == present) for name, value in named.items()}


def _stages(rows: Iterable[types_pb2.LatencyStatistics]) -> Iterable[Any]:
    """A summary's quantiles as a gauge, because they are of the last second and not since start."""
    from prometheus_client.core import GaugeMetricFamily

    latency = GaugeMetricFamily(
        "robot_stage_latency_seconds",
        "Latency of a stage in the last second; quantile 1 is the longest.",
        labels=["stage", "quantile"],
    )
    samples = GaugeMetricFamily("robot_stage_samples", "Samples in the last second.", labels=["stage"])
    for row in rows:
        for quantile, field in _QUANTILES:
            latency.add_metric([row.stage, quantile], getattr(row, field) * 1e-3)
        samples.add_metric([row.stage], row.count)
    return latency, samples


class MetricsServer:
    """An HTTP server on a thread of its own."""

    def __init__(self, collector: RobotCollector, address: str):
        """Listen.

        Args:
            address: HOST:PORT on loopback; port 0 lets the system choose.

        Raises:
            RoboticsError: The package prometheus-client is not installed.
            AddressError: In use, not loopback, or not HOST:PORT.
        """
        try:
            from prometheus_client import CollectorRegistry, start_http_server
        except ModuleNotFoundError:
            raise RoboticsError(
                "metrics need the package prometheus-client; install it with: pip install 'robotics[metrics]'"
            ) from None
        host, port = split_address(address)
        if host not in _LOOPBACK:
            raise AddressError(
                f"cannot serve metrics on {address}: they are open to whoever asks, so only this machine is "
                f"served; use 127.0.0.1:{port}"
            )
        registry = CollectorRegistry()
        registry.register(collector)
        try:
            self._server: HTTPServer
            self._server, self._thread = start_http_server(port, host, registry)
        except OSError as error:
            raise AddressError(f"cannot serve metrics on {address}: {error.strerror}") from error
        self.url = f"http://{join_address(host, self._server.server_port)}/metrics"

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
