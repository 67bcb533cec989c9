"""Answers of reasoners on the wire, exact in both directions."""

from collections.abc import Sequence
from typing import Any

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.v1 import reasoner_service_pb2 as pb
from robotics.reasoning.answers import (
    Answer,
    Box2D,
    Box3D,
    Correspondence,
    Found,
    Frame,
    Grasp,
    Point,
    Quaternion,
    Success,
    Trajectory,
    Vector,
)
from robotics.reasoning.scaling import Reply

_FRAMES: dict[Frame, Any] = {
    frame: pb.ReferenceFrame.Value(f"REFERENCE_FRAME_{frame.name}") for frame in Frame
}
_FRAMES_BACK = {value: frame for frame, value in _FRAMES.items()}
_LISTS = {
    "point": "points",
    "detect": "boxes",
    "boxes3d": "boxes3d",
    "grasps": "grasps",
    "trajectory": "trajectories",
}
"""Field of Found by question."""


def encode_answer(question: str, answer: Reply, into: pb.AskResponse) -> None:
    """Put the answer to a question into its response."""
    match answer:
        case Found():
            into.found.presence, into.found.reason = answer.presence, answer.reason
            into.found.unknown_words.extend(answer.unknown_words)
            getattr(into.found, _LISTS[question]).extend(map(_encode_item, answer.items))
        case Success():
            into.success.CopyFrom(pb.Success(**vars(answer)))
        case Answer():
            into.words.CopyFrom(pb.WordsAnswer(**vars(answer)))
        case _:
            into.correspondences.SetInParent()
            into.correspondences.matches.extend(map(_encode_match, answer))


def decode_answer(question: str, message: pb.AskResponse) -> Reply:
    """
    Raises:
        MalformedMessageError: It is no answer to such a question.
    """
    kind = message.WhichOneof("answer")
    wanted = {"correspond": "correspondences", "success": "success", "answer": "words"}.get(question, "found")
    if kind != wanted:
        raise MalformedMessageError(f"'{question}' is answered by '{wanted}', got '{kind or 'nothing'}'")
    match kind:
        case "success":
            return Success(message.success.achieved, message.success.probability, message.success.reason)
        case "words":
            return Answer(message.words.text, message.words.confidence)
        case "correspondences":
            return tuple(map(_decode_match, message.correspondences.matches))
    found = message.found
    decode = _DECODERS[question]
    return Found(
        tuple(map(decode, getattr(found, _LISTS[question]))),
        found.presence,
        tuple(found.unknown_words),
        found.reason,
    )


def encode_point(point: Point) -> pb.Point:
    return pb.Point(
        column=point.column,
        row=point.row,
        label=point.label,
        confidence=point.confidence,
        position=_encode_vector(point.position),
        frame=_FRAMES[point.frame],
    )


def decode_point(message: pb.Point) -> Point:
    """
    Raises:
        MalformedMessageError: An unknown frame.
    """
    placed = message.HasField("position")
    return Point(
        message.column,
        message.row,
        message.label,
        message.confidence,
        _decode_vector(message.position) if placed else None,
        _decode_frame(message.frame) if placed or message.frame else Frame.WORLD,
    )


def _encode_item(item: Any) -> Any:
    match item:
        case Point():
            return encode_point(item)
        case Box2D():
            return pb.Box2D(**vars(item))
        case Box3D():
            return pb.Box3D(
                center=_encode_vector(item.center),
                size=_encode_vector(item.size),
                rotation=_encode_quaternion(item.rotation),
                frame=_FRAMES[item.frame],
                label=item.label,
                confidence=item.confidence,
            )
        case Grasp():
            return pb.Grasp(
                column=item.column,
                row=item.row,
                angle=item.angle,
                position=_encode_vector(item.position),
                rotation=_encode_quaternion(item.rotation),
                opening=item.opening,
                frame=_FRAMES[item.frame],
                label=item.label,
                confidence=item.confidence,
            )
        case Trajectory():
            return pb.Trajectory(
                waypoints=map(encode_point, item.waypoints), label=item.label, confidence=item.confidence
            )
    raise TypeError(f"{type(item).__name__} is no item of an answer")


def _decode_box(message: pb.Box2D) -> Box2D:
    return Box2D(message.left, message.top, message.right, message.bottom, message.label, message.confidence)


def _decode_box3d(message: pb.Box3D) -> Box3D:
    return Box3D(
        _decode_vector(message.center),
        _decode_vector(message.size),
        _decode_quaternion(message.rotation),
        _decode_frame(message.frame),
        message.label,
        message.confidence,
    )


def _decode_grasp(message: pb.Grasp) -> Grasp:
    return Grasp(
        message.column,
        message.row,
        message.angle,
        _decode_vector(message.position) if message.HasField("position") else None,
        _decode_quaternion(message.rotation) if message.HasField("rotation") else None,
        message.opening if message.HasField("opening") else None,
        _decode_frame(message.frame),
        message.label,
        message.confidence,
    )


def _decode_trajectory(message: pb.Trajectory) -> Trajectory:
    return Trajectory(tuple(map(decode_point, message.waypoints)), message.label, message.confidence)


_DECODERS: dict[str, Any] = {
    "point": decode_point,
    "detect": _decode_box,
    "boxes3d": _decode_box3d,
    "grasps": _decode_grasp,
    "trajectory": _decode_trajectory,
}


def _encode_match(match: Correspondence) -> pb.Correspondence:
    return pb.Correspondence(
        source=encode_point(match.source),
        target=None if match.target is None else encode_point(match.target),
        confidence=match.confidence,
    )


def _decode_match(message: pb.Correspondence) -> Correspondence:
    return Correspondence(
        decode_point(message.source),
        decode_point(message.target) if message.HasField("target") else None,
        message.confidence,
    )


def _encode_vector(values: Sequence[float] | None) -> pb.Vector | None:
    return None if values is None else pb.Vector(x=values[0], y=values[1], z=values[2])


def _decode_vector(message: pb.Vector) -> Vector:
    return message.x, message.y, message.z


def _encode_quaternion(values: Sequence[float] | None) -> pb.Quaternion | None:
    if values is None:
        return None
    w, x, y, z = values
    return pb.Quaternion(w=w, x=x, y=y, z=z)


def _decode_quaternion(message: pb.Quaternion) -> Quaternion:
    return message.w, message.x, message.y, message.z


def _decode_frame(value: int) -> Frame:
    if value not in _FRAMES_BACK:
        raise MalformedMessageError(f"no reference frame {value}; there are 1 .. {max(_FRAMES_BACK)}")
    return _FRAMES_BACK[value]
