"""Cornell's point clouds as views: depth, the camera's place, and the table as the world's level."""

from pathlib import Path

import numpy as np
import pytest
from contracts.cornell_scenes import STEP, TABLE, TOP, camera_in_robot, cloud, write_cloud, write_picture

from robotics.evaluation.reasoning.cornell_views import read_cloud, read_cornell_view
from robotics.pinhole import unproject
from robotics.reasoning.errors import ImageError
from robotics.reasoning.scenes.folder import ScenesError


def test_depth_and_the_cameras_place_follow_from_the_points(tmp_path: Path):
    camera = camera_in_robot()
    points, pixels, depths = cloud(camera)
    noise = np.random.default_rng(0).normal(0, 0.002, points.shape)
    write_cloud(tmp_path / "a.txt", points + noise, pixels)
    write_picture(tmp_path / "a.png")
    view = read_cornell_view(tmp_path / "a.png", tmp_path / "a.txt")
    assert view.depth is not None
    assert view.intrinsics is not None
    assert view.camera_in_world is not None
    assert np.count_nonzero(view.depth) == len(pixels)
    assert np.abs(view.depth.ravel()[pixels] - depths).max() < 0.02
    assert view.camera_in_world.position[2] == pytest.approx(camera.position[2] - TABLE, abs=0.01)
    # the same place in the world as in the robot's frame, apart from where it starts and how it is turned
    places = {}
    for name, (row, column) in {"box": (240, 320), "table": (240, 80)}.items():
        depth = float(view.depth[row - row % STEP, column - column % STEP])
        pose = view.camera_in_world
        pixel = np.array([column + 0.5, row + 0.5, depth])
        places[name] = unproject(pixel, pose.rotation, pose.position, view.intrinsics)
    assert places["box"][2] == pytest.approx(TOP - TABLE, abs=0.015)
    assert places["table"][2] == pytest.approx(0, abs=0.015)
    assert places["box"][0] > places["table"][0]
    assert abs(view.camera_in_world.rotation[2, 0]) < 0.02


def test_a_cloud_of_another_camera_gives_the_picture_alone(tmp_path: Path):
    points, pixels, _ = cloud(camera_in_robot())
    write_cloud(tmp_path / "a.txt", np.random.default_rng(0).permutation(points), pixels)
    write_picture(tmp_path / "a.png")
    view = read_cornell_view(tmp_path / "a.png", tmp_path / "a.txt")
    assert (view.depth, view.camera_in_world) == (None, None)


def test_damage_is_told(tmp_path: Path):
    file = tmp_path / "pcd0100.txt"
    points, pixels, _ = cloud(camera_in_robot())
    write_cloud(file, points[:200], pixels[:200])
    whole = file.read_text()
    assert len(read_cloud(file)[0]) == 200
    for text, message in (
        (whole[: whole.rindex("\n", 0, -1) + 1], "wanted 200 points"),
        (whole.replace("rgb index", "rgb"), "FIELDS"),
        (whole.replace("ascii", "binary"), "ascii"),
        (whole + "1 2\n", "no point cloud"),
        (whole.replace(f" 0 {pixels[199]}\n", " 0 307200\n"), "307199"),
        ("", "no point cloud"),
    ):
        file.write_text(text)
        with pytest.raises(ScenesError, match=rf"pcd0100\.txt.*{message}"):
            read_cloud(file)
    with pytest.raises(ScenesError, match="cannot read"):
        read_cloud(tmp_path / "missing.txt")
    write_picture(tmp_path / "small.png", 320, 240)
    with pytest.raises(ImageError, match="320 x 240"):
        read_cornell_view(tmp_path / "small.png", file)
