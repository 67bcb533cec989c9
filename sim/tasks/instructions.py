"""The words of a task: phrasings with slots, and the way back from a sentence to a goal."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product

import numpy as np

from robotics.errors import UnknownNameError

Goal = Mapping[str, str]
"""What an instruction asks for, e.g. {"object": "red_cube", "bowl": "left"}."""

_ARTICLES = {"the", "a", "an"}


def normalise(text: str) -> str:
    """Lower case, single spaces, no articles, no punctuation: what makes two sentences the same."""
    words = re.sub(r"[^a-z0-9]+", " ", text.lower()).split()
    return " ".join(word for word in words if word not in _ARTICLES)


class Instructions:
    """All phrasings of a task and the goals that they name."""

    def __init__(
        self,
        task: str,
        templates: tuple[str, ...],
        slots: Mapping[str, Mapping[str, str]] | None = None,
        fixed: Goal | None = None,
        allowed: Callable[[Goal], bool] = lambda goal: True,
    ):
        """
        Args:
            task: Name for error messages.
            templates: Phrasings such as "put the {object} in the {bowl} bowl".
            slots: For each slot, what it may stand for: value in the goal -> words in the sentence.
            fixed: Entries that every goal of the task has.
            allowed: Says which combinations of slots make sense.
        """
        self.task = task
        self.templates = templates
        self.slots = slots or {}
        names = tuple(self.slots)
        combinations = product(*(self.slots[name] for name in names))
        goals = ({**(fixed or {}), **dict(zip(names, values, strict=True))} for values in combinations)
        self.goals: tuple[Goal, ...] = tuple(goal for goal in goals if allowed(goal))
        self._goal_of = {normalise(text): goal for goal, text in self._sentences()}

    def _sentences(self) -> Iterator[tuple[Goal, str]]:
        for goal in self.goals:
            for template in self.templates:
                yield goal, self.say(goal, template)

    def say(self, goal: Goal, template: str) -> str:
        """The sentence that asks for `goal` in this phrasing."""
        return template.format(**{slot: words[goal[slot]] for slot, words in self.slots.items()})

    def sentences(self) -> tuple[str, ...]:
        """Every phrasing of every goal."""
        return tuple(text for _, text in self._sentences())

    def draw(self, rng: np.random.Generator) -> str:
        """A random phrasing of a random goal."""
        goal = self.goals[rng.integers(len(self.goals))]
        return self.say(goal, self.templates[rng.integers(len(self.templates))])

    def parse(self, text: str) -> Goal:
        """The goal that a sentence asks for; case, spaces, punctuation and articles do not matter.

        Raises:
            UnknownNameError: No phrasing of the task fits; the message lists them.
        """
        try:
            return self._goal_of[normalise(text)]
        except KeyError:
            kinds = [f"{{{slot}}}: {' | '.join(words.values())}" for slot, words in self.slots.items()]
            known = [*(f"'{template}'" for template in self.templates), *kinds]
            raise UnknownNameError("instruction", text, known, owner=self.task) from None
