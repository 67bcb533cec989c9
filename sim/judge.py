"""Remembers an episode's best moment and for how long its goal has held."""

from robotics.task import TaskStatus
from sim.tasks import Assessment, Task


class Judge:
    """Turns assessments of moments into a verdict on the episode so far."""

    def __init__(self, task: Task):
        self._task = task
        self._since_s: float | None = None
        self._best = 0.0
        self._status = TaskStatus(success=False, progress=0.0, stage=task.stages[0])

    def observe(self, time_s: float, assessment: Assessment) -> None:
        """Take in one moment of simulated time [s]; moments come in order."""
        if not assessment.achieved:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = time_s
        held_s = -1.0 if self._since_s is None else time_s - self._since_s
        success = held_s >= self._task.hold_s - 1e-9
        # Progress is the furthest that the episode came; a whole 1 is kept for success.
        self._best = max(self._best, 1.0 if success else min(assessment.progress, 0.99))
        self._status = TaskStatus(success=success, progress=self._best, stage=assessment.stage)

    @property
    def status(self) -> TaskStatus:
        return self._status
