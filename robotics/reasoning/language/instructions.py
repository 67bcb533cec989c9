"""Instructions to steps: "pick up the red cube and put it in the left bowl" -> PutIn(red cube, leftmost bowl)."""

import re
from collections.abc import Callable
from dataclasses import replace

from robotics.errors import shorten
from robotics.reasoning.errors import InstructionError, UnknownWordsError
from robotics.reasoning.language import vocabulary as known
from robotics.reasoning.language.arms import ARM_WORDS, take_arms
from robotics.reasoning.language.destinations import (
    DIRECTION,
    DOWN,
    OUT_OF,
    TOWARDS,
    read_things,
    read_transfer,
)
from robotics.reasoning.language.parser import checked_words, without_rare_colours
from robotics.reasoning.language.things import StuckError
from robotics.reasoning.language.words import Cursor, Phrases, split_words
from robotics.reasoning.query import FreeSpace, Relation, Thing
from robotics.reasoning.steps import Close, HandOver, Open, Pick, Place, Push, PutIn, Stack, Step

_VERBS = {
    "pick": "pick up, pick, grab, grasp, take, lift, lift up, get, take hold of, hold, raise, get hold of, seize",
    "put": "put, place, set, drop, lay, move, bring, carry, transport, stick, insert, throw, put back, toss,"
    " put down, set down, lay down, load, sort, deposit, release, stow, shift",
    "stack": "stack, pile, build a tower with, build a tower of, make a tower with, build a stack with, balance",
    "remove": "remove, take out, clear, unload",
    "open": "open, open up, pull open, pull out, slide open, slide out",
    "close": "close, shut, push closed, push shut, push in, slide shut, close up",
    "hand over": "hand over, hand, pass, give, transfer, pass over, exchange",
    "push": "push, nudge, shove, slide, scoot",
    "pull": "pull, drag, draw",
}
VERB: Phrases[str] = Phrases.of(_VERBS)

_POLITE: Phrases[bool] = Phrases.of(
    {
        True: "please, could you, can you, would you, will you, could you please, can you please, robot, hey,"
        " i want you to, i would like you to, i need you to, you should, now, let us, kindly, try to, go and,"
        " help me, help me to, first, next, then, finally, after that, afterwards, and, and then, also, start by"
    }
)
_GOES: Phrases[bool] = Phrases.of(
    {
        True: "goes, go, belongs, belong, should go, must go, has to go, needs to go, should be, must be,"
        " is to be put, should be put, should be placed, is to be placed, must be placed, needs to be,"
        " ought to go, shall go, should end up, has to be"
    }
)
_OPENED: Phrases[str] = Phrases.of(
    {"open": "open, out, outwards", "close": "shut, closed, in, close, inwards"}
)
_CLOSING: Phrases[bool] = Phrases.of(
    {True: "please, now, for me, thanks, thank you, again, carefully, gently"}
)
_OWN_WORDS = frozenset(
    set().union(
        *(t.words() for t in (VERB, _POLITE, _GOES, _OPENED, _CLOSING, DIRECTION, DOWN, OUT_OF, TOWARDS))
    )
    | ARM_WORDS
    | {"it", "them", "by", "its", "over", "using", "with"}
)
_THEN = ("then", "finally", "afterwards", "next")
_MOVING = ("move", "shift", "bring")
"""Verbs that may go with a mere direction."""
_SENTENCE_END = re.compile(r"[.;!?]+(?:\s|$)")


def parse_instruction(text: str) -> tuple[Step, ...]:
    """What an instruction wants done, in order; at least one step.

    Raises:
        UnknownWordsError: It holds words that the vocabulary does not.
        InstructionError: Its words are known, but it is nothing that can be done.
        QueryError: It is empty or longer than 500 characters.
    """
    words = checked_words(text)
    unknown = without_rare_colours(words, known.unknown_words(words, _OWN_WORDS))
    if unknown:
        raise UnknownWordsError(unknown, known.suggestions(unknown), _verb_note(words, unknown))
    reader = _InstructionReader()
    for sentence in _SENTENCE_END.split(text):
        parts = [split_words(part) for part in sentence.split(",")]
        for clause in _clauses([word for part in parts for word in (*part, ",")]):
            try:
                reader.read(clause)
            except StuckError as stuck:
                if stuck.word and not known.stands_alone(stuck.word) and not VERB.find([stuck.word], 0):
                    raise UnknownWordsError((stuck.word,), known.suggestions((stuck.word,))) from None
                raise InstructionError(
                    f"cannot make sense of '{shorten(' '.join(clause))}': {stuck}; it understands: "
                    f"{', '.join(_VERBS)} with things and places"
                ) from None
    if not reader.steps:
        raise InstructionError(f"'{shorten(text)}' says nothing to do; it understands: {', '.join(_VERBS)}")
    return tuple(reader.steps)


def _verb_note(words: list[str], unknown: tuple[str, ...]) -> str:
    """Where the verb is what is unknown: which ones there are."""
    cursor = Cursor(words)
    cursor.skip(_POLITE)
    return f"; it can: {', '.join(_VERBS)}" if cursor.next in unknown else ""


def _clauses(words: list[str]) -> list[list[str]]:
    """Split at 'then', and at 'and' or a comma before a verb."""
    clauses: list[list[str]] = [[]]
    for at, word in enumerate(words):
        joins = (word in _THEN and words[at + 1] != "to") or (
            word in ("and", ",") and _starts_clause(words, at + 1)
        )
        if joins and any(
            VERB.find(clauses[-1], i) or _GOES.find(clauses[-1], i) for i in range(len(clauses[-1]))
        ):
            clauses.append([])
        elif word != "," and not joins:
            clauses[-1].append(word)
    return [clause for clause in clauses if clause]


def _starts_clause(words: list[str], at: int) -> bool:
    cursor = Cursor(words, at)
    cursor.skip(_POLITE)
    verb = cursor.take(VERB)
    # 'between the cup and open boxes' is none
    return verb is not None and not (words[cursor.at - 1] == "open" and cursor.starts(known.NOUN))


class _InstructionReader:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._verb = ""
        self._verb_word = ""
        self._readers: dict[str, Callable[[list[str], str], None]] = {
            "pick": self._pick,
            "put": self._put,
            "stack": self._put,
            "remove": self._remove,
            "open": self._open,
            "close": self._close,
            "push": self._push,
            "pull": self._push,
        }

    @property
    def _last(self) -> Thing | None:
        return self.steps[-1].thing if self.steps else None

    @property
    def _opened(self) -> Thing | None:
        """What 'it' is that things are put in, or that is closed again."""
        of = (step.thing for step in reversed(self.steps) if isinstance(step, Open))
        return next(of, self._last)

    def read(self, clause: list[str]) -> None:
        """Add what one clause wants done.

        Raises:
            StuckError: It is nothing that can be done.
        """
        arms, words = take_arms(clause)
        cursor = Cursor(words)
        cursor.skip(_POLITE)
        word = cursor.next
        verb = cursor.take(VERB)
        rest = _without_closing(words[cursor.at :])
        self._verb_word = word if verb else self._verb_word
        if verb == "hand over" and not arms.to_arm and any(TOWARDS.find(rest, at) for at in range(len(rest))):
            self._put(rest, arms.arm)  # 'transfer the cube to the bowl'
        elif verb == "hand over" or (verb == "put" and arms.to_arm):
            self._hand_over(rest, arms.from_arm or arms.arm, arms.to_arm)
        elif verb is not None:
            self._verb = verb
            self._readers[verb](rest, arms.arm)
        elif not self._goes(rest, arms.arm):
            if not self._verb:
                raise StuckError(cursor, f"no verb that it knows at '{cursor.next}'")
            self._readers[self._verb](rest, arms.arm)

    def _goes(self, words: list[str], arm: str) -> bool:
        """'the red cube goes into the bowl'."""
        for at in range(1, len(words)):
            found = _GOES.find(words, at)
            if found is not None:
                joined = [*words[:at], *words[at + found[1] :]]
                self._put(joined, arm)
                return True
        return False

    def _pick(self, words: list[str], arm: str) -> None:
        words, part = _take_grip(_without(words, "up"))
        if words[:1] == ["out"]:
            words = words[1:]
        for thing in read_things(words, self._last):
            self.steps.append(Pick(replace(thing, part=part or thing.part), arm))

    def _put(self, words: list[str], arm: str) -> None:
        words, _ = _take_grip(words)
        if self._verb_word in _MOVING and self._slide(words, arm, pulled=False):
            return
        if self._verb_word in ("drop", "release") and words in (["it"], ["them"]):
            words = [*words, "down"]
        for first, second in _pairs(words):
            try:
                steps = read_transfer(first, self._last, arm, self._opened)
            except StuckError:
                if not second:
                    raise
                continue
            self._add_transfer(steps)
            if second:  # 'put A in B and C in D'
                self._put(second, arm)
            return

    def _add_transfer(self, steps: tuple[Step, ...]) -> None:
        """A thing that was picked for this is carried by the arm that picked it."""
        for step in steps:
            picked = self.steps[-1] if self.steps else None
            if (
                isinstance(picked, Pick)
                and picked.thing == step.thing
                and isinstance(step, Place | PutIn | Stack)
            ):
                self.steps.pop()
                step = replace(step, arm=step.arm or picked.arm)
            self.steps.append(step)

    def _remove(self, words: list[str], arm: str) -> None:
        words = words[1:] if words[:1] == ["of"] else words
        self.steps += [Place(thing, FreeSpace(), arm) for thing in read_things(words, self._last)]

    def _open(self, words: list[str], arm: str) -> None:
        words, _ = _take_grip(words)
        picked = self.steps[-1] if self.steps else None
        for thing in read_things(words, self._last):
            if isinstance(picked, Pick) and picked.thing.part == "handle":
                self.steps.pop()  # 'grab the handle and open the drawer'
                arm = arm or picked.arm
            self.steps.append(Open(_drawer(thing), arm))

    def _close(self, words: list[str], arm: str) -> None:
        words, _ = _take_grip(words)
        self.steps += [Close(_drawer(thing), arm) for thing in read_things(words, self._opened)]

    def _push(self, words: list[str], arm: str) -> None:
        words, part = _take_grip(words)
        pulled = self._verb == "pull"
        for at in range(1, len(words)):  # 'pull the drawer open'
            found = _OPENED.find(words, at)
            if found is not None and at + found[1] == len(words):
                (self._open if found[0] == "open" else self._close)(words[:at], arm)
                return
        if self._slide(words, arm, pulled):
            return
        try:
            things = read_things(words, self._last)
        except StuckError:
            things = None
        if things is not None and all(t.noun == "cabinet" or t.part == "drawer" for t in things):
            kind = Open if pulled else Close
            self.steps += [kind(_drawer(thing), arm) for thing in things]
            return
        self.steps += [_as_push(step, pulled) for step in read_transfer(words, self._last, arm, self._opened)]

    def _slide(self, words: list[str], arm: str, pulled: bool) -> bool:
        """'the block to the left', if it is so."""
        for at in range(1, len(words)):
            found = DIRECTION.find(words, at)
            if found is None or at + found[1] != len(words):
                continue
            try:
                things = read_things(words[:at], self._last)
            except StuckError:  # 'the block into the bowl on the right' is none
                continue
            self.steps += [Push(thing, found[0], None, pulled, arm) for thing in things]
            return True
        return False

    def _hand_over(self, words: list[str], from_arm: str, to_arm: str) -> None:
        if words[:1] in (["me"], ["us"]) or words[-2:] in (["to", "me"], ["to", "us"]):
            raise StuckError(Cursor(words), "it hands things from arm to arm, not to people")
        words = _without(words, "over")
        for thing in read_things(words, self._last):
            picked = self.steps[-1] if self.steps else None
            if isinstance(picked, Pick) and picked.thing == thing:
                self.steps.pop()
                from_arm = from_arm or picked.arm
            other = {"left": "right", "right": "left", "": ""}
            if from_arm and not to_arm:
                to_arm = other[from_arm]
            if to_arm and from_arm == to_arm:
                raise StuckError(Cursor(words), f"the {to_arm} arm cannot hand something to itself")
            self.steps.append(HandOver(thing, from_arm, to_arm))


def _as_push(step: Step, pulled: bool) -> Push:
    match step:
        case Place(thing, place, arm):
            is_beside = place.relation is Relation.NEXT_TO and len(place.anchors) == 1
            return Push(thing, None, place.anchors[0] if is_beside else place, pulled, arm)
        case PutIn(thing, goal, arm) | Stack(thing, goal, arm):
            return Push(thing, None, goal, pulled, arm)
        case _:
            raise AssertionError(f"a transfer is never {step}")


def _drawer(thing: Thing) -> Thing:
    """What is opened of a cabinet is its drawer, also where it is called by its handle."""
    return replace(thing, part="drawer") if thing.noun == "cabinet" else thing


def _pairs(words: list[str]) -> list[tuple[list[str], list[str]]]:
    """All words as one transfer; then split in two at each 'and'."""
    cuts = [at for at, word in enumerate(words) if word == "and"]
    return [(words[:at], words[at + 1 :]) for at in reversed(cuts)] + [(words, [])] if cuts else [(words, [])]


def _take_grip(words: list[str]) -> tuple[list[str], str]:
    """The words without 'by its handle', and the part."""
    for at, word in enumerate(words):
        if word in ("by", "at") or (word == "using" and at > 0):
            cursor = Cursor(words, at + 1)
            cursor.take_word("its", "the")
            part = cursor.take(known.PART)
            if part is not None and at > 0 and cursor.next != "of":
                return [*words[:at], *words[cursor.at :]], part.meaning
    return words, ""


def _without(words: list[str], last: str) -> list[str]:
    """'pick the cube up', 'hand the cube over'."""
    return words[:-1] if words[-1:] == [last] else words


def _without_closing(words: list[str]) -> list[str]:
    at = len(words)
    while at > 0:
        for length in (3, 2, 1):
            found = _CLOSING.find(words, at - length) if at >= length else None
            if found is not None and found[1] == length:
                at -= length
                break
        else:
            break
    return words[:at]
