"""`robotics reason` prints JSON, draws the answer, and says in one line what it cannot use."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from contracts.blob_reasoner import BlobReasoner
from contracts.demonstration_episodes import make_dataset, make_image, record_episode
from contracts.fake_embodiment import fake_embodiment
from contracts.reasoner_contract import make_view

from demonstrations.schema import CameraCalibration
from robotics.bridge.reasoner_service import ReasonerServer
from robotics.cli.main import main
from robotics.cli.reason.pictures import open_picture
from robotics.reasoning.answers import Box2D, Found
from robotics.reasoning.answers_json import decode_answer
from robotics.reasoning.calibration import Calibration, encode_calibration
from sim.gl import RenderingUnavailableError

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture(scope="module")
def backend() -> Iterator[str]:
    server = ReasonerServer(BlobReasoner, "127.0.0.1:0")
    yield server.address
    server.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a photo, the same a moment later (the red block went left), depth and calibration."""
    monkeypatch.chdir(tmp_path)
    view = make_view()
    assert view.depth is not None
    cv2.imwrite("photo.png", view.image[..., ::-1])
    later = view.image.copy()
    later[55:85, 55:95] = 150
    cv2.rectangle(later, (20, 60), (50, 80), (200, 30, 30), -1)
    cv2.imwrite("later.png", later[..., ::-1])
    cv2.imwrite("large.png", cv2.resize(view.image, (4480, 3360))[..., ::-1])
    cv2.imwrite("depth.png", np.rint(view.depth * 1000).astype(np.uint16))
    known = Calibration(view.intrinsics, view.camera_in_world)
    Path("camera.json").write_text(json.dumps(encode_calibration(known)))
    return tmp_path


@pytest.fixture
def run(folder: Path, backend: str, capsys: pytest.CaptureFixture[str]) -> Run:
    def one(*words: str) -> tuple[int, dict[str, Any], str]:
        code = main(["reason", *words, "--backend", backend])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else {}, said.err

    return one


DEPTH = ("--depth", "depth.png", "--calibration", "camera.json")


@pytest.mark.parametrize(
    "words",
    [
        ("point", "photo.png", "the red block"),
        ("detect", "photo.png", "everything"),
        ("box3d", "photo.png", "the red block", *DEPTH),
        ("grasp", "photo.png", "the red block", "--limit", "3"),
        ("trajectory", "photo.png", "push the red block to the left"),
        ("match", "the red block", "--view", "photo.png", "--view", "later.png"),
        ("match", "--view", "photo.png", "--view", "later.png", "--at", "75,70", "--at", "150,100"),
        ("success", "push the red block to the left", "--before", "photo.png", "--after", "later.png"),
        ("ask", "photo.png", "what is there?"),
    ],
    ids=lambda words: words[0],
)
def test_every_question_prints_an_answer_and_draws_it(run: Run, words: tuple[str, ...]):
    code, report, said = run(*words, "--out", "pictures/answer.png")
    assert code == 0, said
    decode_answer(report["answer"])
    assert report["reasoner"] == "blobs" and report["duration_s"] >= 0
    drawn = cv2.imread("pictures/answer.png")
    assert report["picture"] == "pictures/answer.png" and drawn is not None
    assert (drawn != 150).any() and said.count("\n") == 1


def test_pixels_are_those_of_the_file_however_large(run: Run):
    _, small, _ = run("detect", "photo.png", "the red block")
    _, large, _ = run("detect", "large.png", "the red block")
    one, twenty = (decode_answer(report["answer"]) for report in (small, large))
    assert isinstance(one, Found) and isinstance(twenty, Found)
    assert isinstance(one.best, Box2D) and isinstance(twenty.best, Box2D)
    assert twenty.best.left == pytest.approx(20 * one.best.left, abs=40)
    assert (large["image"]["width"], large["image"]["height"]) == (4480, 3360)


def test_points_have_thousandths_and_with_depth_metres(run: Run):
    code, report, _ = run("point", "photo.png", "the red block", *DEPTH)
    (point,) = report["answer"]["items"]
    assert code == 0 and report["image"]["depth"] and report["image"]["calibrated"]
    assert point["point_1000"] == [round(point["row"] / 168 * 1000), round(point["column"] / 224 * 1000)]
    # seen from 0.76 m straight above, 36 pixels left of the middle with a focal length of 200
    assert point["position"] == pytest.approx([-0.14, 0.05, 0.04], abs=0.02)


def test_a_point_is_found_where_its_thing_went(run: Run):
    code, report, _ = run("match", "the red block", "--view", "photo.png", "--view", "later.png")
    (match,) = report["answer"]["matches"]
    assert code == 0 and match["target"]["row"] == pytest.approx(match["source"]["row"], abs=1)
    assert match["target"]["column"] == pytest.approx(match["source"]["column"] - 40, abs=1)


def test_what_is_absent_or_failed_ends_with_one(run: Run):
    code, report, said = run("point", "photo.png", "the green block")
    assert code == 1 and report["answer"]["absent"] and "nothing green" in said
    code, report, said = run("point", "photo.png", "the zorbly block")
    assert code == 1 and not report["answer"]["absent"] and "not understood: zorbly" in said
    code, report, said = run(
        "success", "push the red block right", "--before", "photo.png", "--after", "later.png"
    )
    assert code == 1 and "not achieved" in said


def test_a_picture_has_a_place_of_its_own_without_out(run: Run):
    _, report, _ = run("point", "photo.png", "the red block")
    assert Path(report["picture"]).parent == Path("runs/reason") and Path(report["picture"]).is_file()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("point", "none.png", "x"), "no such file"),
        (("point", "phot.png", "x"), "did you mean photo.png"),
        (("point", "camera.json", "x"), "not an image"),
        (("point", ".", "x"), "folder"),
        (("point", "photo.png", ""), "empty"),
        (("point", "photo.png", "x" * 10_000), "10000 characters"),
        (("point", "photo.png", "x", "--limit", "0"), "at least 1"),
        (("point", "photo.png", "x", "--depth", "none.npy"), "no such file"),
        (("point", "photo.png", "x", "--calibration", "photo.png"), "no JSON"),
        (("point", "photo.png", "x", "--out", "answer.gif"), ".png or .jpg"),
        (("point", "photo.png", "red", "--out", "photo.png/answer.png"), "cannot write"),
        (("box3d", "photo.png", "the red block"), "needs depth"),
        (("match", "x", "--view", "photo.png"), "--view twice"),
        (("match", "--view", "photo.png", "--view", "photo.png"), "either a query or --at"),
        (("match", "--view", "photo.png", "--view", "photo.png", "--at", "5"), "COLUMN,ROW"),
        (("match", "--view", "photo.png", "--view", "photo.png", "--at", "5,9000"), "outside"),
        (("match", "the green one", "--view", "photo.png", "--view", "photo.png"), "nothing green"),
        (("success", "x", "--before", "photo.png"), "wants --after"),
        (("grasp", "photo.png", "x", "--gripper", "aloha9"), "aloha9"),
        (("point", "sim:aloha2", "x"), "sim:EMBODIMENT/TASK"),
        (("point", "sim:aloha2/put_in_bowl", "x", "--depth", "depth.png"), "brings its own"),
        (("point", "sim:aloha2/fly", "x"), "no task 'fly'"),
        (("point", "sim:aloha9/put_in_bowl", "x"), "aloha9"),
        (("point", "sim:aloha2/put_in_bowl@3:underhead", "x"), "did you mean 'overhead'"),
        (("point", "nowhere/3@1.5:overhead", "x"), "nowhere"),
    ],
)
def test_bad_input_is_one_line(run: Run, words: tuple[str, ...], text: str):
    code, report, said = run(*words)
    assert code == 2 and text in said and said.count("\n") == 1 and not report


def test_a_reasoner_that_does_not_exist_is_named_with_those_that_do(folder: Path, capsys):
    for backend in ("gemni", "vlm", "vlm:", "embedded:", ""):
        assert main(["reason", "point", "photo.png", "x", "--backend", backend]) == 2
        said = capsys.readouterr().err
        assert "no reasoner" in said and "embedded" in said and said.count("\n") == 1
    assert main(["reason", "point", "photo.png", "x", "--backend", "127.0.0.1:1"]) == 2
    assert "no reasoner answers at 127.0.0.1:1" in capsys.readouterr().err


def test_an_embedded_model_that_is_not_there_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["reason", "point", "photo.png", "the red block", "--backend", "embedded:nowhere"]) == 2
    said = capsys.readouterr().err
    assert "nowhere" in said and said.count("\n") == 1


def record(path: Path) -> None:
    """An episode of 20 ticks of 20 ms, whose camera 'overhead' sits 2 m above the table."""
    k = ((40.0, 0.0, 16.0), (0.0, 40.0, 12.0), (0.0, 0.0, 1.0))
    pose = ((1.0, 0.0, 0.0, 0.0), (0.0, -1.0, 0.0, 0.0), (0.0, 0.0, -1.0, 2.0), (0.0, 0.0, 0.0, 1.0))
    dataset = make_dataset(path)
    with dataset.writer(
        fake_embodiment(), calibration={"overhead": CameraCalibration(k, pose, "world")}
    ) as writer:
        record_episode(writer)


def test_a_recorded_moment_brings_its_calibration(run: Run, folder: Path):
    record(folder / "data")
    photo = open_picture("data/0@0.13:overhead")
    # frames are captured every other tick: the one at 0.12 s is the newest at 0.13 s
    np.testing.assert_allclose(photo.view.image.mean(), make_image(3).mean(), atol=2)
    assert photo.view.is_calibrated and photo.view.camera_in_world is not None
    np.testing.assert_allclose(photo.view.camera_in_world.position, [0, 0, 2])
    assert photo.view.intrinsics is not None and photo.view.intrinsics.fx == 40.0
    code, report, _ = run("point", "data/0@0", "anything")
    assert code == 1 and report["image"]["calibrated"] and report["image"]["width"] == 32


def test_a_moment_that_was_not_recorded_is_refused(run: Run, folder: Path):
    record(folder / "data")
    for image, text in {
        "data/0@9:overhead": "lasts 0.38 s",
        "data/5@0": "5",
        "data/0@0:underhead": "underhead",
    }.items():
        code, _, said = run("point", image, "x")
        assert code == 2 and text in said and said.count("\n") == 1


def test_a_simulated_task_brings_depth_and_calibration(run: Run):
    try:
        code, report, _ = run("point", "sim:aloha2/put_in_bowl@3", "the red cube")
    except RenderingUnavailableError as error:
        pytest.skip(str(error))
    (point,) = report["answer"]["items"]
    assert code == 0 and report["image"]["depth"]
    # a cube of 4 cm lies on the table
    assert point["position"][2] == pytest.approx(0.04, abs=0.005)
