"""In which order a training takes its samples: decided by a seed, continued at any step."""

from collections.abc import Iterator, Sequence

import numpy as np

from demonstrations.mixture import Mixture
from demonstrations.windows import DemonstrationWindows
from robotics.errors import DatasetError

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2^64 / golden ratio: its multiples modulo 2^64 fall evenly between 0 and 2^64 (Weyl's sequence)."""


class SampleOrder:
    """Batches of indices, one a step; a `sampler` for a DataLoader with `batch_size=None`.

    Every window of a source is taken once before any is taken again. Sources take turns by their
    weights, evenly: in any stretch of n samples a source has its share of n, give or take a few. The same
    arguments give the same batches on every machine, whichever step a training starts at.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        weights: Sequence[float] = (1.0,),
        *,
        batch: int,
        seed: int = 0,
        start_step: int = 0,
        steps: int | None = None,
        rank: int = 0,
        ranks: int = 1,
    ):
        """
        Args:
            lengths: Windows of each source.
            weights: Share of each source.
            batch: Samples of this rank in a step.
            start_step: The first step to give, after those of a training that is resumed.
            steps: At which step to end; after as many samples as there are windows by default.
            rank: Which of `ranks` processes this is; each has its own samples.

        Raises:
            DatasetError: A number is out of range.
        """
        if not lengths or len(lengths) != len(weights) or min(lengths) < 1 or min(weights) <= 0:
            raise DatasetError(
                f"wanted a length >= 1 and a weight > 0 for each source, got {[*lengths]} and {[*weights]}"
            )
        if batch < 1 or start_step < 0 or not 0 <= rank < ranks:
            raise DatasetError(
                "wanted batch >= 1, start_step >= 0 and 0 <= rank < ranks, "
                f"got {batch}, {start_step}, {rank} and {ranks}"
            )
        self._lengths = np.array(lengths, np.int64)
        self._first = np.cumsum([0, *lengths])[:-1]
        shares = np.cumsum(weights)[:-1] / np.sum(weights)
        self._ends = np.array([int(share * 2**64) for share in shares], np.uint64)
        self._batch, self._seed = batch, seed
        self._rank, self._ranks = rank, ranks
        self.start_step = start_step
        self.steps = -(-int(self._lengths.sum()) // (batch * ranks)) if steps is None else steps

    @staticmethod
    def of(windows: DemonstrationWindows | Mixture, **options: int | None) -> "SampleOrder":
        """The order of these windows; options as of `SampleOrder`."""
        if isinstance(windows, Mixture):
            return SampleOrder(windows.lengths, windows.weights, **options)  # pyright: ignore[reportArgumentType]
        return SampleOrder([len(windows)], **options)  # pyright: ignore[reportArgumentType]

    def __len__(self) -> int:
        return max(0, self.steps - self.start_step)

    def __iter__(self) -> Iterator[list[int]]:
        size = self._batch * self._ranks
        taken = self._count(self.start_step * size)
        shuffled: dict[int, tuple[int, np.ndarray]] = {}  # the round in work of each source
        for step in range(self.start_step, self.steps):
            sources = self._sources(step * size, (step + 1) * size)
            indices = []
            for source in sources.tolist():
                turn, place = divmod(int(taken[source]), int(self._lengths[source]))
                taken[source] += 1
                if source not in shuffled or shuffled[source][0] != turn:
                    rng = np.random.default_rng([self._seed, source, turn])
                    shuffled[source] = turn, rng.permutation(self._lengths[source])
                indices.append(int(self._first[source] + shuffled[source][1][place]))
            yield indices[self._rank * self._batch : (self._rank + 1) * self._batch]

    def _sources(self, first: int, end: int) -> np.ndarray:
        """The source of each of the samples `first` .. `end` - 1."""
        places = np.arange(first, end, dtype=np.uint64) * _GOLDEN
        return np.searchsorted(self._ends, places, side="right")

    def _count(self, samples: int) -> np.ndarray:
        """How many of the first `samples` each source has."""
        counts = np.zeros(len(self._lengths), np.int64)
        for first in range(0, samples, 1 << 20):
            found = self._sources(first, min(samples, first + (1 << 20)))
            counts += np.bincount(found, minlength=len(counts))
        return counts
