"""How each joint moves over a dataset: per-dimension statistics, and which dimensions hardly move."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from demonstrations.dataset import DemonstrationDataset
from robotics.errors import DatasetError

QUANTITIES = ("position", "requested", "intended")

HARDLY_MOVES = 0.01
"""Below this standard deviation [rad or opening] a dimension is noted: dividing by it would blow up noise."""


@dataclass(frozen=True)
class DimensionStatistics:
    """Of one quantity over all ticks; every array has shape (action_dim,), embodiment units."""

    mean: np.ndarray
    std: np.ndarray
    min: np.ndarray
    max: np.ndarray
    q01: np.ndarray
    """1 % of the ticks lie below."""
    q99: np.ndarray
    """1 % of the ticks lie above."""

    def floored_std(self, floor: float = HARDLY_MOVES) -> np.ndarray:
        """`std`, but at least `floor`: what to divide by."""
        return np.maximum(self.std, floor)

    @staticmethod
    def of(values: np.ndarray) -> "DimensionStatistics":
        """Of values of shape (tick, action_dim), tick >= 1."""
        q01, q99 = np.quantile(values, [0.01, 0.99], axis=0)
        return DimensionStatistics(
            values.mean(0), values.std(0), values.min(0), values.max(0), q01=q01, q99=q99
        )


@dataclass(frozen=True)
class DatasetStatistics:
    """Statistics of the chosen episodes of a dataset."""

    action_names: tuple[str, ...]
    episodes: int
    ticks: int
    quantities: dict[str, DimensionStatistics]
    """By name: position, requested, intended."""
    notes: tuple[str, ...]
    """One line a suspicious dimension."""

    def to_json(self) -> dict:
        """Plain lists and numbers."""
        return {
            "action_names": list(self.action_names),
            "episodes": self.episodes,
            "ticks": self.ticks,
            "quantities": {
                name: {key: array.tolist() for key, array in asdict(of).items()}
                for name, of in self.quantities.items()
            },
            "notes": list(self.notes),
        }


def compute_statistics(
    dataset: DemonstrationDataset, episodes: Sequence[int] | None = None, floor: float = HARDLY_MOVES
) -> DatasetStatistics:
    """Statistics over every tick of the chosen episodes.

    Args:
        episodes: Indices; `dataset.demonstrations()` by default.
        floor: Standard deviation below which a dimension is noted.

    Raises:
        DatasetError: No episode is chosen, one is damaged, or one holds a value that is not finite.
    """
    chosen = list(dataset.demonstrations() if episodes is None else episodes)
    if not chosen:
        raise DatasetError(f"{dataset.path}: no episode to compute statistics of")
    names = dataset.description.action_names
    parts: dict[str, list[np.ndarray]] = {name: [] for name in QUANTITIES}
    for i in chosen:
        episode = dataset.episode(i)
        for name, arrays in parts.items():
            if not np.isfinite(episode.state[name]).all():
                raise DatasetError(f"{episode.path.name}: state/{name} holds values that are not finite")
            arrays.append(episode.state[name])
    quantities = {name: DimensionStatistics.of(np.concatenate(arrays)) for name, arrays in parts.items()}
    notes = tuple(
        f"{quantity} of {names[d]} hardly moves: standard deviation {of.std[d]:.2g} is below {floor:g}"
        for quantity, of in quantities.items()
        for d in np.flatnonzero(of.std < floor)
    )
    return DatasetStatistics(names, len(chosen), sum(map(len, parts["position"])), quantities, notes)
