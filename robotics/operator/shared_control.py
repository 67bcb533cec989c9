"""A policy that moves the robot from a thread of its own, and a person who may take over from it."""

import contextlib

from robotics.errors import RoboticsError
from robotics.operator.decide import DecidingThread
from robotics.policy import Policy
from robotics.session import Event, EventKind, RobotSession


class SharedControl:
    """Runs from `start` to `stop`; INTERVENTION events say in the state stream who has control."""

    def __init__(self, session: RobotSession, policy: Policy, person: Policy | None):
        self._session, self._policy, self._person = session, policy, person
        self._deciding = DecidingThread(session, policy)
        self.by_hand = False
        self.interventions = 0

    @property
    def failure(self) -> RoboticsError | None:
        return self._deciding.failure

    def start(self) -> None:
        self._deciding.start()

    def stop(self) -> None:
        """Nothing is sent from then on; a person's control ends with it."""
        self._deciding.stop()
        if self.by_hand:
            with contextlib.suppress(RoboticsError):  # a robot that is lost hears nothing
                self._session.annotate(Event(EventKind.INTERVENTION, "end"))

    def hand_over(self) -> bool:
        """From the policy to the person, or back; False where there is no person for it."""
        if self._person is None:
            return False
        self.by_hand = not self.by_hand
        self.interventions += self.by_hand
        self._session.annotate(Event(EventKind.INTERVENTION, "start" if self.by_hand else "end"))
        self._deciding.switch(self._person if self.by_hand else self._policy)
        return True
