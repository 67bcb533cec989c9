"""`robotics data segment` as a user runs it, on episodes in which picture and gripper tell the part."""

import json

import numpy as np
import pytest
from contracts.demonstration_episodes import ACTION_DIM, PERIOD_NS
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.schema import EpisodeOutcome
from policies.reasoner.state_change_segmenting import Segmentation, SegmentedEpisode
from robotics.cli.main import EXIT_ERROR, EXIT_OK, main
from robotics.observation import CameraFrame, JointState
from robotics.session import EventKind, RobotMode, RobotState
from robotics.task import TaskStatus

GRIPPER = ACTION_DIM - 1
NEAR = 20
"""[ticks]; the network sees 0.3 s to either side of a sample, so that borders are not sharper than that."""


def record(writer, rng, brightness, *, success=True):
    """An episode of three parts, each of its brightness; in the second the gripper holds something."""
    lengths = rng.integers([30, 30, 20], [60, 60, 40])
    part = np.repeat([0, 1, 2], lengths)
    writer.begin(task="turn_left_arm", seed=0, source="test")
    opening, target = np.full(len(part), 1.0), np.full(len(part), 1.0)
    opening[part == 1], target[part == 1] = 0.5, 0.0
    for tick, number in enumerate(part):
        if tick % 2 == 0:
            for camera in writer.dataset.camera_names:
                noise = rng.integers(-10, 11, size=(24, 32, 3))
                image = (brightness[number] + noise).astype(np.uint8)
                writer.append_frame(camera, CameraFrame(image, tick * PERIOD_NS))
        position, wanted = np.zeros(ACTION_DIM), np.zeros(ACTION_DIM)
        position[GRIPPER], wanted[GRIPPER] = opening[tick], target[tick]
        joints = JointState(tick, tick * PERIOD_NS, position, np.zeros(ACTION_DIM), wanted)
        state = RobotState(
            joints, wanted, wanted, wanted, RobotMode.EXECUTING, 0, 1, "turn the left arm", 0, 0,
            task=TaskStatus(False, 0.0, ""),
        )  # fmt: skip
        writer.append_state(state)
    writer.commit(EpisodeOutcome(success, 1.0, "done"))
    return int(lengths[0]), int(lengths[0] + lengths[1])


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A dataset of 12 right episodes and one in which nothing changes, and where the parts of all start."""
    path = tmp_path_factory.mktemp("segment") / "data"
    rng = np.random.default_rng(0)
    dataset = DemonstrationDataset.create(path, fake_embodiment())
    cuts = []
    with dataset.writer(fake_embodiment()) as writer:
        for _ in range(12):
            cuts.append(record(writer, rng, (60, 120, 190)))
        record(writer, rng, (60, 60, 60))
    return path, cuts


@pytest.fixture
def run(capsys):
    def call(*words):
        capsys.readouterr()
        code = main(["data", "segment", *map(str, words)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def test_a_dry_run_finds_the_parts_and_the_wrong_episode_and_changes_nothing(recorded, run):
    path, cuts = recorded
    code, out, _ = run(path, "--dry-run", "--json", "--runs", 2)
    assert code == EXIT_OK
    found = json.loads(out)
    assert found["version"] is None and found["learned_from"] == 13
    for (action, end), episode in zip(cuts, found["episodes"], strict=False):
        assert abs(episode["action_start"] - action) <= NEAR
        assert abs(episode["end_start"] - end) <= NEAR
        assert not episode["doubtful"]
    assert found["episodes"][12]["doubtful"]
    assert not any(episode["marked"] for episode in found["episodes"])
    assert DemonstrationDataset.open(path).entries[0].number == 0


def test_marks_become_subtasks_of_a_new_version_which_can_be_undone(recorded, run):
    path, cuts = recorded
    code, out, _ = run(path, "--episodes", "0-2", "12", "--runs", 1)
    assert code == EXIT_OK
    assert "marked 3 episodes" in out and "4 episodes, 1 doubtful" in out
    dataset = DemonstrationDataset.open(path)
    made = [dataset.episode(i) for i in range(len(dataset)) if dataset.entries[i].number > 12]
    assert len(dataset) == 13 and len(made) == 3
    for episode, (action, end) in zip(made, cuts, strict=False):
        marks = [e for e in episode.metadata.events if e.kind is EventKind.SUBTASK]
        assert [mark.text for mark in marks] == ["initial state", "action", "end state"]
        ticks = [(mark.time_ns - int(episode.time_ns[0])) / PERIOD_NS for mark in marks]
        assert ticks[0] == 0
        assert abs(ticks[1] - action) <= NEAR and abs(ticks[2] - end) <= NEAR
        assert episode.metadata.edit == "segment"
    assert main(["data", "restore", str(path), "0"]) == EXIT_OK


@pytest.fixture
def found_before(recorded, monkeypatch):
    """Nothing is learned: every episode is found to be as it was recorded, but 11, which is doubtful."""
    path, cuts = recorded

    def segment(dataset, *_, **__):
        episodes = tuple(
            SegmentedEpisode(
                entry.number, "turn_left_arm", entry.length, cuts[entry.number % 12][0], cuts[entry.number % 12][1],
                0.9, 1.0, "it is said so" if entry.number == 11 else "",
            )
            for entry in dataset.entries
        )  # fmt: skip
        return Segmentation(episodes, 13, {"turn_left_arm": 0.9}, {"turn_left_arm": "few"}, 1.0)

    monkeypatch.setattr("policies.reasoner.state_change_segmenting.segment_datasets", segment)
    return path


def test_marks_that_are_there_stay_unless_it_is_asked_for(found_before, run):
    _, out, _ = run(found_before, "--episodes", "3")
    assert "marked 1 episodes" in out
    number = max(entry.number for entry in DemonstrationDataset.open(found_before).entries)
    _, out, _ = run(found_before, "--episodes", number)
    assert "has subtask marks already" in out and "at version" not in out
    _, out, _ = run(found_before, "--episodes", number, "--again", "--dry-run")
    assert "would have: marked 1 episodes" in out
    dataset = DemonstrationDataset.open(found_before)
    events = dataset.episode(dataset.index_of(number)).metadata.events
    assert sum(e.kind is EventKind.SUBTASK for e in events) == 3
    assert main(["data", "restore", str(found_before), "0"]) == EXIT_OK


def test_the_table_says_what_to_do(found_before, run):
    _, out, _ = run(found_before, "--episodes", "10-11", "--dry-run")
    assert "doubtful: it is said so" in out
    assert "turn_left_arm: few" in out
    assert f"robotics data filter {found_before} --hide 11" in out
    assert "would have: marked 1 episodes" in out


def test_idle_ends_are_proposed_to_be_cut_off_but_nothing_of_the_action(found_before, recorded, run):
    # the gripper jumps at both borders of the action and nothing else moves
    _, out, _ = run(found_before, "--dry-run", "--json")
    for (action, end), episode in zip(recorded[1], json.loads(out)["episodes"], strict=False):
        if episode["trim"] is None:
            assert max(action, episode["ticks"] - end) <= 60
            continue
        start, stop = episode["trim"]
        assert 0 <= start <= action and end <= stop <= episode["ticks"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--episodes", "77"), "77"),
        (("--episodes", "x"), "wanted an episode number such as 3"),
        (("--runs", "0"), "--runs wants at least 1, got 0"),
        (("--pool", "nowhere"), "nowhere is no demonstration dataset"),
    ],
)
def test_bad_input_is_one_line(recorded, run, words, said):
    code, out, err = run(recorded[0], "--dry-run", *words)
    assert code == EXIT_ERROR
    assert said in err
    assert "Traceback" not in err and not out
