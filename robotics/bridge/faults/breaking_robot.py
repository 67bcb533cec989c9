"""A weightless robot whose driver notes each target that it gets, and breaks when it is told to."""

import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robotics.bridge.benchmark import WeightlessRobot
from robotics.embodiment import Embodiment

NOTES = "ROBOTICS_FAULTS_NOTES"
"""Environment: the file that the driver's notes go to."""
ORDER = "ROBOTICS_FAULTS_ORDER"
"""Environment: the file whose content says how the driver breaks; none while it is whole."""
_WRITE, _HOLD, _CLOSE = 1, 2, 3
_NAP_S = 0.01


class BreakingRobot(WeightlessRobot):
    """Orders: 'write off', 'write and hold off', 'write stuck', 'write slow', 'write intermittent',
    'read off', 'read stuck', 'read garbage'; 'clock wrong' has its process's wall clock jump by an hour.
    """

    def __init__(self, embodiment: Embodiment):
        super().__init__(embodiment)
        self._notes = os.open(os.environ[NOTES], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._order_file = os.environ[ORDER]
        self._format = struct.Struct(f"=qqq{embodiment.action_dim}d")
        self._read_ns = 0
        self._writes = 0
        self._stuck = super().read()

    def _order(self) -> str:
        try:
            with open(self._order_file) as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def _note(self, kind: int, target: np.ndarray) -> None:
        os.write(self._notes, self._format.pack(kind, self._read_ns, time.monotonic_ns(), *target))

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        self._read_ns = time.monotonic_ns()
        match self._order():
            case "read off":
                raise OSError("no answer on the bus")
            case "read stuck":
                return self._stuck
            case "read garbage":
                return np.full_like(self._position, np.nan), self._velocity
            case "clock wrong":
                _let_wall_clock_jump()
        self._stuck = super().read()
        return self._stuck

    def write(self, target: np.ndarray) -> None:
        self._writes += 1
        match self._order():
            case "write off" | "write and hold off":
                raise OSError("bus gone")
            case "write slow":
                time.sleep(0.004)
            case "write intermittent" if self._writes % 20 == 0:
                time.sleep(0.05)
            case "write stuck":
                while self._order() == "write stuck":
                    time.sleep(_NAP_S)
        super().write(target)
        self._note(_WRITE, target)

    def hold(self) -> None:
        if self._order() == "write and hold off":
            raise OSError("nothing to hold with")
        self._note(_HOLD, self._position)

    def close(self) -> None:
        self._note(_CLOSE, self._position)
        os.close(self._notes)


_wall_clock_reads = 0


def _let_wall_clock_jump() -> None:
    """Every reading of the wall clock in Python from now on is an hour off, to this side and that."""
    if time.time.__name__ == "jumping":
        return
    true_s = time.time

    def jumping() -> float:
        global _wall_clock_reads  # noqa: PLW0603
        _wall_clock_reads += 1
        return true_s() + 3600.0 * (-1.0) ** _wall_clock_reads

    time.time = jumping
    time.time_ns = lambda: int(jumping() * 1e9)


@dataclass(frozen=True)
class DriverNotes:
    """What reached the driver, oldest first."""

    read_ns: np.ndarray
    """When the tick of each target read the joints, robot time, shape (n,)."""
    time_ns: np.ndarray
    """When each target was written, robot time, shape (n,)."""
    targets: np.ndarray
    """Shape (n, action_dim)."""
    holds: int
    """How often it was told to hold."""
    is_closed: bool


def read_notes(file: Path, action_dim: int) -> DriverNotes:
    """What the driver has noted so far."""
    row = np.dtype([("kind", "i8"), ("read_ns", "i8"), ("time_ns", "i8"), ("target", "f8", (action_dim,))])
    data = file.read_bytes()
    rows = np.frombuffer(data[: len(data) // row.itemsize * row.itemsize], row)
    written = rows[rows["kind"] == _WRITE]
    return DriverNotes(
        read_ns=written["read_ns"],
        time_ns=written["time_ns"],
        targets=written["target"],
        holds=int((rows["kind"] == _HOLD).sum()),
        is_closed=bool((rows["kind"] == _CLOSE).any()),
    )
