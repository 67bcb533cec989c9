"""Runs a control loop in real time: absolute deadlines, never a sleep of 'period minus elapsed'."""

import contextlib
import ctypes
import gc
import os
import resource
import time
from collections.abc import Callable

from robotics.bridge.control import ControlLoop
from robotics.clock import NS_PER_S
from robotics.session import RobotState

# Beyond so many missed ticks a simulation does not catch up: it would fall behind even more.
_MOST_CATCH_UP_TICKS = 5
# A stop from full speed takes acceleration limits a fraction of this.
_MOST_FINAL_TICKS_S = 3.0
# Waking takes tens to hundreds of microseconds: so long before a deadline the thread stays awake.
_MOST_AWAKE_NS = 300_000
_AWAKE_SHARE = 0.1  # of a servo period at most
_MCL_CURRENT, _MCL_FUTURE = 1, 2


def run_realtime(
    loop: ControlLoop,
    should_stop: Callable[[], bool],
    on_tick: Callable[[RobotState], None],
    before_tick: Callable[[], None] = lambda: None,
    wait: Callable[[float], None] | None = None,
) -> None:
    """Run until `should_stop()`, then decelerate, hold and return.

    A tick that would start a full period late is skipped and counted as a missed deadline; the plan
    goes on where it was, so that no joint has to catch up. A simulated robot is stepped in pace with the
    clock; the world goes on during missed ticks, as a real one does.

    Args:
        loop: Its clock must be wall-paced.
        on_tick: Gets each tick's state right after its first servo target was written.
        before_tick: Called when a tick is due; puts the commands that have arrived into the loop.
        wait: Sleeps for so long [s] at most, and may execute commands instead; `time.sleep` by default.

    Raises:
        Exception: Whatever the driver or a callback raised, after the robot was told to hold.
    """
    beat = _Beat(loop, wait or time.sleep)
    loop.align()
    try:
        while not should_stop():
            beat.run_tick(on_tick, before_tick)
        loop.hold()
        for _ in range(int(_MOST_FINAL_TICKS_S * loop.embodiment.control_rate_hz)):
            if loop.guard.motion.at_rest:
                break
            beat.run_tick(on_tick, lambda: None)
    except BaseException:
        with contextlib.suppress(Exception):  # a bus that is gone fails here, too; told is what failed first
            loop.robot.hold()
        raise
    loop.robot.hold()


class _Beat:
    """Runs tick after tick at absolute deadlines."""

    def __init__(self, loop: ControlLoop, wait: Callable[[float], None]):
        self._loop = loop
        self._wait = wait
        self._awake_ns = min(_MOST_AWAKE_NS, int(_AWAKE_SHARE * loop.servo_period_ns))

    def run_tick(self, on_tick: Callable[[RobotState], None], before_tick: Callable[[], None]) -> None:
        loop = self._loop
        self._sleep_until(loop.next_time_ns)
        before_tick()
        # A reset among the commands moves the next tick into the future.
        self._sleep_until(loop.next_time_ns)
        missed = loop.skip_missed()
        if missed and loop.simulation is not None:
            loop.simulation.step(min(missed, _MOST_CATCH_UP_TICKS) * loop.embodiment.control_period_ns)
        started_ns = loop.next_time_ns
        on_tick(loop.begin_tick())
        for index in range(loop.servo_ticks):
            if index:
                self._sleep_until(started_ns + index * loop.servo_period_ns)
                loop.write_servo(index)
            if loop.simulation is not None:
                loop.simulation.step(loop.servo_period_ns)

    def _sleep_until(self, deadline_ns: int) -> None:
        """Wait for an absolute robot time [ns], the last moment awake; returns at once where it is past."""
        clock = self._loop.clock
        while (left_ns := deadline_ns - clock.now_ns()) > 0:
            if left_ns > self._awake_ns:
                self._wait((left_ns - self._awake_ns) / NS_PER_S)


def enter_realtime(priority: int = 50) -> str:
    """Give the calling thread real-time priority and lock the process's memory, where permitted.

    Call it in the control thread once everything is set up: what is allocated by then is also
    exempt from garbage collection, whose pauses would be missed deadlines.

    Returns:
        One line for the log: what was granted, and what is missing where it was not.
    """
    gc.collect()
    gc.freeze()
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
        scheduling = f"SCHED_FIFO priority {priority}"
    except (PermissionError, OSError):
        scheduling = "no SCHED_FIFO (needs CAP_SYS_NICE or an rtprio limit): deadlines are best effort"
    return f"{scheduling}; {_lock_memory()}"


def _lock_memory() -> str:
    # Under a finite limit the lock may be granted now and make a later allocation fail.
    soft, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if os.geteuid() != 0 and soft != resource.RLIM_INFINITY:
        return "memory not locked (needs CAP_IPC_LOCK or an unlimited memlock limit)"
    if ctypes.CDLL(None, use_errno=True).mlockall(_MCL_CURRENT | _MCL_FUTURE) != 0:
        return f"memory not locked ({os.strerror(ctypes.get_errno())})"
    return "memory locked"
