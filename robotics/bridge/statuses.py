"""Between the errors of this software and the typed statuses of the wire, exact in both directions."""

from typing import Any

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.v1 import types_pb2
from robotics.errors import (
    ChunkRefusedError,
    IncompatibleError,
    LeaseError,
    RoboticsError,
    StoppedError,
    UnknownNameError,
    shorten,
)
from robotics.reasoning.errors import (
    AnswerFormatError,
    BackendError,
    ImageError,
    InstructionError,
    MissingInputError,
    QueryError,
    ReasoningError,
    UnsupportedQuestionError,
)
from robotics.safety.status import ChunkStatus

OK = types_pb2.Status(code=types_pb2.STATUS_CODE_OK)

_CHUNK_CODES: dict[str, Any] = {
    status.value: types_pb2.StatusCode.Value(f"STATUS_CODE_{status.name}")
    for status in ChunkStatus
    if status not in (ChunkStatus.OK, ChunkStatus.STOPPED)  # these are no refusals of a chunk
}
_CHUNK_STATUSES = {code: status for status, code in _CHUNK_CODES.items()}
_REASONING_CODES: dict[type[ReasoningError], Any] = {
    InstructionError: types_pb2.STATUS_CODE_BAD_INSTRUCTION,  # before what it is a kind of
    QueryError: types_pb2.STATUS_CODE_BAD_QUERY,
    ImageError: types_pb2.STATUS_CODE_BAD_IMAGE,
    MissingInputError: types_pb2.STATUS_CODE_MISSING_INPUT,
    UnsupportedQuestionError: types_pb2.STATUS_CODE_UNSUPPORTED_QUESTION,
    AnswerFormatError: types_pb2.STATUS_CODE_UNREADABLE_ANSWER,
    BackendError: types_pb2.STATUS_CODE_MODEL_FAILED,
}
_REASONING_ERRORS = {code: kind for kind, code in _REASONING_CODES.items()}
_LONGEST_MESSAGE = 2000
"""Messages quote what was wrong with a request, which may be megabytes of it."""
_LEASE_CODES = frozenset(value for name, value in types_pb2.StatusCode.items() if "LEASE" in name)


class NotSupportedError(RoboticsError):
    """This robot cannot do that: reset a real one, advance one that runs in real time."""


class EStopNotClearedError(RoboticsError):
    """A stop cannot be released: an endpoint does not consent."""


class EndpointError(RoboticsError):
    """No such e-stop endpoint, or the wrong answer to its challenge."""


class BusyError(RoboticsError):
    """The service serves as many clients as it can."""


class SlowReaderError(RoboticsError):
    """A reader of the state stream fell so far behind that it was cut off."""


class LeaseRefusedError(LeaseError):
    """A lease was refused; `code` says why."""

    def __init__(self, code: types_pb2.StatusCode, message: str):
        self.code = code
        super().__init__(message)


def status_of(error: Exception) -> types_pb2.Status:
    """The status that tells a client of an error; an unforeseen one becomes FAULT."""
    match error:
        case ChunkRefusedError():
            code = _CHUNK_CODES.get(error.status, types_pb2.STATUS_CODE_REFUSED)
        case LeaseRefusedError():
            code = error.code
        case LeaseError():
            code = types_pb2.STATUS_CODE_LEASE_HELD
        case StoppedError():
            code = types_pb2.STATUS_CODE_STOPPED
        case EStopNotClearedError():
            code = types_pb2.STATUS_CODE_ESTOP_NOT_CLEARED
        case EndpointError():
            code = types_pb2.STATUS_CODE_ESTOP_ENDPOINT
        case UnknownNameError():
            code = types_pb2.STATUS_CODE_UNKNOWN_NAME
        case IncompatibleError():
            code = types_pb2.STATUS_CODE_INCOMPATIBLE
        case MalformedMessageError():
            code = types_pb2.STATUS_CODE_INVALID_REQUEST
        case NotSupportedError():
            code = types_pb2.STATUS_CODE_NOT_SUPPORTED
        case BusyError():
            code = types_pb2.STATUS_CODE_BUSY
        case ReasoningError():
            codes = (code for kind, code in _REASONING_CODES.items() if isinstance(error, kind))
            code = next(codes, types_pb2.STATUS_CODE_FAULT)
        case RoboticsError():
            code = types_pb2.STATUS_CODE_FAULT
        case _:
            code, error = types_pb2.STATUS_CODE_FAULT, Exception(f"{type(error).__name__}: {error}")
    return types_pb2.Status(code=code, message=shorten(str(error), _LONGEST_MESSAGE))


_PLAIN_ERRORS: dict[int, type[RoboticsError]] = {
    types_pb2.STATUS_CODE_STOPPED: StoppedError,
    types_pb2.STATUS_CODE_ESTOP_NOT_CLEARED: EStopNotClearedError,
    types_pb2.STATUS_CODE_ESTOP_ENDPOINT: EndpointError,
    types_pb2.STATUS_CODE_INCOMPATIBLE: IncompatibleError,
    types_pb2.STATUS_CODE_INVALID_REQUEST: MalformedMessageError,
    types_pb2.STATUS_CODE_NOT_SUPPORTED: NotSupportedError,
    types_pb2.STATUS_CODE_BUSY: BusyError,
}


def error_of(status: types_pb2.Status) -> RoboticsError | None:
    """The error that a status tells of; None if it is OK."""
    code, message = status.code, status.message
    if code == types_pb2.STATUS_CODE_OK:
        return None
    if code in _CHUNK_STATUSES:
        return ChunkRefusedError(_CHUNK_STATUSES[code], message)
    if code == types_pb2.STATUS_CODE_REFUSED:
        return ChunkRefusedError("refused", message)
    if code in _LEASE_CODES:
        return LeaseRefusedError(code, message)
    if code == types_pb2.STATUS_CODE_UNKNOWN_NAME:
        # its constructor composes the message, which is complete already
        return UnknownNameError.__new__(UnknownNameError, message)
    if code in _REASONING_ERRORS:
        error = _REASONING_ERRORS[code].__new__(_REASONING_ERRORS[code], message)  # as above
        if isinstance(error, AnswerFormatError):
            error.text = ""
        return error
    return _PLAIN_ERRORS.get(code, RoboticsError)(message or f"the robot answered status {code}")


def raise_for(status: types_pb2.Status) -> None:
    """
    Raises:
        RoboticsError: The status is not OK.
    """
    error = error_of(status)
    if error is not None:
        raise error
