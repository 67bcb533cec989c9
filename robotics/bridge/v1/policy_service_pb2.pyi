from robotics.bridge.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DescribePolicyRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribePolicyResponse(_message.Message):
    __slots__ = ("name", "cameras", "replan_steps", "max_sessions")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CAMERAS_FIELD_NUMBER: _ClassVar[int]
    REPLAN_STEPS_FIELD_NUMBER: _ClassVar[int]
    MAX_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    name: str
    cameras: _containers.RepeatedScalarFieldContainer[str]
    replan_steps: int
    max_sessions: int
    def __init__(self, name: _Optional[str] = ..., cameras: _Optional[_Iterable[str]] = ..., replan_steps: _Optional[int] = ..., max_sessions: _Optional[int] = ...) -> None: ...

class ActRequest(_message.Message):
    __slots__ = ("reset", "observation")
    RESET_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    reset: ResetPolicy
    observation: _types_pb2.Observation
    def __init__(self, reset: _Optional[_Union[ResetPolicy, _Mapping]] = ..., observation: _Optional[_Union[_types_pb2.Observation, _Mapping]] = ...) -> None: ...

class ResetPolicy(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ActResponse(_message.Message):
    __slots__ = ("status", "chunk", "act_duration_ns")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    ACT_DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    chunk: _types_pb2.ActionChunk
    act_duration_ns: int
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., chunk: _Optional[_Union[_types_pb2.ActionChunk, _Mapping]] = ..., act_duration_ns: _Optional[int] = ...) -> None: ...
