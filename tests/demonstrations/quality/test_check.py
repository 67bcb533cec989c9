"""check_episode and check_dataset: what they answer, and that nothing on a disk makes them fail."""

import json
import shutil

import pytest
from contracts.demonstration_episodes import make_dataset as make_noise_dataset
from contracts.demonstration_episodes import make_image, make_state
from contracts.fake_embodiment import fake_embodiment

from demonstrations import DemonstrationDataset, EpisodeOutcome
from demonstrations.quality import Severity, check_dataset, check_episode
from demonstrations.quality.catalogue import CHECKS, found, score
from demonstrations.quality.planted.made_up import make_dataset, make_recording
from demonstrations.quality.planted.motion_faults import MOTION_FAULTS
from demonstrations.quality.planted.recording import write_recording
from robotics.embodiments import load_embodiment
from robotics.errors import DatasetError, UnknownNameError
from robotics.observation import CameraFrame


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> DemonstrationDataset:
    """Three episodes: clean, with 1.5 s of standing at the start, clean."""
    embodiment = fake_embodiment()
    dataset = make_dataset(tmp_path_factory.mktemp("quality") / "three", embodiment)
    (standing,) = (fault for fault in MOTION_FAULTS if fault.check == "idle_head")
    for seed in range(3):
        recording = make_recording(embodiment, seed)
        write_recording(
            standing.change(recording, embodiment) if seed == 1 else recording, dataset, embodiment
        )
    return dataset


def test_the_worst_come_first_and_a_trim_is_proposed(dataset):
    quality = check_dataset(dataset, fake_embodiment())
    assert [episode.number for episode in quality.worst_first()] == [1, 0, 2]
    bad = quality.episodes[1]
    assert [finding.check for finding in bad.findings] == ["idle_head"]
    assert bad.score == 100 - CHECKS["idle_head"].weight
    assert bad.severity is Severity.WARNING
    assert bad.trim is not None
    start, end = bad.trim
    assert 60 <= start <= 90
    assert end == bad.length
    assert quality.episodes[0].trim is None
    assert quality.episodes[0].severity is None


def test_an_episode_alone_is_judged_as_in_its_dataset(dataset):
    quality = check_dataset(dataset, fake_embodiment())
    for i, verdict in enumerate(quality.episodes):
        assert check_episode(dataset.episode(i), dataset.description, fake_embodiment()) == verdict


def test_the_answer_does_not_depend_on_threads(dataset):
    one, four = (check_dataset(dataset, fake_embodiment(), workers=workers) for workers in (1, 4))
    assert one == four


def test_the_answer_goes_into_json_and_back(dataset):
    quality = check_dataset(dataset, fake_embodiment())
    table = json.loads(json.dumps(quality.to_json()))
    assert table["count"] == {"error": 0, "warning": 1, "info": 0}
    assert table["episodes"][0]["number"] == 1
    assert table["episodes"][0]["findings"][0]["severity"] == "warning"


def test_progress_is_told(dataset):
    told = []
    check_dataset(dataset, fake_embodiment(), progress=told.append)
    assert told == [1, 2, 3]


def test_limits_of_an_unknown_robot_are_not_checked_and_that_is_said(dataset):
    assert not check_dataset(dataset).limits_known
    assert check_dataset(dataset, fake_embodiment()).limits_known


def test_another_robot_is_refused(dataset):
    with pytest.raises(DatasetError, match="'franka_duo' is another robot than the dataset's 'fake'"):
        check_dataset(dataset, load_embodiment("franka_duo"))


def test_an_empty_dataset_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no episode to check"):
        check_dataset(make_dataset(tmp_path / "empty", fake_embodiment()))


def test_without_pictures_nothing_is_said_about_scenes(tmp_path):
    dataset = make_noise_dataset(tmp_path / "d", episodes=9)
    quality = check_dataset(dataset, fake_embodiment(), pictures=False)
    assert "few_starts" not in {finding.check for finding in quality.findings}


@pytest.mark.parametrize("ticks", [1, 2, 3, 5, 30])
def test_episodes_of_a_few_ticks_are_judged(tmp_path, ticks):
    dataset = make_noise_dataset(tmp_path / "d", episodes=1, ticks=ticks)
    (episode,) = check_dataset(dataset, fake_embodiment()).episodes
    assert episode.length == ticks
    assert 0 <= episode.score <= 100


def test_noise_is_bad(tmp_path):
    """Joints drawn at random each tick are no motion of a robot."""
    (episode,) = check_dataset(make_noise_dataset(tmp_path / "d", episodes=1), fake_embodiment()).episodes
    assert episode.severity is Severity.ERROR
    assert "jump" in {finding.check for finding in episode.findings}


@pytest.mark.parametrize(
    "gone", ["zarr.json", "state/tick", "state/position", "image_time_ns/overhead", "images"]
)
def test_missing_files_are_a_finding(tmp_path, dataset, gone):
    copy = tmp_path / "copy"
    shutil.copytree(dataset.path, copy)
    target = copy / "episodes" / dataset.entries[1].name / gone
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    quality = check_dataset(DemonstrationDataset.open(copy), fake_embodiment())
    damaged = [e.number for e in quality.episodes if any(f.check == "damaged" for f in e.findings)]
    if gone == "zarr.json":  # without it there is no episode, as `data verify` tells
        assert 1 not in [e.number for e in quality.episodes] or damaged == [1]
    else:
        assert damaged == [1]


def test_pictures_of_one_frame_are_judged(tmp_path):
    dataset = DemonstrationDataset.create(tmp_path / "d", fake_embodiment())
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin(task="t", seed=0)
        for camera in dataset.camera_names:
            writer.append_frame(camera, CameraFrame(make_image(3), 0))
        for tick in range(40):
            writer.append_state(make_state(tick))
        writer.commit(EpisodeOutcome(True))
    (episode,) = check_dataset(dataset, fake_embodiment()).episodes
    assert "camera_short" in {finding.check for finding in episode.findings}


def test_a_check_counts_once_in_the_score():
    twice = [found("jump", "once", "left/waist"), found("jump", "twice", "left/elbow")]
    assert score(twice) == score(twice[:1]) == 100 - CHECKS["jump"].weight
    assert score([]) == 100
    assert score([found(name, "all") for name in CHECKS]) == 0


def test_unknown_checks_are_refused():
    with pytest.raises(UnknownNameError, match="no check 'jum'"):
        found("jum", "no such")
