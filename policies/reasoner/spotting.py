"""Which things of a look a query means; what is not there and which word is not known is said."""

from dataclasses import dataclass, replace

import numpy as np

from policies.reasoner.looking import Look
from robotics.reasoning.language import parse_query
from robotics.reasoning.query import ParsedQuery, Thing
from robotics.reasoning.spatial import plain, resolve

_NEARLY_AS_GOOD = 0.5
"""Things whose score is at least this part of the best one's are meant, too."""
_ELSEWHERE = 0.2
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


def spot(look: Look, target: Thing) -> Spotted:
    """The things in view that are meant; a part is that of a whole thing."""
    whole = replace(target, part="")
    found = resolve(whole, look.placed, look.match, look.viewer)
    matched = look.match(plain(whole))
    if not found.indices:
        presence = float(matched.max()) if len(matched) else 0.0
        presence = min(presence, _ELSEWHERE) if presence >= 0.5 else presence
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
