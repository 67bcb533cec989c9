"""Checkpoints and the learned policy that runs from one."""

import numpy as np
import pytest
import torch
from contracts.policy_contract import PolicyContract, make_observation

from policies.backbone import Backbone
from policies.checkpoint import FORMAT, Checkpoint, Provenance, load_checkpoint, save_checkpoint
from policies.condition import condition_dim
from policies.decoder import ActionDecoder, DecoderConfig
from policies.learned import LearnedPolicy, load_policy
from policies.normalisation import Statistics
from policies.training import backbone_config
from robotics.embodiments import load_embodiment
from robotics.errors import CheckpointError, IncompatibleError

ALOHA = load_embodiment("aloha2")


def small_checkpoint() -> Checkpoint:
    torch.manual_seed(0)
    backbone = Backbone(backbone_config(ALOHA, small=True)).eval()
    width = condition_dim(ALOHA.action_dim, 2, 3, backbone.config.text.output_dim)
    decoder = ActionDecoder(DecoderConfig(ALOHA.action_dim, width, horizon=25, width=32, layers=1)).eval()
    gripper = np.zeros(ALOHA.action_dim, bool)
    gripper[list(ALOHA.gripper_indices.values())] = True
    rng = np.random.default_rng(0)
    statistics = Statistics.compute(
        rng.normal(ALOHA.home, 0.1, (30, 14)), rng.normal(0, 0.1, (30, 25, 14)), np.ones((30, 25)), gripper
    )
    return Checkpoint(
        backbone, decoder, statistics, (ALOHA.interface_fingerprint,), "aloha2", Provenance(tasks=("a_task",))
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "small"
    save_checkpoint(path, small_checkpoint(), half=False)
    return path


class TestLearnedPolicy(PolicyContract):
    @pytest.fixture
    def embodiment(self):
        return ALOHA

    @pytest.fixture
    def policy(self, folder):
        return load_policy(folder, ALOHA)

    def test_an_old_context_may_be_decoded_with_new_joints(self, policy, observation):
        context = policy.look(observation)
        later = make_observation(ALOHA, (), seed=4)
        chunk = policy.decide(later, context)
        assert chunk.start_time_ns == later.joints.time_ns

    def test_images_of_any_size_are_accepted(self, policy, observation):
        import dataclasses

        from robotics.observation import CameraFrame

        images = {name: CameraFrame(frame.image[::2, ::2], 0) for name, frame in observation.images.items()}
        assert np.isfinite(policy.act(dataclasses.replace(observation, images=images)).positions).all()


def test_a_checkpoint_survives_the_round_trip(folder):
    saved, loaded = small_checkpoint(), load_checkpoint(folder)
    for module in ("backbone", "decoder"):
        a, b = getattr(saved, module), getattr(loaded, module)
        assert a.config == b.config
        for name, tensor in a.state_dict().items():
            torch.testing.assert_close(b.state_dict()[name], tensor)
    assert loaded.fingerprints == saved.fingerprints
    assert loaded.provenance == saved.provenance
    np.testing.assert_allclose(loaded.statistics.chunk_std, saved.statistics.chunk_std)


def test_half_precision_weights_change_the_chunk_little(tmp_path):
    checkpoint = small_checkpoint()
    save_checkpoint(tmp_path / "half", checkpoint, half=True)
    observation = make_observation(ALOHA, ("overhead", "wrist_left", "wrist_right"))
    full = LearnedPolicy(checkpoint, ALOHA).act(observation).positions
    half = load_policy(tmp_path / "half", ALOHA).act(observation).positions
    np.testing.assert_allclose(half, full, atol=0.02)


def test_a_checkpoint_for_another_robot_is_refused_with_both_names(folder):
    with pytest.raises(IncompatibleError, match=r"aloha2.*franka_duo"):
        load_policy(folder, load_embodiment("franka_duo"))


def test_a_missing_checkpoint_names_those_beside_it(folder):
    with pytest.raises(CheckpointError, match="small"):
        load_checkpoint(folder.parent / "smal")


@pytest.mark.parametrize("damage", ["weights.safetensors", "statistics.json", "config.json"])
def test_a_damaged_checkpoint_is_one_clear_line(tmp_path, damage):
    save_checkpoint(tmp_path / "x", small_checkpoint())
    path = tmp_path / "x" / damage
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(tmp_path / "x")
    assert "\n" not in str(caught.value)


def test_a_checkpoint_of_another_format_is_refused_with_both(tmp_path):
    save_checkpoint(tmp_path / "x", small_checkpoint())
    config = tmp_path / "x" / "config.json"
    config.write_text(config.read_text().replace(FORMAT, "robotics.policy/1"))
    with pytest.raises(CheckpointError, match=rf"{FORMAT}.*robotics\.policy/1"):
        load_checkpoint(tmp_path / "x")
