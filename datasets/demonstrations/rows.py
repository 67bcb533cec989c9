"""The rows of many episodes one after another, in memory, found by control tick."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from demonstrations.episode import Episode
from robotics.session import Event, EventKind


@dataclass(frozen=True)
class RowTable:
    """What a sample needs of the ticks; n episodes, rows in order of episode and tick."""

    episodes: np.ndarray
    """Indices into the dataset, int64 (n,), ascending."""
    bounds: np.ndarray
    """Episode k has the rows bounds[k] .. bounds[k + 1] - 1, int64 (n + 1,)."""
    tick: np.ndarray
    """int64 (row,)"""
    time_ns: np.ndarray
    """int64 (row,)"""
    state: np.ndarray
    """The chosen quantities side by side, float32 (row, state_dim)."""
    action: np.ndarray
    """float32 (row, action_dim)"""
    intervention: np.ndarray
    """A person had taken over, bool (row,)."""
    instructions: tuple[str, ...]
    """(n,)"""
    subtasks: tuple[tuple[tuple[int, str], ...], ...]
    """Of each episode the beginnings [ns] of its annotated parts with their names, in order of time."""

    @staticmethod
    def read(episodes: Mapping[int, Episode], state: Sequence[str], action: str) -> "RowTable":
        """Read every tick of these episodes.

        Args:
            episodes: By index into their dataset, ascending; at least one.

        Raises:
            UnknownNameError: There is no such quantity.
            DatasetError: An episode is damaged.
        """
        parts: dict[str, list[np.ndarray]] = {"tick": [], "time_ns": [], "state": [], "action": []}
        instructions, subtasks, interventions = [], [], []
        for episode in episodes.values():
            parts["tick"].append(episode.tick)
            parts["time_ns"].append(episode.time_ns)
            parts["state"].append(np.concatenate([_columns(episode.state[name]) for name in state], axis=1))
            parts["action"].append(_columns(episode.state[action]))
            instructions.append(episode.metadata.instruction)
            events = sorted(episode.metadata.events, key=lambda event: event.time_ns)
            subtasks.append(tuple((e.time_ns, e.text) for e in events if e.kind is EventKind.SUBTASK))
            interventions.append(_intervention(events, episode.time_ns))
        lengths = [len(ticks) for ticks in parts["tick"]]
        return RowTable(
            episodes=np.array(list(episodes), np.int64),
            bounds=np.cumsum([0, *lengths], dtype=np.int64),
            tick=np.concatenate(parts["tick"]),
            time_ns=np.concatenate(parts["time_ns"]),
            state=np.concatenate(parts["state"]),
            action=np.concatenate(parts["action"]),
            intervention=np.concatenate(interventions),
            instructions=tuple(instructions),
            subtasks=tuple(subtasks),
        )

    def __len__(self) -> int:
        return len(self.tick)

    def at_offsets(self, slot: int, row: int, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The rows in force `offsets` control ticks from `row` of the episode `slot` (0 .. n - 1).

        A tick that never reached the recorder is answered by the last one before it.

        Returns:
            Rows, int64 (offset,), the episode's first or last beyond its ends; and bool (offset,), true
            beyond them.
        """
        first, end = self.bounds[slot], self.bounds[slot + 1]
        ticks = self.tick[first:end]
        wanted = self.tick[row] + offsets
        rows = first + np.searchsorted(ticks, wanted, side="right") - 1
        return np.clip(rows, first, end - 1), (wanted < ticks[0]) | (wanted > ticks[-1])

    def subtask(self, slot: int, time_ns: int) -> str:
        """Name of the part of the episode that `time_ns` lies in, '' where it has none."""
        return next((text for begin_ns, text in reversed(self.subtasks[slot]) if begin_ns <= time_ns), "")


def _intervention(events: Sequence[Event], time_ns: np.ndarray) -> np.ndarray:
    """bool (row,): from the tick at or after each 'start' until the tick of the 'end', or the last one."""
    result = np.zeros(len(time_ns), bool)
    for event in events:
        if event.kind is EventKind.INTERVENTION:
            result[np.searchsorted(time_ns, event.time_ns) :] = event.text == "start"
    return result


def _columns(values: np.ndarray) -> np.ndarray:
    """float32 (row, dimension), also of a quantity that is one number."""
    return values.reshape(len(values), -1).astype(np.float32)
