"""Training from recorded demonstrations."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from policies.checkpoint import load_checkpoint
from policies.demonstration_frames import load_demonstrations, split_episodes
from policies.learned import load_policy
from policies.training import TrainingConfig, train, without_variations
from robotics.embodiments import load_embodiment
from robotics.errors import IncompatibleError, UnknownNameError

ALOHA = load_embodiment("aloha2")
SIZES = {"overhead": (48, 64), "wrist_left": (48, 64), "wrist_right": (48, 64)}


def debug(steps: int) -> TrainingConfig:
    config = TrainingConfig.preset("debug")
    return replace(
        config, backbone=replace(config.backbone, steps=steps), decoder=replace(config.decoder, steps=steps)
    )


def silent(*_):
    pass


def test_rows_frames_and_labels_of_a_dataset_agree(synthetic_dataset, tmp_path):
    demos = load_demonstrations([synthetic_dataset], ALOHA, SIZES, stride=3, cache=tmp_path)
    assert demos.tasks == ["task_0", "task_1", "task_0", "task_1"]
    assert len(demos.row_episode) == 240
    assert demos.point_known.all()
    assert demos.images["overhead"].shape == (len(demos.frame_row), 48, 64, 3)
    assert (np.diff(demos.frame_row[:10]) == 6).all()
    assert (demos.episode_end[demos.row_episode == 1] == 120).all()
    # the target that was in force when row i was measured is the one applied the tick before
    np.testing.assert_allclose(demos.target[1:60], demos.action[:59])
    held_out = split_episodes(demos, 0.5, seed=0)
    assert held_out.sum() == 2
    assert {demos.tasks[i] for i in np.nonzero(held_out)[0]} == {"task_0", "task_1"}


def test_a_debug_run_resumes_exactly_and_its_checkpoint_acts(synthetic_dataset, tmp_path):
    torch.set_num_threads(1)
    train([synthetic_dataset], ALOHA, tmp_path / "straight", debug(4), report=silent)
    half = tmp_path / "resumed"
    short = debug(4)
    short = replace(
        short, backbone=replace(short.backbone, save_every=2), decoder=replace(short.decoder, save_every=2)
    )

    class Cut(Exception):
        pass

    def cut(stage, done, total, line):
        if stage == "decoder" and done == 4:
            raise Cut

    with pytest.raises(Cut):
        train([synthetic_dataset], ALOHA, half, short, report=cut)
    (half / "training" / "decoder.training.safetensors").unlink()
    train([synthetic_dataset], ALOHA, half, debug(4), report=silent)
    straight, resumed = (load_file(tmp_path / n / "weights.safetensors") for n in ("straight", "resumed"))
    assert straight.keys() == resumed.keys()
    for name, tensor in straight.items():
        torch.testing.assert_close(resumed[name], tensor, atol=0, rtol=0)
    assert load_policy(half, ALOHA).cameras == ("overhead", "wrist_left", "wrist_right")


def test_time_runs_out_between_steps_and_the_next_call_goes_on(synthetic_dataset, tmp_path):
    assert not train([synthetic_dataset], ALOHA, tmp_path / "x", debug(3), hours=0.0, report=silent)
    seen = []
    assert train(
        [synthetic_dataset], ALOHA, tmp_path / "x", debug(3), report=lambda s, d, t, line: seen.append((s, d))
    )
    assert ("backbone", 1) not in seen
    assert ("decoder", 3) in seen


def test_fine_tuning_starts_from_a_checkpoint(synthetic_dataset, tmp_path):
    train([synthetic_dataset], ALOHA, tmp_path / "base", debug(2), report=silent)
    train(
        [synthetic_dataset], ALOHA, tmp_path / "fine", debug(2), start_from=tmp_path / "base", report=silent
    )
    assert load_policy(tmp_path / "fine", ALOHA).replan_steps == 15
    commands = [load_checkpoint(tmp_path / name).provenance.commands for name in ("base", "fine")]
    assert len(commands[1]) == 2 and commands[1][:1] == commands[0]  # it names what its start came from, too


def test_a_dataset_of_another_robot_is_refused(synthetic_dataset, tmp_path):
    with pytest.raises(IncompatibleError):
        train([synthetic_dataset], load_embodiment("franka_duo"), tmp_path / "x", debug(1), report=silent)


def test_an_unknown_preset_is_named():
    with pytest.raises(UnknownNameError, match="debug"):
        TrainingConfig.preset("debgu")


def test_variations_can_be_turned_off_one_by_one():
    plain = without_variations(TrainingConfig(), colours=True, mirror=False)
    assert plain.backbone.colours == plain.decoder.colours == 0
    assert plain.backbone.mirrored == TrainingConfig().backbone.mirrored > 0
    assert without_variations(TrainingConfig(), colours=False, mirror=True).decoder.mirrored == 0


def test_a_checkpoint_names_every_command_that_worked_on_it(synthetic_dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["/somewhere/bin/robotics", "train", "first"])
    train([synthetic_dataset], ALOHA, tmp_path / "x", debug(1), report=silent)
    monkeypatch.setattr("sys.argv", ["/somewhere/bin/robotics", "train", "second"])
    train([synthetic_dataset], ALOHA, tmp_path / "x", debug(2), report=silent)
    commands = load_checkpoint(tmp_path / "x").provenance.commands
    assert [command.split(" ", 1)[1] for command in commands] == [
        "robotics train first",
        "robotics train second",
    ]
