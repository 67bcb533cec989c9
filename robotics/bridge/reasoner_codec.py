"""Views, questions and answers on the wire; answers travel exactly, depth in 65,535 steps.

`decode_*` checks what it is given, for the bytes come from elsewhere.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.image_codec import DEPTH_UNIT_M, decode_depth, decode_image, encode_depth, encode_image
from robotics.bridge.reasoner_answer_codec import decode_point, encode_point
from robotics.bridge.v1 import reasoner_service_pb2 as pb
from robotics.pinhole import Intrinsics
from robotics.pose import Pose
from robotics.reasoning.calibration import check_intrinsics, check_pose
from robotics.reasoning.checks import check_view
from robotics.reasoning.errors import ImageError
from robotics.reasoning.reasoner import GripperShape
from robotics.reasoning.requests import Request
from robotics.reasoning.view import View

MOST_PIXELS = 1 << 23
"""Of one view: with depth it fits into a message."""
MOST_VIEWS = 16
"""Of one question."""
MOST_ITEMS = 1000
"""Points that are asked about, and greatest limit."""
_LONGEST_NAME = 200
_LARGEST_STEP_M = 1.0
_FARTHEST_STEP = 65535
_LARGEST_GRIPPER_M = 10.0

Reference = Callable[[View], pb.ViewReference]
Resolve = Callable[[Iterable[pb.ViewReference]], Sequence[View]]


def encode_view(view: View, jpeg_quality: int = 0, into: pb.View | None = None) -> pb.View:
    """
    Args:
        jpeg_quality: 1 .. 100; 0 keeps every pixel as it is.
        into: An empty message to fill and return.

    Raises:
        ImageError: The view cannot be used, or has more than `MOST_PIXELS`.
    """
    image = check_view(view)
    if view.width * view.height > MOST_PIXELS:
        raise ImageError(
            f"a picture of {view.width} x {view.height} is too large to be sent to a reasoner: at most "
            f"{MOST_PIXELS / 1e6:.1f} megapixels; `robotics.reasoning.images.read_photo` scales down"
        )
    message = pb.View() if into is None else into
    message.name = view.name[:_LONGEST_NAME]
    encode_image(np.ascontiguousarray(image), jpeg_quality, message.image)
    if view.depth is not None:
        farthest = float(np.max(view.depth, initial=0.0, where=np.isfinite(view.depth)))
        encode_depth(view.depth, message.depth, max(DEPTH_UNIT_M, farthest / _FARTHEST_STEP))
    if view.intrinsics is not None:
        for name in ("fx", "fy", "cx", "cy", "width", "height"):
            setattr(message.intrinsics, name, getattr(view.intrinsics, name))
    if view.camera_in_world is not None:
        pose = message.camera_in_world
        pose.position.x, pose.position.y, pose.position.z = map(float, view.camera_in_world.position)
        w, x, y, z = map(float, view.camera_in_world.quaternion)
        pose.rotation.w, pose.rotation.x, pose.rotation.y, pose.rotation.z = w, x, y, z
    return message


def decode_view(message: pb.View) -> View:
    """
    Raises:
        ImageError: A part of it cannot be used, or the parts disagree.
        MalformedMessageError: A picture's bytes disagree with its size.
    """
    if not message.HasField("image"):
        raise ImageError("a view has an image, this one has none")
    for picture in (message.image, message.depth):
        if picture.width * picture.height > MOST_PIXELS:
            raise ImageError(
                f"a view of {picture.width} x {picture.height}; at most {MOST_PIXELS / 1e6:.1f} megapixels"
            )
    if message.depth.depth_unit_m > _LARGEST_STEP_M:
        raise MalformedMessageError(
            f"a unit of depth is {_LARGEST_STEP_M:g} m at most, got {message.depth.depth_unit_m:g}"
        )
    view = View(
        decode_image(message.image),
        decode_depth(message.depth) if message.HasField("depth") else None,
        _decode_intrinsics(message.intrinsics) if message.HasField("intrinsics") else None,
        _decode_pose(message.camera_in_world) if message.HasField("camera_in_world") else None,
        message.name[:_LONGEST_NAME],
    )
    check_view(view)
    return view


def _decode_intrinsics(message: pb.Intrinsics) -> Intrinsics:
    k = message
    return check_intrinsics(Intrinsics(k.fx, k.fy, k.cx, k.cy, k.width, k.height))


def _decode_pose(message: pb.Pose) -> Pose:
    p, q = message.position, message.rotation
    return check_pose(np.array([p.x, p.y, p.z]), np.array([q.w, q.x, q.y, q.z]))


def encode_request(request: Request, reference: Reference) -> pb.AskRequest:
    """
    Args:
        reference: By what a view is named in the message.
    """
    message = pb.AskRequest()
    question: Any = getattr(message, request.question)
    question.SetInParent()
    match request.question:
        case "correspond":
            source, target = request.views
            question.source.CopyFrom(reference(source))
            question.target.CopyFrom(reference(target))
            question.points.extend(map(encode_point, request.points))
        case "success":
            question.instruction = request.text
            question.before.extend(map(reference, request.before))
            question.after.extend(map(reference, request.views))
        case "answer":
            question.question = request.text
            question.views.extend(map(reference, request.views))
        case "trajectory":
            question.instruction = request.text
            question.view.CopyFrom(reference(request.views[0]))
        case _:
            question.query = request.text
            question.view.CopyFrom(reference(request.views[0]))
    if request.limit is not None:
        question.limit = min(request.limit, MOST_ITEMS)
    if request.gripper is not None:
        for name, value in vars(request.gripper).items():
            setattr(question.gripper, name, value)
    return message


def decode_request(message: pb.AskRequest, resolve: Resolve) -> Request:
    """
    Args:
        resolve: Finds or decodes the views of one question.

    Raises:
        RoboticsError: Whatever `resolve` and `Request` raise; MalformedMessageError where there is no
            question, or too much of something.
    """
    kind = message.WhichOneof("question")
    if kind is None:
        raise MalformedMessageError("a request asks one question, this one none")
    question: Any = getattr(message, kind)

    def views(*references: pb.ViewReference) -> tuple[View, ...]:
        if len(references) > MOST_VIEWS:
            raise MalformedMessageError(f"at most {MOST_VIEWS} views a question, got {len(references)}")
        return tuple(resolve(references))

    match kind:
        case "correspond":
            if len(question.points) > MOST_ITEMS:
                raise MalformedMessageError(
                    f"at most {MOST_ITEMS} points a question, got {len(question.points)}"
                )
            pair = views(question.source, question.target)
            return Request(kind, pair, points=tuple(map(decode_point, question.points)))
        case "success":
            both, count = views(*question.before, *question.after), len(question.before)
            return Request(kind, both[count:], question.instruction, both[:count])
        case "answer":
            return Request(kind, views(*question.views), question.question)
        case "trajectory":
            return Request(kind, views(question.view), question.instruction)
    limit = question.limit if question.HasField("limit") else None
    if limit is not None and limit > MOST_ITEMS:
        raise MalformedMessageError(f"a limit is {MOST_ITEMS} at most, got {limit}")
    gripper = None
    if kind == "grasps" and question.HasField("gripper"):
        gripper = _decode_gripper(question.gripper)
    return Request(kind, views(question.view), question.query, gripper=gripper, limit=limit)


def _decode_gripper(message: pb.GripperShape) -> GripperShape:
    sizes = {field.name: value for field, value in message.ListFields()}
    if not all(0 <= value < _LARGEST_GRIPPER_M for value in sizes.values()):
        raise MalformedMessageError(f"a gripper's sizes are 0 .. {_LARGEST_GRIPPER_M:g} m, got {sizes}")
    return GripperShape(**sizes)
