from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StatusCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATUS_CODE_UNKNOWN: _ClassVar[StatusCode]
    STATUS_CODE_OK: _ClassVar[StatusCode]
    STATUS_CODE_INVALID_REQUEST: _ClassVar[StatusCode]
    STATUS_CODE_UNKNOWN_NAME: _ClassVar[StatusCode]
    STATUS_CODE_NOT_SUPPORTED: _ClassVar[StatusCode]
    STATUS_CODE_FAULT: _ClassVar[StatusCode]
    STATUS_CODE_INCOMPATIBLE: _ClassVar[StatusCode]
    STATUS_CODE_BUSY: _ClassVar[StatusCode]
    STATUS_CODE_NO_LEASE: _ClassVar[StatusCode]
    STATUS_CODE_LEASE_HELD: _ClassVar[StatusCode]
    STATUS_CODE_LEASE_REVOKED: _ClassVar[StatusCode]
    STATUS_CODE_LEASE_EXPIRED: _ClassVar[StatusCode]
    STATUS_CODE_LEASE_WRONG_EPOCH: _ClassVar[StatusCode]
    STATUS_CODE_STOPPED: _ClassVar[StatusCode]
    STATUS_CODE_ESTOP_NOT_CLEARED: _ClassVar[StatusCode]
    STATUS_CODE_ESTOP_ENDPOINT: _ClassVar[StatusCode]
    STATUS_CODE_WRONG_FINGERPRINT: _ClassVar[StatusCode]
    STATUS_CODE_WRONG_CLOCK: _ClassVar[StatusCode]
    STATUS_CODE_WRONG_PERIOD: _ClassVar[StatusCode]
    STATUS_CODE_WRONG_DIMENSION: _ClassVar[StatusCode]
    STATUS_CODE_TOO_LONG: _ClassVar[StatusCode]
    STATUS_CODE_NOT_FINITE: _ClassVar[StatusCode]
    STATUS_CODE_OUT_OF_LIMITS: _ClassVar[StatusCode]
    STATUS_CODE_VOIDED: _ClassVar[StatusCode]
    STATUS_CODE_TOO_OLD: _ClassVar[StatusCode]
    STATUS_CODE_STALE: _ClassVar[StatusCode]
    STATUS_CODE_TOO_FAR_AHEAD: _ClassVar[StatusCode]
    STATUS_CODE_NO_TIME_SYNC: _ClassVar[StatusCode]
    STATUS_CODE_REFUSED: _ClassVar[StatusCode]
    STATUS_CODE_BAD_QUERY: _ClassVar[StatusCode]
    STATUS_CODE_BAD_IMAGE: _ClassVar[StatusCode]
    STATUS_CODE_MISSING_INPUT: _ClassVar[StatusCode]
    STATUS_CODE_UNSUPPORTED_QUESTION: _ClassVar[StatusCode]
    STATUS_CODE_UNREADABLE_ANSWER: _ClassVar[StatusCode]
    STATUS_CODE_MODEL_FAILED: _ClassVar[StatusCode]
    STATUS_CODE_UNKNOWN_VIEW: _ClassVar[StatusCode]
    STATUS_CODE_BAD_INSTRUCTION: _ClassVar[StatusCode]

class ChunkStrategy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHUNK_STRATEGY_UNKNOWN: _ClassVar[ChunkStrategy]
    CHUNK_STRATEGY_HOLD: _ClassVar[ChunkStrategy]
    CHUNK_STRATEGY_SPLICE: _ClassVar[ChunkStrategy]
    CHUNK_STRATEGY_ENSEMBLE: _ClassVar[ChunkStrategy]

class ImageFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IMAGE_FORMAT_UNKNOWN: _ClassVar[ImageFormat]
    IMAGE_FORMAT_RGB8: _ClassVar[ImageFormat]
    IMAGE_FORMAT_JPEG: _ClassVar[ImageFormat]
    IMAGE_FORMAT_DEPTH16: _ClassVar[ImageFormat]
    IMAGE_FORMAT_SHARED: _ClassVar[ImageFormat]
    IMAGE_FORMAT_PNG: _ClassVar[ImageFormat]

class EventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_KIND_UNKNOWN: _ClassVar[EventKind]
    EVENT_KIND_EPISODE: _ClassVar[EventKind]
    EVENT_KIND_INSTRUCTION: _ClassVar[EventKind]
    EVENT_KIND_OUTCOME: _ClassVar[EventKind]
    EVENT_KIND_NOTE: _ClassVar[EventKind]
    EVENT_KIND_GUARD: _ClassVar[EventKind]
    EVENT_KIND_STARVED: _ClassVar[EventKind]
    EVENT_KIND_STOP: _ClassVar[EventKind]
    EVENT_KIND_FAULT: _ClassVar[EventKind]
    EVENT_KIND_SUBTASK: _ClassVar[EventKind]
    EVENT_KIND_INTERVENTION: _ClassVar[EventKind]

class RobotMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROBOT_MODE_UNKNOWN: _ClassVar[RobotMode]
    ROBOT_MODE_HOLDING: _ClassVar[RobotMode]
    ROBOT_MODE_EXECUTING: _ClassVar[RobotMode]
    ROBOT_MODE_STOPPING: _ClassVar[RobotMode]
    ROBOT_MODE_PROTECTIVE_STOP: _ClassVar[RobotMode]
    ROBOT_MODE_EMERGENCY_STOP: _ClassVar[RobotMode]
STATUS_CODE_UNKNOWN: StatusCode
STATUS_CODE_OK: StatusCode
STATUS_CODE_INVALID_REQUEST: StatusCode
STATUS_CODE_UNKNOWN_NAME: StatusCode
STATUS_CODE_NOT_SUPPORTED: StatusCode
STATUS_CODE_FAULT: StatusCode
STATUS_CODE_INCOMPATIBLE: StatusCode
STATUS_CODE_BUSY: StatusCode
STATUS_CODE_NO_LEASE: StatusCode
STATUS_CODE_LEASE_HELD: StatusCode
STATUS_CODE_LEASE_REVOKED: StatusCode
STATUS_CODE_LEASE_EXPIRED: StatusCode
STATUS_CODE_LEASE_WRONG_EPOCH: StatusCode
STATUS_CODE_STOPPED: StatusCode
STATUS_CODE_ESTOP_NOT_CLEARED: StatusCode
STATUS_CODE_ESTOP_ENDPOINT: StatusCode
STATUS_CODE_WRONG_FINGERPRINT: StatusCode
STATUS_CODE_WRONG_CLOCK: StatusCode
STATUS_CODE_WRONG_PERIOD: StatusCode
STATUS_CODE_WRONG_DIMENSION: StatusCode
STATUS_CODE_TOO_LONG: StatusCode
STATUS_CODE_NOT_FINITE: StatusCode
STATUS_CODE_OUT_OF_LIMITS: StatusCode
STATUS_CODE_VOIDED: StatusCode
STATUS_CODE_TOO_OLD: StatusCode
STATUS_CODE_STALE: StatusCode
STATUS_CODE_TOO_FAR_AHEAD: StatusCode
STATUS_CODE_NO_TIME_SYNC: StatusCode
STATUS_CODE_REFUSED: StatusCode
STATUS_CODE_BAD_QUERY: StatusCode
STATUS_CODE_BAD_IMAGE: StatusCode
STATUS_CODE_MISSING_INPUT: StatusCode
STATUS_CODE_UNSUPPORTED_QUESTION: StatusCode
STATUS_CODE_UNREADABLE_ANSWER: StatusCode
STATUS_CODE_MODEL_FAILED: StatusCode
STATUS_CODE_UNKNOWN_VIEW: StatusCode
STATUS_CODE_BAD_INSTRUCTION: StatusCode
CHUNK_STRATEGY_UNKNOWN: ChunkStrategy
CHUNK_STRATEGY_HOLD: ChunkStrategy
CHUNK_STRATEGY_SPLICE: ChunkStrategy
CHUNK_STRATEGY_ENSEMBLE: ChunkStrategy
IMAGE_FORMAT_UNKNOWN: ImageFormat
IMAGE_FORMAT_RGB8: ImageFormat
IMAGE_FORMAT_JPEG: ImageFormat
IMAGE_FORMAT_DEPTH16: ImageFormat
IMAGE_FORMAT_SHARED: ImageFormat
IMAGE_FORMAT_PNG: ImageFormat
EVENT_KIND_UNKNOWN: EventKind
EVENT_KIND_EPISODE: EventKind
EVENT_KIND_INSTRUCTION: EventKind
EVENT_KIND_OUTCOME: EventKind
EVENT_KIND_NOTE: EventKind
EVENT_KIND_GUARD: EventKind
EVENT_KIND_STARVED: EventKind
EVENT_KIND_STOP: EventKind
EVENT_KIND_FAULT: EventKind
EVENT_KIND_SUBTASK: EventKind
EVENT_KIND_INTERVENTION: EventKind
ROBOT_MODE_UNKNOWN: RobotMode
ROBOT_MODE_HOLDING: RobotMode
ROBOT_MODE_EXECUTING: RobotMode
ROBOT_MODE_STOPPING: RobotMode
ROBOT_MODE_PROTECTIVE_STOP: RobotMode
ROBOT_MODE_EMERGENCY_STOP: RobotMode

class Status(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: StatusCode
    message: str
    def __init__(self, code: _Optional[_Union[StatusCode, str]] = ..., message: _Optional[str] = ...) -> None: ...

class Lease(_message.Message):
    __slots__ = ("epoch", "sequence", "client_name")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CLIENT_NAME_FIELD_NUMBER: _ClassVar[int]
    epoch: str
    sequence: int
    client_name: str
    def __init__(self, epoch: _Optional[str] = ..., sequence: _Optional[int] = ..., client_name: _Optional[str] = ...) -> None: ...

class JointState(_message.Message):
    __slots__ = ("tick", "time_ns", "position", "velocity", "target")
    TICK_FIELD_NUMBER: _ClassVar[int]
    TIME_NS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    VELOCITY_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    tick: int
    time_ns: int
    position: _containers.RepeatedScalarFieldContainer[float]
    velocity: _containers.RepeatedScalarFieldContainer[float]
    target: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, tick: _Optional[int] = ..., time_ns: _Optional[int] = ..., position: _Optional[_Iterable[float]] = ..., velocity: _Optional[_Iterable[float]] = ..., target: _Optional[_Iterable[float]] = ...) -> None: ...

class JointTrajectory(_message.Message):
    __slots__ = ("steps", "dimension", "positions")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    DIMENSION_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    steps: int
    dimension: int
    positions: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, steps: _Optional[int] = ..., dimension: _Optional[int] = ..., positions: _Optional[_Iterable[float]] = ...) -> None: ...

class ActionChunk(_message.Message):
    __slots__ = ("positions", "start_time_ns", "period_ns", "clock_id", "fingerprint", "intended", "chunk_id", "late_tolerance_ns")
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    PERIOD_NS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_ID_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    INTENDED_FIELD_NUMBER: _ClassVar[int]
    CHUNK_ID_FIELD_NUMBER: _ClassVar[int]
    LATE_TOLERANCE_NS_FIELD_NUMBER: _ClassVar[int]
    positions: JointTrajectory
    start_time_ns: int
    period_ns: int
    clock_id: str
    fingerprint: str
    intended: JointTrajectory
    chunk_id: int
    late_tolerance_ns: int
    def __init__(self, positions: _Optional[_Union[JointTrajectory, _Mapping]] = ..., start_time_ns: _Optional[int] = ..., period_ns: _Optional[int] = ..., clock_id: _Optional[str] = ..., fingerprint: _Optional[str] = ..., intended: _Optional[_Union[JointTrajectory, _Mapping]] = ..., chunk_id: _Optional[int] = ..., late_tolerance_ns: _Optional[int] = ...) -> None: ...

class MotionSettings(_message.Message):
    __slots__ = ("speed", "shadow", "strategy")
    SPEED_FIELD_NUMBER: _ClassVar[int]
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    speed: float
    shadow: bool
    strategy: ChunkStrategy
    def __init__(self, speed: _Optional[float] = ..., shadow: _Optional[bool] = ..., strategy: _Optional[_Union[ChunkStrategy, str]] = ...) -> None: ...

class Image(_message.Message):
    __slots__ = ("format", "width", "height", "data", "depth_unit_m")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    DEPTH_UNIT_M_FIELD_NUMBER: _ClassVar[int]
    format: ImageFormat
    width: int
    height: int
    data: bytes
    depth_unit_m: float
    def __init__(self, format: _Optional[_Union[ImageFormat, str]] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., data: _Optional[bytes] = ..., depth_unit_m: _Optional[float] = ...) -> None: ...

class CameraFrame(_message.Message):
    __slots__ = ("camera", "capture_time_ns", "image", "depth", "number")
    CAMERA_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    camera: str
    capture_time_ns: int
    image: Image
    depth: Image
    number: int
    def __init__(self, camera: _Optional[str] = ..., capture_time_ns: _Optional[int] = ..., image: _Optional[_Union[Image, _Mapping]] = ..., depth: _Optional[_Union[Image, _Mapping]] = ..., number: _Optional[int] = ...) -> None: ...

class AudioClip(_message.Message):
    __slots__ = ("samples", "channels", "sample_rate_hz", "capture_time_ns")
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    samples: bytes
    channels: int
    sample_rate_hz: int
    capture_time_ns: int
    def __init__(self, samples: _Optional[bytes] = ..., channels: _Optional[int] = ..., sample_rate_hz: _Optional[int] = ..., capture_time_ns: _Optional[int] = ...) -> None: ...

class Observation(_message.Message):
    __slots__ = ("clock_id", "joints", "plan", "frames", "instruction", "audio")
    CLOCK_ID_FIELD_NUMBER: _ClassVar[int]
    JOINTS_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    clock_id: str
    joints: JointState
    plan: JointTrajectory
    frames: _containers.RepeatedCompositeFieldContainer[CameraFrame]
    instruction: str
    audio: AudioClip
    def __init__(self, clock_id: _Optional[str] = ..., joints: _Optional[_Union[JointState, _Mapping]] = ..., plan: _Optional[_Union[JointTrajectory, _Mapping]] = ..., frames: _Optional[_Iterable[_Union[CameraFrame, _Mapping]]] = ..., instruction: _Optional[str] = ..., audio: _Optional[_Union[AudioClip, _Mapping]] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("kind", "text", "time_ns", "data")
    class DataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TIME_NS_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    kind: EventKind
    text: str
    time_ns: int
    data: _containers.ScalarMap[str, str]
    def __init__(self, kind: _Optional[_Union[EventKind, str]] = ..., text: _Optional[str] = ..., time_ns: _Optional[int] = ..., data: _Optional[_Mapping[str, str]] = ...) -> None: ...

class LatencyStatistics(_message.Message):
    __slots__ = ("stage", "count", "p50_ms", "p95_ms", "p99_ms", "max_ms")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    P50_MS_FIELD_NUMBER: _ClassVar[int]
    P95_MS_FIELD_NUMBER: _ClassVar[int]
    P99_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_MS_FIELD_NUMBER: _ClassVar[int]
    stage: str
    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    def __init__(self, stage: _Optional[str] = ..., count: _Optional[int] = ..., p50_ms: _Optional[float] = ..., p95_ms: _Optional[float] = ..., p99_ms: _Optional[float] = ..., max_ms: _Optional[float] = ...) -> None: ...

class TaskStatus(_message.Message):
    __slots__ = ("success", "progress", "stage")
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    success: bool
    progress: float
    stage: str
    def __init__(self, success: _Optional[bool] = ..., progress: _Optional[float] = ..., stage: _Optional[str] = ...) -> None: ...

class RobotState(_message.Message):
    __slots__ = ("joints", "requested", "applied", "intended", "mode", "plan_steps", "chunk_id", "instruction", "missed_deadlines", "starvations", "guard_counts", "events", "statistics", "task", "motion", "stop_reason")
    class GuardCountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    JOINTS_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_FIELD_NUMBER: _ClassVar[int]
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    INTENDED_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    PLAN_STEPS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    MISSED_DEADLINES_FIELD_NUMBER: _ClassVar[int]
    STARVATIONS_FIELD_NUMBER: _ClassVar[int]
    GUARD_COUNTS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    MOTION_FIELD_NUMBER: _ClassVar[int]
    STOP_REASON_FIELD_NUMBER: _ClassVar[int]
    joints: JointState
    requested: _containers.RepeatedScalarFieldContainer[float]
    applied: _containers.RepeatedScalarFieldContainer[float]
    intended: _containers.RepeatedScalarFieldContainer[float]
    mode: RobotMode
    plan_steps: int
    chunk_id: int
    instruction: str
    missed_deadlines: int
    starvations: int
    guard_counts: _containers.ScalarMap[str, int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    statistics: _containers.RepeatedCompositeFieldContainer[LatencyStatistics]
    task: TaskStatus
    motion: MotionSettings
    stop_reason: str
    def __init__(self, joints: _Optional[_Union[JointState, _Mapping]] = ..., requested: _Optional[_Iterable[float]] = ..., applied: _Optional[_Iterable[float]] = ..., intended: _Optional[_Iterable[float]] = ..., mode: _Optional[_Union[RobotMode, str]] = ..., plan_steps: _Optional[int] = ..., chunk_id: _Optional[int] = ..., instruction: _Optional[str] = ..., missed_deadlines: _Optional[int] = ..., starvations: _Optional[int] = ..., guard_counts: _Optional[_Mapping[str, int]] = ..., events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., statistics: _Optional[_Iterable[_Union[LatencyStatistics, _Mapping]]] = ..., task: _Optional[_Union[TaskStatus, _Mapping]] = ..., motion: _Optional[_Union[MotionSettings, _Mapping]] = ..., stop_reason: _Optional[str] = ...) -> None: ...

class TaskDescription(_message.Message):
    __slots__ = ("name", "summary", "instructions", "time_limit_s")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTIONS_FIELD_NUMBER: _ClassVar[int]
    TIME_LIMIT_S_FIELD_NUMBER: _ClassVar[int]
    name: str
    summary: str
    instructions: _containers.RepeatedScalarFieldContainer[str]
    time_limit_s: float
    def __init__(self, name: _Optional[str] = ..., summary: _Optional[str] = ..., instructions: _Optional[_Iterable[str]] = ..., time_limit_s: _Optional[float] = ...) -> None: ...

class EpisodeSetup(_message.Message):
    __slots__ = ("task", "seed", "instruction")
    TASK_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    task: str
    seed: int
    instruction: str
    def __init__(self, task: _Optional[str] = ..., seed: _Optional[int] = ..., instruction: _Optional[str] = ...) -> None: ...

class Embodiment(_message.Message):
    __slots__ = ("name", "toml", "embodiment_hash", "interface_fingerprint", "model")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TOML_FIELD_NUMBER: _ClassVar[int]
    EMBODIMENT_HASH_FIELD_NUMBER: _ClassVar[int]
    INTERFACE_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    name: str
    toml: bytes
    embodiment_hash: str
    interface_fingerprint: str
    model: str
    def __init__(self, name: _Optional[str] = ..., toml: _Optional[bytes] = ..., embodiment_hash: _Optional[str] = ..., interface_fingerprint: _Optional[str] = ..., model: _Optional[str] = ...) -> None: ...
