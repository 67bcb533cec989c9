"""`robotics bench reasoning --data` recognises public benchmarks by their files, and tells their rows."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from contracts.cornell_scenes import camera_in_robot, cloud, write_cloud, write_picture
from contracts.tfrecords import encode_example, write_records

from robotics.cli.benches.reasoning_public import open_public_set, share_rows
from robotics.cli.benches.reasoning_rows import Rate
from robotics.cli.main import main
from robotics.evaluation.reasoning.public_shares import PublicShare
from robotics.reasoning.answers import Answer, Found, Point
from robotics.reasoning.errors import QueryError


class Sure:
    """Points at the middle of the left half, and says B; knows no grasps."""

    name = "sure"

    def point(self, view, query: str, limit: int = 1) -> Found[Point]:
        return Found((Point(view.width / 4, view.height / 2),))

    def answer(self, views, question: str) -> Answer:
        return Answer("B")

    def grasps(self, view, query: str, gripper=None, limit: int = 10):
        raise QueryError("no")


def rows_of(folder: Path) -> list[Rate]:
    rows = open_public_set(folder)
    assert rows is not None
    return [row for row in rows(Sure()) if isinstance(row, Rate)]  # type: ignore[arg-type]


def left_half(path: Path) -> str:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:, :32] = 255
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)
    return path.name


def test_point_bench_is_recognised(tmp_path: Path):
    entry = {"image_filename": left_half(tmp_path / "images" / "spatial" / "a.png"), "category": "spatial"}
    entry |= {"mask_filename": left_half(tmp_path / "masks" / "a_mask.png"), "user_input": "it", "count": 1}
    (tmp_path / "data.json").write_text(json.dumps([entry]))
    assert [(row.what, row.p50, row.asked) for row in rows_of(tmp_path)] == [("Point-Bench", 100, 1)]


def test_where2place_is_recognised(tmp_path: Path):
    left_half(tmp_path / "masks" / "00.jpg")
    line = {"image": left_half(tmp_path / "images" / "a.png"), "text": "free space"}
    (tmp_path / "point_questions.jsonl").write_text(json.dumps(line))
    (row,) = rows_of(tmp_path)
    assert (row.what, row.p50, row.note) == (
        "Where2Place",
        pytest.approx(100),
        "0 not parsed, 0 not understood",
    )


def test_erqa_is_recognised(tmp_path: Path):
    picture = cv2.imencode(".jpg", np.zeros((24, 32, 3), np.uint8))[1].tobytes()
    example = {"question": [b"A or B?"], "answer": [b"B"], "image/encoded": [picture], "visual_indices": [0]}
    write_records(tmp_path / "erqa.tfrecord", [encode_example(example | {"question_type": [b"Other"]})])
    assert [(row.what, row.p50) for row in rows_of(tmp_path)] == [("ERQA", 100)]


def test_cornell_is_recognised(tmp_path: Path):
    points, pixels, _ = cloud(camera_in_robot())
    (tmp_path / "01").mkdir()
    write_cloud(tmp_path / "01" / "pcd0100.txt", points, pixels)
    write_picture(tmp_path / "01" / "pcd0100r.png")
    (tmp_path / "01" / "pcd0100cpos.txt").write_text("0 0\n9 0\n9 5\n0 5\n")
    rows = rows_of(tmp_path)
    assert [(row.p50, row.asked, row.note) for row in rows] == [(0, 1, "1 refused")] * 2


def test_other_folders_are_none_of_them(tmp_path: Path):
    assert open_public_set(tmp_path) is None


def test_shares_have_wilsons_interval_and_say_what_went_wrong():
    (row,) = share_rows([PublicShare("x", 1, 4, {"refused": 2, "not parsed": 1})])
    assert isinstance(row, Rate)
    assert (row.p50, row.asked, row.note) == (25, 4, "2 refused, 1 not parsed")
    assert (row.lower, row.upper) == (pytest.approx(4.56, abs=0.01), pytest.approx(69.94, abs=0.01))


def test_bad_input_is_one_line(tmp_path: Path, capsys):
    (tmp_path / "erqa.tfrecord").write_bytes(b"short")
    assert main(["bench", "reasoning", "--data", str(tmp_path)]) != 0
    progress, line = capsys.readouterr().err.strip().splitlines()
    assert progress.startswith("measuring")
    assert line.startswith("ScenesError: ")
    assert "erqa.tfrecord record 1: cut off" in line
