"""Ends an episode by what the robot tells, and marks the stages of its task in the state stream."""

from robotics.errors import RoboticsError
from robotics.operator.attempt import CollectConfig, Ending
from robotics.session import STOPPED_MODES, Event, EventKind, RobotSession, RobotState


class LiveJudge:
    """Looks at states as they come; where a simulation judges, its word counts."""

    def __init__(self, session: RobotSession, begun_ns: int, config: CollectConfig):
        self._session, self._begun_ns, self._config = session, begun_ns, config
        self._succeeded_ns: int | None = None
        self._stage = ""
        self.elapsed_s = 0.0

    def look(self, state: RobotState, failure: RoboticsError | None) -> tuple[Ending, str] | None:
        """How and why the episode ends; None while it goes on.

        Args:
            failure: Of whoever moves the robot.
        """
        now_ns = state.joints.time_ns
        if now_ns <= self._begun_ns:  # from before the reset
            return None
        self.elapsed_s = (now_ns - self._begun_ns) * 1e-9
        if state.mode in STOPPED_MODES:
            return Ending.FAILURE, f"{state.mode.value}: {state.stop_reason}"
        if failure is not None:
            return Ending.FAILURE, str(failure)
        if self._succeeds(state):
            return Ending.SUCCESS, "the judge is satisfied"
        limit_s = self._config.time_limit_s
        if limit_s is not None and self.elapsed_s >= limit_s:
            return Ending.FAILURE, f"not done within {limit_s:g} s"
        return None

    def _succeeds(self, state: RobotState) -> bool:
        if state.task is None:
            return False
        if state.task.stage != self._stage:
            self._stage = state.task.stage
            self._session.annotate(Event(EventKind.SUBTASK, self._stage))
        if not state.task.success:
            self._succeeded_ns = None
            return False
        if self._succeeded_ns is None:
            self._succeeded_ns = state.joints.time_ns
        return (state.joints.time_ns - self._succeeded_ns) * 1e-9 >= self._config.settle_s
