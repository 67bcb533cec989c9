"""Scene folders on disk: whole shards, resumed runs, foreign folders, a full disk."""

import errno
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from robotics.cli.scenes_make import parse_size
from robotics.errors import DatasetError, RoboticsError, StorageFullError
from robotics.reasoning.scenes.folder import SceneFolder, ScenesError
from robotics.reasoning.scenes.sheet import contact_sheet
from robotics.reasoning.scenes.verifying import find_problems
from sim.gl import missing_library
from sim.scenes import writing
from sim.scenes.generator import SceneOptions
from sim.scenes.writing import shard_ranges, write_scenes

needs_drawing = pytest.mark.skipif(missing_library() is not None, reason="no OpenGL")
TINY = SceneOptions(64, 48, views=1, tasks=1.0)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenes") / "made"
    write_scenes(folder, 4, 98, TINY)  # seeds 98 and 99 share a pool, 100 and 101 the next
    return folder


def test_shards_follow_the_hundreds_of_the_seeds() -> None:
    assert shard_ranges(0, 250) == [(0, 100), (100, 100), (200, 50)]
    assert shard_ranges(98, 4) == [(0, 2), (2, 2)]
    assert shard_ranges(1_000_050, 10) == [(0, 10)]


@needs_drawing
def test_what_is_written_is_read_back(written: Path) -> None:
    folder = SceneFolder(written)
    assert len(folder) == 4
    assert folder.about["seed"] == 98
    assert [folder.facts(i).seed for i in range(4)] == [98, 99, 100, 101]
    view = folder[3]
    assert view.view.image.shape == (48, 64, 3)
    assert np.isfinite(view.points[view.ids > 0]).all()
    assert sorted(p.name for p in (written / "shards").iterdir()) == ["000000", "000001"]
    assert contact_sheet([folder[0], folder[1]], 2).shape == (96, 512, 3)
    assert list(find_problems(folder)) == []


@needs_drawing
def test_facts_that_do_not_fit_the_pictures_are_found(written: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(written, damaged)
    file = damaged / "shards" / "000000" / "ids.npy"
    ids = np.load(file)
    view, row, column = (int(found[0]) for found in np.nonzero((ids > 0) & (ids < 200)))
    ids[view, row, column] = 199
    np.save(file, ids)
    problems = list(find_problems(SceneFolder(damaged)))
    assert len(problems) == 2
    assert all(problem.startswith(f"view {view}: ") for problem in problems)


@needs_drawing
def test_an_interrupted_run_goes_on_and_keeps_what_is_there(written: Path, tmp_path: Path) -> None:
    half = tmp_path / "half"
    (half / "shards").mkdir(parents=True)
    shard = written / "shards" / "000000"
    (half / "shards" / "000000").symlink_to(shard)
    (half / "shards" / "000001.part").mkdir()  # of a process that died
    about = json.loads((written / "scenes.json").read_text())
    plan = {key: value for key, value in about.items() if key != "views"}
    (half / "making.json").write_text(json.dumps(plan))
    report = write_scenes(half, 4, 98, TINY)
    assert (report.views, report.made) == (4, 2)
    for name in ("rgb.npy", "depth.npy", "ids.npy", "facts.jsonl"):
        one, other = (folder / "shards" / "000001" / name for folder in (half, written))
        assert one.read_bytes() == other.read_bytes()
    assert not list(half.rglob("*.part"))


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DatasetError, match="not empty, and no scene folder"):
        write_scenes(tmp_path, 2, 0, TINY)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_unfinished_run_with_other_options_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "making.json").write_text(json.dumps({"seed": 7}))
    with pytest.raises(DatasetError, match="other options"):
        write_scenes(tmp_path, 2, 0, TINY)


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match="file"):
        write_scenes(tmp_path / "file", 2, 0, TINY)


@needs_drawing
def test_finished_scenes_are_not_made_again(written: Path) -> None:
    with pytest.raises(DatasetError, match="there already"):
        write_scenes(written, 4, 98, TINY)


class FakeGenerator:
    def scene(self, seed: int, number: int) -> list:
        from sim.scenes.generator import RenderedView

        return [
            RenderedView(
                np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2), np.uint16), np.zeros((2, 2), np.uint8), {}
            )
        ]


def test_a_full_disk_is_one_line_and_leaves_no_half_shard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shards").mkdir()
    saved = []

    def save(path: Path, array: np.ndarray) -> None:
        saved.append(path)
        if len(saved) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing, "_generator", lambda options: FakeGenerator())
    monkeypatch.setattr(writing.np, "save", save)
    with pytest.raises(StorageFullError, match="disk is full"):
        writing._write_shard(tmp_path, 0, 1, 0, TINY)
    assert list((tmp_path / "shards").iterdir()) == []


def test_an_unfinished_folder_is_no_dataset(tmp_path: Path) -> None:
    (tmp_path / "shards").mkdir()
    with pytest.raises(ScenesError, match="unfinished"):
        SceneFolder(tmp_path)


@pytest.mark.parametrize("text", ["224", "224*168", "0x", "-3x4", "x"])
def test_a_size_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(RoboticsError, match="WIDTHxHEIGHT"):
        parse_size(text)
