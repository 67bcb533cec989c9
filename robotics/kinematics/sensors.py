"""Where tools and cameras are at a joint position, and the intrinsics of simulated cameras (OpenCV axes)."""

import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.pinhole import Intrinsics


class SensorKinematics:
    """Forward kinematics of tools and cameras on the embodiment's MuJoCo model."""

    def __init__(self, embodiment: Embodiment):
        self.embodiment = embodiment
        self.model = mujoco.MjModel.from_xml_path(str(embodiment.model_path))
        self.data = mujoco.MjData(self.model)
        self._joint_addresses, self._joint_dims = [], []
        self._grippers = []
        for arm in embodiment.arm:
            for joint, dim in zip(
                arm.joint, range(*embodiment.arm_slices[arm.name].indices(99)), strict=True
            ):
                self._joint_addresses.append(self.model.joint(joint.model_joint).qposadr[0])
                self._joint_dims.append(dim)
            gripper = arm.gripper
            address = self.model.joint(gripper.model_joint).qposadr[0]
            self._grippers.append((address, embodiment.gripper_indices[arm.name], gripper.joint_range))
        self._sites = [self.model.site(arm.tool_site).id for arm in embodiment.arm]
        self._cameras = [self.model.camera(camera.model_camera).id for camera in embodiment.camera]

    def intrinsics(self, camera: str) -> Intrinsics:
        """Projection of a camera at the embodiment's image size.

        Raises:
            UnknownNameError: The embodiment has no such camera.
        """
        spec = self.embodiment.get_camera(camera)
        index = self.model.camera(spec.model_camera).id
        width, height = spec.width, spec.height
        sensor = self.model.cam_sensorsize[index]
        if sensor[0] > 0:  # focal lengths and principal offset in metres on the sensor
            fx_m, fy_m, cx_m, cy_m = self.model.cam_intrinsic[index]
            fx, fy = fx_m / sensor[0] * width, fy_m / sensor[1] * height
            return Intrinsics(
                fx,
                fy,
                width / 2 - cx_m / sensor[0] * width,
                height / 2 + cy_m / sensor[1] * height,
                width,
                height,
            )
        focal = height / 2 / np.tan(np.deg2rad(self.model.cam_fovy[index]) / 2)
        return Intrinsics(focal, focal, width / 2, height / 2, width, height)

    def set_position(self, position: np.ndarray) -> None:
        """Move the model to a joint position (action_dim,), embodiment units."""
        qpos = self.data.qpos
        for address, dim in zip(self._joint_addresses, self._joint_dims, strict=True):
            qpos[address] = position[dim]
        for address, dim, (closed, opened) in self._grippers:
            qpos[address] = closed + (opened - closed) * position[dim]
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)

    def tools(self) -> tuple[np.ndarray, np.ndarray]:
        """Every arm's tool_in_world after `set_position`: position (arm, 3) [m], rotation (arm, 3, 3)."""
        return (
            self.data.site_xpos[self._sites].copy(),
            self.data.site_xmat[self._sites].reshape(-1, 3, 3).copy(),
        )

    def cameras(self) -> tuple[np.ndarray, np.ndarray]:
        """Every camera_in_world in embodiment order: position (camera, 3) [m], rotation (camera, 3, 3)."""
        rotation = self.data.cam_xmat[self._cameras].reshape(-1, 3, 3)
        # MuJoCo cameras look along -z with y up; OpenCV cameras along +z with y down.
        return self.data.cam_xpos[self._cameras].copy(), rotation * np.array([1.0, -1.0, -1.0])


def poses_along(
    kinematics: SensorKinematics, positions: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Tool and camera poses of every row of joint positions (n, action_dim).

    Returns:
        tool position (n, arm, 3), tool rotation (n, arm, 3, 3), camera position (n, camera, 3),
        camera rotation (n, camera, 3, 3).
    """
    rows = []
    for position in positions:
        kinematics.set_position(position)
        rows.append((*kinematics.tools(), *kinematics.cameras()))
    tool_p, tool_r, cam_p, cam_r = (np.stack(column) for column in zip(*rows, strict=True))
    return tool_p, tool_r, cam_p, cam_r
