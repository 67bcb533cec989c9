"""A vision-language model of `transformers` from a local folder, as a reasoner; never a network."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from policies.reasoner.vlm_chat import ChatReasoner
from policies.reasoner.vlm_config import VlmConfig
from robotics.errors import shorten
from robotics.reasoning.errors import BackendError, ImageError


class VlmReasoner(ChatReasoner):
    """Answers all of QUESTIONS, greedily: the same view and question have the same answer.

    Threads may share it; they wait for each other.

    Raises:
        BackendError: `transformers` is not installed, or the folder holds no chat model with pictures.
    """

    def __init__(self, config: VlmConfig):
        super().__init__(
            f"vlm:{config.folder.name[:60]}",
            LocalModel(config),
            unit=config.unit,
            y_first=config.y_first,
            longest_side=config.longest_side,
        )


class LocalModel:
    """A `ChatModel` of weights in a folder."""

    def __init__(self, config: VlmConfig):
        self._config = config
        self._processor, self._model = _load(config.folder, config.device)
        self._lock = threading.Lock()

    def say(self, kind: str, prompt: str, images: Sequence[np.ndarray], attempt: int) -> str:
        from PIL import Image

        del kind, attempt
        parts: list[dict[str, Any]] = [{"type": "image", "image": Image.fromarray(image)} for image in images]
        parts.append({"type": "text", "text": prompt})
        with self._lock:
            inputs = self._encode([{"role": "user", "content": parts}], images)
            return self._generate(inputs)

    def _encode(self, messages: list[dict[str, Any]], images: Sequence[np.ndarray]) -> Any:
        try:
            inputs = self._processor.apply_chat_template(
                messages,
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
                **self._config.template_options,
            )
        except (ValueError, TypeError, ZeroDivisionError, IndexError, RuntimeError) as error:
            # Processors refuse pictures that are too narrow or too small, each in its own words.
            sizes = ", ".join(f"{image.shape[1]}x{image.shape[0]}" for image in images)
            raise ImageError(f"the model cannot use pictures of {sizes}: {_line(error)}") from None
        return inputs.to(self._model.device)

    def _generate(self, inputs: Any) -> str:
        import torch

        try:
            with torch.inference_mode():
                tokens = self._model.generate(
                    **inputs,
                    max_new_tokens=self._config.longest_answer,
                    max_time=self._config.longest_s,
                    do_sample=False,
                )
        except (
            RuntimeError,
            ValueError,
            IndexError,
        ) as error:  # out of memory, or a context that is too short
            raise BackendError(f"the model failed: {_line(error)}") from None
        said = tokens[0, inputs["input_ids"].shape[1] :]
        return self._processor.decode(said, skip_special_tokens=True)


def _load(folder: Path, device: str) -> tuple[Any, Any]:
    """Processor and model."""
    if not folder.is_dir():
        raise BackendError(f"no folder '{folder}' with a vision-language model")
    if not (folder / "config.json").is_file():
        raise BackendError(f"no vision-language model in '{folder}': it has no config.json")
    try:
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForImageTextToText, AutoProcessor
    except ImportError:
        raise BackendError("a local model needs transformers: pip install 'robotics[vlm]'") from None
    try:
        # No code and no pickle from the folder, and nothing from a network.
        model = AutoModelForImageTextToText.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype="auto"
        )
        processor = AutoProcessor.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError) as error:
        raise BackendError(f"no vision-language model in '{folder}': {_line(error)}") from None
    if getattr(processor, "image_processor", None) is None or not getattr(processor, "chat_template", None):
        raise BackendError(f"the model in '{folder}' is no chat model with pictures: it has no chat template")
    try:
        where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        model = model.to(where).eval()  # type: ignore[arg-type]  # wrapped in a way that hides self
    except (RuntimeError, AssertionError) as error:
        raise BackendError(f"device '{device}' cannot be used: {_line(error)}") from None
    return processor, model


def _line(error: Exception) -> str:
    return shorten(" ".join(str(error).split()) or type(error).__name__, 160)
