"""What the server measures of its own part: the stages of commands and pictures, and what it counts."""

import time
from collections import Counter
from collections.abc import Sequence

from robotics.bridge.control_link import Reply
from robotics.bridge.frame_store import SLOTS, FrameStore
from robotics.bridge.statistics import StageTimes
from robotics.bridge.v1 import types_pb2
from robotics.session import LatencyStatistics

COMMAND_STAGES = ("decode", "queue", "acknowledge")
FRAME_STAGE = "frame:"
"""Before a camera's name: from a picture's capture until the server has it."""


class ServerStatistics:
    """Belongs to the server's event loop; counters and rows may be read from any thread."""

    def __init__(self, cameras: Sequence[str] = ()):
        """
        Args:
            cameras: Those that run.
        """
        self.ticks = 0
        """Control ticks that control has reported."""
        self.refused = Counter[str]()
        """Chunks that control refused, by the name of their status without its prefix."""
        self.frames = dict.fromkeys(cameras, 0)
        """Pictures of each camera that runs."""
        self.lost_frames = Counter[str]()
        """Pictures of each camera that readers were too slow for."""
        self.rows: tuple[types_pb2.LatencyStatistics, ...] = ()
        """Every stage, control's and the server's, of the last second that control reported."""
        frame_stages = (FRAME_STAGE + camera for camera in cameras)
        self._stages = StageTimes((*COMMAND_STAGES, "encode", *frame_stages))

    def count_tick(self, state: types_pb2.RobotState) -> None:
        """One tick more; once a second, when control adds its statistics, the server's follow them."""
        self.ticks += 1
        if state.statistics:
            state.statistics.extend(map(_encode, self._stages.report()))
            self.rows = tuple(state.statistics)

    def count_acknowledgement(self, reply: Reply) -> None:
        """A chunk's answer goes to gRPC now."""
        if reply.decode_ns:
            self._stages.record_duration("decode", reply.decode_ns)
        self._stages.record_duration("queue", reply.waited_ns)
        self._stages.record_duration("acknowledge", time.monotonic_ns() - reply.replied_ns)

    def count_refusal(self, status: types_pb2.Status) -> None:
        """Control refused a chunk."""
        name = types_pb2.StatusCode.Name(status.code)
        self.refused[name.removeprefix("STATUS_CODE_").lower()] += 1

    def count_frames(self, store: FrameStore) -> None:
        """There may be new pictures."""
        now_ns = time.monotonic_ns()
        for camera, seen in self.frames.items():
            newest = store.newest(camera)
            for number in range(max(seen, newest - SLOTS) + 1, newest + 1):
                captured_ns = store.capture_time_ns(camera, number)
                if captured_ns is not None:
                    self._stages.record_duration(FRAME_STAGE + camera, max(0, now_ns - captured_ns))
            self.frames[camera] = newest

    def count_encoding(self, started_ns: int) -> None:
        """A picture was encoded since `started_ns`, as `time.perf_counter_ns`."""
        self._stages.record("encode", started_ns)


def _encode(row: LatencyStatistics) -> types_pb2.LatencyStatistics:
    return types_pb2.LatencyStatistics(**vars(row))
