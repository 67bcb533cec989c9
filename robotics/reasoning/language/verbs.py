"""The words of instructions that are not things: verbs, directions, and what stands around them."""

from robotics.reasoning.language.arms import ARM_WORDS
from robotics.reasoning.language.words import Phrases
from robotics.reasoning.steps import Direction

VERBS = {
    "pick": "pick up, pick, grab, grasp, take, lift, lift up, get, take hold of, hold, raise, get hold of,"
    " seize",
    "put": "put, place, set, drop, lay, move, bring, carry, transport, stick, insert, throw, put back, toss,"
    " put down, set down, lay down, load, sort, deposit, release, stow, shift",
    "stack": "stack, pile, build a tower with, build a tower of, make a tower with, build a stack with,"
    " balance",
    "remove": "remove, take out, clear, unload",
    "open": "open, open up, pull open, pull out, slide open, slide out",
    "close": "close, shut, push closed, push shut, push in, slide shut, close up",
    "hand over": "hand over, hand, pass, give, transfer, pass over, exchange",
    "push": "push, nudge, shove, slide, scoot",
    "pull": "pull, drag, draw",
}
VERB: Phrases[str] = Phrases.of(VERBS)

POLITE: Phrases[bool] = Phrases.of(
    {
        True: "please, could you, can you, would you, will you, could you please, can you please, robot, hey,"
        " i want you to, i would like you to, i need you to, you should, now, let us, kindly, try to, go and,"
        " help me, help me to, first, next, then, finally, after that, afterwards, and, and then, also,"
        " start by"
    }
)
GOES: Phrases[bool] = Phrases.of(
    {
        True: "goes, go, belongs, belong, should go, must go, has to go, needs to go, should be, must be,"
        " is to be put, should be put, should be placed, is to be placed, must be placed, needs to be,"
        " ought to go, shall go, should end up, has to be"
    }
)
OPENED: Phrases[str] = Phrases.of(
    {"open": "open, out, outwards", "close": "shut, closed, in, close, inwards"}
)
CLOSING: Phrases[bool] = Phrases.of(
    {True: "please, now, for me, thanks, thank you, again, carefully, gently"}
)
MOVING = ("move", "shift", "bring")
"""Verbs that may go with a mere direction."""
TOWARDS: Phrases[bool] = Phrases(
    (word, True) for word in ("to", "towards", "toward", "over to", "up to", "at")
)
DOWN: Phrases[bool] = Phrases(
    (word, True) for word in ("down", "aside", "away", "back", "back down", "down again")
)
OUT_OF: Phrases[bool] = Phrases((word, True) for word in ("from", "out of", "off", "off of", "out from"))
DIRECTION: Phrases[Direction] = Phrases.of(
    {
        Direction.LEFT: "left, to the left, leftwards, towards the left, to the left side, a bit to the left,"
        " a little to the left",
        Direction.RIGHT: "right, to the right, rightwards, towards the right, to the right side,"
        " a bit to the right, a little to the right",
        Direction.AWAY: "away, forward, forwards, ahead, away from me, away from you, to the back,"
        " further away, away from yourself, away from the camera, towards the back",
        Direction.TOWARD: "back, backward, backwards, towards me, toward me, towards you, towards yourself,"
        " to the front, closer, towards the camera, closer to me, towards the front, nearer",
    }
)

INSTRUCTION_WORDS = frozenset(
    set().union(*(t.words() for t in (VERB, POLITE, GOES, OPENED, CLOSING, DIRECTION, DOWN, OUT_OF, TOWARDS)))
    | ARM_WORDS
    | {"it", "them", "by", "its", "over", "using", "with"}
)
"""Words that instructions know besides those of queries."""
