"""Robot time is known to within the uncertainty that is stated, however long the ways are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotics.bridge.time_sync import TimeSyncError, estimate
from robotics.bridge.v1 import time_sync_service_pb2 as pb

DELAY_NS = st.integers(0, 10**9)


class Wire:
    """A client and a robot whose clocks differ by `offset_ns`, and the ways between them."""

    def __init__(self, offset_ns: int, delays: list[tuple[int, int, int]]):
        self.offset_ns, self.delays, self.local_ns = offset_ns, iter(delays), 0

    def sync(self, request: pb.TimeSyncRequest) -> pb.TimeSyncResponse:
        there, stay, back = next(self.delays)
        received = self.local_ns + there + self.offset_ns
        self.local_ns += there + stay + back
        return pb.TimeSyncResponse(
            received_time_ns=received,
            sent_time_ns=received + stay,
            clock_id="clock",
            follows_wall_time=True,
        )


@given(
    st.integers(-(10**15), 10**15), st.lists(st.tuples(DELAY_NS, DELAY_NS, DELAY_NS), min_size=1, max_size=5)
)
def test_the_true_offset_lies_within_the_uncertainty(offset_ns: int, delays: list[tuple[int, int, int]]):
    wire = Wire(offset_ns, delays)
    found = estimate(wire.sync, len(delays), lambda: wire.local_ns)
    assert abs(found.offset_ns - offset_ns) <= found.uncertainty_ns + 1
    assert found.local_time_ns(found.robot_time_ns(77)) == 77


def test_the_shortest_round_trip_counts():
    wire = Wire(50, [(900, 0, 100), (10, 0, 10), (100, 0, 900)])
    found = estimate(wire.sync, 3, lambda: wire.local_ns)
    assert found.round_trip_ns == 20 and found.offset_ns == 50


def test_time_that_stands_still_cannot_be_converted():
    with pytest.raises(TimeSyncError, match="lockstep"):
        estimate(lambda request: pb.TimeSyncResponse(follows_wall_time=False))


def test_a_restart_in_between_is_noticed():
    clocks = iter("ab")
    with pytest.raises(TimeSyncError, match="restarted"):
        estimate(lambda request: pb.TimeSyncResponse(follows_wall_time=True, clock_id=next(clocks)), 2)
