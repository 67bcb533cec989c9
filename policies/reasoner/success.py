"""Whether an instruction was carried out, told from pictures alone."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from policies.reasoner.success_network import SuccessConfig, SuccessNetwork
from policies.text import TextConfig
from robotics.errors import CheckpointError
from robotics.reasoning.errors import MissingInputError, QueryError
from robotics.reasoning.view import View

FORMAT = "robotics.success/1"
SHIPPED = Path(__file__).parent.parent / "checkpoints" / "reasoner" / "success"


@dataclass(frozen=True)
class Calibration:
    """Turns logits into probabilities: sigmoid((logit - shift) / temperature)."""

    temperature: float = 1.0
    shift: float = 0.0

    def probability(self, logit: float) -> float:
        return float(1.0 / (1.0 + np.exp(-np.clip((logit - self.shift) / self.temperature, -50, 50))))


@dataclass(frozen=True)
class SuccessDetector:
    """A trained network, what it was trained on, and how its numbers become probabilities."""

    network: SuccessNetwork
    calibration: Calibration = Calibration()
    cameras: tuple[str, ...] = ()
    """Names of the cameras that it was trained on."""
    provenance: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Datasets, command, commit."""

    def probability(self, before: Sequence[View], after: Sequence[View], instruction: str) -> float:
        """Calibrated probability that the instruction was carried out.

        Views belong together by their names, and by their places where they have none. Of cameras that it was
        trained on, the others are left aside; where there is none of them, all views are used.

        Args:
            before: Of the moment when the instruction was given; may be empty, which costs certainty.
            after: Now; at least one.

        Raises:
            MissingInputError: There is no view of now.
            QueryError: The instruction is empty.
        """
        return self.calibration.probability(self.logit(before, after, instruction))

    def logit(self, before: Sequence[View], after: Sequence[View], instruction: str) -> float:
        """What `probability` is made of; arguments and errors as there."""
        if not after:
            raise MissingInputError("success wants at least one view of the moment after, got none")
        if not instruction.strip():
            raise QueryError("wanted an instruction, got an empty one")
        chosen = [place for place, view in enumerate(after) if view.name in self.cameras]
        pairs = []
        for place in chosen or range(len(after)):
            view = after[place]
            same = [other for other in before if other.name == view.name]
            first = same[:1] if view.name else before[place : place + 1]
            pairs.append((first[0] if first else None, view))
        return float(np.mean(self._logits(pairs, instruction)))

    def _logits(self, pairs: Sequence[tuple[View | None, View]], instruction: str) -> np.ndarray:
        after = [self._picture(view.image) for _, view in pairs]
        before = [
            self._picture(first.image) if first else last
            for (first, _), last in zip(pairs, after, strict=True)
        ]
        known = torch.tensor([first is not None for first, _ in pairs])
        with torch.inference_mode():
            text = self.network.text(self.network.text.tokenize([instruction])).expand(len(pairs), -1)
            return self.network(torch.stack(before), torch.stack(after), known, text).double().numpy()

    def _picture(self, image: np.ndarray) -> torch.Tensor:
        return prepare(image, self.network.config)

    def save(self, folder: Path) -> None:
        """Write weights (float16) and config; the folder is all that `load` needs."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = {
            name: (
                tensor.half() if tensor.is_floating_point() and "running_" not in name else tensor
            ).contiguous()
            for name, tensor in self.network.state_dict().items()
        }
        save_file(weights, folder / "weights.safetensors")
        table = {
            "format": FORMAT,
            "network": dataclasses.asdict(self.network.config),
            "calibration": dataclasses.asdict(self.calibration),
            "cameras": self.cameras,
            "provenance": self.provenance,
        }
        (folder / "config.json").write_text(json.dumps(table, indent=2) + "\n")

    @staticmethod
    def load(folder: Path | str = SHIPPED) -> "SuccessDetector":
        """Read a folder that `save` wrote; the shipped one by default.

        Raises:
            CheckpointError: It is missing, damaged or of another format.
        """
        folder = Path(folder)
        if not (folder / "config.json").is_file():
            raise CheckpointError(f"no success detector in '{folder}' (wanted a folder with config.json)")
        try:
            table = json.loads((folder / "config.json").read_text())
            if table.get("format") != FORMAT:
                raise CheckpointError(
                    f"success detector '{folder}': wanted format {FORMAT}, got {table.get('format')!r}"
                )
            config = {**table["network"], "text": TextConfig(**table["network"]["text"])}
            network = SuccessNetwork(SuccessConfig(**config))
            weights = load_file(folder / "weights.safetensors")
            network.load_state_dict(
                {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
            )
            network.eval().requires_grad_(False)
            return SuccessDetector(
                network, Calibration(**table["calibration"]), tuple(table["cameras"]), table["provenance"]
            )
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RuntimeError,
            SafetensorError,
        ) as error:
            if isinstance(error, CheckpointError):
                raise
            raise CheckpointError(
                f"success detector '{folder}' is damaged: {str(error).splitlines()[0]}"
            ) from error


def prepare(image: np.ndarray, config: SuccessConfig) -> torch.Tensor:
    """uint8 (3, height, width) at the network's size of an RGB image, shape (rows, columns, 3)."""
    size = (config.width, config.height)
    if image.shape[:2] != size[::-1]:
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)
