"""Several datasets as one, each drawn from by its weight."""

from collections.abc import Mapping, Sequence
from typing import overload

import numpy as np

from demonstrations.window_batch import Sample, take
from demonstrations.windows import DemonstrationWindows
from robotics.errors import DatasetError


class Mixture:
    """The windows of every source, one source after another; `SampleOrder.of` draws them by weight.

    Reads as DemonstrationWindows does. With `pad`, robots of several shapes become one: fewer actions or
    states are filled up with zeros (`action_dim_padded` says where), and a camera that a robot lacks is
    black and `image_padded`.
    """

    def __init__(
        self,
        sources: Mapping[str, DemonstrationWindows],
        weights: Mapping[str, float] | None = None,
        *,
        pad: bool = False,
    ):
        """
        Args:
            sources: By a name for messages and weights.
            weights: Shares of the samples, to any sum; by default those of the windows.

        Raises:
            DatasetError: No sources, or weights that do not fit them.
            IncompatibleError: The windows have other shapes than one another.
        """
        weights = {name: len(s) for name, s in sources.items()} if weights is None else weights
        if not sources or {*weights} != {*sources} or not all(w > 0 for w in weights.values()):
            raise DatasetError(
                f"a mixture wants one weight > 0 for each of its sources, got weights {dict(weights)} "
                f"for sources {[*sources]}"
            )
        self.names = tuple(sources)
        self._sources = tuple(sources.values())
        self.weights = tuple(float(weights[name]) / sum(weights.values()) for name in sources)
        """Share of each source; they sum to one."""
        self.lengths = tuple(map(len, self._sources))
        """Windows of each source."""
        self.format = self._sources[0].format
        for source in self._sources[1:]:
            self.format = self.format.join(source.format, pad)
        self._first = np.cumsum([0, *self.lengths])

    def __len__(self) -> int:
        return int(self._first[-1])

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: Sequence[int] | np.ndarray) -> Sample: ...
    def __getitem__(self, index: int | Sequence[int] | np.ndarray) -> Sample:
        """One sample, or a batch of them; `source` says of which dataset.

        Raises:
            IndexError: There is no such window.
            DatasetError: A recorded frame is damaged.
        """
        if isinstance(index, int | np.integer):
            return take(self[[int(index)]], 0)
        batch = self.format.allocate(len(index))
        for position, one in enumerate(index):
            if not -len(self) <= one < len(self):
                raise IndexError(f"there are {len(self)} windows, no index {one}")
            place = int(one) % len(self)
            source = int(np.searchsorted(self._first, place, side="right")) - 1
            self._sources[source].fill(batch, position, place - int(self._first[source]))
            batch["source"][position] = source
        return batch
