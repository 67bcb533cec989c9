"""A lockstep simulation for the planner with a reasoner that knows the truth; pictures are black."""

import numpy as np
from contracts.truthful_reasoner import FLAWLESS, Flaws, TruthfulReasoner

from policies.planner.orders import carry_out
from policies.planner.planner import Orders, Planner
from robotics.bridge.local_session import LocalSession
from robotics.embodiment import Embodiment
from robotics.evaluation.episode import EpisodePlan, EpisodeResult, run_episode
from robotics.observation import CameraFrame
from sim.robot import SimulatedRobot


class BlackCameras:
    """Implements CameraRig without drawing."""

    def __init__(self, embodiment: Embodiment):
        self._embodiment = embodiment

    def capture(self, camera: str, time_ns: int) -> CameraFrame:
        described = self._embodiment.get_camera(camera)
        return CameraFrame(np.zeros((described.height, described.width, 3), np.uint8), time_ns)

    def close(self) -> None: ...


class PlannerBench:
    """One robot, many episodes."""

    def __init__(self, embodiment: Embodiment):
        self.embodiment = embodiment
        self.robot = SimulatedRobot(embodiment)
        self.session = LocalSession(self.robot, BlackCameras(embodiment))

    def planner(self, flaws: Flaws = FLAWLESS, orders: Orders = carry_out) -> Planner:
        return Planner(self.embodiment, TruthfulReasoner(self.robot, flaws), orders=orders)

    def run(self, planner: Planner, task: str, seed: int, **plan) -> EpisodeResult:
        return run_episode(self.session, planner, EpisodePlan(task, seed, **plan))
