"""Simulated cameras that open OpenGL at their first picture: who looks at nothing needs no OpenGL."""

from collections.abc import Callable

import numpy as np

from robotics.observation import CameraFrame
from robotics.robot import SimulatedCameraRig


class LazyCameraRig:
    """Implements SimulatedCameraRig by another one, made when it is first needed."""

    def __init__(self, make_rig: Callable[[], SimulatedCameraRig]):
        self._make_rig = make_rig
        self._rig: SimulatedCameraRig | None = None
        self._episode: tuple[str, int, str | None] | None = None

    def _opened(self) -> SimulatedCameraRig:
        if self._rig is None:
            self._rig = self._make_rig()
            if self._episode is not None:
                self._rig.reset(*self._episode)
        return self._rig

    def reset(self, task: str, seed: int, instruction: str | None = None) -> None:
        self._episode = (task, seed, instruction)
        if self._rig is not None:
            self._rig.reset(task, seed, instruction)

    def set_world_state(self, state: np.ndarray) -> None:
        self._opened().set_world_state(state)

    def capture(self, camera: str, time_ns: int) -> CameraFrame:
        return self._opened().capture(camera, time_ns)

    def close(self) -> None:
        if self._rig is not None:
            self._rig.close()
            self._rig = None
