"""Chunks: tied to the tick that they answer, in the embodiment's order, units and rate."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from robotics.action import ActionChunk
from robotics.embodiment import Embodiment
from robotics.embodiments import embodiment_names, load_embodiment
from robotics.observation import CameraFrame, JointState, Observation

EMBODIMENTS = [load_embodiment(name) for name in embodiment_names()]
every_embodiment = pytest.mark.parametrize("embodiment", EMBODIMENTS, ids=lambda e: e.name)


def observe(embodiment: Embodiment, time_ns: int = 40_000_000, clock_id: str = "clock") -> Observation:
    """At home, at rest, without a plan."""
    still = np.zeros(embodiment.action_dim)
    return Observation(
        clock_id=clock_id,
        joints=JointState(2, time_ns, embodiment.home, still, embodiment.home),
        plan=np.empty((0, embodiment.action_dim)),
    )


@every_embodiment
@given(
    time_ns=st.integers(0, 2**63 - 1),
    positions=hnp.arrays(float, st.tuples(st.integers(1, 8), st.just(14)), elements=st.floats(-3, 3)),
)
def test_a_chunk_starts_at_the_tick_that_it_answers(embodiment, time_ns, positions):
    chunk = ActionChunk.answering(observe(embodiment, time_ns, "abc"), embodiment, positions)
    assert (chunk.start_time_ns, chunk.clock_id) == (time_ns, "abc")
    assert chunk.fingerprint == embodiment.interface_fingerprint
    assert chunk.horizon == len(positions)
    np.testing.assert_array_equal(chunk.positions, positions)
    assert chunk.intended is None and chunk.chunk_id == 0


@every_embodiment
def test_a_second_of_chunk_steps_is_a_second_of_robot_time(embodiment):
    positions = np.tile(embodiment.home, (embodiment.control_rate_hz, 1))
    chunk = ActionChunk.answering(observe(embodiment), embodiment, positions)
    assert chunk.horizon * chunk.period_ns == pytest.approx(1_000_000_000, abs=embodiment.control_rate_hz)


@every_embodiment
def test_exploration_keeps_what_was_intended_beside_what_is_sent(embodiment):
    intended = np.tile(embodiment.home, (3, 1))
    explored = intended + 0.01
    chunk = ActionChunk.answering(observe(embodiment), embodiment, explored, intended)
    assert chunk.intended is intended and chunk.positions is explored


@every_embodiment
def test_chunks_and_observations_are_values(embodiment):
    observation = observe(embodiment)
    chunk = ActionChunk.answering(observation, embodiment, embodiment.home[None])
    for value, name in ((chunk, "start_time_ns"), (observation, "clock_id"), (observation.joints, "tick")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, getattr(value, name))


def test_an_observation_without_extras_has_no_image_instruction_or_sound():
    observation = observe(EMBODIMENTS[0])
    assert not observation.images and observation.instruction == "" and observation.audio is None
    assert CameraFrame(np.zeros((2, 2, 3), np.uint8), 0).depth is None


def renamed(embodiment: Embodiment) -> Embodiment:
    """The first joint under another name."""
    arm = embodiment.arm[0]
    joint = dataclasses.replace(arm.joint[0], name="renamed")
    arm = dataclasses.replace(arm, joint=(joint, *arm.joint[1:]))
    return dataclasses.replace(embodiment, arm=(arm, *embodiment.arm[1:]))


def recalibrated(embodiment: Embodiment) -> Embodiment:
    """Other limits, home and gripper travel, as after a new calibration."""
    arm = embodiment.arm[0]
    joint = dataclasses.replace(arm.joint[0], velocity=0.5, position=(-1.0, 1.0), home=0.1)
    gripper = dataclasses.replace(arm.gripper, fingertip_gap=(0.0, 0.05), control_range=(0.0, 9.0))
    arm = dataclasses.replace(arm, joint=(joint, *arm.joint[1:]), gripper=gripper)
    return dataclasses.replace(embodiment, arm=(arm, *embodiment.arm[1:]), description="recalibrated")


@every_embodiment
def test_fingerprint_differs_when_the_interface_differs(embodiment):
    other_rate = dataclasses.replace(embodiment, control_rate_hz=embodiment.control_rate_hz * 2)
    other_order = dataclasses.replace(embodiment, arm=embodiment.arm[::-1])
    fewer_cameras = dataclasses.replace(embodiment, camera=embodiment.camera[1:])
    variants = [embodiment, renamed(embodiment), other_rate, other_order, fewer_cameras]
    assert len({variant.interface_fingerprint for variant in variants}) == len(variants)


@every_embodiment
def test_fingerprint_survives_a_new_calibration(embodiment):
    assert recalibrated(embodiment).interface_fingerprint == embodiment.interface_fingerprint


def test_no_two_built_in_embodiments_share_a_fingerprint():
    assert len({e.interface_fingerprint for e in EMBODIMENTS}) == len(EMBODIMENTS)
