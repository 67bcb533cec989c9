"""Robot time on this machine's clock, with its uncertainty, from the shortest of some round trips."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from robotics.bridge.v1 import time_sync_service_pb2, types_pb2
from robotics.errors import RoboticsError

SyncCall = Callable[[time_sync_service_pb2.TimeSyncRequest], time_sync_service_pb2.TimeSyncResponse]


class TimeSyncError(RoboticsError):
    """Robot time cannot be converted: it stands still, or the robot was restarted meanwhile."""


@dataclass(frozen=True)
class TimeSync:
    """How robot time and this machine's monotonic clock relate."""

    clock_id: str
    offset_ns: int
    """Robot time less `time.monotonic_ns` of this machine."""
    uncertainty_ns: int
    """The offset is wrong by at most so much."""
    round_trip_ns: int

    def robot_time_ns(self, local_ns: int) -> int:
        """Robot time [ns] at `time.monotonic_ns() == local_ns`."""
        return local_ns + self.offset_ns

    def local_time_ns(self, robot_ns: int) -> int:
        """`time.monotonic_ns` of this machine at robot time `robot_ns`."""
        return robot_ns - self.offset_ns


def estimate(
    sync: SyncCall,
    round_trips: int = 8,
    local_time_ns: Callable[[], int] = time.monotonic_ns,
    lease: types_pb2.Lease | None = None,
) -> TimeSync:
    """The estimate of the shortest of `round_trips` round trips (Cristian 1989).

    Args:
        lease: Of this client, if it leads: the robot then accepts its time stamps.

    Raises:
        TimeSyncError: Robot time does not follow wall time, or its clock changed in between.
    """
    best: TimeSync | None = None
    previous: time_sync_service_pb2.RoundTrip | None = None
    for _ in range(round_trips):
        sent_ns = local_time_ns()
        request = time_sync_service_pb2.TimeSyncRequest(
            client_send_time_ns=sent_ns, previous=previous, lease=lease
        )
        answer = sync(request)
        now_ns = local_time_ns()
        previous = time_sync_service_pb2.RoundTrip(
            client_send_time_ns=sent_ns,
            received_time_ns=answer.received_time_ns,
            sent_time_ns=answer.sent_time_ns,
            client_receive_time_ns=now_ns,
        )
        if not answer.follows_wall_time:
            raise TimeSyncError("this robot runs in lockstep: its time stands still until it is advanced")
        if best is not None and answer.clock_id != best.clock_id:
            raise TimeSyncError("the robot was restarted while its time was measured; try again")
        round_trip_ns = now_ns - sent_ns
        if best is None or round_trip_ns < best.round_trip_ns:
            on_the_way_ns = round_trip_ns - (answer.sent_time_ns - answer.received_time_ns)
            middle_ns = (answer.received_time_ns + answer.sent_time_ns) // 2
            best = TimeSync(
                clock_id=answer.clock_id,
                offset_ns=middle_ns - (sent_ns + now_ns) // 2,
                uncertainty_ns=max(0, on_the_way_ns) // 2 + 1,
                round_trip_ns=round_trip_ns,
            )
    if best is None:
        raise ValueError("at least one round trip is wanted")
    return best
