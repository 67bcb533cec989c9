"""One demonstration, other scenes: colours exchanged or sides mirrored, in picture and sentence alike.

A hundred demonstrations show a hundred layouts, and a network learns them by heart. Exchange red and
blue in picture and sentence, and the same motion is right in a scene that nobody recorded; so it is for
the mirror image, if the robot has one (robotics/kinematics/mirror.py).

Exchanged colours alone teach the wrong thing: in *this* layout *this* block goes on that one, whatever
their colours. So where two things differ in colour only, they also change roles, in the words and in the
labels, while the picture and the arm that reaches for one of them stay as they were.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from robotics.kinematics.mirror import Mirror

PERMUTATIONS: tuple[tuple[int, int, int], ...] = tuple(itertools.permutations(range(3)))  # type: ignore[assignment]
"""Channel i of the recorded picture becomes channel `permutation[i]`; the first changes nothing."""
_COLOURS = {
    "red": (1, 0, 0),
    "green": (0, 1, 0),
    "blue": (0, 0, 1),
    "yellow": (1, 1, 0),
    "cyan": (0, 1, 1),
    "magenta": (1, 0, 1),
}
"""Colours that an exchange of channels turns into each other."""
_OTHER_COLOURS = ("orange", "brown", "pink", "purple", "violet", "beige", "turquoise", "gold", "golden")
"""Colours that have no name after an exchange."""
_SIDES = {"left": "right", "right": "left"}


def exchange_colours(instruction: str, permutation: tuple[int, int, int]) -> str | None:
    """The sentence for the picture whose channels were exchanged; None where a colour then has no name."""
    names = {channels: name for name, channels in _COLOURS.items()}

    def other(match: re.Match[str]) -> str:
        channels = [0, 0, 0]
        for source, value in enumerate(_COLOURS[match[0].lower()]):
            channels[permutation[source]] = value
        return names[channels[0], channels[1], channels[2]]

    if permutation != (0, 1, 2) and re.search(rf"\b({'|'.join(_OTHER_COLOURS)})\b", instruction, re.I):
        return None
    return re.sub(rf"\b({'|'.join(_COLOURS)})\b", other, instruction, flags=re.I)


def mirror_sides(instruction: str) -> str:
    """The sentence for the mirrored picture: left is right."""
    return re.sub(r"\b(left|right)\b", lambda match: _SIDES[match[0].lower()], instruction, flags=re.I)


def reverse_roles(instruction: str) -> str | None:
    """'red on blue' -> 'blue on red'; None unless the sentence names exactly two colours, each once."""
    pattern = rf"\b({'|'.join((*_COLOURS, *_OTHER_COLOURS))})\b"
    named = [word.lower() for word in re.findall(pattern, instruction, flags=re.I)]
    if len(named) != 2 or named[0] == named[1]:
        return None
    other = {named[0]: named[1], named[1]: named[0]}
    return re.sub(pattern, lambda match: other[match[0].lower()], instruction, flags=re.I)


@dataclass(frozen=True)
class Variant:
    """How each member of a batch is varied."""

    permutation: np.ndarray
    """Index into PERMUTATIONS, (batch,)."""
    mirrored: np.ndarray
    """bool (batch,)"""
    reversed: np.ndarray
    """bool (batch,): object and goal have changed places in the sentence."""

    @staticmethod
    def none(batch: int) -> "Variant":
        """As recorded."""
        return Variant(np.zeros(batch, int), np.zeros(batch, bool), np.zeros(batch, bool))

    @property
    def index(self) -> np.ndarray:
        """Row of `Variations.instructions`, (batch,)."""
        return self.permutation + len(PERMUTATIONS) * (self.mirrored + 2 * self.reversed)


class Variations:
    """Every sentence in every variant, and the draw of variants."""

    def __init__(self, instructions: Sequence[str], mirror: Mirror | None):
        """
        Args:
            instructions: One per episode.
            mirror: The robot's symmetry; None: never mirrored.
        """
        self.mirror = mirror
        reverse = [reverse_roles(text) for text in instructions]
        self.reversible = np.array([text is not None for text in reverse])
        """bool (episode,): whether the sentence can be reversed."""
        self._allowed = np.array(
            [[exchange_colours(text, p) is not None for text in instructions] for p in PERMUTATIONS]
        )
        self.instructions: list[list[str]] = []
        """(variant, episode)"""
        for sentences in (list(instructions), [r or t for r, t in zip(reverse, instructions, strict=True)]):
            coloured = [[exchange_colours(text, p) or text for text in sentences] for p in PERMUTATIONS]
            self.instructions += coloured + [[mirror_sides(text) for text in row] for row in coloured]

    def draw(
        self,
        episodes: np.ndarray,
        rng: np.random.Generator,
        *,
        colours: float,
        mirrored: float,
        reversible: np.ndarray | None = None,
    ) -> Variant:
        """Variants for a batch.

        Args:
            episodes: (batch,)
            colours: Probability that colours are exchanged.
            mirrored: Probability that sides are mirrored.
            reversible: bool (batch,): of these every other one is reversed.
        """
        permutation = rng.integers(1, len(PERMUTATIONS), len(episodes))
        permutation[(rng.random(len(episodes)) >= colours) | ~self._allowed[permutation, episodes]] = 0
        mirror = rng.random(len(episodes)) < (mirrored if self.mirror else 0.0)
        reverse = np.zeros(len(episodes), bool)
        if reversible is not None:
            reverse = reversible & (rng.random(len(episodes)) < 0.5)
        return Variant(permutation, mirror, reverse)
