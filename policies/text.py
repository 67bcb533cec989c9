"""Instruction to features: hashed words and character n-grams, so that no vocabulary file is needed."""

import re
import zlib
from dataclasses import dataclass

import torch
from torch import Tensor, nn

MAX_WORDS = 20
GRAMS_PER_WORD = 12
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class TextConfig:
    """Size of the text encoder."""

    buckets: int = 2048
    """Hash buckets for words and character trigrams."""
    width: int = 64
    """Width of a word feature."""
    heads: int = 4
    """Attention heads."""
    queries: int = 3
    """Learned queries that read the sentence (what to take, where to put it, how)."""

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"'width' {self.width} wants a multiple of 'heads' {self.heads}")

    @property
    def output_dim(self) -> int:
        return self.queries * self.width


def hash_instruction(instruction: str, buckets: int) -> list[list[int]]:
    """Bucket ids of each word: the word itself, then its character trigrams; 0 is padding.

    Args:
        instruction: Any text; case, punctuation and words after the 20th are ignored.

    Returns:
        MAX_WORDS lists of GRAMS_PER_WORD ids.
    """
    words = _WORD.findall(instruction.lower())[:MAX_WORDS]
    rows = []
    for word in words:
        marked = f"<{word}>"
        grams = [word, *(marked[i : i + 3] for i in range(len(marked) - 2))][:GRAMS_PER_WORD]
        ids = [1 + zlib.crc32(gram.encode()) % (buckets - 1) for gram in grams]
        rows.append(ids + [0] * (GRAMS_PER_WORD - len(ids)))
    return rows + [[0] * GRAMS_PER_WORD] * (MAX_WORDS - len(rows))


class TextEncoder(nn.Module):
    """Words attend to each other (order matters: 'a on b'), then learned queries read them."""

    def __init__(self, config: TextConfig):
        super().__init__()
        self.config = config
        self.grams = nn.EmbeddingBag(config.buckets, config.width, mode="mean", padding_idx=0)
        # Of the size of the words: with 0.02 'red on blue' and 'blue on red' begin as one and the same.
        self.position = nn.Parameter(torch.randn(MAX_WORDS, config.width) * 0.5)
        self.layer = nn.TransformerEncoderLayer(
            config.width, config.heads, 2 * config.width, dropout=0.0, batch_first=True, norm_first=True
        )
        self.queries = nn.Parameter(torch.randn(config.queries, config.width) * 0.5)
        self.read = nn.MultiheadAttention(config.width, config.heads, batch_first=True)
        self.norm = nn.LayerNorm(config.width)

    def tokenize(self, instructions: list[str]) -> Tensor:
        """Gram ids, int64 (batch, MAX_WORDS, GRAMS_PER_WORD)."""
        return torch.tensor([hash_instruction(text, self.config.buckets) for text in instructions])

    def forward(self, ids: Tensor) -> Tensor:
        """Sentence features (batch, output_dim) of gram ids (batch, MAX_WORDS, GRAMS_PER_WORD)."""
        batch = len(ids)
        empty = (ids == 0).all(-1)  # (batch, MAX_WORDS)
        empty = torch.cat([empty[:, :1] & False, empty[:, 1:]], dim=1)  # an empty sentence still has one word
        words = self.grams(ids.flatten(0, 1)).unflatten(0, (batch, MAX_WORDS)) * 4.0 + self.position
        words = self.layer(words, src_key_padding_mask=empty)
        queries = self.queries.expand(batch, -1, -1)
        read, _ = self.read(queries, words, words, key_padding_mask=empty, need_weights=False)
        return self.norm(read).flatten(1)
