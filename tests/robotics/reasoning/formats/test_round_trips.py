"""What is written is read again, also after what models do to text; and nothing else than the typed error."""

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotics.pose import Pose, quaternion_to_matrix
from robotics.reasoning.answers import Box2D, Box3D, Correspondence, Frame, Grasp, Point, Success, Trajectory
from robotics.reasoning.errors import AnswerFormatError, QueryError
from robotics.reasoning.formats.boxes import parse_boxes, write_boxes
from robotics.reasoning.formats.boxes3d import parse_boxes3d, write_boxes3d
from robotics.reasoning.formats.grasps import parse_grasps, write_grasps
from robotics.reasoning.formats.lenient import LenientReader
from robotics.reasoning.formats.parsed import Repair
from robotics.reasoning.formats.paths import (
    parse_matches,
    parse_trajectory,
    write_matches,
    write_trajectory,
)
from robotics.reasoning.formats.points import parse_points, write_points
from robotics.reasoning.formats.scale import Scale, Unit
from robotics.reasoning.formats.words import parse_answer, parse_success, write_success

EXAMPLES = 1000
many = settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True)

scales = st.builds(
    Scale,
    st.integers(1, 8000),
    st.integers(1, 8000),
    st.sampled_from(Unit),
    st.booleans(),
)
labels = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
fractions = st.floats(0, 1)
ANY_SCALE = Scale(320, 240)


def resolution(scale: Scale) -> tuple[float, float]:
    """Largest distance between a pixel and what becomes of it in text."""
    if scale.unit is Unit.FRACTION:
        return scale.width * 0.51e-4, scale.height * 0.51e-4
    most_x, most_y = scale.steps
    return scale.width / most_x * 0.501, scale.height / most_y * 0.501


def assert_near(read: Point, wanted: Point, scale: Scale) -> None:
    across, down = resolution(scale)
    assert abs(read.column - wanted.column) <= across
    assert abs(read.row - wanted.row) <= down
    assert 0 <= read.column <= scale.width and 0 <= read.row <= scale.height


@st.composite
def points_in(draw: st.DrawFn, scale: Scale, least: int = 0) -> list[Point]:
    drawn = draw(st.lists(st.tuples(fractions, fractions, labels), min_size=least, max_size=5))
    return [Point(x * scale.width, y * scale.height, label) for x, y, label in drawn]


@many
@given(st.data())
def test_points(data: st.DataObject):
    scale = data.draw(scales)
    points = data.draw(points_in(scale))
    text = write_points(points, scale)
    parsed = parse_points(text, scale)
    assert parsed.clean and len(parsed.items) == len(points)
    for read, wanted in zip(parsed.items, points, strict=True):
        assert_near(read, wanted, scale)
        assert read.label == wanted.label
    # What was read is written as it stood.
    assert write_points(parsed.items, scale) == text


@many
@given(st.data())
def test_points_after_what_models_do_to_text(data: st.DataObject):
    points = data.draw(points_in(ANY_SCALE))
    text = write_points(points, ANY_SCALE)
    changes = data.draw(st.sets(st.sampled_from(["prose", "comma", "no fence", "indent", "wrap", "crlf"])))
    if "no fence" in changes or "wrap" in changes:
        text = text.removeprefix("```json\n").removesuffix("\n```")
    if "comma" in changes and points:
        text = text.replace("\n]", ",\n]")
    if "wrap" in changes:
        text = f'{{"points": {text}}}'
    if "indent" in changes:
        text = text.replace("\n", "\n      ")
    if "crlf" in changes:
        text = text.replace("\n", "\r\n")
    if "prose" in changes:
        text = f"Sure! In [y, x] order, that is:\n{text}\nTell me if you need more (or less)."
    parsed = parse_points(text, ANY_SCALE)
    assert parsed.items == parse_points(write_points(points, ANY_SCALE), ANY_SCALE).items


@many
@given(st.data())
def test_cut_off_points_are_whole_ones_of_the_beginning_or_refused(data: st.DataObject):
    points = data.draw(points_in(ANY_SCALE, least=1))
    text = write_points(points, ANY_SCALE)
    whole = parse_points(text, ANY_SCALE).items
    cut = text[: data.draw(st.integers(0, len(text.removesuffix("\n]\n```"))))]
    try:
        parsed = parse_points(cut, ANY_SCALE)
    except AnswerFormatError:
        assert cut.count("}") == 0 or "}" in "".join(p.label for p in points)
    else:
        assert parsed.items == whole[: len(parsed.items)]
        assert parsed.items and Repair.CUT_OFF in parsed.repairs


@many
@given(st.data())
def test_boxes(data: st.DataObject):
    scale = data.draw(scales)
    most_x, most_y = (int(10_000 if scale.unit is Unit.FRACTION else m) for m in scale.steps)
    drawn = data.draw(
        st.lists(
            st.tuples(
                st.lists(st.integers(0, most_x), min_size=2, max_size=2, unique=True).map(sorted),
                st.lists(st.integers(0, most_y), min_size=2, max_size=2, unique=True).map(sorted),
                labels,
            ),
            max_size=4,
        )
    )
    boxes = [
        Box2D(
            left / most_x * scale.width,
            top / most_y * scale.height,
            right / most_x * scale.width,
            bottom / most_y * scale.height,
            label,
        )
        for (left, right), (top, bottom), label in drawn
    ]
    parsed = parse_boxes(write_boxes(boxes, scale), scale)
    assert parsed.clean
    for read, wanted in zip(parsed.items, boxes, strict=True):
        assert_near(Point(read.left, read.top), Point(wanted.left, wanted.top), scale)
        assert_near(Point(read.right, read.bottom), Point(wanted.right, wanted.bottom), scale)
        assert read.label == wanted.label


@st.composite
def poses(draw: st.DrawFn) -> Pose:
    numbers = draw(
        st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(lambda q: np.linalg.norm(q) > 0.1)
    )
    position = draw(st.lists(st.floats(-2, 2), min_size=3, max_size=3))
    return Pose(np.array(position), np.array(numbers) / np.linalg.norm(numbers))


@many
@given(st.data())
def test_boxes_in_space_in_every_frame(data: st.DataObject):
    camera_in_world = data.draw(st.none() | poses())
    # Before the camera, with any turn.
    inner = data.draw(poses())
    center = np.array([inner.position[0], inner.position[1], abs(inner.position[2]) + 0.1])
    in_camera = Pose(center, inner.quaternion)
    size = data.draw(st.tuples(*[st.floats(0.002, 3)] * 3))
    box = Box3D(tuple(in_camera.position), size, tuple(in_camera.quaternion), Frame.CAMERA, "mug")
    first = parse_boxes3d(write_boxes3d([box], camera_in_world), camera_in_world)
    assert first.clean
    (read,) = first.items
    assert read.frame is (Frame.LEVEL if camera_in_world is None else Frame.WORLD)
    np.testing.assert_allclose(read.size, size, atol=0.00051)
    # In whichever frame it came back, the same text describes it.
    (again,) = parse_boxes3d(write_boxes3d([read], camera_in_world), camera_in_world).items
    np.testing.assert_allclose(again.center, read.center, atol=0.0021)
    turned = quaternion_to_matrix(np.array(again.rotation)).T @ quaternion_to_matrix(np.array(read.rotation))
    assert np.trace(turned) > 3 - 1e-4
    if camera_in_world is not None:
        expected = camera_in_world.compose(in_camera)
        np.testing.assert_allclose(read.center, expected.position, atol=0.002)
        turned = expected.rotation.T @ quaternion_to_matrix(np.array(read.rotation))
        assert np.trace(turned) > 3 - 1e-4


@many
@given(st.lists(st.tuples(fractions, fractions, st.integers(-89, 90), labels), max_size=4))
def test_grasps(drawn: list[tuple[float, float, int, str]]):
    grasps = [Grasp(x * 320, y * 240, math.radians(theta), label=label) for x, y, theta, label in drawn]
    parsed = parse_grasps(write_grasps(grasps, ANY_SCALE), ANY_SCALE)
    assert parsed.clean
    for read, wanted in zip(parsed.items, grasps, strict=True):
        assert_near(Point(read.column, read.row), Point(wanted.column, wanted.row), ANY_SCALE)
        assert math.isclose(read.angle, wanted.angle, abs_tol=1e-9)
        assert read.label == wanted.label


@many
@given(st.data())
def test_trajectories(data: st.DataObject):
    points = data.draw(points_in(ANY_SCALE, least=2))
    text = write_trajectory(Trajectory(tuple(points)), ANY_SCALE)
    parsed = parse_trajectory(text, ANY_SCALE, "push")
    assert parsed.clean
    (read,) = parsed.items
    assert read.label == "push" and len(read.waypoints) == len(points)
    for place, wanted in zip(read.waypoints, points, strict=True):
        assert_near(place, wanted, ANY_SCALE)
    lines = text.splitlines()[2:-2]
    shuffled = data.draw(st.permutations([line.rstrip(",") for line in lines]))
    assert parse_trajectory("[" + ",".join(shuffled) + "]", ANY_SCALE, "push").items == parsed.items


@many
@given(st.data())
def test_matches(data: st.DataObject):
    sources = data.draw(points_in(ANY_SCALE, least=1))
    target_scale = data.draw(scales)
    hidden = data.draw(st.lists(st.booleans(), min_size=len(sources), max_size=len(sources)))
    place = Point(target_scale.width / 2, target_scale.height / 2)
    matches = [Correspondence(s, None if gone else place) for s, gone in zip(sources, hidden, strict=True)]
    parsed = parse_matches(write_matches(matches, target_scale), sources, target_scale)
    assert parsed.clean
    for read, wanted in zip(parsed.items, matches, strict=True):
        assert read.source == wanted.source
        assert (read.target is None) == (wanted.target is None)
        if read.target is not None:
            assert_near(read.target, place, target_scale)
            assert read.target.label == wanted.source.label


@many
@given(st.booleans(), labels)
def test_success(achieved: bool, reason: str):
    reason = " ".join(reason.split())
    parsed = parse_success(write_success(Success(achieved, float(achieved), reason)))
    assert parsed.clean
    assert parsed.items == (Success(achieved, float(achieved), reason),)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | labels,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(labels, inner, max_size=4),
    max_leaves=8,
)


@many
@given(json_values.filter(lambda value: isinstance(value, list | dict)))
def test_what_is_json_is_read_as_json_reads_it(value: object):
    text = json.dumps(value)
    reader = LenientReader(text)
    assert reader.read(0) == value
    assert not reader.repairs and reader.position == len(text)


PIECES = (
    *("[", "]", "{", "}", ",", ":", '"', "'", "```", "```json\n", "\\", "\\u", "\\ud83d", "//", "/*", "*/"),
    *(
        '"point"',
        '"box_2d"',
        '"box_3d"',
        '"grasp"',
        '"label"',
        '"success"',
        "point",
        "yes",
        "no",
        "null",
        "NaN",
    ),
    *("[1, 2]", "[1,2,3,4]", "0", "1e9", "-", ".", "5", "<think>", "</think>", "\n", " ", "\ufeff", "\u201c"),
    *('[{"point": [1, 2], "label": "0"}', '{"box_2d": [1, 2, 3, 4]}', "\x00", "\ud800", "\u0661", "\u00b2"),
    *("\\n", '[{"a\\nb": 1}]', '{"a\\r": 1, "a\\r": 2}', '"label": "a\\nb"'),
)


@settings(max_examples=1500, deadline=None, database=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join))
def test_no_text_raises_anything_but_the_typed_error(text: str):
    sources = [Point(1, 2), Point(3, 4)]
    for parse in (
        lambda: parse_points(text, ANY_SCALE),
        lambda: parse_boxes(text, ANY_SCALE),
        lambda: parse_boxes3d(text),
        lambda: parse_grasps(text, ANY_SCALE),
        lambda: parse_trajectory(text, ANY_SCALE),
        lambda: parse_matches(text, sources, ANY_SCALE),
        lambda: parse_success(text),
        lambda: parse_answer(text),
    ):
        try:
            parse()
        except AnswerFormatError as error:
            assert error.text == text
            assert not re.search(r"[\r\n]", str(error))


def test_a_long_hostile_text_takes_no_longer_than_its_length_asks():
    for piece in ("[{", '[{"a":', "[{}", '{"', "[]", "<think>", "```", "'", '[{"\\'):
        with pytest.raises(AnswerFormatError):
            parse_points(piece * (150_000 // len(piece)), ANY_SCALE)


def test_a_place_outside_the_image_cannot_be_written():
    with pytest.raises(QueryError, match="320x240"):
        write_points([Point(321, 5)], ANY_SCALE)
