"""A lockstep simulation in this process, which also shows its robot to those who may see it: the experts."""

from robotics.bridge.local_session import LocalSession
from robotics.cli.lazy_cameras import LazyCameraRig
from robotics.embodiment import Embodiment


class SimulatedSession(LocalSession):
    """A LocalSession on the simulated robot of an embodiment; OpenGL opens with the first picture."""

    def __init__(self, embodiment: Embodiment, depth: bool = False):
        """
        Args:
            depth: Whether its pictures carry depth.
        """
        from sim.cameras import SimulatedCameraRig
        from sim.robot import SimulatedRobot

        self.simulated_robot = SimulatedRobot(embodiment)
        super().__init__(self.simulated_robot, LazyCameraRig(lambda: SimulatedCameraRig(embodiment, depth)))
