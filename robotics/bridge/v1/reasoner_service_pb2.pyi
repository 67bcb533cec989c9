from robotics.bridge.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReferenceFrame(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REFERENCE_FRAME_UNKNOWN: _ClassVar[ReferenceFrame]
    REFERENCE_FRAME_WORLD: _ClassVar[ReferenceFrame]
    REFERENCE_FRAME_CAMERA: _ClassVar[ReferenceFrame]
    REFERENCE_FRAME_LEVEL: _ClassVar[ReferenceFrame]
REFERENCE_FRAME_UNKNOWN: ReferenceFrame
REFERENCE_FRAME_WORLD: ReferenceFrame
REFERENCE_FRAME_CAMERA: ReferenceFrame
REFERENCE_FRAME_LEVEL: ReferenceFrame

class DescribeReasonerRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeReasonerResponse(_message.Message):
    __slots__ = ("name", "supports", "views_per_client", "views", "most_pixels")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUPPORTS_FIELD_NUMBER: _ClassVar[int]
    VIEWS_PER_CLIENT_FIELD_NUMBER: _ClassVar[int]
    VIEWS_FIELD_NUMBER: _ClassVar[int]
    MOST_PIXELS_FIELD_NUMBER: _ClassVar[int]
    name: str
    supports: _containers.RepeatedScalarFieldContainer[str]
    views_per_client: int
    views: int
    most_pixels: int
    def __init__(self, name: _Optional[str] = ..., supports: _Optional[_Iterable[str]] = ..., views_per_client: _Optional[int] = ..., views: _Optional[int] = ..., most_pixels: _Optional[int] = ...) -> None: ...

class View(_message.Message):
    __slots__ = ("image", "depth", "intrinsics", "camera_in_world", "name")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    INTRINSICS_FIELD_NUMBER: _ClassVar[int]
    CAMERA_IN_WORLD_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    image: _types_pb2.Image
    depth: _types_pb2.Image
    intrinsics: Intrinsics
    camera_in_world: Pose
    name: str
    def __init__(self, image: _Optional[_Union[_types_pb2.Image, _Mapping]] = ..., depth: _Optional[_Union[_types_pb2.Image, _Mapping]] = ..., intrinsics: _Optional[_Union[Intrinsics, _Mapping]] = ..., camera_in_world: _Optional[_Union[Pose, _Mapping]] = ..., name: _Optional[str] = ...) -> None: ...

class Intrinsics(_message.Message):
    __slots__ = ("fx", "fy", "cx", "cy", "width", "height")
    FX_FIELD_NUMBER: _ClassVar[int]
    FY_FIELD_NUMBER: _ClassVar[int]
    CX_FIELD_NUMBER: _ClassVar[int]
    CY_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int
    def __init__(self, fx: _Optional[float] = ..., fy: _Optional[float] = ..., cx: _Optional[float] = ..., cy: _Optional[float] = ..., width: _Optional[int] = ..., height: _Optional[int] = ...) -> None: ...

class Pose(_message.Message):
    __slots__ = ("position", "rotation")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ROTATION_FIELD_NUMBER: _ClassVar[int]
    position: Vector
    rotation: Quaternion
    def __init__(self, position: _Optional[_Union[Vector, _Mapping]] = ..., rotation: _Optional[_Union[Quaternion, _Mapping]] = ...) -> None: ...

class Vector(_message.Message):
    __slots__ = ("x", "y", "z")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    z: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ..., z: _Optional[float] = ...) -> None: ...

class Quaternion(_message.Message):
    __slots__ = ("w", "x", "y", "z")
    W_FIELD_NUMBER: _ClassVar[int]
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    w: float
    x: float
    y: float
    z: float
    def __init__(self, w: _Optional[float] = ..., x: _Optional[float] = ..., y: _Optional[float] = ..., z: _Optional[float] = ...) -> None: ...

class PutViewRequest(_message.Message):
    __slots__ = ("view",)
    VIEW_FIELD_NUMBER: _ClassVar[int]
    view: View
    def __init__(self, view: _Optional[_Union[View, _Mapping]] = ...) -> None: ...

class PutViewResponse(_message.Message):
    __slots__ = ("status", "view_id")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VIEW_ID_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    view_id: str
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., view_id: _Optional[str] = ...) -> None: ...

class DropViewsRequest(_message.Message):
    __slots__ = ("view_ids",)
    VIEW_IDS_FIELD_NUMBER: _ClassVar[int]
    view_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, view_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class DropViewsResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ...) -> None: ...

class ViewReference(_message.Message):
    __slots__ = ("view_id", "view")
    VIEW_ID_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    view_id: str
    view: View
    def __init__(self, view_id: _Optional[str] = ..., view: _Optional[_Union[View, _Mapping]] = ...) -> None: ...

class AskRequest(_message.Message):
    __slots__ = ("point", "detect", "boxes3d", "grasps", "trajectory", "correspond", "success", "answer")
    POINT_FIELD_NUMBER: _ClassVar[int]
    DETECT_FIELD_NUMBER: _ClassVar[int]
    BOXES3D_FIELD_NUMBER: _ClassVar[int]
    GRASPS_FIELD_NUMBER: _ClassVar[int]
    TRAJECTORY_FIELD_NUMBER: _ClassVar[int]
    CORRESPOND_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    point: PointQuestion
    detect: DetectQuestion
    boxes3d: Boxes3DQuestion
    grasps: GraspsQuestion
    trajectory: TrajectoryQuestion
    correspond: CorrespondQuestion
    success: SuccessQuestion
    answer: AnswerQuestion
    def __init__(self, point: _Optional[_Union[PointQuestion, _Mapping]] = ..., detect: _Optional[_Union[DetectQuestion, _Mapping]] = ..., boxes3d: _Optional[_Union[Boxes3DQuestion, _Mapping]] = ..., grasps: _Optional[_Union[GraspsQuestion, _Mapping]] = ..., trajectory: _Optional[_Union[TrajectoryQuestion, _Mapping]] = ..., correspond: _Optional[_Union[CorrespondQuestion, _Mapping]] = ..., success: _Optional[_Union[SuccessQuestion, _Mapping]] = ..., answer: _Optional[_Union[AnswerQuestion, _Mapping]] = ...) -> None: ...

class PointQuestion(_message.Message):
    __slots__ = ("view", "query", "limit")
    VIEW_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    view: ViewReference
    query: str
    limit: int
    def __init__(self, view: _Optional[_Union[ViewReference, _Mapping]] = ..., query: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class DetectQuestion(_message.Message):
    __slots__ = ("view", "query", "limit")
    VIEW_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    view: ViewReference
    query: str
    limit: int
    def __init__(self, view: _Optional[_Union[ViewReference, _Mapping]] = ..., query: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class Boxes3DQuestion(_message.Message):
    __slots__ = ("view", "query", "limit")
    VIEW_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    view: ViewReference
    query: str
    limit: int
    def __init__(self, view: _Optional[_Union[ViewReference, _Mapping]] = ..., query: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class GraspsQuestion(_message.Message):
    __slots__ = ("view", "query", "limit", "gripper")
    VIEW_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    GRIPPER_FIELD_NUMBER: _ClassVar[int]
    view: ViewReference
    query: str
    limit: int
    gripper: GripperShape
    def __init__(self, view: _Optional[_Union[ViewReference, _Mapping]] = ..., query: _Optional[str] = ..., limit: _Optional[int] = ..., gripper: _Optional[_Union[GripperShape, _Mapping]] = ...) -> None: ...

class GripperShape(_message.Message):
    __slots__ = ("opening", "finger_width", "finger_thickness", "finger_length", "tip_length", "pad_length", "palm_width", "palm_depth")
    OPENING_FIELD_NUMBER: _ClassVar[int]
    FINGER_WIDTH_FIELD_NUMBER: _ClassVar[int]
    FINGER_THICKNESS_FIELD_NUMBER: _ClassVar[int]
    FINGER_LENGTH_FIELD_NUMBER: _ClassVar[int]
    TIP_LENGTH_FIELD_NUMBER: _ClassVar[int]
    PAD_LENGTH_FIELD_NUMBER: _ClassVar[int]
    PALM_WIDTH_FIELD_NUMBER: _ClassVar[int]
    PALM_DEPTH_FIELD_NUMBER: _ClassVar[int]
    opening: float
    finger_width: float
    finger_thickness: float
    finger_length: float
    tip_length: float
    pad_length: float
    palm_width: float
    palm_depth: float
    def __init__(self, opening: _Optional[float] = ..., finger_width: _Optional[float] = ..., finger_thickness: _Optional[float] = ..., finger_length: _Optional[float] = ..., tip_length: _Optional[float] = ..., pad_length: _Optional[float] = ..., palm_width: _Optional[float] = ..., palm_depth: _Optional[float] = ...) -> None: ...

class TrajectoryQuestion(_message.Message):
    __slots__ = ("view", "instruction")
    VIEW_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    view: ViewReference
    instruction: str
    def __init__(self, view: _Optional[_Union[ViewReference, _Mapping]] = ..., instruction: _Optional[str] = ...) -> None: ...

class CorrespondQuestion(_message.Message):
    __slots__ = ("source", "target", "points")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    source: ViewReference
    target: ViewReference
    points: _containers.RepeatedCompositeFieldContainer[Point]
    def __init__(self, source: _Optional[_Union[ViewReference, _Mapping]] = ..., target: _Optional[_Union[ViewReference, _Mapping]] = ..., points: _Optional[_Iterable[_Union[Point, _Mapping]]] = ...) -> None: ...

class SuccessQuestion(_message.Message):
    __slots__ = ("before", "after", "instruction")
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    before: _containers.RepeatedCompositeFieldContainer[ViewReference]
    after: _containers.RepeatedCompositeFieldContainer[ViewReference]
    instruction: str
    def __init__(self, before: _Optional[_Iterable[_Union[ViewReference, _Mapping]]] = ..., after: _Optional[_Iterable[_Union[ViewReference, _Mapping]]] = ..., instruction: _Optional[str] = ...) -> None: ...

class AnswerQuestion(_message.Message):
    __slots__ = ("views", "question")
    VIEWS_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    views: _containers.RepeatedCompositeFieldContainer[ViewReference]
    question: str
    def __init__(self, views: _Optional[_Iterable[_Union[ViewReference, _Mapping]]] = ..., question: _Optional[str] = ...) -> None: ...

class AskResponse(_message.Message):
    __slots__ = ("status", "found", "correspondences", "success", "words", "unknown_view_ids", "model_text", "duration_ns")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    CORRESPONDENCES_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_VIEW_IDS_FIELD_NUMBER: _ClassVar[int]
    MODEL_TEXT_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    status: _types_pb2.Status
    found: Found
    correspondences: Correspondences
    success: Success
    words: WordsAnswer
    unknown_view_ids: _containers.RepeatedScalarFieldContainer[str]
    model_text: str
    duration_ns: int
    def __init__(self, status: _Optional[_Union[_types_pb2.Status, _Mapping]] = ..., found: _Optional[_Union[Found, _Mapping]] = ..., correspondences: _Optional[_Union[Correspondences, _Mapping]] = ..., success: _Optional[_Union[Success, _Mapping]] = ..., words: _Optional[_Union[WordsAnswer, _Mapping]] = ..., unknown_view_ids: _Optional[_Iterable[str]] = ..., model_text: _Optional[str] = ..., duration_ns: _Optional[int] = ...) -> None: ...

class Found(_message.Message):
    __slots__ = ("points", "boxes", "boxes3d", "grasps", "trajectories", "presence", "unknown_words", "reason")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    BOXES_FIELD_NUMBER: _ClassVar[int]
    BOXES3D_FIELD_NUMBER: _ClassVar[int]
    GRASPS_FIELD_NUMBER: _ClassVar[int]
    TRAJECTORIES_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_WORDS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedCompositeFieldContainer[Point]
    boxes: _containers.RepeatedCompositeFieldContainer[Box2D]
    boxes3d: _containers.RepeatedCompositeFieldContainer[Box3D]
    grasps: _containers.RepeatedCompositeFieldContainer[Grasp]
    trajectories: _containers.RepeatedCompositeFieldContainer[Trajectory]
    presence: float
    unknown_words: _containers.RepeatedScalarFieldContainer[str]
    reason: str
    def __init__(self, points: _Optional[_Iterable[_Union[Point, _Mapping]]] = ..., boxes: _Optional[_Iterable[_Union[Box2D, _Mapping]]] = ..., boxes3d: _Optional[_Iterable[_Union[Box3D, _Mapping]]] = ..., grasps: _Optional[_Iterable[_Union[Grasp, _Mapping]]] = ..., trajectories: _Optional[_Iterable[_Union[Trajectory, _Mapping]]] = ..., presence: _Optional[float] = ..., unknown_words: _Optional[_Iterable[str]] = ..., reason: _Optional[str] = ...) -> None: ...

class Point(_message.Message):
    __slots__ = ("column", "row", "label", "confidence", "position", "frame")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    column: float
    row: float
    label: str
    confidence: float
    position: Vector
    frame: ReferenceFrame
    def __init__(self, column: _Optional[float] = ..., row: _Optional[float] = ..., label: _Optional[str] = ..., confidence: _Optional[float] = ..., position: _Optional[_Union[Vector, _Mapping]] = ..., frame: _Optional[_Union[ReferenceFrame, str]] = ...) -> None: ...

class Box2D(_message.Message):
    __slots__ = ("left", "top", "right", "bottom", "label", "confidence")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    TOP_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    BOTTOM_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    left: float
    top: float
    right: float
    bottom: float
    label: str
    confidence: float
    def __init__(self, left: _Optional[float] = ..., top: _Optional[float] = ..., right: _Optional[float] = ..., bottom: _Optional[float] = ..., label: _Optional[str] = ..., confidence: _Optional[float] = ...) -> None: ...

class Box3D(_message.Message):
    __slots__ = ("center", "size", "rotation", "frame", "label", "confidence")
    CENTER_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ROTATION_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    center: Vector
    size: Vector
    rotation: Quaternion
    frame: ReferenceFrame
    label: str
    confidence: float
    def __init__(self, center: _Optional[_Union[Vector, _Mapping]] = ..., size: _Optional[_Union[Vector, _Mapping]] = ..., rotation: _Optional[_Union[Quaternion, _Mapping]] = ..., frame: _Optional[_Union[ReferenceFrame, str]] = ..., label: _Optional[str] = ..., confidence: _Optional[float] = ...) -> None: ...

class Grasp(_message.Message):
    __slots__ = ("column", "row", "angle", "position", "rotation", "opening", "frame", "label", "confidence")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    ANGLE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ROTATION_FIELD_NUMBER: _ClassVar[int]
    OPENING_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    column: float
    row: float
    angle: float
    position: Vector
    rotation: Quaternion
    opening: float
    frame: ReferenceFrame
    label: str
    confidence: float
    def __init__(self, column: _Optional[float] = ..., row: _Optional[float] = ..., angle: _Optional[float] = ..., position: _Optional[_Union[Vector, _Mapping]] = ..., rotation: _Optional[_Union[Quaternion, _Mapping]] = ..., opening: _Optional[float] = ..., frame: _Optional[_Union[ReferenceFrame, str]] = ..., label: _Optional[str] = ..., confidence: _Optional[float] = ...) -> None: ...

class Trajectory(_message.Message):
    __slots__ = ("waypoints", "label", "confidence")
    WAYPOINTS_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    waypoints: _containers.RepeatedCompositeFieldContainer[Point]
    label: str
    confidence: float
    def __init__(self, waypoints: _Optional[_Iterable[_Union[Point, _Mapping]]] = ..., label: _Optional[str] = ..., confidence: _Optional[float] = ...) -> None: ...

class Correspondences(_message.Message):
    __slots__ = ("matches",)
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    matches: _containers.RepeatedCompositeFieldContainer[Correspondence]
    def __init__(self, matches: _Optional[_Iterable[_Union[Correspondence, _Mapping]]] = ...) -> None: ...

class Correspondence(_message.Message):
    __slots__ = ("source", "target", "confidence")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    source: Point
    target: Point
    confidence: float
    def __init__(self, source: _Optional[_Union[Point, _Mapping]] = ..., target: _Optional[_Union[Point, _Mapping]] = ..., confidence: _Optional[float] = ...) -> None: ...

class Success(_message.Message):
    __slots__ = ("achieved", "probability", "reason")
    ACHIEVED_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    achieved: bool
    probability: float
    reason: str
    def __init__(self, achieved: _Optional[bool] = ..., probability: _Optional[float] = ..., reason: _Optional[str] = ...) -> None: ...

class WordsAnswer(_message.Message):
    __slots__ = ("text", "confidence")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    text: str
    confidence: float
    def __init__(self, text: _Optional[str] = ..., confidence: _Optional[float] = ...) -> None: ...
