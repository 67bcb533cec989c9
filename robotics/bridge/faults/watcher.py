"""The healthy client beside a faulty one: keeps every tick of the state stream, and waits for some."""

import threading
import time
from collections.abc import Callable, Sequence

import numpy as np

from robotics.bridge.client import GrpcSession
from robotics.errors import RoboticsError
from robotics.session import RobotMode, RobotState


class Watcher:
    """Its states only grow; a stream that ends leaves its error in `failure`."""

    def __init__(self, address: str, states: list[RobotState] | None = None):
        """Watch from now on; `states` is what was seen before."""
        self.session = GrpcSession(address, client_name="watcher")
        self.states: list[RobotState] = [] if states is None else states
        self.failure: RoboticsError | None = None
        self._period_s = self.session.describe().embodiment.control_period_ns * 1e-9
        self._stream = self.session.states()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._listen, name="watcher", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            for state in self._stream:
                with self._changed:
                    self.states.append(state)
                    self._changed.notify_all()
        except RoboticsError as error:
            self.failure = error
        with self._changed:
            self._changed.notify_all()

    def wait_for(
        self, happens: Callable[[RobotState], object], since: int = 0, timeout_s: float = 5.0
    ) -> int:
        """Index of the first state from index `since` on for which it is true; -1 if none comes in time."""
        deadline_s = time.monotonic() + timeout_s
        index = since
        with self._changed:
            while True:
                while index < len(self.states):
                    if happens(self.states[index]):
                        return index
                    index += 1
                left_s = deadline_s - time.monotonic()
                if left_s <= 0 or (self.failure is not None):
                    return -1
                self._changed.wait(left_s)

    def wait_for_full_speed(self, joints: np.ndarray, timeout_s: float = 5.0) -> bool:
        """Whether these joints, bool (action_dim,), together reach 90 % of their velocity limits."""
        limit = 0.9 * self.session.describe().embodiment.velocity_limit[joints]

        def is_fast(state: RobotState) -> bool:
            step = state.applied[joints] - state.joints.target[joints]
            return bool((np.abs(step) / self._period_s >= limit).all())

        return self.wait_for(is_fast, len(self.states), timeout_s) >= 0

    def wait_for_stand(self, since: int, timeout_s: float = 6.0) -> int:
        """Index of the first tick after index `since` in which nothing moved and no plan ran; -1 if none."""

        def stands(state: RobotState) -> bool:
            return state.mode is not RobotMode.EXECUTING and bool(
                (state.applied == state.joints.target).all()
            )

        return self.wait_for(stands, since, timeout_s)

    def close(self) -> None:
        self.session.close()
        self._thread.join()


def first_braking(states: Sequence[RobotState], since_ns: int) -> RobotState | None:
    """The first tick at or after a robot time [ns] that executes no plan."""
    for state in states:
        if state.joints.time_ns >= since_ns and state.mode is not RobotMode.EXECUTING:
            return state
    return None
