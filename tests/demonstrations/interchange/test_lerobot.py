"""LeRobot v3: layout, the way back to the bit, and foreign datasets."""

import json
import shutil

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.interchange_round_trip import (
    assert_same_but_for_pictures,
    export,
    import_again,
    make_varied_dataset,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from demonstrations.dataset import DemonstrationDataset
from demonstrations.interchange import lerobot_export
from demonstrations.interchange.constant_rate_video import ConstantRateVideoWriter
from demonstrations.interchange.foreign import ImportOptions
from demonstrations.interchange.importing import import_episodes, open_foreign
from demonstrations.interchange.lerobot_import import _numpy
from demonstrations.interchange.lerobot_layout import array_feature
from demonstrations.interchange.lerobot_tables import DataFiles
from demonstrations.interchange.selection import ExportOptions, select_episodes
from robotics.errors import DatasetError, IncompatibleError, UnknownNameError


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_varied_dataset(tmp_path_factory.mktemp("data") / "set")


@pytest.fixture(scope="module")
def exported(dataset, tmp_path_factory):
    out = tmp_path_factory.mktemp("export") / "lerobot"
    export(dataset, "lerobot", out, ExportOptions(crf=10))
    return out


def test_our_own_export_comes_back_to_the_bit(dataset, exported, tmp_path):
    again, report = import_again("lerobot", exported, tmp_path / "again")
    assert report.ticks == 20 + 31 + 9
    assert_same_but_for_pictures(dataset, again, largest_error=10)


def test_the_layout_is_lerobots(dataset, exported):
    info = json.loads((exported / "meta/info.json").read_text())
    assert (info["codebase_version"], info["fps"], info["total_frames"]) == ("v3.0", 50, 60)
    assert info["splits"] == {"train": "0:3"}
    assert info["features"]["action"]["names"] == list(dataset.description.action_names)
    data = pq.read_table(exported / "data/chunk-000/file-000.parquet")
    assert data.schema.field("action").type == pa.list_(pa.float32(), 14)
    assert data.column("index").to_pylist() == [*range(60)]
    assert data.column("frame_index").to_pylist() == [*range(20), *range(31), *range(9)]
    assert pq.ParquetFile(exported / "data/chunk-000/file-000.parquet").num_row_groups == 3
    np.testing.assert_allclose(data.column("timestamp").to_numpy()[:20], np.arange(20) / 50, atol=1e-7)
    (episodes,) = (exported / "meta/episodes").glob("*/*.parquet")
    lines = pq.read_table(episodes).to_pylist()
    assert [(e["dataset_from_index"], e["dataset_to_index"]) for e in lines] == [(0, 20), (20, 51), (51, 60)]
    key = "videos/observation.images.overhead/"
    assert [e[key + "from_timestamp"] for e in lines] == [0, 0.4, 1.02]
    assert lines[2]["tasks"] == ["turn it back"]
    tasks = pq.read_table(exported / "meta/tasks.parquet")
    assert tasks.to_pydict() == {"task_index": [0, 1], "task": ["turn the left arm", "turn it back"]}
    assert json.loads(tasks.schema.metadata[b"pandas"])["index_columns"] == ["task"]
    stats = json.loads((exported / "meta/stats.json").read_text())
    actions = np.concatenate([e.intended for e in dataset]).astype(np.float32)
    np.testing.assert_allclose(stats["action"]["mean"], actions.mean(0), atol=1e-6)
    np.testing.assert_allclose(stats["action"]["q99"], np.quantile(actions, 0.99, axis=0), atol=1e-6)
    assert np.shape(stats["observation.images.overhead"]["mean"]) == (3, 1, 1)


@pytest.mark.parametrize("action", ["intended", "requested", "applied"])
def test_the_action_is_the_one_asked_for(dataset, tmp_path, action):
    export(dataset, "lerobot", tmp_path / "out", ExportOptions(action=action, own_columns=False))
    data = pq.read_table(tmp_path / "out/data/chunk-000/file-000.parquet")
    wanted = np.concatenate([e.state[action] for e in dataset]).astype(np.float32)
    np.testing.assert_array_equal(_numpy(data, "action"), wanted)
    assert not [name for name in data.column_names if name.startswith("robotics")]


def test_files_that_are_full_are_followed_by_others(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(lerobot_export, "VIDEO_FILE_MB", 0.0001)
    monkeypatch.setattr("demonstrations.interchange.lerobot_tables.DATA_FILE_MB", 0.0001)
    export(dataset, "lerobot", tmp_path / "out", ExportOptions(crf=10))
    assert len([*tmp_path.glob("out/videos/observation.images.overhead/*/*.mp4")]) == 3
    assert len([*tmp_path.glob("out/data/*/*.parquet")]) == 3
    again, _ = import_again("lerobot", tmp_path / "out", tmp_path / "again")
    assert_same_but_for_pictures(dataset, again, largest_error=10)


def test_at_the_cameras_rate_ticks_are_left_out_and_counted(dataset, tmp_path):
    export(dataset, "lerobot", tmp_path / "out", ExportOptions(rate_hz=25))
    again, _ = import_again("lerobot", tmp_path / "out", tmp_path / "again")
    episode = again.episode(0)
    assert episode.tick.tolist() == [*range(0, 20, 2)]
    assert episode.metadata.missing_ticks == 9
    assert len(episode.image_time_ns("overhead")) == 10


def test_a_rate_that_is_no_whole_number_is_refused(dataset, tmp_path):
    with pytest.raises(DatasetError, match="whole number"):
        export(dataset, "lerobot", tmp_path / "out", ExportOptions(rate_hz=12.5))
    assert [*tmp_path.iterdir()] == []


def test_smaller_pictures(dataset, tmp_path):
    export(dataset, "lerobot", tmp_path / "out", ExportOptions(size=(12, 16)))
    again, _ = import_again("lerobot", tmp_path / "out", tmp_path / "again")
    assert again.episode(0).frame("overhead", 0).shape == (12, 16, 3)


@settings(max_examples=25, deadline=None)
@given(
    values=arrays(np.float64, (3, 4), elements=st.floats(width=64)),
    times=arrays(np.int64, 3, elements=st.integers(-(2**63), 2**63 - 1)),
)
def test_columns_keep_every_bit(tmp_path_factory, values, times):
    out = tmp_path_factory.mktemp("table")
    columns = {"robotics.position": values, "robotics.time_ns": times}
    files = DataFiles(out, {name: array_feature(array) for name, array in columns.items()})
    files.append(columns)
    files.close()
    table = pq.read_table(out / "data/chunk-000/file-000.parquet")
    for name, array in columns.items():
        assert _numpy(table, name).tobytes() == array.tobytes()


def make_foreign(path, names, *, fps=50, camera="overhead", dtype="video", rows=10, version="v3.0"):
    """A small dataset as LeRobot writes it, with nothing of ours in it."""
    state = np.random.default_rng(0).normal(size=(rows, len(names))).astype(np.float32)
    images = [np.full((24, 32, 3), 10 * i, np.uint8) for i in range(rows)]
    columns = {
        "observation.state": pa.array(list(state), pa.list_(pa.float32())),
        "action": pa.array(list(state + 1), pa.list_(pa.float32())),
        "episode_index": pa.array([0] * rows),
    }
    key = f"observation.images.{camera}"
    if dtype == "image":
        png = [{"bytes": cv2.imencode(".png", image)[1].tobytes(), "path": None} for image in images]
        columns[key] = pa.array(png)
    else:
        video = path / f"videos/{key}/chunk-000/file-000.mp4"
        writer = ConstantRateVideoWriter(video, 24, 32, fps, crf=5, keyframe_every=2)
        for image in images:
            writer.append(image)
        writer.close()
    (path / "data/chunk-000").mkdir(parents=True)
    pq.write_table(pa.table(columns), path / "data/chunk-000/file-000.parquet")
    line = {"episode_index": 0, "tasks": ["fold the towel"], "length": rows}
    line |= {"data/chunk_index": 0, "data/file_index": 0}
    line |= {f"videos/{key}/{k}": 0 for k in ("chunk_index", "file_index", "from_timestamp")}
    (path / "meta/episodes/chunk-000").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([line]), path / "meta/episodes/chunk-000/file-000.parquet")
    vector = {"dtype": "float32", "shape": [len(names)], "names": {"motors": names}}
    info = {
        "codebase_version": version,
        "fps": fps,
        "features": {
            "observation.state": vector,
            "action": vector,
            key: {"dtype": dtype, "shape": [24, 32, 3], "names": ["height", "width", "channels"]},
        },
        "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
    }
    (path / "meta/info.json").write_text(json.dumps(info))
    return state


JOINTS = [name.replace("/", "_") for name in fake_embodiment().action_names]


def import_foreign(path, out, **options):
    told = ImportOptions(fake_embodiment(), **options)
    import_episodes(open_foreign(path, "lerobot", told), out, told.embodiment)
    return DemonstrationDataset.open(out, fake_embodiment()).episode(0)


@pytest.mark.parametrize("dtype", ["video", "image"])
def test_a_dataset_of_another_robot_owner_is_understood(tmp_path, dtype):
    state = make_foreign(tmp_path / "theirs", JOINTS, camera="cam_high", dtype=dtype)
    episode = import_foreign(tmp_path / "theirs", tmp_path / "ours", cameras={"cam_high": "overhead"})
    np.testing.assert_array_equal(episode.position, state.astype(np.float64))
    np.testing.assert_array_equal(episode.applied, (state + 1).astype(np.float64))
    np.testing.assert_array_equal(episode.target[1:], episode.applied[:-1])
    assert episode.metadata.instruction == "fold the towel"
    assert episode.metadata.success is None
    assert episode.image_time_ns("overhead").tolist() == [20_000_000 * i for i in range(10)]
    assert np.abs(episode.frame("overhead", 7).astype(int) - 70).max() <= 6


def test_another_rate_is_interpolated_to_control_ticks(tmp_path):
    state = make_foreign(tmp_path / "theirs", JOINTS, fps=25)
    episode = import_foreign(tmp_path / "theirs", tmp_path / "ours")
    assert len(episode) == 19
    np.testing.assert_array_equal(episode.position[::2], state.astype(np.float64))
    np.testing.assert_allclose(episode.position[1], (state[0].astype(float) + state[1]) / 2)
    assert len(episode.image_time_ns("overhead")) == 10


@pytest.mark.parametrize(
    ("made", "options", "message"),
    [
        ({"names": JOINTS[:7]}, {}, "wanted 14 joints and grippers as on 'fake', got 7"),
        ({"names": JOINTS[::-1]}, {}, "wanted 'left/waist', got 'right_gripper'.*--same-order"),
        ({"names": JOINTS, "camera": "top"}, {}, "cameras top are not on 'fake'.*--cameras top=overhead"),
        ({"names": JOINTS, "version": "v2.1"}, {}, r"wanted LeRobot's format v3, got v2\.1"),
    ],
)
def test_what_does_not_fit_the_robot_is_refused_in_one_line(tmp_path, made, options, message):
    make_foreign(tmp_path / "theirs", **made)
    with pytest.raises(DatasetError, match=message):
        import_foreign(tmp_path / "theirs", tmp_path / "ours", **options)
    assert not (tmp_path / "ours").exists()


def test_other_names_in_the_robots_order_are_taken_on_the_users_word(tmp_path):
    make_foreign(tmp_path / "theirs", [f"motor_{i}" for i in range(14)])
    assert len(import_foreign(tmp_path / "theirs", tmp_path / "ours", same_order=True)) == 10


def test_a_camera_that_does_not_exist_is_named(tmp_path):
    make_foreign(tmp_path / "theirs", JOINTS)
    with pytest.raises(UnknownNameError, match="no camera 'top'"):
        import_foreign(tmp_path / "theirs", tmp_path / "ours", cameras={"top": "overhead"})


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("meta/info.json", "info.json is damaged"),
        ("data/chunk-000/file-000.parquet", "cannot be read as parquet"),
        ("meta/episodes/chunk-000/file-000.parquet", "cannot be read as parquet"),
        ("videos/observation.images.overhead/chunk-000/file-000.mp4", "cannot be read as video"),
    ],
)
def test_a_damaged_file_is_named_and_nothing_is_left(tmp_path, file, message):
    make_foreign(tmp_path / "theirs", JOINTS)
    (tmp_path / "theirs" / file).write_bytes(b"\0" * 100)
    with pytest.raises(DatasetError, match=message):
        import_foreign(tmp_path / "theirs", tmp_path / "ours")
    assert [p.name for p in tmp_path.iterdir()] == ["theirs"]


def test_our_export_of_another_robot_is_refused(exported, tmp_path):
    (episodes,) = (exported / "meta/episodes").glob("*/*.parquet")
    table = pq.read_table(episodes)
    attributes = json.loads(table.column("robotics/attributes")[0].as_py())
    attributes["interface_fingerprint"] = "another"
    from demonstrations.interchange.imported_metadata import own_metadata

    with pytest.raises(IncompatibleError, match="interface another"):
        own_metadata(json.dumps(attributes), ImportOptions(fake_embodiment()), {}, "here")


def test_after_lerobots_own_editing_our_columns_still_count(dataset, exported, tmp_path):
    """It drops our file and our column of the table of episodes, and keeps those of the rows."""
    edited = tmp_path / "edited"
    shutil.copytree(exported, edited)
    (edited / "meta/robotics.json").unlink()
    (episodes,) = (edited / "meta/episodes").glob("*/*.parquet")
    pq.write_table(pq.read_table(episodes).drop_columns(["robotics/attributes"]), episodes)
    again, _ = import_again("lerobot", edited, tmp_path / "again")
    for a, b in zip(dataset, again, strict=True):
        assert a.state["requested"].tobytes() == b.state["requested"].tobytes()
        np.testing.assert_array_equal(a.image_time_ns("overhead"), b.image_time_ns("overhead"))
        assert b.metadata.instruction == a.metadata.instruction
        assert b.metadata.success is None


def test_ctrl_c_leaves_nothing(dataset, tmp_path):
    def interrupt(done, total):
        raise KeyboardInterrupt

    from demonstrations.interchange.exporting import export_episodes

    with pytest.raises(KeyboardInterrupt):
        export_episodes(select_episodes(dataset), "lerobot", tmp_path / "out", None, interrupt)
    assert [*tmp_path.iterdir()] == []
