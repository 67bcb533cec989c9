"""Which things of a look a query means; what is not there and which word is not known is said."""

from dataclasses import dataclass, replace

import numpy as np

from policies.reasoner.looking import Look
from robotics.reasoning.language import parse_query
from robotics.reasoning.query import ParsedQuery, Thing
from robotics.reasoning.spatial import plain, resolve
from robotics.reasoning.spatial.resolving import PRESENT

_NEARLY_AS_GOOD = 0.5
"""Things whose score is at least this part of the best one's are meant, too."""
_TRUSTED = 0.1
"""From this match on a thing may serve as an anchor where none is better."""
_JUST_PRESENT = PRESENT + 0.01
_ELSEWHERE = 0.45
"""Presence where the thing is there, but not in the relation that was asked for."""


@dataclass(frozen=True)
class Spotted:
    """Things that a query means."""

    indices: tuple[int, ...]
    """Into the look's things, best first."""
    scores: tuple[float, ...]
    presence: float
    reason: str = ""


def understand(text: str) -> tuple[ParsedQuery, str]:
    """What a query means, and a line about the words in it that are not known ('' where all are).

    Raises:
        QueryError: It is no query.
    """
    parsed = parse_query(text)
    if parsed.target is not None:
        return parsed, ""
    words = ", ".join(f"'{word}'" for word in parsed.unknown_words)
    hint = f"; did you mean {' or '.join(parsed.suggestions)}?" if parsed.suggestions else ""
    return parsed, f"does not know {words}{hint}"


def spot(look: Look, target: Thing, is_anchor: bool = False) -> Spotted:
    """The things in view that are meant; a part is that of a whole thing.

    Args:
        is_anchor: Other things are placed by it: who names one means one that is there, so that the best
            fitting thing is taken where none fits well.
    """
    whole = replace(target, part="")
    trusted = {plain(anchor) for anchor in _anchors(whole)} - {plain(whole)}
    if is_anchor:
        trusted.add(plain(whole))

    def match(thing: Thing) -> np.ndarray:
        scores = look.match(thing)
        best = float(scores.max(initial=0.0))
        return scores / best * _JUST_PRESENT if thing in trusted and _TRUSTED <= best < PRESENT else scores

    found = resolve(whole, look.placed, match, look.viewer)
    matched = match(plain(whole))
    if not found.indices:
        presence = float(matched.max()) if len(matched) else 0.0
        presence = min(presence, _ELSEWHERE) if presence >= PRESENT else presence
        return Spotted((), (), presence, found.reason)
    sure = np.array([look.things[i].probability for i in found.indices])
    scores = np.array(found.scores)
    kept = [i for i in range(len(scores)) if scores[i] >= _NEARLY_AS_GOOD * scores.max()]
    order = sorted(kept, key=lambda i: -scores[i] * sure[i] ** 0.25)
    return Spotted(
        tuple(found.indices[i] for i in order),
        tuple(float(scores[i]) for i in order),
        float(scores.max()),
    )


def _anchors(thing: Thing) -> list[Thing]:
    """Of a thing, and theirs."""
    return [a for anchor in thing.anchors for a in (anchor, *_anchors(anchor))]
