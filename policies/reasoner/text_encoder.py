"""Phrases of plain things ("small crimson mug") to unit vectors, by words, their trigrams and colours."""

import functools
import zlib
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from robotics.reasoning.language.words import split_words

MAX_WORDS = 8
GRAMS_PER_WORD = 12
_COLOUR_CHANNELS = 4


@dataclass(frozen=True)
class TextEncoderConfig:
    """Size of the phrase encoder."""

    buckets: int = 4096
    """Hash buckets for words and character trigrams."""
    width: int = 96
    """Width of a word feature; a multiple of 4."""
    output_dim: int = 64
    """Length of the phrase vector."""


@functools.cache
def _colour_of_word(word: str) -> tuple[float, float, float] | None:
    """sRGB 0..1 of a colour word, None of others."""
    from matplotlib.colors import CSS4_COLORS, XKCD_COLORS, to_rgb

    for table, name in ((XKCD_COLORS, f"xkcd:{word}"), (CSS4_COLORS, word)):
        if name in table:
            return to_rgb(table[name])
    return None


def _colours(words: list[str]) -> np.ndarray:
    """Per word red, green, blue and whether it names a colour, (words, 4)."""
    rows = np.zeros((len(words), _COLOUR_CHANNELS), np.float32)
    for i, word in enumerate(words):
        colour = _colour_of_word(word)
        if colour is not None:
            rows[i] = [*(2 * c - 1 for c in colour), 1.0]
    return rows


@functools.lru_cache(maxsize=65536)
def _encode(phrase: str, buckets: int) -> tuple[np.ndarray, np.ndarray]:
    words = list(split_words(phrase))[:MAX_WORDS] or ["object"]
    ids = np.zeros((MAX_WORDS, GRAMS_PER_WORD), np.int64)
    for row, word in enumerate(words):
        marked = f"<{word}>"
        grams = [word, *(marked[i : i + 3] for i in range(len(marked) - 2))][:GRAMS_PER_WORD]
        ids[row, : len(grams)] = [1 + zlib.crc32(gram.encode()) % (buckets - 1) for gram in grams]
    colours = np.zeros((MAX_WORDS, _COLOUR_CHANNELS), np.float32)
    colours[: len(words)] = _colours(words)
    return ids, colours


class TextEncoder(nn.Module):
    """Words attend to each other, one learned query reads them."""

    def __init__(self, config: TextEncoderConfig):
        super().__init__()
        self.config = config
        width = config.width
        self.grams = nn.EmbeddingBag(config.buckets, width, mode="mean", padding_idx=0)
        nn.init.normal_(self.grams.weight, std=1.0)
        self.colour = nn.Linear(_COLOUR_CHANNELS, width)
        self.position = nn.Parameter(torch.randn(MAX_WORDS, width) * 0.3)
        self.layer = nn.TransformerEncoderLayer(
            width, 4, 2 * width, dropout=0.0, batch_first=True, norm_first=True
        )
        self.query = nn.Parameter(torch.randn(1, 1, width) * 0.5)
        self.read = nn.MultiheadAttention(width, 4, batch_first=True)
        self.out = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, config.output_dim))

    def tokenize(self, phrases: list[str]) -> tuple[Tensor, Tensor]:
        """Gram ids (phrase, MAX_WORDS, GRAMS_PER_WORD) and colours (phrase, MAX_WORDS, 4)."""
        ids, colours = zip(*(_encode(phrase, self.config.buckets) for phrase in phrases), strict=True)
        return torch.from_numpy(np.stack(ids)), torch.from_numpy(np.stack(colours))

    def forward(self, ids: Tensor, colours: Tensor) -> Tensor:
        """Unit vectors (phrase, output_dim)."""
        count = len(ids)
        empty = (ids == 0).all(-1)
        words = self.grams(ids.flatten(0, 1)).unflatten(0, (count, MAX_WORDS)) * 2.0
        words = words + self.colour(colours) + self.position
        words = self.layer(words, src_key_padding_mask=empty)
        read, _ = self.read(
            self.query.expand(count, -1, -1), words, words, key_padding_mask=empty, need_weights=False
        )
        return F.normalize(self.out(read[:, 0]), dim=-1)
