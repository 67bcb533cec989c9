"""From an instruction to skills: every step is looked at first, done, looked at again, and tried again."""

from dataclasses import replace

from policies.planner.body import Body
from policies.planner.carrying import carry
from policies.planner.drawers import pull_open, push_shut
from policies.planner.errors import GaveUpError, NotUnderstoodError, OutOfReachError
from policies.planner.handing_over import hand_over
from policies.planner.motion import Script
from policies.planner.picking import clear_view, look_for, pick
from policies.planner.places import inside, is_at, on_table, on_top
from policies.planner.placing import Held, Place
from policies.planner.wording import words_for
from robotics.reasoning.errors import QueryError
from robotics.reasoning.language.instructions import parse_instruction
from robotics.reasoning.query import Thing
from robotics.reasoning.steps import Close, HandOver, Open, Pick, PutIn, Stack, Step
from robotics.reasoning.steps import Place as PlaceStep

_ATTEMPTS = 3
_DOUBTED = 0.2
"""A probability of success below this is believed to be a failure."""


def understand(instruction: str) -> tuple[Step, ...]:
    """The steps of an instruction.

    Raises:
        NotUnderstoodError: It has none that the planner can do.
    """
    try:
        steps = parse_instruction(instruction)
    except QueryError as error:
        raise NotUnderstoodError(f"instruction not understood: {error}") from error
    for step in steps:
        if not isinstance(step, Pick | PutIn | Stack | PlaceStep | HandOver | Open | Close):
            raise NotUnderstoodError(
                f"the planner cannot do '{type(step).__name__.lower()}' (in '{instruction}'); "
                "it can: pick, put in, stack, place, hand over, open, close"
            )
    return steps


def carry_out(body: Body, instruction: str) -> Script[None]:
    """Do what an instruction says; the arms go home in the end, but for those that hold something.

    Raises:
        PlannerError: In one line, why it cannot be done; nothing has moved if it is not understood or if a
            thing of it is not there.
    """
    steps = understand(instruction)
    for step in steps:
        _check_arms(body, step)
    body.instruction = instruction
    for step in steps:
        for thing in _things(step):
            if thing.relation is None:  # another step may have to bring about a relation first
                yield from look_for(body, words_for(thing))
    for step in steps:
        yield from _do(body, step)
    yield from clear_view(body)


def _check_arms(body: Body, step: Step) -> None:
    """Before anything moves.

    Raises:
        NotUnderstoodError: The step names an arm that the robot lacks, or wants two arms of one.
    """
    if not isinstance(step, HandOver):
        _allowed(body, step.arm)
        return
    _allowed(body, step.from_arm)
    _allowed(body, step.to_arm)
    if len(body.arms.names) < 2:
        raise NotUnderstoodError("a robot with one arm hands nothing over")


def _things(step: Step) -> tuple[Thing, ...]:
    match step:
        case PutIn(thing, goal) | Stack(thing, goal):
            return thing, goal
        case Open(thing) | Close(thing):
            return (_handle(thing),)
        case _:
            return (step.thing,)


def _handle(drawer: Thing) -> Thing:
    return replace(drawer, part="handle", phrase="")


def _cabinet(drawer: Thing) -> Thing:
    return replace(drawer, part="", phrase="")


def _do(body: Body, step: Step) -> Script[None]:
    match step:
        case Pick(thing, arm):
            yield from pick(body, words_for(thing), _allowed(body, arm))
        case PutIn(thing, _, arm) | Stack(thing, _, arm) | PlaceStep(thing, _, arm):
            yield from _put(body, step, words_for(thing), _allowed(body, arm))
        case HandOver(thing, giver, receiver):
            yield from _give(body, words_for(thing), giver, receiver)
        case Open(thing, arm):
            yield from pull_open(
                body, words_for(_cabinet(thing)), words_for(_handle(thing)), _allowed(body, arm)
            )
        case Close(thing, arm):
            yield from push_shut(
                body, words_for(_cabinet(thing)), words_for(_handle(thing)), _allowed(body, arm)
            )
        case _:
            raise NotUnderstoodError(f"the planner cannot do '{step}'")


def _allowed(body: Body, arm: str) -> tuple[str, ...]:
    """The arm that the instruction names, else all.

    Raises:
        NotUnderstoodError: The robot has no such arm.
    """
    if arm and arm not in body.arms.names:
        raise NotUnderstoodError(
            f"the instruction wants the {arm} arm; the robot has: {', '.join(body.arms.names)}"
        )
    return (arm,) if arm else body.arms.names


def _put(body: Body, step: PutIn | Stack | PlaceStep, query: str, allowed: tuple[str, ...]) -> Script[None]:
    """Take, carry, let go, look; again if it is not where it should be."""
    trouble, label = "", ""
    for _ in range(_ATTEMPTS):
        place = yield from _find_place(body, step)
        label = place.label
        held = _in_hand(body, query)
        if held is None:
            held = yield from _take_for(body, query, allowed, place)
        arrived = yield from carry(body, held, place)
        if not arrived:
            trouble = "it was lost on the way"
            continue
        yield from clear_view(body)
        failure = _where_else(body, query, place, held)
        if not failure:
            return
        trouble = failure
        body.say(f"'{query}' is not {place.label}: {failure}")
    raise GaveUpError(f"'{query}' could not be put {label} in {_ATTEMPTS} attempts: {trouble}")


def _in_hand(body: Body, query: str) -> Held | None:
    return next((held for held in body.held.values() if held.query == query), None)


def _find_place(body: Body, step: PutIn | Stack | PlaceStep) -> Script[Place]:
    match step:
        case PutIn(_, container):
            name = words_for(container)
            _, box = yield from look_for(body, name)
            return inside(box, name)
        case Stack(_, base):
            name = words_for(base)
            _, box = yield from look_for(body, name)
            return on_top(box, name)
        case PlaceStep(_, space):
            return on_table(body.sight, body.sight.views(body.observation), words_for(space))


def _take_for(body: Body, query: str, allowed: tuple[str, ...], place: Place) -> Script[Held]:
    """Take a thing with an arm that can bring it to its place, or hand it to one that can."""
    try:
        held = yield from pick(body, query, allowed, place)
        return held
    except OutOfReachError as alone:
        if len(allowed) < 2:
            raise
        for _ in range(_ATTEMPTS):
            held = _in_hand(body, query)
            if held is None:
                try:
                    held = yield from pick(body, query, allowed)
                except OutOfReachError:
                    raise alone from None
            receiver = next(arm for arm in allowed if arm != held.arm)
            passed = yield from hand_over(body, held, receiver)
            if passed:
                return body.held[receiver]
    raise GaveUpError(f"'{query}' could not be handed to the arm that reaches {place.label}")


def _where_else(body: Body, query: str, place: Place, held: Held) -> str:
    """'' if the thing is where it should be, as far as can be seen; else where it is instead."""
    views = body.sight.views(body.observation)
    boxes, reason = body.sight.boxes(views, query)
    if any(is_at(box, place) for box in boxes):
        return ""
    if not boxes:  # hidden, perhaps by what it is in
        probability = body.sight.achieved(held.views, views, body.instruction)
        return reason if probability is not None and probability < _DOUBTED else ""
    x, y, _ = boxes[0].center
    return f"it lies at ({x:.2f}, {y:.2f}) m"


def _give(body: Body, query: str, giver: str, receiver: str) -> Script[None]:
    names = body.arms.names
    givers = tuple(arm for arm in names if arm != receiver and (not giver or arm in _allowed(body, giver)))
    for _ in range(_ATTEMPTS):
        held = _in_hand(body, query)
        if held is None or held.arm not in givers:
            held = yield from pick(body, query, givers)
        to = receiver or next(arm for arm in names if arm != held.arm)
        done = yield from hand_over(body, held, to)
        if done:
            return
        if held.arm in body.held:  # not taken, but not lost either: once more from the same hand
            continue
    raise GaveUpError(f"'{query}' could not be handed over in {_ATTEMPTS} attempts")
