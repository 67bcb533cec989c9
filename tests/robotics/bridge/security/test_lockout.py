"""Six failures within a minute lock a machine out for a minute."""

import pytest

from robotics.bridge.security.caller import address_of
from robotics.bridge.security.lockout import LOCKOUT_S, MOST_FAILURES, Lockout


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def fail(lockout: Lockout, address: str, times: int) -> None:
    for _ in range(times):
        lockout.failed(address)


def test_the_sixth_failure_locks_that_machine_out_and_no_other():
    lockout = Lockout(clock := Clock())
    fail(lockout, "10.0.0.1", MOST_FAILURES - 1)
    assert lockout.remaining_s("10.0.0.1") == 0.0
    lockout.failed("10.0.0.1")
    assert lockout.remaining_s("10.0.0.1") == LOCKOUT_S
    assert lockout.remaining_s("10.0.0.2") == 0.0
    clock.now_s += LOCKOUT_S
    assert lockout.remaining_s("10.0.0.1") == 0.0


def test_failures_that_are_a_minute_old_do_not_count():
    lockout = Lockout(clock := Clock())
    fail(lockout, "10.0.0.1", MOST_FAILURES - 1)
    clock.now_s += LOCKOUT_S
    fail(lockout, "10.0.0.1", MOST_FAILURES - 1)
    assert lockout.remaining_s("10.0.0.1") == 0.0


def test_a_flood_of_machines_does_not_fill_the_memory():
    lockout = Lockout(Clock())
    for number in range(10_000):
        lockout.failed(f"machine {number}")
        lockout.trust(f"connection {number}")
    assert len(lockout._failures) == len(lockout._trusted) == 4096


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:192.168.1.5:50312", "192.168.1.5"),
        ("ipv6:%5B::1%5D:50312", "::1"),
        ("ipv6:[2001:db8:1:2:3:4:5:6]:50312", "2001:db8:1:2::/64"),
        ("ipv6:[::ffff:10.0.0.1]:50312", "10.0.0.1"),
        ("unix:/run/robot", "/run/robot"),
        ("", ""),
    ],
)
def test_a_machine_is_its_address_without_the_port_and_an_ipv6_network_is_one_machine(peer, address):
    assert address_of(peer) == address
