"""How the Gemini backend is set up."""

import os
from dataclasses import dataclass, field

from policies.reasoner.gemini_patience import Backoff
from policies.reasoner.gemini_usage import Prices
from robotics.reasoning.errors import BackendError

KEY_VARIABLES = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
"""The first of these environment variables that is set holds the key."""


@dataclass(frozen=True)
class GeminiConfig:
    """Of one model behind Google's public API, or behind a server that speaks like it."""

    model: str = "gemini-robotics-er-1.5-preview"
    base_url: str | None = None
    """None: Google's."""
    api_version: str = "v1beta"
    """Preview models are served under this one."""
    temperature: float = 0.5
    thinking_budget_pointing: int | None = 0
    """Tokens for thoughts before points, boxes and grasps; 0 none, -1 as many as the model likes, None: not
    sent, for models that know no budgets."""
    thinking_budget: int | None = -1
    """Before everything else."""
    seed: int | None = 0
    """Sent with a question's first attempt; None: not sent."""
    longest_answer: int = 8192
    """[token], thoughts included."""
    asks: int = 2
    """How often a question is asked at most until its answer can be parsed."""
    parallel: int = 8
    """Requests at a time."""
    requests_per_minute: float | None = None
    """None: no limit of ours."""
    attempt_timeout_s: float = 60.0
    """Of one request."""
    deadline_s: float = 180.0
    """From the moment a question's turn comes until it is answered or given up."""
    backoff: Backoff = field(default_factory=Backoff)
    longest_side: int = 1536
    """Larger pictures are reduced to it before they are sent [pixel]."""
    image_format: str = "jpeg"
    """'jpeg' or 'png'."""
    prices: Prices | None = None
    """For the cost report; None: unknown."""

    def __post_init__(self) -> None:
        positive = ("longest_answer", "asks", "parallel", "attempt_timeout_s", "deadline_s", "longest_side")
        for name in positive:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
        if self.requests_per_minute is not None and self.requests_per_minute <= 0:
            raise ValueError(f"requests_per_minute must be positive, got {self.requests_per_minute}")
        if self.backoff.attempts < 1:
            raise ValueError(f"backoff.attempts must be at least 1, got {self.backoff.attempts}")
        if self.image_format not in {"jpeg", "png"}:
            raise ValueError(f"image_format must be 'jpeg' or 'png', got '{self.image_format}'")
        if not 0 <= self.temperature <= 2:
            raise ValueError(f"temperature must lie within 0..2, got {self.temperature}")
        if not self.model.strip():
            raise ValueError("model is empty")


def read_key() -> str:
    """The key of the environment.

    Raises:
        BackendError: There is none.
    """
    for variable in KEY_VARIABLES:
        if key := os.environ.get(variable, "").strip():
            return key
    raise BackendError(f"no key for Gemini: set the environment variable {KEY_VARIABLES[0]}")
