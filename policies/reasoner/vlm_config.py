"""How a local vision-language model is set up."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from robotics.reasoning.formats.scale import Unit


@dataclass(frozen=True)
class VlmConfig:
    """A chat model with pictures, in a folder as `transformers` saves it."""

    folder: Path
    device: str = ""
    """Of torch; '' takes a GPU where there is one."""
    unit: Unit = Unit.THOUSANDTH
    """In which the model writes places: part of what it was trained on, and told in the prompt."""
    y_first: bool = True
    longest_side: int = 1024
    """Larger pictures are reduced to it [pixel]."""
    longest_answer: int = 1024
    """[token]"""
    longest_s: float = 120.0
    """An answer is cut off there."""
    template_options: dict[str, Any] = field(default_factory=dict)
    """For the chat template, e.g. {"enable_thinking": False}."""

    def __post_init__(self) -> None:
        for name in ("longest_side", "longest_answer", "longest_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)}")
