from robotics.bridge.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StopLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STOP_LEVEL_UNKNOWN: _ClassVar[StopLevel]
    STOP_LEVEL_NONE: _ClassVar[StopLevel]
    STOP_LEVEL_PROTECTIVE: _ClassVar[StopLevel]
    STOP_LEVEL_EMERGENCY: _ClassVar[StopLevel]
STOP_LEVEL_UNKNOWN: StopLevel
STOP_LEVEL_NONE: StopLevel
STOP_LEVEL_PROTECTIVE: StopLevel
STOP_LEVEL_EMERGENCY: StopLevel

class StopRequest(_message.Message):
    __slots__ = ("client_name", "reason", "level")
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    client_name: str
    reason: str
    level: StopLevel
    def __init__(self, client_name: _Optional[str] = ..., reason: _Optional[str] = ..., level: _Optional[_Union[StopLevel, str]] = ...) -> None: ...

class StopResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ...) -> None: ...

class ReleaseRequest(_message.Message):
    __slots__ = ("lease",)
    LEASE_FIELD_NUMBER: _ClassVar[int]
    lease: _types_pb2.Lease
    def __init__(self, lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ...) -> None: ...

class ReleaseResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ...) -> None: ...

class EndpointStatus(_message.Message):
    __slots__ = ("name", "level", "timeout_s", "silent_s")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_S_FIELD_NUMBER: _ClassVar[int]
    SILENT_S_FIELD_NUMBER: _ClassVar[int]
    name: str
    level: StopLevel
    timeout_s: float
    silent_s: float
    def __init__(self, name: _Optional[str] = ..., level: _Optional[_Union[StopLevel, str]] = ..., timeout_s: _Optional[float] = ..., silent_s: _Optional[float] = ...) -> None: ...

class GetEStopStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetEStopStatusResponse(_message.Message):
    __slots__ = ("status", "stopped", "mode", "reason", "endpoints", "required_endpoints")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    stopped: bool
    mode: _types_pb2.RobotMode
    reason: str
    endpoints: _containers.RepeatedCompositeFieldContainer[EndpointStatus]
    required_endpoints: int
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., stopped: _Optional[bool] = ..., mode: _Optional[_Union[_types_pb2.RobotMode, str]] = ..., reason: _Optional[str] = ..., endpoints: _Optional[_Iterable[_Union[EndpointStatus, _Mapping]]] = ..., required_endpoints: _Optional[int] = ...) -> None: ...

class RegisterEndpointRequest(_message.Message):
    __slots__ = ("name", "timeout_s")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_S_FIELD_NUMBER: _ClassVar[int]
    name: str
    timeout_s: float
    def __init__(self, name: _Optional[str] = ..., timeout_s: _Optional[float] = ...) -> None: ...

class RegisterEndpointResponse(_message.Message):
    __slots__ = ("status", "endpoint_id", "challenge")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_ID_FIELD_NUMBER: _ClassVar[int]
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    endpoint_id: str
    challenge: int
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., endpoint_id: _Optional[str] = ..., challenge: _Optional[int] = ...) -> None: ...

class CheckInRequest(_message.Message):
    __slots__ = ("endpoint_id", "level", "challenge", "response", "reason")
    ENDPOINT_ID_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    endpoint_id: str
    level: StopLevel
    challenge: int
    response: int
    reason: str
    def __init__(self, endpoint_id: _Optional[str] = ..., level: _Optional[_Union[StopLevel, str]] = ..., challenge: _Optional[int] = ..., response: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class CheckInResponse(_message.Message):
    __slots__ = ("status", "challenge", "mode")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    challenge: int
    mode: _types_pb2.RobotMode
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., challenge: _Optional[int] = ..., mode: _Optional[_Union[_types_pb2.RobotMode, str]] = ...) -> None: ...

class DeregisterEndpointRequest(_message.Message):
    __slots__ = ("endpoint_id", "silent_name", "lease")
    ENDPOINT_ID_FIELD_NUMBER: _ClassVar[int]
    SILENT_NAME_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    endpoint_id: str
    silent_name: str
    lease: _types_pb2.Lease
    def __init__(self, endpoint_id: _Optional[str] = ..., silent_name: _Optional[str] = ..., lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ...) -> None: ...

class DeregisterEndpointResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ...) -> None: ...
