"""What is written is what is read: ticks to the bit, frames within JPEG's tolerance, metadata as given."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import zarr
from contracts.demonstration_episodes import (
    ACTION_DIM,
    PERIOD_NS,
    append_ticks,
    assert_is_recorded,
    make_dataset,
    make_image,
    make_state,
    record_episode,
)
from contracts.fake_embodiment import fake_embodiment
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from demonstrations.arrays import read_array, write_array
from demonstrations.journal import MODES
from demonstrations.schema import CameraCalibration, EpisodeMetadata, EpisodeOutcome
from robotics.errors import DatasetError, UnknownNameError
from robotics.observation import CameraFrame, JointState
from robotics.session import Event, EventKind, RobotMode, RobotState

any_float = st.floats(allow_nan=True, allow_infinity=True, width=64)
vectors = npst.arrays(np.float64, ACTION_DIM, elements=any_float)
int64 = st.integers(-(2**63), 2**63 - 1)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    array=npst.arrays(
        st.sampled_from([np.int64, np.float64, np.uint8, np.int32]),
        npst.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5),
    )
)
def test_arrays_come_back_to_the_bit_also_through_zarr(tmp_path_factory, array):
    folder = tmp_path_factory.mktemp("arrays") / "a"
    write_array(folder, array)
    for read in (read_array(folder), np.asarray(zarr.open_array(folder, mode="r")[:])):
        assert read.dtype == array.dtype
        assert read.shape == array.shape
        assert read.tobytes() == array.tobytes()


@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(
        st.tuples(vectors, vectors, vectors, vectors, vectors, vectors, int64, st.sampled_from(RobotMode)),
        min_size=1,
        max_size=60,
    )
)
def test_ticks_come_back_to_the_bit(tmp_path_factory, rows):
    dataset = make_dataset(tmp_path_factory.mktemp("store") / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin(instruction="do it")
        for tick, (position, velocity, target, requested, applied, intended, chunk, mode) in enumerate(rows):
            joints = JointState(tick, tick * PERIOD_NS, position, velocity, target)
            writer.append_state(
                RobotState(joints, requested, applied, intended, mode, 3, chunk, "do it", 0, 0)
            )
        episode = dataset.episode(writer.commit(EpisodeOutcome(True)))
    names = ("position", "velocity", "target", "requested", "applied", "intended")
    for column, name in enumerate(names):
        assert episode.state[name].tobytes() == np.array([row[column] for row in rows]).tobytes()
    assert episode.chunk_id.tolist() == [row[6] for row in rows]
    assert [MODES[i] for i in episode.state["mode"]] == [row[7] for row in rows]
    assert episode.tick.tolist() == list(range(len(rows)))
    assert np.isnan(episode.state["progress"]).all()


def test_an_episode_comes_back_with_frames_and_capture_times(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2, ticks=21)
    assert len(dataset) == 2
    for seed in range(2):
        assert_is_recorded(dataset, seed, seed, ticks=21)
    episode = dataset.episode(1)
    assert episode.frames("overhead", [10, 0, 10]).shape == (3, 24, 32, 3)
    assert np.array_equal(episode.frame("overhead", 10), episode.frames("overhead", [3, 10])[1])


def test_frames_can_be_read_smaller(tmp_path):
    episode = make_dataset(tmp_path / "data", episodes=1).episode(0)
    for size in ((24, 32), (12, 16), (8, 8), (3, 4)):
        image = episode.frame("overhead", 5, size)
        assert image.shape == (*size, 3)
        assert abs(float(image.mean()) - float(make_image(5).mean())) < 2


def test_rows_and_frames_are_matched_by_time(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        for tick in range(10, 20):
            writer.append_state(make_state(tick))
        for time_ns in (10 * PERIOD_NS - 1, 10 * PERIOD_NS, 12 * PERIOD_NS + 5, 19 * PERIOD_NS + 5):
            writer.append_frame("overhead", CameraFrame(make_image(1), time_ns))
        episode = dataset.episode(writer.commit(EpisodeOutcome(None)))
    assert episode.row_of_frames("overhead").tolist() == [0, 0, 2, 9]
    assert episode.frame_of_rows("overhead").tolist() == [1, 1, 1, 2, 2, 2, 2, 2, 2, 2]


def test_metadata_comes_back_as_given(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    intrinsics = ((50.0, 0.0, 16.0), (0.0, 50.0, 12.0), (0.0, 0.0, 1.0))
    extrinsics = ((1.0, 0.0, 0.0, 0.1), (0.0, -1.0, 0.0, 0.2), (0.0, 0.0, -1.0, 0.3), (0.0, 0.0, 0.0, 1.0))
    calibration = {"overhead": CameraCalibration(intrinsics, extrinsics, "world")}
    mark = Event(EventKind.NOTE, "subtask: grasp", 5, {"who": "operator", "ünïcode": "✓"})
    with dataset.writer(fake_embodiment(), calibration=calibration) as writer:
        writer.begin(
            task="turn_left_arm", seed=7, operator="Ada", source="expert", clock_id="c", extra={"n": 1}
        )
        writer.append_state(make_state(3, events=(Event(EventKind.GUARD, "velocity", 60_000_000),)))
        writer.append_state(make_state(6))
        writer.append_event(mark)
        episode = dataset.episode(writer.commit(EpisodeOutcome(False, 0.25, "dropped it")))
    meta = episode.metadata
    assert meta.instruction == "turn the left arm"  # from the first tick
    assert (meta.task, meta.seed, meta.operator, meta.source) == ("turn_left_arm", 7, "Ada", "expert")
    assert (meta.success, meta.progress, meta.outcome) == (False, 0.25, "dropped it")
    assert [event.kind for event in meta.events] == [EventKind.GUARD, EventKind.NOTE]
    assert meta.events[1] == mark
    overhead = meta.cameras["overhead"]
    assert (overhead.intrinsics, overhead.extrinsics, overhead.mount) == (intrinsics, extrinsics, "world")
    assert meta.cameras["wrist_left"].intrinsics is None
    assert meta.missing_ticks == 2
    assert meta.extra == {"n": 1}
    assert meta.embodiment_hash == fake_embodiment().embodiment_hash
    assert EpisodeMetadata.from_attributes(meta.to_attributes(), "here") == meta


def test_plain_zarr_in_another_process_reads_everything(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1, ticks=21)
    script = """
        import sys, zarr
        group = zarr.open_group(sys.argv[1], mode="r")
        assert group.attrs["complete"] is True and group.attrs["instruction"] == "turn the left arm"
        images = group["images/overhead"]
        assert images.shape == (11, 24, 32, 3) and images.dtype == "uint8", images
        print([round(float(images[k].mean())) for k in (0, 4, 10)])
        print(group["state/position"][:].sum().hex(), sorted(group["state"]))
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(dataset.path / "episodes/episode_000000.zarr")],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert ran.returncode == 0, ran.stderr
    episode = dataset.episode(0)
    means = [round(float(episode.frame("overhead", k).mean())) for k in (0, 4, 10)]
    assert ran.stdout.splitlines() == [str(means), f"{episode.position.sum().hex()} {sorted(episode.state)}"]


def test_frames_encoded_by_zarr_itself_match_ours(tmp_path):
    from demonstrations.jpeg_codec import JpegCodec

    image = make_image(3)[None]
    array = zarr.create_array(
        tmp_path / "a",
        shape=(5, 24, 32, 3),
        chunks=(1, 24, 32, 3),
        shards=(5, 24, 32, 3),
        dtype="uint8",
        serializer=JpegCodec(95),
        compressors=None,
    )
    array[2:3] = image
    episode = make_dataset(tmp_path / "data", episodes=1).episode(0)
    assert np.array_equal(zarr.open_array(tmp_path / "a", mode="r")[2], episode.frame("overhead", 3))


def test_larger_pictures_are_averaged_down_and_others_refused(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        writer.append_state(make_state(0))
        writer.append_frame("overhead", CameraFrame(make_image(9, 48, 64), 0))
        for wrong in (make_image(9, 12, 16), make_image(9, 48, 48), make_image(9).astype(np.float32)):
            with pytest.raises(DatasetError, match=r"camera 'overhead': wanted uint8 \(24, 32, 3\)"):
                writer.append_frame("overhead", CameraFrame(wrong, 0))
        with pytest.raises(UnknownNameError, match="overhead"):
            writer.append_frame("overhed", CameraFrame(make_image(9), 0))
        episode = dataset.episode(writer.commit(EpisodeOutcome(True)))
    assert np.abs(episode.frame("overhead", 0).astype(int) - make_image(9)).max() <= 4


def test_unknown_names_and_indices_are_named(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    episode = dataset.episode(0)
    with pytest.raises(UnknownNameError, match="position"):
        episode.state["positions"]
    with pytest.raises(UnknownNameError, match="wrist_left"):
        episode.frame("wrist", 0)
    with pytest.raises(IndexError, match="no frame 10; there are 10"):
        episode.frame("overhead", 10)
    with pytest.raises(IndexError, match="1 episodes"):
        dataset.episode(1)
    assert dataset.episode(-1).number == 0


def test_a_camera_without_frames_is_stored_as_empty(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        writer.append_state(make_state(0))
        episode = dataset.episode(writer.commit(EpisodeOutcome(None)))
    assert len(episode.image_time_ns("overhead")) == 0
    assert zarr.open_array(episode.path / "images/overhead", mode="r").shape == (0, 24, 32, 3)


def test_a_discarded_or_empty_episode_leaves_nothing(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        append_ticks(writer, range(5))
        writer.discard()
        writer.begin()
        with pytest.raises(DatasetError, match="without control ticks"):
            writer.commit(EpisodeOutcome(True))
        with pytest.raises(DatasetError, match="begin one first"):
            writer.append_state(make_state(0))
        writer.begin()
        with pytest.raises(DatasetError, match="already being recorded"):
            writer.begin()
    assert [*(dataset.path / "staging").iterdir()] == []
    assert len(dataset) == 0
    with dataset.writer(fake_embodiment()) as writer:
        assert record_episode(writer) == 0
