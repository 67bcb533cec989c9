"""Where faults happen: a robot at full speed in its processes, a leader and a watcher."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from robotics.action import ActionChunk
from robotics.bridge.benchmark import NoiseCameraRig
from robotics.bridge.client import GrpcSession
from robotics.bridge.faults.breaking_robot import NOTES, ORDER, BreakingRobot, read_notes
from robotics.bridge.faults.child_client import send_full_speed
from robotics.bridge.faults.finding import Finding, first_problem, report_of
from robotics.bridge.faults.full_speed import sweeping_joints
from robotics.bridge.faults.limit_check import check_driver, check_states
from robotics.bridge.faults.watcher import Watcher, first_braking
from robotics.bridge.processes import RobotProcesses
from robotics.embodiment import Embodiment
from robotics.errors import RoboticsError
from robotics.session import STOPPED_MODES, RobotMode

_ROBOT = f"{BreakingRobot.__module__}:{BreakingRobot.__name__}"
_CAMERAS = f"{NoiseCameraRig.__module__}:{NoiseCameraRig.__name__}"
_SETTLED_TICKS = 10
"""After a stand so many more must pass in which nothing moves."""


class SceneError(RoboticsError):
    """The robot does not do what a fault needs it to do first."""


class Scene:
    """Ends with `close`."""

    def __init__(self, embodiment: Embodiment, cameras: bool = False, patience_s: float = 0.0):
        """Start the robot.

        Args:
            patience_s: Added to each longest time until it slows down [s].
        """
        self.embodiment = embodiment
        self._patience_s = patience_s
        self.joints = sweeping_joints(embodiment)
        """Those that sweep at full speed, bool, shape (action_dim,)."""
        if not self.joints.any():
            raise SceneError(f"no joint of '{embodiment.name}' has room to reach its full speed")
        self._folder = Path(tempfile.mkdtemp(prefix="robotics-faults-"))
        self._order = self._folder / "order"
        environment = {NOTES: str(self._folder / "notes"), ORDER: str(self._order)}
        with _environment(environment):
            self.processes = RobotProcesses(embodiment, _ROBOT, _CAMERAS if cameras else None)
        self.address = self.processes.address
        self.watcher = Watcher(self.address)
        self.leader = GrpcSession(self.address, client_name="leader")
        self._chunk_id = 0

    # Moving

    def rest(self) -> None:
        """Whatever was before: the leader leads, nothing is stopped, nothing moves."""
        since = len(self.watcher.states)
        self.leader.take_lease()
        if self.leader.state().mode in STOPPED_MODES:
            self.leader.release()
        self.leader.hold()
        if self.watcher.wait_for_stand(since) < 0:
            raise SceneError("the robot does not come to rest before a fault")

    def move(self) -> ActionChunk:
        """Bring the robot to full speed under the leader's plan, which is returned."""
        self.rest()
        self._chunk_id += 1
        chunk = send_full_speed(self.leader, self._chunk_id)
        self.wait_for_full_speed()
        return chunk

    def wait_for_full_speed(self) -> None:
        """
        Raises:
            SceneError: It is not reached.
        """
        if not self.watcher.wait_for_full_speed(self.joints):
            raise SceneError("the robot does not reach full speed before a fault")

    def recovers(self) -> bool:
        """Whether the robot, not restarted, moves at full speed again."""
        with contextlib.suppress(RoboticsError):
            self.move()
            return True
        return False

    def observe_chunk(self, steps: int = 50) -> ActionChunk:
        """A chunk that a policy might answer now: stand still where the target is."""
        observation = self.leader.observe()
        positions = np.tile(observation.joints.target, (steps, 1))
        chunk = ActionChunk.answering(observation, self.embodiment, positions)
        return replace(chunk, chunk_id=-1)

    def watch_again(self) -> None:
        """After a fault that ended the state stream: the watcher's record goes on in a new one."""
        states = self.watcher.states
        self.watcher.close()
        self.watcher = Watcher(self.address, states)

    # Breaking the driver

    def order(self, fault: str) -> None:
        """Have the driver break; see BreakingRobot."""
        fresh = self._folder / "fresh"
        fresh.write_text(fault)
        fresh.rename(self._order)  # the driver never reads half of it

    def repair(self) -> None:
        self._order.unlink(missing_ok=True)

    # Judging

    def expect_stop(
        self,
        inject: Callable[[], object],
        told: str = "",
        within_s: float = 0.2,
        mode: RobotMode | None = None,
    ) -> Finding:
        """Inject a fault; the robot must brake in time, stand, stay so and say why.

        Args:
            told: Part of an event's text or of the stop's reason that must be in the state stream.
            within_s: Longest time until it slows down [s].
            mode: What it must end in.
        """
        states, since = self.watcher.states, len(self.watcher.states)
        start_ns = time.monotonic_ns()
        inject()
        stand = self.watcher.wait_for_stand(self._index_at(start_ns, since))
        if stand < 0:
            return Finding("it does not come to a stand", report_of(states[since:]))
        self.watcher.wait_for(lambda state: False, len(states), _SETTLED_TICKS * 0.02)
        if told:
            self.watcher.wait_for(lambda state: _tells(state, told), since, 2.0)
        slowing = first_braking(states[since:], start_ns)
        assert slowing is not None  # it stands
        slowing_s = (slowing.joints.time_ns - start_ns) * 1e-9
        first = states.index(slowing, since)
        moved = any(state.mode is RobotMode.EXECUTING for state in states[first:])
        problem = first_problem(
            f"it slowed down after {slowing_s:.2f} s" if slowing_s > within_s + self._patience_s else "",
            "it moved again by itself" if moved else "",
            f"nobody was told '{told}'" if told and not any(_tells(s, told) for s in states[since:]) else "",
            f"it ended {states[-1].mode.value}" if mode not in (None, states[-1].mode) else "",
        )
        return Finding(
            problem,
            report_of(states[first - 1 :]),
            slowing_s,
            (states[stand].joints.time_ns - start_ns) * 1e-9,
        )

    def _index_at(self, time_ns: int, since: int) -> int:
        return max(since, self.watcher.wait_for(lambda state: state.joints.time_ns >= time_ns, since))

    def expect_motion(self, inject: Callable[[], object], ticks: int = 25) -> Finding:
        """Inject a fault that must not be noticed: the plan in force goes on bit for bit.

        `inject` may return what it was told.
        """
        states, since = self.watcher.states, len(self.watcher.states)
        told = inject()
        last = self.watcher.wait_for(lambda state: True, max(since, len(states)) + ticks)
        seen = states[since : last + 1]
        executing = all(state.mode is RobotMode.EXECUTING for state in seen)
        # after a tick that was missed the plan is caught up with, and so not followed bit for bit
        missed = seen[-1].missed_deadlines - seen[0].missed_deadlines if seen else 0
        followed = missed or all((state.applied == state.requested).all() for state in seen)
        executed = {state.chunk_id for state in seen} - {self._chunk_id}
        problem = first_problem(
            "" if last >= 0 else "the state stream broke off",
            "" if executing else f"the plan in force did not go on: {report_of(seen)}",
            "" if followed else f"targets differ from the plan: {seen[-1].guard_counts}",
            f"something of the faulty chunk was executed: {executed}" if executed else "",
        )
        return Finding(problem, first_problem(str(told or ""), report_of(seen)))

    def check_limits(self, since: int) -> str:
        """The first limit broken at the driver, or in the state stream from index `since` on; '' if none."""
        states = self.watcher.states
        notes = read_notes(self._folder / "notes", self.embodiment.action_dim)
        return first_problem(
            check_states(self.embodiment, states[max(0, since - 3) :]) if states else "",
            check_driver(self.embodiment, notes, states[0].joints.time_ns) if states else "",
        )

    @property
    def notes(self):
        """What the driver has noted so far."""
        return read_notes(self._folder / "notes", self.embodiment.action_dim)

    def close(self) -> None:
        self.leader.close()
        self.watcher.close()
        self.processes.close()
        shutil.rmtree(self._folder)

    def __enter__(self) -> "Scene":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _tells(state, text: str) -> bool:
    return text in state.stop_reason or any(text in event.text for event in state.events)


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set for the processes that are started meanwhile."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
