"""Reasoners by their names on the command line, such as `embedded`, `gemini` or `HOST:PORT`."""

from pathlib import Path

from robotics.cli.connect import credentials_for, is_address
from robotics.errors import UnknownNameError
from robotics.reasoning.reasoner import Reasoner

REASONERS = ("embedded", "embedded:FOLDER", "gemini", "gemini:MODEL", "vlm:FOLDER", "HOST:PORT")
"""What can be named; for hints."""


def open_reasoner(text: str) -> Reasoner:
    """A reasoner by name; `close_reasoner` ends it.

    Args:
        text: `embedded` for the model that comes with this software, `embedded:FOLDER` for a checkpoint of
            your own, `gemini` or `gemini:MODEL`, `vlm:FOLDER` for a chat model as `transformers` saves it, or
            the HOST:PORT of a reasoner that is being served.

    Raises:
        UnknownNameError: No such reasoner.
        CheckpointError: The embedded model's checkpoint is missing or damaged.
        BackendError: No key, nothing installed, or no model in the folder.
        ConnectionFailedError: Nothing answers at the address.
    """
    kind, colon, value = text.partition(":")
    if kind == "embedded" and (value or not colon):
        from policies.reasoner.embedded import EmbeddedReasoner

        return EmbeddedReasoner.load(Path(value) if value else None)
    if kind == "gemini" and (value or not colon):
        from policies.reasoner.gemini import GeminiReasoner
        from policies.reasoner.gemini_config import GeminiConfig

        return GeminiReasoner(GeminiConfig(model=value) if value else None)
    if kind == "vlm" and value:
        from policies.reasoner.vlm import VlmReasoner
        from policies.reasoner.vlm_config import VlmConfig

        return VlmReasoner(VlmConfig(Path(value)))
    if is_address(text):
        from robotics.bridge.remote_reasoner import RemoteReasoner

        return RemoteReasoner(text, credentials_for(text))
    raise UnknownNameError("reasoner", text, REASONERS)


def close_reasoner(reasoner: Reasoner | None) -> None:
    """End a reasoner that holds something, such as a connection."""
    close = getattr(reasoner, "close", None)
    if close is not None:
        close()
