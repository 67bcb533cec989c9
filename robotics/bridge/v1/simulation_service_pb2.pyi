from robotics.bridge.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ResetRequest(_message.Message):
    __slots__ = ("lease", "task", "seed", "instruction")
    LEASE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    lease: _types_pb2.Lease
    task: str
    seed: int
    instruction: str
    def __init__(self, lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ..., task: _Optional[str] = ..., seed: _Optional[int] = ..., instruction: _Optional[str] = ...) -> None: ...

class ResetResponse(_message.Message):
    __slots__ = ("status", "setup")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SETUP_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    setup: _types_pb2.EpisodeSetup
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., setup: _Optional[_Union[_types_pb2.EpisodeSetup, _Mapping]] = ...) -> None: ...

class AdvanceRequest(_message.Message):
    __slots__ = ("lease", "control_ticks")
    LEASE_FIELD_NUMBER: _ClassVar[int]
    CONTROL_TICKS_FIELD_NUMBER: _ClassVar[int]
    lease: _types_pb2.Lease
    control_ticks: int
    def __init__(self, lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ..., control_ticks: _Optional[int] = ...) -> None: ...

class AdvanceResponse(_message.Message):
    __slots__ = ("status", "states")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    states: _containers.RepeatedCompositeFieldContainer[_types_pb2.RobotState]
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., states: _Optional[_Iterable[_Union[_types_pb2.RobotState, _Mapping]]] = ...) -> None: ...
