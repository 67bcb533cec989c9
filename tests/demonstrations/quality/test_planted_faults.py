"""Every planted fault is found by its own check and by no other; clean recordings get no finding."""

import pytest
from contracts.fake_embodiment import fake_embodiment

from demonstrations.quality.catalogue import CHECKS
from demonstrations.quality.planted.dataset_faults import DATASET_FAULTS
from demonstrations.quality.planted.faults import EPISODE_FAULTS
from demonstrations.quality.planted.suite import PlantedFault, PlantedSuite


@pytest.fixture(scope="module")
def suite(tmp_path_factory) -> PlantedSuite:
    return PlantedSuite(tmp_path_factory.mktemp("planted"), fake_embodiment())


def assert_found_alone(row: PlantedFault) -> None:
    assert row.found, f"{row.check} did not find '{row.name}'; found: {row.false_alarms}"
    assert row.false_alarms == ()
    assert row.text


def test_clean_recordings_get_no_finding(suite: PlantedSuite):
    quality = suite.check_clean()
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
