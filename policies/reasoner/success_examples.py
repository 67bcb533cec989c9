"""Examples of success and of its absence, from recorded episodes: moments, other words, other order.

Nobody labels frames. A judged success says that the goal holds from the judgement on. It does not hold some
time before; nor does what other words ask for; nor does it in the picture before, if the two are exchanged.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from demonstrations import DemonstrationDataset, Episode
from robotics.session import EventKind

DOUBT_S = 0.5
"""Before the judgement: the goal may hold already, so these moments are no example of anything."""


class Kind(IntEnum):
    """Why an example is what it is."""

    ACHIEVED = 0
    NOT_YET = 1
    """A moment before the judgement."""
    OTHER_WORDS = 2
    """One word of the instruction exchanged for one that asks for something else."""
    OTHER_TASK = 3
    """An instruction of another task."""
    UNDONE = 4
    """Before and after exchanged."""
    FAILED = 5
    """The end of an episode that was judged a failure."""


@dataclass(frozen=True)
class JudgedEpisode:
    """Pictures of one episode that somebody or something judged, by camera."""

    instruction: str
    task: str
    success: bool
    start: dict[str, np.ndarray]
    """uint8 (height, width, 3): as it was before."""
    middle: dict[str, np.ndarray]
    """uint8 (n, height, width, 3): moments when the goal did not hold yet, in order."""
    end: dict[str, np.ndarray]
    """uint8 (n, height, width, 3): from the judgement on; of a failed episode its last moments."""

    @property
    def cameras(self) -> tuple[str, ...]:
        return tuple(self.start)


def judgement_row(episode: Episode) -> int:
    """Row of the judgement; the last one where no event tells."""
    for event in reversed(episode.metadata.events):
        if event.kind is EventKind.OUTCOME:
            return int(np.clip(np.searchsorted(episode.time_ns, event.time_ns), 0, len(episode) - 1))
    return len(episode) - 1


def read_judged(
    dataset: DemonstrationDataset,
    size: tuple[int, int],
    cameras: Sequence[str],
    *,
    episodes: Sequence[int] | None = None,
    middles: int = 8,
    ends: int = 3,
    progress: Callable[[int, int], None] | None = None,
) -> list[JudgedEpisode]:
    """Every judged episode; those that nobody judged, and those without an end, are left out.

    Args:
        size: Height, width of the pictures.
        episodes: Indices into the dataset; all by default.
        middles: Moments before the judgement; half of them in its last third.
    """
    found = []
    chosen = list(range(len(dataset)) if episodes is None else episodes)
    for done, index in enumerate(chosen, 1):
        episode = dataset.episode(index)
        meta = episode.metadata
        if meta.success is not None and not meta.truncated:
            judged = judgement_row(episode)
            last_not = max(1, judged - round(DOUBT_S * meta.control_rate_hz))
            early = np.linspace(0, last_not * 2 / 3, middles - middles // 2, endpoint=False)
            late = np.linspace(last_not * 2 / 3, last_not, middles // 2)
            after = np.linspace(judged, len(episode) - 1, ends)
            rows = np.concatenate([[0], early, late, after]).round().astype(int)
            start, middle, end = {}, {}, {}
            for camera in cameras:
                frames, where = np.unique(episode.frame_of_rows(camera)[rows], return_inverse=True)
                pictures = episode.frames(camera, frames, size)[where]
                start[camera], middle[camera], end[camera] = np.split(pictures, [1, 1 + middles])
                start[camera] = start[camera][0]
            found.append(JudgedEpisode(meta.instruction, meta.task, meta.success, start, middle, end))
        if progress is not None:
            progress(done, len(chosen))
    return found


COLOURS = ("red", "green", "blue", "yellow", "white", "black", "orange", "brown", "pink", "purple", "grey")
SIDES = ("left", "right")
_WORD = re.compile(rf"\b({'|'.join((*COLOURS, *SIDES))})\b", re.IGNORECASE)


def other_words(instruction: str, rng: np.random.Generator) -> str | None:
    """The instruction with one colour or side exchanged for another; None where it names neither.

    Other colours of the same sentence are preferred, which exchanges two things that are both there.
    """
    places = list(_WORD.finditer(instruction))
    if not places:
        return None
    place = places[rng.integers(len(places))]
    word = place[0].lower()
    if word in SIDES:
        return instruction[: place.start()] + SIDES[1 - SIDES.index(word)] + instruction[place.end() :]
    others = [m for m in places if m[0].lower() in COLOURS and m[0].lower() != word]
    if others and rng.random() < 0.5:  # 'red on green' -> 'green on red'
        there = others[rng.integers(len(others))][0].lower()
        return _WORD.sub(lambda m: {word: there, there: word}.get(m[0].lower(), m[0]), instruction)
    colours = [colour for colour in COLOURS[:4] if colour not in {m[0].lower() for m in places}]
    return instruction[: place.start()] + colours[rng.integers(len(colours))] + instruction[place.end() :]
