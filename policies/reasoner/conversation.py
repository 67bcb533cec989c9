"""Questions in words: whether, how many, what colour, where, what is there; others are declined."""

import re
from collections import Counter
from collections.abc import Sequence

from policies.reasoner.free_places import find_places
from policies.reasoner.looking import Look
from policies.reasoner.spotting import Spotted, spot, understand
from robotics.reasoning.answers import Answer
from robotics.reasoning.errors import QueryError
from robotics.reasoning.language.nouns import plural
from robotics.reasoning.query import FreeSpace, Thing

_KINDS = (
    "'is there ...', 'how many ...', 'what colour is ...', 'where is ...', "
    "'is the ... left of the ...' and 'what is on the table'"
)
_ENDING = r"(?: (?:on|in|at) the (?:table|picture|image|scene|view)| here| there| in view)?$"
_COUNT = re.compile(
    r"^how many (?P<what>.+?)(?: (?:are|is) (?:there|visible)| (?:can|do) you see)?" + _ENDING
)
_IS_THERE = re.compile(
    r"^(?:is there|are there|do you see|can you see|is|are) (?:any |some |at least one )?(?P<what>.+?)"
    r"(?: there| visible| present)?" + _ENDING
)
_COLOUR = re.compile(r"^(?:what|which) colou?r (?:is|has|are|does) (?P<what>.+?)(?: have)?" + _ENDING)
_WHERE = re.compile(r"^where (?:is|are) (?P<what>.+?)$")
_ALL = re.compile(
    r"^(?:what|which (?:things|objects)) (?:is|are|do you see|can you see|things are|objects are)"
    r"(?: there)?" + _ENDING
)
_WHAT = re.compile(r"^what (?:is|are) (?P<what>.+?)$")
_IS_PLACED = re.compile(
    r"^(?:is|are) (?P<what>the .+?) (?P<where>(?:to the |on the )?(?:left|right) of|in front of|behind|"
    r"next to|between|on|in|inside|under|above) (?P<anchor>.+)$"
)


def answer_question(looks: Sequence[Look], question: str) -> Answer:
    """From the things seen in the view that shows the most of what is asked for.

    Raises:
        QueryError: The words are known, but make no question that can be understood.
    """
    text = " ".join(question.lower().rstrip("?!. ").split())
    best: Answer | None = None
    for look in looks:
        answer = _answer(look, text)
        if best is None or answer.confidence > best.confidence:
            best = answer
    assert best is not None
    return best


def _answer(look: Look, text: str) -> Answer:
    if found := _COUNT.match(text):
        return _on_things(look, found["what"], _count)
    if found := _COLOUR.match(text):
        return _on_things(look, found["what"], _colour)
    if found := _WHERE.match(text):
        return _on_things(look, found["what"], _where)
    if _ALL.match(text):
        return _list(look)
    if found := _IS_PLACED.match(text):
        return _on_things(look, f"{found['what']} {found['where']} {found['anchor']}", _whether)
    if found := _IS_THERE.match(text):
        return _on_things(look, found["what"], _whether)
    if found := _WHAT.match(text):
        return _on_things(look, f"what is {found['what']}", _name)
    return Answer(f"I cannot answer that; I answer {_KINDS}.", 0.0)


def _on_things(look: Look, what: str, say) -> Answer:
    try:
        parsed, unknown = understand(what)
    except QueryError:
        return Answer(f"I cannot answer that; I answer {_KINDS}.", 0.0)
    if parsed.target is None:
        return Answer(f"I cannot tell: this reasoner {unknown}.", 0.0)
    if isinstance(parsed.target, FreeSpace):
        places = find_places(look, parsed.target, "", 1)
        if places.best is None:
            return Answer(f"No: {places.reason}.", 1 - places.presence)
        return Answer(
            f"Yes, at column {places.best.column:.0f}, row {places.best.row:.0f}.", places.best.confidence
        )
    return say(look, parsed.target, spot(look, parsed.target))


def _whether(look: Look, target: Thing, spotted: Spotted) -> Answer:
    if spotted.indices:
        number = len(spotted.indices)
        return Answer("Yes." if number == 1 else f"Yes, {number}.", spotted.presence)
    return Answer(f"No: {spotted.reason}." if spotted.reason else "No.", 1 - spotted.presence)


def _count(look: Look, target: Thing, spotted: Spotted) -> Answer:
    confidence = min(spotted.scores, default=1 - spotted.presence)
    return Answer(str(len(spotted.indices)), confidence)


def _colour(look: Look, target: Thing, spotted: Spotted) -> Answer:
    if not spotted.indices:
        return _missing(spotted)
    colours = list(dict.fromkeys(look.names[i][1] for i in spotted.indices))
    return Answer(" and ".join(colours).capitalize() + ".", spotted.presence)


def _where(look: Look, target: Thing, spotted: Spotted) -> Answer:
    if not spotted.indices:
        return _missing(spotted)
    column, row = look.inner_point(spotted.indices[0])
    across = _third(column / look.view.width, ("on the left", "in the middle", "on the right"))
    down = _third(row / look.view.height, ("at the top", "half way down", "at the bottom"))
    return Answer(f"In the picture {across}, {down} (column {column:.0f}, row {row:.0f}).", spotted.presence)


def _name(look: Look, target: Thing, spotted: Spotted) -> Answer:
    if not spotted.indices:
        return _missing(spotted)
    return Answer(_sentence(look, spotted.indices), spotted.presence)


def _list(look: Look) -> Answer:
    if not look.things:
        return Answer("I see nothing that I know.", 0.5)
    confidence = sum(thing.probability for thing in look.things) / len(look.things)
    return Answer(_sentence(look, range(len(look.things))), confidence)


def _missing(spotted: Spotted) -> Answer:
    return Answer(f"I see {spotted.reason or 'no such thing'}.", 1 - spotted.presence)


def _sentence(look: Look, indices: Sequence[int]) -> str:
    names = Counter(" ".join(reversed(look.names[i])) for i in indices)
    parts = [
        f"{'an' if name[0] in 'aeiou' else 'a'} {name}" if number == 1 else f"{number} {plural(name)}"
        for name, number in names.items()
    ]
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return text[0].upper() + text[1:] + "."


def _third(part: float, words: tuple[str, str, str]) -> str:
    return words[min(int(part * 3), 2)]
