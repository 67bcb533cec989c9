"""Which task, and so which judge, an instruction in words belongs to."""

import difflib
from collections.abc import Sequence

from robotics.errors import RoboticsError, UnknownNameError
from robotics.session import RobotSession
from robotics.task import EpisodeSetup, TaskDescription


class UnknownInstructionError(RoboticsError):
    """No simulated task understands the instruction."""


def start_episode(session: RobotSession, instruction: str, task: str | None, seed: int) -> EpisodeSetup:
    """Reset the simulation to the task that the instruction fits.

    Args:
        task: The task's name; None finds it by the instruction.

    Raises:
        UnknownNameError: No such task, or the instruction does not fit it.
        UnknownInstructionError: No task fits the instruction; the message has the nearest instructions.
    """
    tasks = session.describe().tasks
    if task is not None:
        if task not in [t.name for t in tasks]:
            raise UnknownNameError("task", task, [t.name for t in tasks])
        return session.reset(task, seed, instruction)
    for candidate in _likeliest_first(instruction, tasks):
        try:
            return session.reset(candidate.name, seed, instruction)
        except UnknownNameError:
            continue
    known = [phrase for t in tasks for phrase in t.instructions]
    near = difflib.get_close_matches(instruction, known, n=3, cutoff=0.0)
    raise UnknownInstructionError(
        f"no task understands '{instruction}'; the nearest instructions are: "
        + ", ".join(f"'{phrase}'" for phrase in near)
        + "; `robotics task list --instructions` shows all"
    )


def _likeliest_first(instruction: str, tasks: Sequence[TaskDescription]) -> list[TaskDescription]:
    def likeness(task: TaskDescription) -> float:
        if instruction in task.instructions:
            return 2.0
        return max(
            (difflib.SequenceMatcher(None, instruction, phrase).ratio() for phrase in task.instructions),
            default=0.0,
        )

    return sorted(tasks, key=likeness, reverse=True)
