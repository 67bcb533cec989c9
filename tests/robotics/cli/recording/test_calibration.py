"""Cameras' calibrations, against the model at positions that they were not made at."""

from pathlib import Path

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from robotics.cli.recording.calibration import calibrate
from robotics.embodiments import load_embodiment
from robotics.kinematics.sensors import SensorKinematics
from robotics.pinhole import project


@pytest.mark.parametrize("robot", ["aloha2", "franka_duo"])
def test_mount_extrinsics_and_intrinsics_put_a_point_where_the_model_does(robot: str, tmp_path: Path):
    embodiment = load_embodiment(robot)
    sizes = {camera.name: (camera.height // 2, camera.width // 2) for camera in embodiment.camera}
    dataset = DemonstrationDataset.create(tmp_path / "data", embodiment, sizes)
    found = calibrate(embodiment, dataset)
    assert set(found) == set(embodiment.camera_names)
    mounts = {name: calibration.mount for name, calibration in found.items()}
    assert mounts["overhead"] == "world"
    assert {mounts["wrist_left"], mounts["wrist_right"]} == {"left", "right"}

    kinematics = SensorKinematics(embodiment)
    position = embodiment.home + 0.2
    kinematics.set_position(np.clip(position, embodiment.position_lower, embodiment.position_upper))
    tools = {arm.name: pose for arm, *pose in zip(embodiment.arm, *kinematics.tools(), strict=True)}
    point = np.array([0.05, 0.1, 0.02])
    for index, name in enumerate(embodiment.camera_names):
        calibration = found[name]
        mount = np.eye(4)
        if calibration.mount != "world":
            mount[:3, 3], mount[:3, :3] = tools[calibration.mount]
        assert calibration.intrinsics is not None and calibration.extrinsics is not None
        camera_in_world = mount @ np.array(calibration.extrinsics)
        seen = np.linalg.inv(camera_in_world) @ np.append(point, 1.0)
        pixel = np.array(calibration.intrinsics) @ seen[:3] / seen[2]
        positions, rotations = kinematics.cameras()
        k = kinematics.intrinsics(name).resized(sizes[name][1], sizes[name][0])
        wanted = project(point, rotations[index], positions[index], k)
        np.testing.assert_allclose(pixel[:2], wanted[:2], rtol=1e-6, atol=1e-5)


def test_without_a_model_nothing_is_known(tmp_path: Path):
    dataset = DemonstrationDataset.create(tmp_path / "data", fake_embodiment())
    assert calibrate(fake_embodiment(), dataset) == {}
