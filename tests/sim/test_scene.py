"""Composed scenes."""

import dataclasses
from pathlib import Path

import pytest

from robotics.embodiments import load_embodiment
from robotics.errors import EmbodimentError, UnknownNameError
from sim.scene import compiled_scene
from sim.tasks import task_names


@pytest.mark.parametrize("embodiment", ["aloha2", "franka_duo"])
@pytest.mark.parametrize("task", task_names())
def test_a_scene_has_the_robot_and_the_props_and_is_set_for_a_cpu(embodiment: str, task: str):
    described = load_embodiment(embodiment)
    model = compiled_scene(described, task)
    for arm in described.arm:
        assert model.site(arm.tool_site).id >= 0
    assert model.geom("sim/table").pos[2] + model.geom("sim/table").size[2] == pytest.approx(0.0)
    assert any(model.body(i).name.startswith("prop/") for i in range(model.nbody))
    assert model.vis.quality.offsamples == 0
    assert not model.light_castshadow.any()
    period_ns = 1_000_000_000 // described.servo_rate_hz
    assert period_ns % round(model.opt.timestep * 1e9) == 0


def test_a_scene_is_compiled_once(tmp_path: Path):
    first = compiled_scene(load_embodiment("aloha2"), "open_drawer")
    assert compiled_scene(load_embodiment("aloha2"), "open_drawer") is first
    assert compiled_scene(load_embodiment("franka_duo"), "open_drawer") is not first


def test_the_timestep_is_shortened_until_it_divides_the_servo_period():
    described = dataclasses.replace(load_embodiment("aloha2"), servo_rate_hz=150, embodiment_hash="150")
    period_ns = 1_000_000_000 // 150
    timestep = compiled_scene(described, "open_drawer").opt.timestep
    assert timestep <= 0.002
    assert period_ns % round(timestep * 1e9) == 0


def test_an_unknown_task_and_a_missing_model_are_named():
    with pytest.raises(UnknownNameError, match="no task 'juggle'"):
        compiled_scene(load_embodiment("aloha2"), "juggle")
    described = dataclasses.replace(load_embodiment("aloha2"), model="gone.xml", embodiment_hash="gone")
    with pytest.raises(EmbodimentError, match=r"gone\.xml"):
        compiled_scene(described, "open_drawer")
