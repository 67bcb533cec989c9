"""What goes onto the wire comes back the same, bit by bit."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from robotics.action import ActionChunk
from robotics.bridge.codec import (
    MalformedMessageError,
    decode_chunk,
    decode_event,
    decode_setup,
    decode_state,
    decode_tasks,
    decode_trajectory,
    encode_chunk,
    encode_event,
    encode_setup,
    encode_state,
    encode_tasks,
    encode_trajectory,
)
from robotics.bridge.v1 import types_pb2
from robotics.errors import ChunkRefusedError
from robotics.observation import JointState
from robotics.session import Event, EventKind, LatencyStatistics, RobotMode, RobotState
from robotics.task import EpisodeSetup, TaskDescription, TaskStatus

INT64 = st.integers(-(2**63), 2**63 - 1)
COUNT = st.integers(0, 2**63)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
NUMBER = st.floats(width=64)


MATRIX = st.integers(0, 5).flatmap(lambda n: arrays(float, (n, 3), elements=NUMBER))


VECTOR = arrays(float, 3, elements=NUMBER)
EVENTS = st.builds(Event, st.sampled_from(EventKind), TEXT, INT64, st.dictionaries(TEXT, TEXT, max_size=2))
CHUNKS = st.builds(ActionChunk, MATRIX, INT64, INT64, TEXT, TEXT, st.none() | MATRIX, INT64)
STATES = st.builds(
    RobotState,
    joints=st.builds(JointState, INT64, INT64, VECTOR, VECTOR, VECTOR),
    requested=VECTOR,
    applied=VECTOR,
    intended=VECTOR,
    mode=st.sampled_from(RobotMode),
    plan_steps=st.integers(0, 2**32 - 1),
    chunk_id=INT64,
    instruction=TEXT,
    missed_deadlines=COUNT,
    starvations=COUNT,
    guard_counts=st.dictionaries(TEXT, COUNT, max_size=2),
    events=st.lists(EVENTS, max_size=2).map(tuple),
    statistics=st.lists(st.builds(LatencyStatistics, TEXT, COUNT, *[st.floats(0, 1e6)] * 4), max_size=2).map(
        tuple
    ),
    task=st.none() | st.builds(TaskStatus, st.booleans(), st.floats(0, 1), TEXT),
)


def through_bytes(message):
    """As it arrives at the other end."""
    return type(message).FromString(message.SerializeToString())


def assert_equal(left: object, right: object) -> None:
    """Equal to the last bit, arrays and shapes included; NaN equals NaN."""
    if isinstance(left, np.ndarray):
        assert isinstance(right, np.ndarray)
        assert left.shape == right.shape and left.tobytes() == right.tobytes()
    elif dataclasses.is_dataclass(left):
        assert type(left) is type(right)
        for field in dataclasses.fields(left):
            assert_equal(getattr(left, field.name), getattr(right, field.name))
    else:
        assert left == right


@given(CHUNKS)
def test_a_chunk_comes_back(chunk: ActionChunk):
    assert_equal(decode_chunk(through_bytes(encode_chunk(chunk))), chunk)


@settings(max_examples=60)
@given(STATES)
def test_a_state_comes_back(state: RobotState):
    assert_equal(decode_state(through_bytes(encode_state(state))), state)


@given(EVENTS)
def test_an_event_comes_back(event: Event):
    assert decode_event(through_bytes(encode_event(event))) == event


@given(MATRIX)
def test_a_trajectory_comes_back_in_its_shape(positions: np.ndarray):
    assert_equal(decode_trajectory(through_bytes(encode_trajectory(positions))), positions)


@given(st.builds(EpisodeSetup, TEXT, INT64, TEXT))
def test_an_episode_setup_comes_back(setup: EpisodeSetup):
    assert decode_setup(through_bytes(encode_setup(setup))) == setup


def test_tasks_come_back():
    tasks = (TaskDescription("stack", "stack blocks", ("a on b", "b on a"), 30.0),)
    assert decode_tasks(encode_tasks(tasks)) == tasks


def test_what_was_decoded_can_be_written_to():
    chunk = decode_chunk(encode_chunk(ActionChunk(np.zeros((2, 3)), 0, 1, "c", "f")))
    chunk.positions[0, 0] = 1.0


@pytest.mark.parametrize("name", ["positions", "intended"])
def test_positions_without_steps_and_dimensions_are_refused_before_they_travel(name: str):
    chunk = ActionChunk(np.zeros((2, 3)), 0, 1, "c", "f")
    with pytest.raises(ChunkRefusedError) as refused:
        encode_chunk(dataclasses.replace(chunk, **{name: np.zeros(3)}))
    assert refused.value.status == "wrong_dimension"


def test_a_trajectory_that_disagrees_with_its_shape_is_malformed():
    with pytest.raises(MalformedMessageError, match="6 values; got 5"):
        decode_trajectory(types_pb2.JointTrajectory(steps=2, dimension=3, positions=[0.0] * 5))


def test_a_huge_claimed_shape_costs_nothing():
    with pytest.raises(MalformedMessageError):
        decode_trajectory(types_pb2.JointTrajectory(steps=2**32 - 1, dimension=2**32 - 1))


@pytest.mark.parametrize("message", [types_pb2.RobotState(), types_pb2.RobotState(mode=77)])  # type: ignore
def test_an_unknown_mode_is_malformed(message: types_pb2.RobotState):
    with pytest.raises(MalformedMessageError, match="mode"):
        decode_state(message)


def test_an_unknown_event_kind_is_malformed():
    with pytest.raises(MalformedMessageError, match="event kind"):
        decode_event(types_pb2.Event(text="x"))


def test_joints_of_different_lengths_are_malformed():
    message = types_pb2.RobotState(mode="ROBOT_MODE_HOLDING")
    message.joints.position.extend([0.0, 0.0])
    with pytest.raises(MalformedMessageError, match="2 positions"):
        decode_state(message)
