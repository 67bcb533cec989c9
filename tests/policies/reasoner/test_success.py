"""The success detector: what examples are, what it learns from made-up pictures, what it refuses."""

import json
import re

import numpy as np
import pytest
import torch

from policies.backbone import Backbone, BackboneConfig
from policies.grounding import GroundingConfig
from policies.reasoner.success import Calibration, SuccessDetector
from policies.reasoner.success_examples import JudgedEpisode, Kind, other_words
from policies.reasoner.success_measuring import (
    Judgements,
    auroc,
    calibrate,
    calibration_error,
    judge_held_out,
)
from policies.reasoner.success_network import SuccessConfig, SuccessNetwork
from policies.reasoner.success_training import SuccessTraining, make_example, train_success
from policies.text import TextConfig
from robotics.errors import CheckpointError
from robotics.reasoning.errors import MissingInputError, QueryError
from robotics.reasoning.view import View

TINY = SuccessConfig(16, 24, TextConfig(buckets=64, width=8, heads=2), fine=8, coarse=16)
COLOURS = {"red": (220, 30, 30), "green": (30, 220, 30)}


def picture(colour: str, side: str) -> np.ndarray:
    """A square of a colour on one side."""
    image = np.full((16, 24, 3), 110, np.uint8)
    column = {"left": 3, "middle": 10, "right": 17}[side]
    image[6:11, column : column + 5] = COLOURS[colour]
    return image


def episode(colour: str, side: str, success: bool = True) -> JudgedEpisode:
    middle, end = picture(colour, "middle"), picture(colour, side if success else "middle")
    return JudgedEpisode(
        f"push the {colour} block to the {side}", "push", success,
        {"overhead": middle}, {"overhead": np.stack([middle] * 4)}, {"overhead": np.stack([end] * 2)},
    )  # fmt: skip


EPISODES = [episode(colour, side) for colour in COLOURS for side in ("left", "right")]


@pytest.fixture(scope="module")
def detector() -> SuccessDetector:
    torch.manual_seed(0)
    config = SuccessTraining(
        steps=150, batch=24, learning_rate=5e-3, warmup=10, shift=1, colours=0.0,
        shares=(0.4, 0.3, 0.2, 0.0, 0.1, 0.0),
    )  # fmt: skip
    network = train_success(EPISODES, config, SuccessNetwork(TINY))
    return SuccessDetector(network.requires_grad_(False), cameras=("overhead",))


def test_it_learns_what_the_words_ask_for(detector):
    judged = judge_held_out(detector, EPISODES)
    assert set(judged.kind) == {Kind.ACHIEVED, Kind.NOT_YET, Kind.UNDONE, Kind.OTHER_WORDS}
    assert judged.auroc() > 0.95
    assert judged.auroc(Kind.NOT_YET) > 0.97


def test_a_picture_before_may_be_missing_and_views_belong_together_by_name(detector):
    before, after = (
        View(picture("red", "middle"), name="overhead"),
        View(picture("red", "left"), name="overhead"),
    )
    said = "push the red block to the left"
    alone = detector.probability([], [after], said)
    both = detector.probability([before], [after], said)
    assert 0 < alone < 1 and both > 0.5
    other = View(np.zeros((9, 9, 3), np.uint8), name="wrist")
    assert detector.probability([other, before], [other, after], said) == pytest.approx(both)
    assert detector.probability([View(before.image)], [View(after.image)], said) == pytest.approx(both)


def test_pictures_of_any_size_are_taken(detector):
    for size in ((1, 1), (480, 640), (31, 5)):
        view = View(np.zeros((*size, 3), np.uint8))
        assert 0 <= detector.probability([view], [view], "push the red block to the left") <= 1


def test_nothing_to_look_at_and_nothing_to_judge_by_are_refused(detector):
    view = View(picture("red", "left"))
    with pytest.raises(MissingInputError, match="at least one view"):
        detector.probability([view], [], "push the red block to the left")
    with pytest.raises(QueryError, match="empty"):
        detector.probability([], [view], "  ")


def test_saved_and_loaded_it_says_the_same(detector, tmp_path):
    kept = SuccessDetector(detector.network, Calibration(2.0, 0.3), ("overhead",), {"command": "x"})
    kept.save(tmp_path)
    loaded = SuccessDetector.load(tmp_path)
    view = View(picture("green", "right"), name="overhead")
    said = "push the green block to the right"
    assert loaded.probability([], [view], said) == pytest.approx(kept.probability([], [view], said), abs=0.01)
    assert (loaded.calibration, loaded.cameras, loaded.provenance) == (
        kept.calibration,
        kept.cameras,
        kept.provenance,
    )


def test_a_folder_that_is_none_or_damaged_is_named(detector, tmp_path):
    with pytest.raises(CheckpointError, match="no success detector in"):
        SuccessDetector.load(tmp_path / "nowhere")
    detector.save(tmp_path)
    (tmp_path / "weights.safetensors").write_bytes(b"torn")
    with pytest.raises(CheckpointError, match="is damaged"):
        SuccessDetector.load(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"format": "robotics.success/0"}))
    with pytest.raises(CheckpointError, match=re.escape("wanted format robotics.success/1")):
        SuccessDetector.load(tmp_path)


def test_the_first_layers_of_a_policy_are_taken_over():
    networks = {"scene": GroundingConfig(16, 24, 1.0, 0.1)}
    backbone = Backbone(BackboneConfig({"overhead": "scene"}, networks, TextConfig()))
    network = SuccessNetwork(SuccessConfig())
    network.start_from(backbone)
    ids = network.text.tokenize(["a red cube"])
    torch.testing.assert_close(network.text.eval()(ids), backbone.text.eval()(ids))
    with pytest.raises(CheckpointError, match="do not fit"):
        SuccessNetwork(TINY).start_from(backbone)


def test_other_words_ask_for_something_else():
    rng = np.random.default_rng(0)
    for said in ("put the red cube in the left bowl", "Stack the green block on the red block", "turn left"):
        for _ in range(20):
            changed = other_words(said, rng)
            assert changed is not None and changed.lower() != said.lower()
            assert len(changed.split()) == len(said.split())
    assert other_words("open the drawer", rng) is None


def test_two_colours_are_sometimes_exchanged():
    rng = np.random.default_rng(0)
    made = {other_words("put red on green", rng) for _ in range(40)}
    assert "put green on red" in made


def test_examples_are_what_their_kind_says():
    rng = np.random.default_rng(0)
    one = EPISODES[0]
    start, end = one.start["overhead"], one.end["overhead"][0]
    for kind, before, after in (
        (Kind.ACHIEVED, start, end),
        (Kind.UNDONE, end, start),
        (Kind.NOT_YET, start, one.middle["overhead"][0]),
        (Kind.OTHER_WORDS, start, end),
    ):
        example = make_example(one, kind, EPISODES, "overhead", rng)
        np.testing.assert_array_equal(example[0], before)
        np.testing.assert_array_equal(example[1], after)
        assert example[3] is kind
        assert (example[2] == one.instruction) == (kind is not Kind.OTHER_WORDS)
    # an only task has no other task's words
    assert make_example(one, Kind.OTHER_TASK, EPISODES, "overhead", rng)[3] is Kind.NOT_YET


def test_training_is_deterministic():
    def weights():
        torch.manual_seed(1)
        return train_success(EPISODES, SuccessTraining(steps=3, batch=8), SuccessNetwork(TINY)).state_dict()

    for first, second in zip(weights().values(), weights().values(), strict=True):
        assert torch.equal(first, second)


def test_calibration_makes_probabilities_of_logits():
    rng = np.random.default_rng(0)
    truth = rng.random(4000) < 0.5
    # logits that are twice too sure and shifted
    honest = np.where(truth, 1.5, -1.5) + 1.7 * rng.normal(size=4000)
    kind = np.where(truth, Kind.ACHIEVED, Kind.NOT_YET)
    judged = Judgements(honest * 4 + 3, kind, np.arange(4000))
    fitted = calibrate(judged)
    raw = 1 / (1 + np.exp(-judged.logit))
    scaled = np.array([fitted.probability(x) for x in judged.logit])
    assert calibration_error(scaled, truth) < 0.03 < calibration_error(raw, truth)


def test_auroc_counts_how_often_a_success_is_above_a_failure():
    assert auroc(np.array([2.0, 3.0]), np.array([1.0, 2.0])) == pytest.approx(0.875)
    assert np.isnan(auroc(np.array([1.0]), np.array([])))
