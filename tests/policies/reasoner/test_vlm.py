"""The local backend on a tiny random model: pictures and prompts go in, text comes out, all offline."""

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts.gemini_server import GOOD_ANSWERS
from contracts.reasoner_contract import ReasonerContract, ask, check_text, make_view
from contracts.tiny_vlm import save_tiny_vlm

from policies.reasoner.vlm import VlmReasoner
from policies.reasoner.vlm_config import VlmConfig
from robotics.reasoning.errors import AnswerFormatError, BackendError
from robotics.reasoning.formats.scale import Unit
from robotics.reasoning.view import View

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the local backend opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def make(folder: Path, **options: Any) -> VlmReasoner:
    return VlmReasoner(VlmConfig(folder, longest_answer=options.pop("longest_answer", 12), **options))


def force(reasoner: VlmReasoner) -> VlmReasoner:
    """Makes the model choose the words of a good answer: random weights would say nothing that can be parsed.

    All else is as ever: template, pictures, every step of decoding.
    """
    local: Any = reasoner._model
    tokenizer, generate = local._processor.tokenizer, local._model.generate
    texts = {start: tokenizer.encode(text, add_special_tokens=False) for start, text in GOOD_ANSWERS.items()}
    other = tokenizer.encode("A red block.", add_special_tokens=False)

    def forced(**inputs: Any) -> Any:
        length = inputs["input_ids"].shape[1]
        prompt = tokenizer.decode(inputs["input_ids"][0], skip_special_tokens=True).strip()
        wanted = next((ids for start, ids in texts.items() if prompt.startswith(start)), other)
        wanted = [*wanted, tokenizer.eos_token_id]

        def allowed(_: int, so_far: Any) -> list[int]:
            return [wanted[min(len(so_far) - length, len(wanted) - 1)]]

        return generate(**inputs, prefix_allowed_tokens_fn=allowed)

    local._model.generate = forced
    return reasoner


@pytest.fixture(scope="module")
def tiny_vlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vlm") / "tiny"
    save_tiny_vlm(folder)
    return folder


@pytest.fixture(scope="module")
def forced_reasoner(tiny_vlm: Path) -> VlmReasoner:
    return force(make(tiny_vlm, longest_answer=200))


@pytest.fixture(scope="module")
def random_reasoner(tiny_vlm: Path) -> VlmReasoner:
    return make(tiny_vlm)


class TestContract(ReasonerContract):
    @pytest.fixture
    def reasoner(self, forced_reasoner: VlmReasoner) -> VlmReasoner:
        return forced_reasoner


def test_its_answers_are_those_of_the_text(forced_reasoner: VlmReasoner):
    (point,) = forced_reasoner.point(make_view(), "the red block")
    assert (point.column, point.row) == pytest.approx((75.04, 69.888))
    assert point.label == "red block" and point.position is not None
    assert forced_reasoner.answer([make_view()], "what is there?").text == "A red block."


def test_what_random_weights_say_is_refused_and_counted_never_guessed(random_reasoner: VlmReasoner):
    refused = random_reasoner.parsing.refused
    with pytest.raises(AnswerFormatError) as failed:
        random_reasoner.point(make_view(), "the red block")
    assert failed.value.text
    assert random_reasoner.parsing.refused == refused + 1


def test_free_text_depends_on_picture_and_prompt_and_on_nothing_else(random_reasoner: VlmReasoner):
    view, other = make_view(), View(np.zeros((168, 224, 3), np.uint8))
    said = random_reasoner.answer([view], "what is there?")
    assert random_reasoner.answer([view], "what is there?") == said
    assert random_reasoner.answer([other], "what is there?") != said
    assert random_reasoner.answer([view], "is it red?") != said
    assert random_reasoner.answer([view, view], "what is there?") != said


def test_answers_are_as_long_as_allowed(tiny_vlm: Path):
    short = make(tiny_vlm, longest_answer=2).answer([make_view()], "what is there?").text
    long = make(tiny_vlm, longest_answer=40).answer([make_view()], "what is there?").text
    assert len(short) < len(long)


def test_a_model_may_write_pixels_with_x_first(tiny_vlm: Path):
    reasoner = make(tiny_vlm, unit=Unit.PIXEL, y_first=False, longest_side=112)
    said: dict[str, Any] = {}

    class Said:
        def say(self, kind: str, prompt: str, images: Any, attempt: int) -> str:
            said.update(prompt=prompt, images=images)
            return '[{"point": [56, 21]}]'

    reasoner._model = Said()
    (point,) = reasoner.point(make_view(), "the red block")
    assert said["images"][0].shape == (84, 112, 3)
    assert "[x, y]" in said["prompt"] and "pixels of the image of 112 x 84" in said["prompt"]
    assert (point.column, point.row) == (112.0, 42.0)


def test_a_missing_folder_and_one_without_a_model_are_named(tmp_path: Path):
    for folder, says in ((tmp_path / "nowhere", "no folder"), (tmp_path, "no config.json")):
        with pytest.raises(BackendError, match=says) as failed:
            make(folder)
        check_text(str(failed.value))
        assert str(folder) in str(failed.value)


@pytest.mark.parametrize("kind", ["bert", "nonsense", ""])
def test_a_model_of_another_kind_is_refused_in_one_line(tmp_path: Path, kind: str):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind} if kind else {}))
    with pytest.raises(BackendError, match="no vision-language model in") as failed:
        make(tmp_path)
    check_text(str(failed.value))
    assert len(str(failed.value)) < 400


def test_weights_that_are_missing_broken_or_pickled_are_refused(tiny_vlm: Path, tmp_path: Path):
    folder = tmp_path / "copy"
    shutil.copytree(tiny_vlm, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(BackendError, match="no vision-language model in"):
        make(folder)
    weights.unlink()
    torch.save({"a": torch.zeros(1)}, folder / "pytorch_model.bin")
    with pytest.raises(BackendError, match=r"safetensors"):
        make(folder)


def test_a_model_without_a_chat_template_is_no_chat_model(tiny_vlm: Path, tmp_path: Path):
    folder = tmp_path / "copy"
    shutil.copytree(tiny_vlm, folder)
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(BackendError, match="no chat template"):
        make(folder)


def test_a_device_that_is_not_there_is_named(tiny_vlm: Path):
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(BackendError, match="device 'cuda:3'"):
        make(tiny_vlm, device="cuda:3")


def test_a_failure_inside_the_model_is_one_line(tiny_vlm: Path):
    reasoner = make(tiny_vlm)
    local: Any = reasoner._model

    def fail(**_: Any) -> None:
        raise RuntimeError("CUDA out of memory.\nTried to allocate 2 GiB")

    local._model.generate = fail
    with pytest.raises(BackendError, match="out of memory") as failed:
        ask(reasoner, "point", make_view())
    check_text(str(failed.value))
