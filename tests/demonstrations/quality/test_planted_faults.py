"""Every planted fault is found by its own check and by no other; clean recordings get no finding."""

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment

from demonstrations.quality.catalogue import CHECKS
from demonstrations.quality.planted.dataset_faults import DATASET_FAULTS
from demonstrations.quality.planted.faults import EPISODE_FAULTS
from demonstrations.quality.planted.recording import read_recording
from demonstrations.quality.planted.suite import PlantedFault, PlantedSuite


@pytest.fixture(scope="module")
def suite(tmp_path_factory) -> PlantedSuite:
    return PlantedSuite(tmp_path_factory.mktemp("planted"), fake_embodiment())


def assert_found_alone(row: PlantedFault) -> None:
    assert row.found, f"{row.check} did not find '{row.name}'; found: {row.false_alarms}"
    assert row.false_alarms == ()
    assert row.text


def test_clean_recordings_get_no_finding(suite: PlantedSuite):
    quality = suite.clean_quality
    assert quality.limits_known
    assert quality.findings == ()
    assert [episode.findings for episode in quality.episodes] == [()] * len(quality.episodes)
    assert {episode.score for episode in quality.episodes} == {100}


@pytest.mark.parametrize("fault", EPISODE_FAULTS, ids=lambda fault: fault.name)
def test_a_fault_of_an_episode_is_found_and_nothing_else(suite: PlantedSuite, fault):
    assert_found_alone(suite.run(fault))


@pytest.mark.parametrize("fault", DATASET_FAULTS, ids=lambda fault: fault.name)
def test_a_fault_of_a_dataset_is_found_and_nothing_else(suite: PlantedSuite, fault):
    assert_found_alone(suite.run_dataset(fault))


def test_every_check_has_a_planted_fault():
    assert {fault.check for fault in (*EPISODE_FAULTS, *DATASET_FAULTS)} == {*CHECKS}


def test_faults_are_planted_into_recorded_episodes_too(suite: PlantedSuite, tmp_path):
    recorded = PlantedSuite(tmp_path, fake_embodiment(), recorded=suite.dataset)
    for name in ("joint commanded, not moving", "3 black frames", "the same recording again"):
        (fault,) = (fault for fault in EPISODE_FAULTS if fault.name == name)
        assert_found_alone(recorded.run(fault))


def test_a_recording_read_back_is_what_was_recorded(suite: PlantedSuite):
    episode = suite.dataset.episode(2)
    recording = read_recording(episode)
    np.testing.assert_array_equal(recording.position, episode.position)
    np.testing.assert_array_equal(recording.time_ns, episode.time_ns)
    assert {name: len(pictures) for name, pictures in recording.pictures.items()} == {
        name: record.frames for name, record in episode.metadata.cameras.items()
    }
    assert [event.text for _, event in recording.events] == ["success"]
    assert (recording.seed, recording.task, recording.source) == (2, "planted", "made up")
