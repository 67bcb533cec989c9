"""Train the success detector on recorded episodes; deterministic from a seed."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from policies.reasoner.success_examples import JudgedEpisode, Kind, other_words
from policies.reasoner.success_network import SuccessConfig, SuccessNetwork
from policies.variation import PERMUTATIONS, exchange_colours, mirror_sides


@dataclass(frozen=True)
class SuccessTraining:
    """How the success network is trained."""

    steps: int = 700
    batch: int = 40
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup: int = 50
    shares: tuple[float, ...] = (0.38, 0.3, 0.2, 0.06, 0.06, 0.0)
    """Of the kinds of examples, in the order of `Kind`; failed episodes are drawn as often as whole ones."""
    forget: float = 0.25
    """Share of examples without a picture before."""
    colours: float = 0.6
    """Share of examples whose colours are exchanged in pictures and words."""
    mirrored: float = 0.5
    """Share of examples that are mirrored, pictures and words."""
    shift: int = 6
    """Both pictures move by up to so much [pixel]."""
    seed: int = 0


@dataclass(frozen=True)
class Batch:
    before: Tensor
    after: Tensor
    known: Tensor
    ids: Tensor
    achieved: Tensor
    kind: np.ndarray


class ExampleSampler:
    """Draws examples, varied."""

    def __init__(
        self,
        episodes: Sequence[JudgedEpisode],
        config: SuccessTraining,
        tokenize: Callable[[list[str]], Tensor],
    ):
        self.config, self.tokenize = config, tokenize
        self.episodes = episodes

    def draw(self, rng: np.random.Generator) -> Batch:
        """A batch of random examples, varied at random."""
        made = [self._example(rng) for _ in range(self.config.batch)]
        before, after, words, kinds = zip(*made, strict=True)
        known = torch.from_numpy(rng.random(len(made)) >= self.config.forget)
        return _batch(before, after, known, words, kinds, self.tokenize)

    def _example(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, str, Kind]:
        episode = self.episodes[int(rng.integers(len(self.episodes)))]
        kind = Kind(rng.choice(len(Kind), p=self.config.shares)) if episode.success else Kind.FAILED
        camera = episode.cameras[int(rng.integers(len(episode.cameras)))]
        before, after, words, kind = make_example(episode, kind, self.episodes, camera, rng)
        if rng.random() < self.config.colours:
            permutation = PERMUTATIONS[rng.integers(1, len(PERMUTATIONS))]
            exchanged = exchange_colours(words, permutation)
            if exchanged is not None:
                inverse = np.argsort(permutation)
                before, after, words = before[..., inverse], after[..., inverse], exchanged
        if rng.random() < self.config.mirrored:
            before, after, words = before[:, ::-1], after[:, ::-1], mirror_sides(words)
        gain = rng.uniform(0.8, 1.2)
        down, right = rng.integers(-self.config.shift, self.config.shift + 1, size=2)
        before, after = (_vary(picture, gain, down, right) for picture in (before, after))
        return before, after, words, kind


def make_example(
    episode: JudgedEpisode, kind: Kind, others: Sequence[JudgedEpisode], camera: str, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, str, Kind]:
    """Pictures before and after, words, and the kind that it became: not every episode has every kind."""
    any_of = lambda pictures: pictures[rng.integers(len(pictures))]  # noqa: E731
    start, middle, end = episode.start[camera], episode.middle[camera], episode.end[camera]
    words = episode.instruction
    if kind is Kind.NOT_YET:
        return start, any_of(middle), words, kind
    if kind is Kind.UNDONE:
        return any_of(end), start, words, kind
    if kind is Kind.FAILED:
        return start, any_of(end if rng.random() < 0.5 else middle), words, kind
    if kind is Kind.OTHER_WORDS:
        changed = other_words(words, rng)
        if changed is not None:
            return start, any_of(end), changed, kind
        kind = Kind.OTHER_TASK
    if kind is Kind.OTHER_TASK:
        different = [other for other in others if other.task != episode.task]
        if different:
            return start, any_of(end), different[int(rng.integers(len(different)))].instruction, kind
        return start, any_of(middle), words, Kind.NOT_YET
    return start, any_of(end), words, Kind.ACHIEVED


def _vary(picture: np.ndarray, gain: float, down: int, right: int) -> np.ndarray:
    """Brighter or darker, and moved; the border repeats."""
    rows = np.clip(np.arange(picture.shape[0]) - down, 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(picture.shape[1]) - right, 0, picture.shape[1] - 1)
    return np.clip(picture[rows][:, columns] * gain, 0, 255).astype(np.uint8)


def _batch(before, after, known, words, kinds, tokenize) -> Batch:
    as_tensor = lambda pictures: torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)  # noqa: E731
    kind = np.array(kinds)
    return Batch(
        as_tensor(before), as_tensor(after), known, tokenize(list(words)),
        torch.from_numpy(kind == Kind.ACHIEVED).float(), kind,
    )  # fmt: skip


def train_success(
    episodes: Sequence[JudgedEpisode],
    config: SuccessTraining | None = None,
    network: SuccessNetwork | None = None,
    report: Callable[[int, int, str], None] | None = None,
) -> SuccessNetwork:
    """Train a network, or go on with one.

    Args:
        report: Called with (steps done, of how many, one line of metrics).
    """
    config = config or SuccessTraining()
    rng = np.random.default_rng(config.seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = network or SuccessNetwork(SuccessConfig())
        network.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        sampler = ExampleSampler(episodes, config, network.text.tokenize)
        optimizer = torch.optim.AdamW(
            network.parameters(), config.learning_rate, weight_decay=config.weight_decay
        )
        losses: list[float] = []
        for step in range(config.steps):
            share = min(
                (step + 1) / config.warmup, 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / config.steps))
            )
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * share
            batch = sampler.draw(rng)
            with torch.autocast("cpu", torch.bfloat16):
                logits = network(batch.before, batch.after, batch.known, network.text(batch.ids))
            loss = F.binary_cross_entropy_with_logits(logits.float(), batch.achieved)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            losses.append(float(loss.detach()))
            if report is not None and (step + 1) % 25 == 0:
                report(step + 1, config.steps, f"loss {np.mean(losses[-25:]):.3f}")
    return network.eval()
