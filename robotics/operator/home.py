"""Moves the arms home without collision, through a session."""

import time
from dataclasses import replace

import numpy as np

from robotics.action import ActionChunk
from robotics.errors import RoboticsError
from robotics.kinematics.home_path import plan_home
from robotics.session import RobotMode, RobotSession

_SETTLE_S = 0.5
_STANDS = (RobotMode.HOLDING, RobotMode.PROTECTIVE_STOP, RobotMode.EMERGENCY_STOP)


def move_home(session: RobotSession, timeout_s: float = 30.0) -> float:
    """Stop, plan a collision-free path from where the arms are commanded to be, follow it, hold.

    Returns:
        Largest distance of a joint from home at the end [rad or opening]; grippers that hold something
        included.

    Raises:
        RoboticsError: No collision-free path was found, or home was not reached in time.
        StoppedError: The robot is stopped.
    """
    description = session.describe()
    embodiment = description.embodiment
    session.hold()
    _wait_until_standing(session, description.lockstep, timeout_s)
    path = plan_home(embodiment, session.state().applied)
    if len(path):
        observation = session.observe()
        chunk = ActionChunk.answering(observation, embodiment, path)
        session.send(replace(chunk, chunk_id=1))
        if description.lockstep:
            session.advance(len(path))
        else:
            time.sleep(len(path) * embodiment.control_period_ns / 1e9)
        _wait_until_standing(session, description.lockstep, timeout_s)
        left = float(np.abs(session.state().applied - embodiment.home).max())
        if left > 0.01:
            raise RoboticsError(
                f"the arms stopped {left:.3f} rad short of home ({session.state().mode.value})"
            )
    _settle(session, description.lockstep)
    return float(np.abs(session.state().joints.position - embodiment.home).max())


def _settle(session: RobotSession, lockstep: bool) -> None:
    """The joints follow their targets with a lag."""
    if lockstep:
        session.advance(round(_SETTLE_S * session.describe().embodiment.control_rate_hz))
    else:
        time.sleep(_SETTLE_S)


def _wait_until_standing(session: RobotSession, lockstep: bool, timeout_s: float) -> None:
    """Until the robot holds and its plan is empty: a few ticks after the last command."""
    deadline = time.monotonic() + timeout_s
    first = session.state().joints.tick
    while True:
        if lockstep:
            state = session.advance(1)[-1]
        else:
            time.sleep(0.02)
            state = session.state()
        # the tick that was under way when the command was given does not know it yet
        if state.joints.tick >= first + 2 and state.mode in _STANDS and state.plan_steps == 0:
            return
        if time.monotonic() > deadline:
            raise RoboticsError(f"the robot did not come to rest within {timeout_s:g} s ({state.mode.value})")
