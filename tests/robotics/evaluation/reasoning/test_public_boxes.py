"""SUN RGB-D in its published layout, a tiny one, and AP@15."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from robotics.evaluation.reasoning.overlap import solid_iou
from robotics.evaluation.reasoning.public_boxes import (
    META,
    SPLIT,
    find_boxes,
    is_sun_rgbd,
    read_room_view,
    read_sun_rgbd,
)
from robotics.evaluation.reasoning.public_shares import NOT_PARSED, REFUSED
from robotics.pinhole import unproject
from robotics.reasoning.answers import Box3D, Found, Frame
from robotics.reasoning.errors import AnswerFormatError, ImageError, QueryError
from robotics.reasoning.scenes.folder import ScenesError

ELSEWHERE = "/n/fs/sun3d/data/SUNRGBD/"
WIDTH, HEIGHT = 40, 30
TILT = 0.3
"""Of the camera, downwards [rad]."""
RTILT = np.array([[1, 0, 0], [0, math.cos(TILT), math.sin(TILT)], [0, -math.sin(TILT), math.cos(TILT)]])
BED = {
    "basis": np.eye(3)[[1, 0, 2]],
    "coeffs": np.array([1.0, -0.8, 0.3]),
    "centroid": np.array([0.2, 3.0, -1.0]),
}
BED |= {"classname": "bed", "orientation": np.array([0.0, -1.0, 0.0])}
TURN = 0.5
LAMP = {
    "basis": np.array([[math.cos(TURN), math.sin(TURN), 0], [-math.sin(TURN), math.cos(TURN), 0], [0, 0, 1]]),
    "coeffs": np.array([0.2, 0.1, 0.25]),
    "centroid": np.array([-1.0, 2.5, -0.5]),
    "classname": "lamp",
    "orientation": np.array([0.0, -1.0, 0.0]),
}
SHELF = BED | {"classname": "bookshelf"}


def write_room(folder: Path, name: str, boxes: list) -> dict:
    """An entry of the metadata; its pictures are written, too."""
    place = folder / "SUNRGBD" / "kv2" / name
    for inner in ("image", "depth_bfx"):
        (place / inner).mkdir(parents=True)
    assert cv2.imwrite(str(place / "image" / "a.jpg"), np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    millimetres = np.full((HEIGHT, WIDTH), 2345, np.uint16)
    millimetres[0, 0], millimetres[0, 1] = 0, 8190
    turned = (millimetres << 3) | (millimetres >> 13)
    assert cv2.imwrite(str(place / "depth_bfx" / "b.png"), turned)
    structures = np.array([tuple(b.values()) for b in boxes], [(key, object) for key in BED])
    return {
        "sequenceName": f"SUNRGBD/kv2/{name}",
        "groundtruth3DBB": structures,
        "Rtilt": RTILT,
        "K": np.array([[50.0, 0, 20.5], [0, 50.0, 15.5], [0, 0, 1]]),
        "depthpath": f"{ELSEWHERE}kv2/{name}/depth_bfx/b.png",
        "rgbpath": f"{ELSEWHERE}kv2/{name}/image/a.jpg",
    }


def write_meta(folder: Path, entries: list[dict]) -> None:
    structures = np.array([tuple(e.values()) for e in entries], [(key, object) for key in entries[0]])
    savemat(folder / META, {"SUNRGBDMeta": structures})


@pytest.fixture
def entries(tmp_path: Path) -> list[dict]:
    boxes = {"tested": [BED, LAMP, SHELF], "single": [LAMP], "none": [], "trained": [BED], "shelf": [SHELF]}
    return [write_room(tmp_path, name, there) for name, there in boxes.items()]


@pytest.fixture
def folder(tmp_path: Path, entries: list[dict]) -> Path:
    write_meta(tmp_path, entries)
    (tmp_path / SPLIT).parent.mkdir(parents=True)
    names = [f"{ELSEWHERE}kv2/{name}" for name in ("tested", "none", "single/", "shelf")]
    savemat(tmp_path / SPLIT, {"alltest": np.array(names, object)[None], "alltrain": np.array(["x"], object)})
    return tmp_path


class Boxing:
    """Answers by the class: boxes, or an error."""

    def __init__(self, **answers):
        self.answers, self.asked, self.depths = answers, [], []

    def boxes3d(self, view, query: str, limit: int = 50) -> Found[Box3D]:
        self.asked.append(query)
        self.depths.append(view.depth is not None)
        answer = self.answers[query]
        if isinstance(answer, Exception):
            raise answer
        return Found((answer,))


def box(center: tuple, size: tuple, yaw: float = 0.0) -> Box3D:
    return Box3D(center, size, (math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)), Frame.WORLD)


# the bed's first coefficient belongs to y, the first row of its basis
RIGHT = {"bed": box((0.2, 3.0, -1.0), (1.6, 2.0, 0.6)), "lamp": box((-1.0, 2.5, -0.5), (0.4, 0.2, 0.5), TURN)}


def test_the_tested_rooms_with_the_ten_classes_are_read(folder: Path):
    assert is_sun_rgbd(folder)
    rooms = read_sun_rgbd(folder)
    assert [[b.label for b in room.boxes] for room in rooms] == [["bed", "lamp"], ["lamp"]]
    assert rooms[0].image == folder / "SUNRGBD" / "kv2" / "tested" / "image" / "a.jpg"


@pytest.mark.parametrize("with_depth", [True, False])
def test_who_finds_the_boxes_has_all_and_is_asked_for_what_is_there(folder: Path, with_depth: bool):
    reasoner = Boxing(**RIGHT)
    found = find_boxes(reasoner, read_sun_rgbd(folder), with_depth)  # type: ignore[arg-type]
    assert reasoner.asked == ["bed", "lamp", "lamp"]
    assert set(reasoner.depths) == {with_depth}
    precision = found.mean_precision()
    assert (precision.value, precision.interval) == (pytest.approx(1), pytest.approx((1, 1)))
    assert found.by_class() == pytest.approx({"bed": 1, "lamp": 1})
    for name in ("bed", "lamp"):  # as exactly as the threshold does not tell
        guess, truth = found.guesses[name][0].box, found.truths[name][0].box
        assert solid_iou(guess, truth) == pytest.approx(1, abs=1e-4)


def test_who_finds_others_has_none_and_the_mean_is_over_classes(folder: Path):
    rooms = read_sun_rgbd(folder)
    wrong = find_boxes(Boxing(bed=RIGHT["lamp"], lamp=RIGHT["bed"]), rooms, True)  # type: ignore[arg-type]
    assert wrong.mean_precision().value == 0
    half = find_boxes(Boxing(**RIGHT | {"bed": RIGHT["lamp"]}), rooms, True)  # type: ignore[arg-type]
    assert half.mean_precision().value == pytest.approx(0.5)  # 2 of 3 boxes, 1 of 2 classes


def test_what_was_not_answered_is_missed_and_counted_apart(folder: Path):
    answers = {"bed": AnswerFormatError("no", "well"), "lamp": QueryError("no")}
    found = find_boxes(Boxing(**answers), read_sun_rgbd(folder), True)  # type: ignore[arg-type]
    assert (found.mean_precision().value, found.said) == (0, {NOT_PARSED: 1, REFUSED: 2})


def test_a_view_has_metres_and_its_world_is_upright(folder: Path):
    view = read_room_view(read_sun_rgbd(folder)[0])
    assert view.depth is not None
    assert view.intrinsics is not None
    assert view.camera_in_world is not None
    assert view.depth[0, :3].tolist() == pytest.approx([0, 8, 2.345])
    pose = view.camera_in_world
    middle = unproject(np.array([20.0, 15.0, 2.0]), pose.rotation, pose.position, view.intrinsics)
    # MATLAB's pixel (20.5, 15.5) is the middle; the camera looks down by the tilt
    assert middle == pytest.approx([0, 2 * math.cos(TILT), -2 * math.sin(TILT)])


def test_damage_is_told(folder: Path, entries: list[dict]):
    rooms = read_sun_rgbd(folder)
    assert cv2.imwrite(str(rooms[0].depth), np.zeros((HEIGHT, WIDTH), np.uint8))
    with pytest.raises(ImageError, match=r"b\.png: wanted a grey picture of 16 bits"):
        read_room_view(rooms[0])
    rooms[0].depth.unlink()
    with pytest.raises(ImageError, match=r"no such file: .*b\.png"):
        read_room_view(rooms[0])
    write_meta(folder, [entries[0], entries[1] | {"K": np.eye(2)}])
    with pytest.raises(ScenesError, match=r"v2\.mat entry 2: .*\(3, 3\)"):
        read_sun_rgbd(folder)
    write_meta(folder, [entries[3]])
    with pytest.raises(ScenesError, match="no room"):
        read_sun_rgbd(folder)
    (folder / META).write_bytes((folder / META).read_bytes()[:300])
    with pytest.raises(ScenesError, match=r"v2\.mat"):
        read_sun_rgbd(folder)
    savemat(folder / SPLIT, {"alltest": np.array(["elsewhere"], object)})
    with pytest.raises(ScenesError, match=r"allsplit\.mat alltest: .*SUNRGBD"):
        read_sun_rgbd(folder)
    (folder / SPLIT).unlink()
    with pytest.raises(ScenesError, match=r"cannot read .*allsplit\.mat"):
        read_sun_rgbd(folder)
