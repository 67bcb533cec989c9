"""One client leads; who lost the lease learns why, and who leads now."""

import dataclasses

import pytest

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.lease import Lease, LeaseDesk, decode_lease, encode_lease
from robotics.bridge.statuses import LeaseRefusedError
from robotics.bridge.v1 import types_pb2


class WallTime:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def time() -> WallTime:
    return WallTime()


@pytest.fixture
def desk(time: WallTime) -> LeaseDesk:
    return LeaseDesk(duration_s=2.0, wall_time_s=time)


def refusal(desk: LeaseDesk, lease: Lease) -> LeaseRefusedError:
    with pytest.raises(LeaseRefusedError) as refused:
        desk.check(lease)
    return refused.value


def test_the_lease_passes_and_a_second_client_is_told_who_leads(desk: LeaseDesk):
    lease = desk.acquire("anna")
    desk.check(lease)
    with pytest.raises(LeaseRefusedError, match="'anna' leads the robot") as refused:
        desk.acquire("bert")
    assert refused.value.code == types_pb2.STATUS_CODE_LEASE_HELD


def test_no_lease_is_refused(desk: LeaseDesk):
    assert refusal(desk, Lease("", 0, "")).code == types_pb2.STATUS_CODE_NO_LEASE
    desk.acquire("anna")
    assert "'anna' leads" in str(refusal(desk, Lease("", 0, "")))


def test_a_lease_given_back_is_over_and_the_next_client_gets_one(desk: LeaseDesk):
    lease = desk.acquire("anna")
    desk.give_back(lease)
    assert refusal(desk, lease).code == types_pb2.STATUS_CODE_LEASE_REVOKED
    assert desk.acquire("bert").sequence > lease.sequence


def test_a_taken_lease_is_revoked_and_names_the_new_leader(desk: LeaseDesk):
    lease = desk.acquire("anna")
    taken, before = desk.take("bert")
    assert before == lease
    error = refusal(desk, lease)
    assert error.code == types_pb2.STATUS_CODE_LEASE_REVOKED and "'bert' leads" in str(error)
    desk.check(taken)


def test_a_lease_that_is_used_does_not_expire(desk: LeaseDesk, time: WallTime):
    lease = desk.acquire("anna")
    for _ in range(10):
        time.now_s += 1.9
        desk.check(lease)
        assert desk.expire() is None


def test_a_lease_that_is_not_heard_of_expires_once(desk: LeaseDesk, time: WallTime):
    lease = desk.acquire("anna")
    time.now_s += 2.1
    assert desk.expire() == lease
    assert desk.expire() is None and desk.owner is None
    error = refusal(desk, lease)
    assert error.code == types_pb2.STATUS_CODE_LEASE_EXPIRED and "2 s" in str(error)


def test_an_expired_lease_does_not_come_alive_again_when_another_client_leads(desk, time):
    lease = desk.acquire("anna")
    time.now_s += 2.1
    desk.expire()
    desk.acquire("bert")
    assert "'bert' leads" in str(refusal(desk, lease))


def test_a_lease_of_an_earlier_start_is_refused(desk: LeaseDesk):
    earlier = LeaseDesk().acquire("anna")
    desk.acquire("anna")
    assert refusal(desk, earlier).code == types_pb2.STATUS_CODE_LEASE_WRONG_EPOCH


def test_a_guessed_sequence_or_a_borrowed_name_does_not_pass(desk: LeaseDesk):
    lease = desk.acquire("anna")
    for forged in (
        dataclasses.replace(lease, sequence=lease.sequence + 1),
        dataclasses.replace(lease, client_name="bert"),
    ):
        assert refusal(desk, forged).code == types_pb2.STATUS_CODE_LEASE_REVOKED
    desk.check(lease)


def test_a_lease_comes_back_from_the_wire(desk: LeaseDesk):
    lease = desk.acquire("anna")
    assert decode_lease(encode_lease(lease)) == lease
    assert refusal(desk, decode_lease(encode_lease(None))).code == types_pb2.STATUS_CODE_NO_LEASE


# The client's deadline


def test_a_silent_leader_is_reported_once_and_keeps_the_lease(desk: LeaseDesk, time: WallTime):
    lease = desk.acquire("anna")
    time.now_s += 0.49
    assert desk.overdue() is None
    time.now_s += 0.02
    assert desk.overdue() == lease
    assert desk.overdue() is None and desk.owner == lease
    desk.check(lease)  # heard of again
    assert desk.overdue() is None
    time.now_s += 0.51
    assert desk.overdue() == lease


def test_a_client_may_ask_for_its_own_deadline(desk: LeaseDesk, time: WallTime):
    lease = desk.acquire("teleoperation", 0.1)
    time.now_s += 0.11
    assert desk.overdue() == lease
    desk.take("policy")
    time.now_s += 0.4
    assert desk.overdue() is None and desk.deadline_s == 0.5


@pytest.mark.parametrize("deadline_s", [0.01, 2.5, -1.0])
def test_a_deadline_out_of_range_is_refused_and_nobody_leads(desk: LeaseDesk, deadline_s: float):
    with pytest.raises(MalformedMessageError, match=r"0\.05 \.\. 2 s"):
        desk.acquire("anna", deadline_s)
    assert desk.owner is None


def test_the_next_look_is_in_time_for_deadline_and_expiry(desk: LeaseDesk, time: WallTime):
    desk.acquire("anna", 0.06)
    assert desk.look_again_in_s() <= 0.05
    time.now_s += 0.05
    assert desk.look_again_in_s() == pytest.approx(0.011)
    time.now_s += 0.05
    assert desk.overdue() is not None
    assert desk.look_again_in_s() <= 0.05


def test_knowing_robot_time_lasts_a_minute_and_ends_with_the_lease(desk: LeaseDesk, time: WallTime):
    lease = desk.acquire("anna")
    assert not desk.is_synchronised
    desk.synchronise(lease)
    for _ in range(59):
        time.now_s += 1.0
        desk.check(lease)
    assert desk.is_synchronised
    time.now_s += 1.5
    assert not desk.is_synchronised
    desk.check(lease)
    desk.synchronise(lease)
    desk.take("bert")
    assert not desk.is_synchronised


def test_a_former_leader_cannot_count_on_to_the_present_lease(desk: LeaseDesk):
    old = desk.acquire("anna")
    new, _ = desk.take("bert")
    for ahead in range(1, 100):
        guess = dataclasses.replace(old, sequence=old.sequence + ahead, client_name="bert")
        assert guess != new
        assert refusal(desk, guess).code == types_pb2.STATUS_CODE_LEASE_REVOKED
