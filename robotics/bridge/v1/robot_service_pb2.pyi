from robotics.bridge.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DescribeRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ("embodiment", "clock_id", "lockstep", "simulated", "tasks", "software_version", "lease_duration_s", "client_deadline_s", "shared_frames")
    EMBODIMENT_FIELD_NUMBER: _ClassVar[int]
    CLOCK_ID_FIELD_NUMBER: _ClassVar[int]
    LOCKSTEP_FIELD_NUMBER: _ClassVar[int]
    SIMULATED_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    LEASE_DURATION_S_FIELD_NUMBER: _ClassVar[int]
    CLIENT_DEADLINE_S_FIELD_NUMBER: _ClassVar[int]
    SHARED_FRAMES_FIELD_NUMBER: _ClassVar[int]
    embodiment: _types_pb2.Embodiment
    clock_id: str
    lockstep: bool
    simulated: bool
    tasks: _containers.RepeatedCompositeFieldContainer[_types_pb2.TaskDescription]
    software_version: str
    lease_duration_s: float
    client_deadline_s: float
    shared_frames: SharedFrames
    def __init__(self, embodiment: _Optional[_Union[_types_pb2.Embodiment, _Mapping]] = ..., clock_id: _Optional[str] = ..., lockstep: _Optional[bool] = ..., simulated: _Optional[bool] = ..., tasks: _Optional[_Iterable[_Union[_types_pb2.TaskDescription, _Mapping]]] = ..., software_version: _Optional[str] = ..., lease_duration_s: _Optional[float] = ..., client_deadline_s: _Optional[float] = ..., shared_frames: _Optional[_Union[SharedFrames, _Mapping]] = ...) -> None: ...

class SharedFrames(_message.Message):
    __slots__ = ("process_id", "descriptor", "token")
    PROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTOR_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    process_id: int
    descriptor: int
    token: bytes
    def __init__(self, process_id: _Optional[int] = ..., descriptor: _Optional[int] = ..., token: _Optional[bytes] = ...) -> None: ...

class GetStateRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStateResponse(_message.Message):
    __slots__ = ("status", "state")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    state: _types_pb2.RobotState
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., state: _Optional[_Union[_types_pb2.RobotState, _Mapping]] = ...) -> None: ...

class StreamStateRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CommandRequest(_message.Message):
    __slots__ = ("request_id", "lease", "chunk")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    lease: _types_pb2.Lease
    chunk: _types_pb2.ActionChunk
    def __init__(self, request_id: _Optional[int] = ..., lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ..., chunk: _Optional[_Union[_types_pb2.ActionChunk, _Mapping]] = ...) -> None: ...

class CommandResponse(_message.Message):
    __slots__ = ("request_id", "status", "state", "waited_ns")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    WAITED_NS_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    status: _types_pb2.Status
    state: _types_pb2.RobotState
    waited_ns: int
    def __init__(self, request_id: _Optional[int] = ..., status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., state: _Optional[_Union[_types_pb2.RobotState, _Mapping]] = ..., waited_ns: _Optional[int] = ...) -> None: ...

class ImageOptions(_message.Message):
    __slots__ = ("format", "jpeg_quality")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    JPEG_QUALITY_FIELD_NUMBER: _ClassVar[int]
    format: _types_pb2.ImageFormat
    jpeg_quality: int
    def __init__(self, format: _Optional[_Union[_types_pb2.ImageFormat, str]] = ..., jpeg_quality: _Optional[int] = ...) -> None: ...

class GetObservationRequest(_message.Message):
    __slots__ = ("cameras", "images")
    CAMERAS_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    cameras: _containers.RepeatedScalarFieldContainer[str]
    images: ImageOptions
    def __init__(self, cameras: _Optional[_Iterable[str]] = ..., images: _Optional[_Union[ImageOptions, _Mapping]] = ...) -> None: ...

class GetObservationResponse(_message.Message):
    __slots__ = ("status", "observation")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    observation: _types_pb2.Observation
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., observation: _Optional[_Union[_types_pb2.Observation, _Mapping]] = ...) -> None: ...

class StreamFramesRequest(_message.Message):
    __slots__ = ("cameras", "images")
    CAMERAS_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    cameras: _containers.RepeatedScalarFieldContainer[str]
    images: ImageOptions
    def __init__(self, cameras: _Optional[_Iterable[str]] = ..., images: _Optional[_Union[ImageOptions, _Mapping]] = ...) -> None: ...

class StreamFramesResponse(_message.Message):
    __slots__ = ("status", "frame", "dropped")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    frame: _types_pb2.CameraFrame
    dropped: int
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., frame: _Optional[_Union[_types_pb2.CameraFrame, _Mapping]] = ..., dropped: _Optional[int] = ...) -> None: ...

class AnnotateRequest(_message.Message):
    __slots__ = ("lease", "event")
    LEASE_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    lease: _types_pb2.Lease
    event: _types_pb2.Event
    def __init__(self, lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ..., event: _Optional[_Union[_types_pb2.Event, _Mapping]] = ...) -> None: ...

class AnnotateResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ...) -> None: ...

class HoldRequest(_message.Message):
    __slots__ = ("lease",)
    LEASE_FIELD_NUMBER: _ClassVar[int]
    lease: _types_pb2.Lease
    def __init__(self, lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ...) -> None: ...

class HoldResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ...) -> None: ...

class SetMotionRequest(_message.Message):
    __slots__ = ("lease", "motion")
    LEASE_FIELD_NUMBER: _ClassVar[int]
    MOTION_FIELD_NUMBER: _ClassVar[int]
    lease: _types_pb2.Lease
    motion: _types_pb2.MotionSettings
    def __init__(self, lease: _Optional[_Union[_types_pb2.Lease, _Mapping]] = ..., motion: _Optional[_Union[_types_pb2.MotionSettings, _Mapping]] = ...) -> None: ...

class SetMotionResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ...) -> None: ...
