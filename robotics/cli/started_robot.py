"""A simulated robot in real time, started for one client: its processes, and a gRPC session with them."""

from robotics.bridge.client import GrpcSession
from robotics.bridge.processes import RobotProcesses
from robotics.bridge.server_settings import ServerSettings
from robotics.embodiment import Embodiment

SIMULATED_ROBOT = "sim.robot:SimulatedRobot"
SIMULATED_CAMERAS = "sim.cameras:SimulatedCameraRig"


def start_simulated(
    embodiment: Embodiment, address: str = "127.0.0.1:0", settings: ServerSettings | None = None
) -> RobotProcesses:
    """Start control, cameras and server of a simulated robot.

    Args:
        metrics_address: Where it also answers Prometheus; '' for nowhere.

    Raises:
        RoboticsError: In one line, why it does not start.
    """
    return RobotProcesses(embodiment, SIMULATED_ROBOT, SIMULATED_CAMERAS, address, settings)


class StartedRobot(GrpcSession):
    """A session whose `close` also ends the robot."""

    def __init__(self, embodiment: Embodiment):
        self.processes = start_simulated(embodiment)
        try:
            super().__init__(self.processes.address, embodiment=embodiment)
        except BaseException:
            self.processes.close()
            raise

    def close(self) -> None:
        try:
            super().close()
        finally:
            self.processes.close()
