"""A simulated robot in real time, started for one client: its processes, and a gRPC session with them."""

from robotics.bridge.client import GrpcSession
from robotics.bridge.processes import RobotProcesses
from robotics.bridge.server_settings import ServerSettings
from robotics.embodiment import Embodiment

SIMULATED_ROBOT = "sim.robot:SimulatedRobot"
SIMULATED_CAMERAS = "sim.cameras:SimulatedCameraRig"
SIMULATED_DEPTH_CAMERAS = "sim.cameras:SimulatedDepthCameraRig"


def start_simulated(
    embodiment: Embodiment,
    address: str = "127.0.0.1:0",
    settings: ServerSettings | None = None,
    depth: bool = False,
) -> RobotProcesses:
    """Start control, cameras and server of a simulated robot.

    Args:
        depth: Whether its pictures carry depth.

    Raises:
        RoboticsError: In one line, why it does not start.
    """
    cameras = SIMULATED_DEPTH_CAMERAS if depth else SIMULATED_CAMERAS
    return RobotProcesses(embodiment, SIMULATED_ROBOT, cameras, address, settings)


class StartedRobot(GrpcSession):
    """A session whose `close` also ends the robot."""

    def __init__(self, embodiment: Embodiment, depth: bool = False):
        self.processes = start_simulated(embodiment, depth=depth)
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
