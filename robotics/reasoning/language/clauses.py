"""One clause of an instruction, 'put it in the left bowl', in the light of the clauses before it."""

from collections.abc import Callable
from dataclasses import replace

from robotics.reasoning.language import vocabulary as known
from robotics.reasoning.language.arms import take_arms
from robotics.reasoning.language.destinations import read_things, read_transfer
from robotics.reasoning.language.draft import StuckError
from robotics.reasoning.language.verbs import CLOSING, DIRECTION, GOES, MOVING, OPENED, POLITE, TOWARDS, VERB
from robotics.reasoning.language.words import Cursor
from robotics.reasoning.query import FreeSpace, Relation, Thing
from robotics.reasoning.steps import Close, HandOver, Open, Pick, Place, Push, PutIn, Stack, Step


class ClauseReader:
    """Collects the steps of clauses; knows what 'it' is."""

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
        cursor.skip(POLITE)
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
            found = GOES.find(words, at)
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
        if self._verb_word in MOVING and self._slide(words, arm, pulled=False):
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
                self.steps.append(replace(step, arm=step.arm or picked.arm))
            else:
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
        words, _ = _take_grip(words)
        pulled = self._verb == "pull"
        for at in range(1, len(words)):  # 'pull the drawer open'
            found = OPENED.find(words, at)
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
            found = CLOSING.find(words, at - length) if at >= length else None
            if found is not None and found[1] == length:
                at -= length
                break
        else:
            break
    return words[:at]
