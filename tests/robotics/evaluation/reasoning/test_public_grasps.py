"""Cornell grasps in their published layout, a tiny set, and the rectangle metric."""

import math
from pathlib import Path

import numpy as np
import pytest
from contracts.cornell_scenes import KINECT, camera_in_robot, cloud, write_cloud, write_picture

from robotics.evaluation.reasoning.public_grasps import (
    NO_PLACE,
    Rectangle,
    is_cornell,
    is_right,
    overlap,
    project_grasp,
    read_cornell,
    read_rectangles,
    score_cornell,
    turn_between,
)
from robotics.evaluation.reasoning.public_shares import NONE_FOUND, NOT_PARSED, REFUSED
from robotics.pinhole import project
from robotics.pose import Pose
from robotics.reasoning.answers import Found, Frame, Grasp
from robotics.reasoning.errors import AnswerFormatError, MissingInputError, QueryError
from robotics.reasoning.reasoner import GripperShape
from robotics.reasoning.scenes.folder import ScenesError
from robotics.reasoning.view import View

TRUTH = Rectangle(330.0, 250.0, math.radians(20), 60.0, 28.0)
NAN = np.full((4, 2), np.nan)


def write_rectangles(path: Path, *rectangles: np.ndarray) -> None:
    lines = [f"{column:.3f} {row:.3f} " for corners in rectangles for column, row in corners]
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    points, pixels, _ = cloud(camera_in_robot())
    (tmp_path / "01").mkdir()
    (tmp_path / "backgrounds").mkdir()
    write_cloud(tmp_path / "01" / "pcd0100.txt", points, pixels)
    write_picture(tmp_path / "01" / "pcd0100r.png")
    write_rectangles(tmp_path / "01" / "pcd0100cpos.txt", NAN, TRUTH.corners)
    write_rectangles(tmp_path / "01" / "pcd0101cpos.txt", NAN)
    return tmp_path


class Grasping:
    """Answers with one grasp, or raises."""

    def __init__(self, answer):
        self.answer = answer

    def grasps(self, view: View, query: str, gripper=None, limit: int = 10) -> Found[Grasp]:
        assert query == "object"
        assert view.depth is not None
        if isinstance(self.answer, Exception):
            raise self.answer
        return Found((self.answer,) if self.answer else ())


def score(folder: Path, answer) -> tuple[list[int], dict[str, int]]:
    own, resized = score_cornell(Grasping(answer), read_cornell(folder))  # type: ignore[arg-type]
    assert (own.asked, resized.asked) == (1, 1)
    return [own.right, resized.right], own.said


def test_who_grasps_right_is_right_and_who_grasps_wrong_is_wrong(folder: Path):
    assert is_cornell(folder)
    # about 1.1 m from the camera: 60 pixels are 0.12 m
    right = Grasp(330, 250, math.radians(40), opening=0.12)
    assert score(folder, right) == ([1, 1], {})
    assert score(folder, Grasp(330, 250, math.radians(55), opening=0.12))[0] == [0, 0]  # turned by 35 degrees
    assert score(folder, Grasp(330, 250, math.radians(200), opening=0.12))[0] == [1, 1]  # the same line
    assert score(folder, Grasp(390, 250, math.radians(20), opening=0.12))[0] == [0, 0]
    assert score(folder, Grasp(330, 250, math.radians(20), opening=0.02))[0] == [0, 1]  # in size alone


def test_what_was_not_answered_is_wrong_and_counted_apart(folder: Path):
    assert score(folder, QueryError("no")) == ([0, 0], {REFUSED: 1})
    assert score(folder, MissingInputError("no")) == ([0, 0], {REFUSED: 1})
    assert score(folder, AnswerFormatError("no", "well")) == ([0, 0], {NOT_PARSED: 1})
    assert score(folder, None) == ([0, 0], {NONE_FOUND: 1})


def test_who_needs_depth_is_told_apart_where_a_cloud_gives_none(folder: Path):
    points, pixels, _ = cloud(camera_in_robot())
    write_cloud(folder / "01" / "pcd0100.txt", np.random.default_rng(0).permutation(points), pixels)

    class Needing:
        def grasps(self, view, query, gripper=None, limit=10):
            assert view.depth is None
            raise MissingInputError("depth")

    own, _ = score_cornell(Needing(), read_cornell(folder))  # type: ignore[arg-type]
    assert (own.right, own.said) == (0, {NO_PLACE: 1})


@pytest.mark.parametrize("frame", [Frame.WORLD, Frame.CAMERA])
def test_a_grasp_in_space_is_projected_with_the_views_camera(frame: Frame):
    camera = camera_in_robot()
    view = View(np.zeros((480, 640, 3), np.uint8), None, KINECT, camera)
    down = Pose.from_matrix(np.diag([1.0, -1.0, -1.0]), np.array([1.15, -0.25, -0.1]))
    tips = np.array([down.position + side * 0.03 * down.rotation[:, 1] for side in (-1, 1)])
    first, second = project(tips, camera.rotation, camera.position, KINECT)
    held = down if frame is Frame.WORLD else camera.inverse().compose(down)
    position, rotation = tuple(held.position.tolist()), tuple(held.quaternion.tolist())
    grasp = Grasp(0, 0, 0, position, rotation, 0.06, frame)
    rectangle = project_grasp(grasp, view, GripperShape(finger_width=0.02))
    assert rectangle is not None
    assert (rectangle.column, rectangle.row) == pytest.approx(tuple((first + second)[:2] / 2))
    assert rectangle.opening == pytest.approx(math.dist(first[:2], second[:2]))
    assert rectangle.width == pytest.approx(0.02 * 525 / first[2], rel=0.01)
    turn = math.atan2(second[1] - first[1], second[0] - first[0]) - rectangle.angle
    assert math.sin(turn) == pytest.approx(0, abs=1e-9)


def test_a_grasp_without_depth_has_no_size():
    view = View(np.zeros((480, 640, 3), np.uint8), None, KINECT, None)
    assert project_grasp(Grasp(1, 1, 0), view, GripperShape()) is None
    assert project_grasp(Grasp(1, 1, 0, (0.0, 0.0, 1.0)), view, GripperShape()) is None  # no world
    assert project_grasp(Grasp(1, 1, 0, (0.0, 0.0, -1.0), frame=Frame.CAMERA), view, GripperShape()) is None


def test_overlap_and_turn_are_those_of_turned_rectangles():
    a, b = Rectangle(0, 0, 0, 4, 2).corners, Rectangle(2, 0, 0, 4, 2).corners
    assert overlap(a, a) == pytest.approx(1)
    assert overlap(a, b) == pytest.approx(1 / 3)
    assert overlap(a, b[::-1]) == pytest.approx(1 / 3)
    assert overlap(a, b + 10) == 0
    square = Rectangle(0, 0, 0, 2, 2).corners
    octagon = 8 * (math.sqrt(2) - 1)  # what a square and the same turned by 45 degrees share
    assert overlap(square, Rectangle(0, 0, math.pi / 4, 2, 2).corners) == pytest.approx(
        octagon / (8 - octagon)
    )
    assert turn_between(a, Rectangle(0, 0, math.radians(170), 1, 1).corners) == pytest.approx(
        math.radians(10)
    )
    assert not is_right(a, [Rectangle(0, 0, math.radians(31), 4, 2).corners])
    assert is_right(a, [b + 10, Rectangle(0, 0, math.radians(29), 4, 2).corners])


def test_rectangles_with_nan_are_left_out_and_damage_is_told(folder: Path):
    assert len(read_cornell(folder)) == 1
    file = folder / "01" / "pcd0100cpos.txt"
    assert [r.tolist() for r in read_rectangles(file)] == [TRUTH.corners.round(3).tolist()]
    for text, message in (("1 2\n3 4\n", "four corners"), ("1 2 3\n", "two numbers"), ("a b\n", "could not")):
        file.write_text(text)
        with pytest.raises(ScenesError, match=rf"pcd0100cpos\.txt: .*{message}"):
            read_cornell(folder)
    file.unlink()
    with pytest.raises(ScenesError, match="no rectangles"):
        read_cornell(folder)
