"""A camera's picture of a simulated task at its start, with depth and calibration."""

from robotics.embodiments import load_embodiment
from robotics.kinematics.sensors import SensorKinematics
from robotics.pose import Pose
from robotics.reasoning.images import Photo
from robotics.reasoning.view import View


def simulated_picture(embodiment: str, task: str, seed: int, camera: str) -> Photo:
    """
    Args:
        embodiment: A built-in name, or the path of a .toml file.

    Raises:
        UnknownNameError: No such embodiment, task or camera.
        RenderingUnavailableError: This machine cannot draw.
    """
    from sim.cameras import SimulatedCameraRig
    from sim.robot import SimulatedRobot
    from sim.tasks import make_task

    described = load_embodiment(embodiment)
    described.get_camera(camera)
    make_task(task)  # before anything is built, which takes seconds
    robot = SimulatedRobot(described, task, seed)
    rig = SimulatedCameraRig(described, depth=True)
    try:
        rig.follow(robot)
        frame = rig.capture(camera, 0)
        position, _ = robot.read()
    finally:
        rig.close()
        robot.close()
    kinematics = SensorKinematics(described)
    kinematics.set_position(position)
    positions, rotations = kinematics.cameras()
    index = described.camera_names.index(camera)
    view = View(
        frame.image,
        frame.depth,
        kinematics.intrinsics(camera),
        Pose.from_matrix(rotations[index], positions[index]),
        camera,
    )
    return Photo(view, view.width, view.height)
