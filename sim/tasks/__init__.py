"""The simulated tasks by name."""

from robotics.errors import UnknownNameError
from sim.tasks.hand_over_cube import HandOverCube
from sim.tasks.instructions import Goal
from sim.tasks.open_drawer import OpenDrawer
from sim.tasks.put_in_bowl import PutInBowl
from sim.tasks.stack_blocks import StackBlocks
from sim.tasks.task import Assessment, Task

__all__ = ["Assessment", "Goal", "Task", "make_task", "task_names"]

_TASKS: dict[str, type[Task]] = {
    task.name: task for task in (HandOverCube, PutInBowl, OpenDrawer, StackBlocks)
}


def task_names() -> tuple[str, ...]:
    """Names of all tasks."""
    return tuple(_TASKS)


def make_task(name: str) -> Task:
    """The task of that name.

    Raises:
        UnknownNameError: There is none.
    """
    if name not in _TASKS:
        raise UnknownNameError("task", name, _TASKS)
    return _TASKS[name]()
