"""Why the planner does nothing, or nothing more; each message is one line for a user."""

from robotics.errors import RoboticsError


class PlannerError(RoboticsError):
    """Root of the planner's errors; the arms hold where they are."""


class NotUnderstoodError(PlannerError):
    """The instruction is no order that the planner knows; nothing has moved."""


class NotFoundError(PlannerError):
    """The reasoner says that a thing of the instruction is not there, or does not know its name."""


class OutOfReachError(PlannerError):
    """No arm, nor both with a hand-over, can do a step."""


class GaveUpError(PlannerError):
    """A step failed as often as it may be tried."""
