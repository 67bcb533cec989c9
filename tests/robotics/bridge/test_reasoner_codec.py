"""Views, questions and answers arrive as they were sent; what makes no sense is refused."""

import dataclasses
import math

import numpy as np
import pytest
from contracts.answer_strategies import (
    BOX2D,
    BOX3D,
    GRASP,
    MATCHES,
    POINT,
    SUCCESS,
    TRAJECTORY,
    WORDS,
    found,
)
from contracts.reasoner_contract import make_view
from hypothesis import given
from hypothesis import strategies as st

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.reasoner_answer_codec import decode_answer, encode_answer
from robotics.bridge.reasoner_codec import (
    MOST_PIXELS,
    decode_request,
    decode_view,
    encode_request,
    encode_view,
)
from robotics.bridge.v1 import reasoner_service_pb2 as pb
from robotics.bridge.v1 import types_pb2
from robotics.errors import RoboticsError
from robotics.reasoning.answers import Frame, Point
from robotics.reasoning.errors import ImageError, QueryError
from robotics.reasoning.reasoner import GripperShape
from robotics.reasoning.requests import Request
from robotics.reasoning.view import View

VIEW = make_view()

ANSWERS = st.one_of(
    st.tuples(st.just("point"), found(POINT)),
    st.tuples(st.just("detect"), found(BOX2D)),
    st.tuples(st.just("boxes3d"), found(BOX3D)),
    st.tuples(st.just("grasps"), found(GRASP)),
    st.tuples(st.just("trajectory"), found(TRAJECTORY)),
    st.tuples(st.just("correspond"), MATCHES),
    st.tuples(st.just("success"), SUCCESS),
    st.tuples(st.just("answer"), WORDS),
)


@given(ANSWERS)
def test_every_answer_survives_the_wire_exactly(pair):
    question, answer = pair
    response = pb.AskResponse()
    encode_answer(question, answer, response)
    assert decode_answer(question, pb.AskResponse.FromString(response.SerializeToString())) == answer


def test_an_answer_to_another_question_is_refused():
    for response in (pb.AskResponse(), pb.AskResponse(success=pb.Success())):
        with pytest.raises(MalformedMessageError, match="'point' is answered by 'found'"):
            decode_answer("point", response)
    box = pb.AskResponse(found=pb.Found(boxes3d=[pb.Box3D(frame=77)]))  # type: ignore[arg-type]
    with pytest.raises(MalformedMessageError, match="no reference frame 77"):
        decode_answer("boxes3d", box)


def round_trip(view: View, quality: int = 0) -> View:
    return decode_view(pb.View.FromString(encode_view(view, quality).SerializeToString()))


def test_a_view_arrives_with_all_that_is_known_about_it():
    back = round_trip(VIEW)
    np.testing.assert_array_equal(back.image, VIEW.image)
    assert VIEW.depth is not None and back.depth is not None
    np.testing.assert_allclose(back.depth, VIEW.depth, atol=0.5e-4 + 1e-6)
    assert back.intrinsics == VIEW.intrinsics and back.name == VIEW.name
    assert back.camera_in_world is not None and VIEW.camera_in_world is not None
    np.testing.assert_array_equal(back.camera_in_world.position, VIEW.camera_in_world.position)
    np.testing.assert_array_equal(back.camera_in_world.quaternion, VIEW.camera_in_world.quaternion)
    bare = round_trip(View(VIEW.image))
    assert bare.depth is None and bare.intrinsics is None and bare.camera_in_world is None


def test_far_depth_takes_coarser_steps_instead_of_getting_lost():
    depth = np.linspace(0, 80, VIEW.width * VIEW.height, dtype=np.float32).reshape(VIEW.height, VIEW.width)
    depth[0, :3] = (np.nan, np.inf, -1)
    back = round_trip(dataclasses.replace(VIEW, depth=depth)).depth
    assert back is not None
    np.testing.assert_array_equal(back[0, :3], 0)
    np.testing.assert_allclose(back[1:], depth[1:], atol=80 / 65535)


def test_a_jpeg_is_smaller_and_looks_alike():
    assert encode_view(VIEW, 90).ByteSize() < encode_view(VIEW).ByteSize()
    assert abs(round_trip(VIEW, 90).image.astype(int) - VIEW.image).mean() < 6


def test_grey_and_transparent_arrays_travel_as_colours():
    for shape in ((40, 50), (40, 50, 1), (40, 50, 4)):
        assert round_trip(View(np.full(shape, 90, np.uint8))).image.shape == (40, 50, 3)


def test_too_large_a_picture_is_refused_where_it_is_sent():
    with pytest.raises(ImageError, match="too large"):
        encode_view(View(np.zeros((1, MOST_PIXELS + 1, 3), np.uint8)))


def png(image: np.ndarray) -> bytes:
    import cv2

    return cv2.imencode(".png", image[..., ::-1])[1].tobytes()


def image_message(**fields) -> pb.View:
    fields = {"format": types_pb2.IMAGE_FORMAT_RGB8, "width": 10, "height": 10, "data": bytes(300)} | fields
    return pb.View(image=types_pb2.Image(**fields))


def test_a_png_is_read():
    data = png(VIEW.image)
    message = image_message(
        format=types_pb2.IMAGE_FORMAT_PNG, width=VIEW.width, height=VIEW.height, data=data
    )
    np.testing.assert_array_equal(decode_view(message).image, VIEW.image)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (pb.View(), "has an image"),
        (image_message(width=11), "bytes"),
        (image_message(width=100_000, height=100_000), "megapixels"),
        (image_message(width=8000, height=1, data=b""), "bytes"),
        (image_message(format=types_pb2.IMAGE_FORMAT_DEPTH16), "RGB8, JPEG or PNG"),
        (image_message(format=types_pb2.IMAGE_FORMAT_JPEG, data=b"garbage"), "holds nothing"),
        (image_message(format=types_pb2.IMAGE_FORMAT_PNG, data=png(VIEW.image)[:60]), "holds 224 x 168"),
        (
            image_message(
                format=types_pb2.IMAGE_FORMAT_PNG, width=224, height=168, data=png(VIEW.image)[:60]
            ),
            "holds nothing",
        ),
    ],
)
def test_a_picture_that_makes_no_sense_is_refused(message: pb.View, text: str):
    with pytest.raises((ImageError, MalformedMessageError), match=text):
        decode_view(message)


def test_what_is_known_about_a_view_must_fit_it():
    message = encode_view(VIEW)
    message.intrinsics.width = 5
    with pytest.raises(ImageError, match="intrinsics"):
        decode_view(message)
    message = encode_view(VIEW)
    message.intrinsics.fx = math.nan
    with pytest.raises(ImageError, match="intrinsics"):
        decode_view(message)
    message = encode_view(VIEW)
    message.camera_in_world.rotation.w = math.inf
    with pytest.raises(ImageError, match="quaternion"):
        decode_view(message)
    message = encode_view(VIEW)
    message.depth.depth_unit_m = math.inf
    with pytest.raises(MalformedMessageError, match="unit of depth"):
        decode_view(message)
    message = encode_view(VIEW)
    message.depth.CopyFrom(image_message(format=types_pb2.IMAGE_FORMAT_DEPTH16, data=bytes(200)).image)
    message.depth.depth_unit_m = 1e-4
    with pytest.raises(ImageError, match="depth"):
        decode_view(message)


OTHER = make_view(1)
REQUESTS = (
    Request("point", (VIEW,), "mug", limit=3),
    Request("detect", (VIEW,), "mug"),
    Request("boxes3d", (VIEW,), "mug", limit=1000),
    Request("grasps", (VIEW,), "mug", gripper=GripperShape(0.1, tip_length=0.0, palm_depth=0.07), limit=2),
    Request("grasps", (VIEW,), "mug"),
    Request("trajectory", (VIEW,), "push it"),
    Request(
        "correspond", (VIEW, OTHER), points=(Point(1.0, 2.0, "a", 0.5, (1.0, 2.0, 3.0), Frame.LEVEL),) * 2
    ),
    Request("success", (VIEW, OTHER), "push it", before=(OTHER,)),
    Request("success", (VIEW,), "push it"),
    Request("answer", (VIEW, OTHER), "what is that?"),
)


def by_name(view: View) -> pb.ViewReference:
    return pb.ViewReference(view_id={id(VIEW): "view", id(OTHER): "other"}[id(view)])


def named(references) -> list[View]:
    return [{"view": VIEW, "other": OTHER}[reference.view_id] for reference in references]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.question)
def test_every_question_arrives_as_it_was_asked(request_: Request):
    message = pb.AskRequest.FromString(encode_request(request_, by_name).SerializeToString())
    assert vars(decode_request(message, named)) == vars(request_)


def test_a_gripper_is_described_in_full():
    fields = [field.name for field in pb.GripperShape.DESCRIPTOR.fields]
    assert fields == [field.name for field in dataclasses.fields(GripperShape)]


def asking(**question) -> pb.AskRequest:
    return pb.AskRequest(**question)


REFERENCE = pb.ViewReference(view_id="view")


@pytest.mark.parametrize(
    ("message", "error", "text"),
    [
        (pb.AskRequest(), MalformedMessageError, "asks one question"),
        (
            asking(point=pb.PointQuestion(view=REFERENCE, query="x", limit=5000)),
            MalformedMessageError,
            "1000",
        ),
        (asking(point=pb.PointQuestion(view=REFERENCE, query="x", limit=0)), QueryError, "at least 1"),
        (asking(point=pb.PointQuestion(view=REFERENCE, query="x" * 10_000)), QueryError, "10000"),
        (
            asking(answer=pb.AnswerQuestion(views=[REFERENCE] * 17, question="x")),
            MalformedMessageError,
            "16 views",
        ),
        (
            asking(correspond=pb.CorrespondQuestion(points=[pb.Point()] * 1001)),
            MalformedMessageError,
            "1000 points",
        ),
        (
            asking(
                correspond=pb.CorrespondQuestion(
                    source=REFERENCE, target=REFERENCE, points=[pb.Point(column=math.nan)]
                )
            ),
            QueryError,
            "outside",
        ),
        (
            asking(
                grasps=pb.GraspsQuestion(view=REFERENCE, query="x", gripper=pb.GripperShape(opening=-1.0))
            ),
            MalformedMessageError,
            "gripper's sizes",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(message, error: type[RoboticsError], text: str):
    with pytest.raises(error, match=text):
        decode_request(message, named)
