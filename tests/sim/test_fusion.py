"""Fusing what is only looked at changes neither pictures nor physics."""

import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from sim import cameras
from sim.cameras import SimulatedCameraRig
from sim.robot import SimulatedRobot
from sim.scene import compiled_scene, compose


@pytest.mark.parametrize("embodiment", ["aloha2", "franka_duo"])
def test_pictures_and_physics_stay_and_far_fewer_things_are_drawn(
    embodiment: str, monkeypatch: pytest.MonkeyPatch
):
    robot = SimulatedRobot(load_embodiment(embodiment), "put_in_bowl", seed=1)
    fused, plain = (
        compiled_scene(robot.embodiment, "put_in_bowl"),
        compose(robot.embodiment, "put_in_bowl").compile(),
    )
    np.testing.assert_allclose(fused.body_mass, plain.body_mass)
    np.testing.assert_allclose(fused.body_inertia, plain.body_inertia)
    assert (fused.geom_contype > 0).sum() == (plain.geom_contype > 0).sum()
    assert (fused.geom_group < 3).sum() < 0.5 * (plain.geom_group < 3).sum()

    pictures = []
    for model in (fused, plain):
        monkeypatch.setattr(cameras, "compiled_scene", lambda *_, model=model: model)
        rig = SimulatedCameraRig(robot.embodiment)
        rig.follow(robot)
        pictures.append([rig.capture(name, 0).image.astype(int) for name in robot.embodiment.camera_names])
        rig.close()
    for one, two in zip(*pictures, strict=True):
        assert np.abs(one - two).mean() < 1.0
