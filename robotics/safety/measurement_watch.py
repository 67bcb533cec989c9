"""Notices measured joints that cannot be true: no numbers, or standing still while the targets move on."""

import numpy as np

from robotics.embodiment import Embodiment

_PATIENCE_S = 0.5
_AT_REST = 0.01
"""Targets that moved by less [rad or opening] need no answer: small steps may be lost in friction."""
_MOVED = 0.1
"""A target that moved by more has moved a joint, unless nothing is measured any more."""


class MeasurementWatch:
    """One for each robot, asked every control tick.

    Only a state in which no joint of any arm changes by a single bit is taken for stuck: an arm that is
    blocked, or a gripper on an object, leaves others that move.
    """

    def __init__(self, embodiment: Embodiment):
        self._names = embodiment.action_names
        self._patience = max(1, round(_PATIENCE_S * embodiment.control_rate_hz))
        self._position: np.ndarray | None = None
        self._target = np.zeros(len(self._names))
        self._ticks = 0

    def look(self, position: np.ndarray, target: np.ndarray) -> str | None:
        """Why the robot must not go on, in one line; None where all is well.

        Args:
            position: Measured, shape (action_dim,).
            target: Last applied, shape (action_dim,).
        """
        finite = np.isfinite(position)
        if not finite.all():
            joint = int(np.argmin(finite))
            return f"the driver measures {self._names[joint]} at {position[joint]}"
        if self._position is None or (position != self._position).any():
            self._restart(position, target)
            return None
        moved = float(np.abs(target - self._target).max())
        self._ticks = self._ticks + 1 if moved > _AT_REST else 0
        if self._ticks < self._patience or moved <= _MOVED:
            return None
        self._restart(position, target)  # a release gives the driver another try
        return f"the measured joints have not changed for {_PATIENCE_S:g} s of motion"

    def _restart(self, position: np.ndarray, target: np.ndarray) -> None:
        self._position, self._target, self._ticks = np.array(position), np.array(target), 0
