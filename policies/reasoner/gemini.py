"""Gemini Robotics-ER, or another Gemini model, as a reasoner."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from policies.reasoner.gemini_calls import GeminiCalls
from policies.reasoner.gemini_config import GeminiConfig, read_key
from policies.reasoner.gemini_usage import UsageMeter, UsageReport
from policies.reasoner.vlm_chat import ChatReasoner

POINTING = frozenset({"point", "detect", "grasps"})
"""Answered at once: thinking costs time, and in published comparisons pointing lost by it."""


class GeminiReasoner(ChatReasoner):
    """Answers all of QUESTIONS; may be called from many threads at once (`GeminiConfig.parallel`).

    The same view and question have the same answer only as far as the service honours its seed. Close it, or
    use it in a `with`.

    Raises:
        BackendError: No key, or google-genai is not installed.
    """

    def __init__(self, config: GeminiConfig | None = None, key: str | None = None):
        """
        Args:
            key: None: of the environment (`read_key`).
        """
        config = config or GeminiConfig()
        self._meter = UsageMeter(config.prices)
        self._calls = GeminiCalls(config, key or read_key(), self._meter)
        super().__init__(
            f"gemini:{config.model}",
            _GeminiModel(config, self._calls),
            longest_side=config.longest_side,
            asks=config.asks,
        )

    @property
    def usage(self) -> UsageReport:
        """Tokens, time and cost so far."""
        return self._meter.report()

    def close(self) -> None:
        self._calls.close()

    def __enter__(self) -> "GeminiReasoner":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _GeminiModel:
    """A `ChatModel`."""

    def __init__(self, config: GeminiConfig, calls: GeminiCalls):
        self._config = config
        self._calls = calls

    def say(self, kind: str, prompt: str, images: Sequence[np.ndarray], attempt: int) -> str:
        from google.genai import types

        parts: list[Any] = [self._picture(image) for image in images]
        parts.append(types.Part.from_text(text=prompt))
        contents = types.Content(role="user", parts=parts)
        return self._calls.generate(contents, self._generation(kind, attempt))

    def _picture(self, image: np.ndarray) -> Any:
        from google.genai import types

        options = [cv2.IMWRITE_JPEG_QUALITY, 92] if self._config.image_format == "jpeg" else []
        suffix = ".jpg" if self._config.image_format == "jpeg" else ".png"
        _, data = cv2.imencode(suffix, image[..., ::-1], options)
        return types.Part.from_bytes(data=data.tobytes(), mime_type=f"image/{self._config.image_format}")

    def _generation(self, kind: str, attempt: int) -> Any:
        from google.genai import types

        config = self._config
        budget = config.thinking_budget_pointing if kind in POINTING else config.thinking_budget
        return types.GenerateContentConfig(
            temperature=config.temperature,
            max_output_tokens=config.longest_answer,
            # Asked again with the same seed, it might give the same unusable answer.
            seed=None if config.seed is None else config.seed + attempt,
            thinking_config=None if budget is None else types.ThinkingConfig(thinking_budget=budget),
        )
