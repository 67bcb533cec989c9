"""An error that a caller may handle arrives at the client as the same error."""

import pytest

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.statuses import (
    OK,
    BusyError,
    LeaseRefusedError,
    NotSupportedError,
    error_of,
    raise_for,
    status_of,
)
from robotics.bridge.v1 import types_pb2
from robotics.errors import (
    ChunkRefusedError,
    IncompatibleError,
    LeaseError,
    RoboticsError,
    StoppedError,
    UnknownNameError,
)
from robotics.reasoning.errors import (
    AnswerFormatError,
    BackendError,
    ImageError,
    InstructionError,
    MissingInputError,
    QueryError,
    UnknownWordsError,
    UnsupportedQuestionError,
)
from robotics.safety.status import ChunkStatus


@pytest.mark.parametrize(
    "error",
    [
        StoppedError("stopped"),
        IncompatibleError("other robot"),
        MalformedMessageError("nonsense"),
        NotSupportedError("cannot"),
        BusyError("later"),
        RoboticsError("fault"),
        UnknownNameError("camera", "overheat", ["overhead"], owner="aloha2"),
        LeaseRefusedError(types_pb2.STATUS_CODE_LEASE_EXPIRED, "too late"),
        QueryError("empty"),
        InstructionError("nothing to do"),
        ImageError("no image"),
        MissingInputError("no depth"),
        UnsupportedQuestionError("blobs", "answer", ["point"]),
        AnswerFormatError("prose", "I think"),
        BackendError("no key"),
    ],
)
def test_an_error_comes_back_as_itself(error: RoboticsError):
    back = error_of(status_of(error))
    assert type(back) is type(error) and str(back) == str(error)


def test_unknown_words_arrive_as_an_unusable_query():
    error = UnknownWordsError(("zorb",), ("orb",))
    back = error_of(status_of(error))
    assert type(back) is QueryError and str(back) == str(error)


@pytest.mark.parametrize("status", [s for s in ChunkStatus if s not in (ChunkStatus.OK, ChunkStatus.STOPPED)])
def test_every_refusal_of_a_chunk_has_a_code_of_its_own(status: ChunkStatus):
    message = status_of(ChunkRefusedError(status.value, "why"))
    assert message.code != types_pb2.STATUS_CODE_REFUSED
    back = error_of(message)
    assert isinstance(back, ChunkRefusedError) and back.status == status.value and str(back) == "why"


def test_a_refusal_of_a_later_version_is_still_a_refusal():
    back = error_of(status_of(ChunkRefusedError("too_beautiful", "why")))
    assert isinstance(back, ChunkRefusedError) and str(back) == "why"


def test_a_refused_lease_keeps_its_reason():
    back = error_of(status_of(LeaseError("led")))
    assert isinstance(back, LeaseRefusedError) and back.code == types_pb2.STATUS_CODE_LEASE_HELD


def test_an_unforeseen_error_is_a_fault_that_names_it():
    status = status_of(ZeroDivisionError("by zero"))
    assert status.code == types_pb2.STATUS_CODE_FAULT and "ZeroDivisionError: by zero" in status.message


def test_ok_raises_nothing_and_no_status_is_not_ok():
    raise_for(OK)
    with pytest.raises(RoboticsError):
        raise_for(types_pb2.Status())


def test_a_message_of_megabytes_is_cut():
    for error in (RoboticsError("x" * 4_000_000), ValueError("x" * 4_000_000)):
        message = status_of(error).message
        assert len(message) == 2000 and message.endswith("...")
