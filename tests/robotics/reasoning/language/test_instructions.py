"""What people tell the robot to do, and the steps that it must be."""

import contextlib

import numpy as np
import pytest

from robotics.reasoning.errors import InstructionError, QueryError, UnknownWordsError
from robotics.reasoning.language import parse_instruction
from robotics.reasoning.language.phrasings import without_phrases
from robotics.reasoning.language.verbs import INSTRUCTION_WORDS
from robotics.reasoning.language.vocabulary import KNOWN_WORDS
from robotics.reasoning.query import FreeSpace, Relation, Superlative, Thing
from robotics.reasoning.steps import (
    Close,
    Direction,
    HandOver,
    Open,
    Pick,
    Place,
    Push,
    PutIn,
    Stack,
    Step,
)
from sim.tasks import make_task

R, S = Relation, Superlative
RED, GREEN, BLUE = (Thing("", "cube", colour) for colour in ("red", "green", "blue"))
CUBE, MUG, BOWL, PLATE, CUP, APPLE, BOX, TRAY, BLOCK = (
    Thing("", noun) for noun in ("cube", "mug", "bowl", "plate", "cup", "apple", "box", "tray", "block")
)
LEFT_BOWL = Thing("", "bowl", superlative=S.LEFTMOST)
RIGHT_BOWL = Thing("", "bowl", superlative=S.RIGHTMOST)
DRAWER = Thing("", "cabinet", part="drawer")
LEFT, RIGHT, AWAY, TOWARD = Direction

MEANINGS: dict[str, tuple[Step, ...]] = {
    "pick up the apple": (Pick(APPLE),),
    "pick the apple up": (Pick(APPLE),),
    "grasp the apple, please": (Pick(APPLE),),
    "could you lift the apple with the right hand": (Pick(APPLE, "right"),),
    "with your left arm, pick up the apple": (Pick(APPLE, "left"),),
    "pick up the mug by its handle": (Pick(Thing("", "mug", part="handle")),),
    "pick up the mug by the handle": (Pick(Thing("", "mug", part="handle")),),
    "take the apple out of the bowl": (Pick(Thing("", "apple", relation=R.IN, anchors=(BOWL,))),),
    "put the red cube in the left bowl": (PutIn(RED, LEFT_BOWL),),
    "put the red cube into the bowl on the left": (PutIn(RED, LEFT_BOWL),),
    "place the crimson cube inside the bowl on the right": (PutIn(RED, RIGHT_BOWL),),
    "the red cube goes into the bowl on the left": (PutIn(RED, LEFT_BOWL),),
    "the red cube should be placed in the left bowl": (PutIn(RED, LEFT_BOWL),),
    "the apple belongs in the box": (PutIn(APPLE, BOX),),
    "pick up the red cube and put it in the left bowl": (PutIn(RED, LEFT_BOWL),),
    "pick up the red cube with the right arm and put it in the bowl": (PutIn(RED, BOWL, "right"),),
    "pick up the red cube. Then drop it into the bowl.": (PutIn(RED, BOWL),),
    "I want you to take the red cube and drop it into the right bowl": (PutIn(RED, RIGHT_BOWL),),
    "move the red cube to the right bowl": (PutIn(RED, RIGHT_BOWL),),
    "transfer the red cube to the left bowl": (PutIn(RED, LEFT_BOWL),),
    "put all cubes in the box": (PutIn(Thing("", "cube", all_of_them=True), BOX),),
    "put the mug left of the box in the bowl": (
        PutIn(Thing("", "mug", relation=R.LEFT_OF, anchors=(BOX,)), BOWL),
    ),
    "put the cube in the bowl left of the plate": (
        PutIn(CUBE, Thing("", "bowl", relation=R.LEFT_OF, anchors=(PLATE,))),
    ),
    "put the cube that is in the bowl on the plate": (
        Stack(Thing("", "cube", relation=R.IN, anchors=(BOWL,)), PLATE),
    ),
    "put the red cube and the green cube in the bowl": (PutIn(RED, BOWL), PutIn(GREEN, BOWL)),
    "put the red cube in the bowl and the apple on the plate": (PutIn(RED, BOWL), Stack(APPLE, PLATE)),
    "put the red cube in the bowl, then put the blue cube on the plate": (
        PutIn(RED, BOWL),
        Stack(BLUE, PLATE),
    ),
    "stack the red cube on the blue cube": (Stack(RED, BLUE),),
    "put the red cube on top of the blue one": (Stack(RED, BLUE),),
    "build a tower with the red cube on the blue cube": (Stack(RED, BLUE),),
    "stack the red cube on the blue cube and the green cube on the red cube": (
        Stack(RED, BLUE),
        Stack(GREEN, RED),
    ),
    "set the leftmost cube onto the largest plate": (
        Stack(Thing("", "cube", superlative=S.LEFTMOST), Thing("", "plate", superlative=S.LARGEST)),
    ),
    "put the cup on the tray": (Stack(CUP, TRAY),),
    "put the mug down": (Place(MUG, FreeSpace()),),
    "put the mug on the table": (Place(MUG, FreeSpace()),),
    "pick up the mug and put it back": (Place(MUG, FreeSpace()),),
    "place the cup to the left of the bowl": (Place(CUP, FreeSpace(R.LEFT_OF, (BOWL,))),),
    "move the mug next to the plate": (Place(MUG, FreeSpace(R.NEXT_TO, (PLATE,))),),
    "place the cup somewhere behind the plate": (Place(CUP, FreeSpace(R.BEHIND, (PLATE,))),),
    "put the cube between the cup and the plate": (Place(CUBE, FreeSpace(R.BETWEEN, (CUP, PLATE))),),
    "put the cube in a free spot right of the bowl": (Place(CUBE, FreeSpace(R.RIGHT_OF, (BOWL,))),),
    "remove the apple from the tray": (
        Place(Thing("", "apple", relation=R.ON, anchors=(TRAY,)), FreeSpace()),
    ),
    "open the drawer": (Open(DRAWER),),
    "pull the drawer open": (Open(DRAWER),),
    "pull out the drawer with the right arm": (Open(DRAWER, "right"),),
    "open the cabinet": (Open(DRAWER),),
    "open the cabinet's drawer by its handle": (Open(DRAWER),),
    "grab the handle and open the drawer": (Open(DRAWER),),
    "close the drawer": (Close(DRAWER),),
    "push the drawer shut": (Close(DRAWER),),
    "push the drawer in": (Close(DRAWER),),
    "open the drawer, put the red cube in it and close it": (
        Open(DRAWER),
        PutIn(RED, DRAWER),
        Close(DRAWER),
    ),
    "hand the red cube over from the right arm to the left arm": (HandOver(RED, "right", "left"),),
    "pass the red cube from left to right": (HandOver(RED, "left", "right"),),
    "hand over the red cube": (HandOver(RED),),
    "hand the red cube over to the right gripper": (HandOver(RED, "", "right"),),
    "give the left arm the red cube": (HandOver(RED, "", "left"),),
    "pick up the red cube with the right arm and hand it to the left": (HandOver(RED, "right", "left"),),
    "pick up the red cube with the right arm and give it to the other arm": (HandOver(RED, "right", "left"),),
    "first pick up the cube, then hand it to the left arm, finally put it in the bowl": (
        HandOver(CUBE, "", "left"),
        PutIn(CUBE, BOWL),
    ),
    "push the block to the left": (Push(BLOCK, LEFT),),
    "slide the block right": (Push(BLOCK, RIGHT),),
    "push the block away from you": (Push(BLOCK, AWAY),),
    "pull the mug towards you": (Push(MUG, TOWARD, pulled=True),),
    "move the cube to the right": (Push(CUBE, RIGHT),),
    "push the block to the bowl": (Push(BLOCK, goal=BOWL),),
    "push the block towards the cup": (Push(BLOCK, goal=CUP),),
    "slide the mug to the left of the box": (Push(MUG, goal=FreeSpace(R.LEFT_OF, (BOX,))),),
}


def bare(step: Step) -> Step:
    """Without the phrases."""
    for name, value in vars(step).items():
        if isinstance(value, Thing | FreeSpace):
            object.__setattr__(step, name, without_phrases(value))
    return step


@pytest.mark.parametrize("text", MEANINGS)
def test_an_instruction_means_what_a_person_means(text: str):
    assert tuple(bare(step) for step in parse_instruction(text)) == MEANINGS[text]


def test_every_phrasing_of_putting_in_a_bowl_is_understood():
    instructions = make_task("put_in_bowl").instructions
    bowls = {"left": LEFT_BOWL, "right": RIGHT_BOWL}
    for sentence in instructions.sentences():
        goal = instructions.parse(sentence)
        colour, noun = goal["object"].split("_")
        (step,) = parse_instruction(sentence)
        assert bare(step) == PutIn(Thing("", noun, colour), bowls[goal["bowl"]]), sentence


def test_every_phrasing_of_stacking_is_understood():
    instructions = make_task("stack_blocks").instructions
    for sentence in instructions.sentences():
        goal = instructions.parse(sentence)
        top, base = (Thing("", "block", goal[key].split("_")[0]) for key in ("top", "base"))
        (step,) = parse_instruction(sentence)
        assert bare(step) == Stack(top, base), sentence


def test_every_phrasing_of_opening_and_handing_over_is_understood():
    for sentence in make_task("open_drawer").instructions.sentences():
        assert [bare(step) for step in parse_instruction(sentence)] == [Open(DRAWER)], sentence
    for sentence in make_task("hand_over_cube").instructions.sentences():
        (step,) = parse_instruction(sentence)
        assert isinstance(step, HandOver)
        assert step.thing.noun == "cube"
        assert step.from_arm in ("", "right")
        assert step.to_arm in ("", "left")


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("", QueryError, "empty"),
        ("x " * 5000, QueryError, "at most"),
        ("pour the cup", UnknownWordsError, "'pour'; it can: pick"),
        ("pick up the xylophone", UnknownWordsError, "'xylophone'"),
        ("pick up the mugg", UnknownWordsError, "did you mean 'mug'"),
        ("put the block on top of the tower", UnknownWordsError, "'tower'"),
        ("put the cube", InstructionError, "where to"),
        ("put it in the bowl", InstructionError, "not said before"),
        ("give me the red cube", InstructionError, "not to people"),
        ("red cube", InstructionError, "no verb"),
        ("pick up", InstructionError, "missing"),
        ("please", InstructionError, "no verb"),
        ("hand the cube from the left arm to the left arm", InstructionError, "itself"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(text: str, error: type[QueryError], says: str):
    with pytest.raises(error, match=says) as caught:
        parse_instruction(text)
    assert "\n" not in str(caught.value)


def test_known_words_in_any_order_are_understood_or_refused():
    rng = np.random.default_rng(4)
    words = sorted(KNOWN_WORDS | INSTRUCTION_WORDS)
    verbs = ("put", "pick up", "push", "hand", "open", "move", "give")
    for _ in range(1200):
        verb = verbs[rng.integers(len(verbs))]
        text = " ".join([verb, *rng.choice(words, size=rng.integers(0, 12))])[:400]
        with contextlib.suppress(QueryError):
            assert parse_instruction(text)
