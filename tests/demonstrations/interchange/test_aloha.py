"""ALOHA's HDF5: layout, the way back, and files of other people."""

import cv2
import numpy as np
import pytest
from contracts.demonstration_episodes import make_image
from contracts.fake_embodiment import fake_embodiment
from contracts.interchange_round_trip import (
    assert_same_but_for_pictures,
    export,
    import_again,
    make_varied_dataset,
    open_hdf5,
)

from demonstrations.dataset import DemonstrationDataset
from demonstrations.interchange.foreign import ImportOptions
from demonstrations.interchange.importing import import_episodes, open_foreign
from demonstrations.interchange.selection import ExportOptions
from robotics.errors import DatasetError


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_varied_dataset(tmp_path_factory.mktemp("data") / "set")


@pytest.mark.parametrize("pad", [False, True])
@pytest.mark.parametrize("compress", [False, True])
def test_our_own_export_comes_back_to_the_bit(dataset, tmp_path, compress, pad):
    export(dataset, "aloha", tmp_path / "out", ExportOptions(compress_images=compress, pad=pad))
    again, _ = import_again("aloha", tmp_path / "out", tmp_path / "again")
    assert_same_but_for_pictures(dataset, again, largest_error=4)


def test_the_layout_is_alohas_and_pixels_are_exact(dataset, tmp_path):
    export(dataset, "aloha", tmp_path / "out", ExportOptions(action="applied"))
    episode = dataset.episode(1)
    with open_hdf5(tmp_path / "out/episode_1.hdf5") as file:
        assert bool(file.attrs["sim"])
        np.testing.assert_array_equal(file["/observations/qpos"][:], episode.position)
        np.testing.assert_array_equal(file["/observations/qvel"][:], episode.velocity)
        np.testing.assert_array_equal(file["/action"][:], episode.applied)
        images = file["/observations/images/wrist_left"]
        assert (images.shape, images.dtype) == ((31, 24, 32, 3), np.uint8)
        shown = episode.frame_of_rows("wrist_left")
        np.testing.assert_array_equal(images[:], episode.frames("wrist_left", shown))


def test_compressed_pictures_are_the_stores_own_jpegs(dataset, tmp_path):
    export(dataset, "aloha", tmp_path / "out", ExportOptions(compress_images=True))
    episode = dataset.episode(0)
    with open_hdf5(tmp_path / "out/episode_0.hdf5") as file:
        assert bool(file.attrs["compress"])
        lengths = file["compress_len"][:].astype(int)
        assert lengths.shape == (2, 20)
        for row in range(20):
            data = file["/observations/images/overhead"][row, : lengths[0, row]].tobytes()
            assert data == episode.jpegs("overhead", [row // 2])[0]


def test_padded_episodes_are_equally_long_and_hold_still_at_the_end(dataset, tmp_path):
    export(dataset, "aloha", tmp_path / "out", ExportOptions(pad=True))
    for number in range(3):
        with open_hdf5(tmp_path / f"out/episode_{number}.hdf5") as file:
            length = len(dataset.episode(number))
            assert len(file["action"]) == len(file["observations/images/overhead"]) == 31
            np.testing.assert_array_equal(
                file["action"][length:], file["action"][length - 1 : length][[0] * (31 - length)]
            )


def make_foreign(path, *, rows=8, joints=14, compress=False):
    path.mkdir()
    values = np.random.default_rng(3).normal(size=(rows, joints))
    for number in (0, 10, 9):
        with open_hdf5(path / f"episode_{number}.hdf5", "w") as file:
            file["observations/qpos"] = values + number
            file["action"] = values
            images = [make_image(20 * i) for i in range(rows)]
            if compress:
                jpegs = [cv2.imencode(".jpg", image)[1].ravel() for image in images]
                padded = [np.pad(jpeg, (0, 2000 - len(jpeg))) for jpeg in jpegs]
                file["observations/images/cam_high"] = np.stack(padded)
            else:
                file["observations/images/cam_high"] = np.stack(images)
    return values


def import_foreign(path, out, **options):
    told = ImportOptions(fake_embodiment(), **{"cameras": {"cam_high": "overhead"}, **options})
    report = import_episodes(open_foreign(path, "aloha", told), out, told.embodiment)
    return DemonstrationDataset.open(out, fake_embodiment()), report


@pytest.mark.parametrize("compress", [False, True])
def test_other_peoples_files_are_read_in_order(tmp_path, compress):
    values = make_foreign(tmp_path / "theirs", compress=compress)
    dataset, _ = import_foreign(tmp_path / "theirs", tmp_path / "ours", instruction="open the jar")
    assert [float(np.round((e.position - values).mean())) for e in dataset] == [0, 9, 10]
    episode = dataset.episode(0)
    np.testing.assert_array_equal(episode.intended, values)
    np.testing.assert_allclose(episode.velocity[3], (values[4] - values[2]) * 25)
    assert episode.metadata.instruction == "open the jar"
    assert np.abs(episode.frame("overhead", 5).astype(int) - make_image(100)).max() <= 6


def test_degrees_are_suspected(tmp_path):
    make_foreign(tmp_path / "theirs")
    _, report = import_foreign(tmp_path / "theirs", tmp_path / "ours")
    assert not [note for note in report.notes if "episode 1" in note]
    with open_hdf5(tmp_path / "theirs/episode_0.hdf5", "a") as file:
        file["observations/qpos"][:] *= 57
    _, report = import_foreign(tmp_path / "theirs", tmp_path / "again")
    assert "other units or order?" in report.notes[0]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: [p.unlink() for p in path.iterdir()], "has no episode_"),
        (lambda path: (path / "episode_9.hdf5").write_bytes(b"no"), "episode_9.hdf5: cannot be read as HDF5"),
        (lambda path: _delete(path / "episode_9.hdf5", "action"), "no 'action'; it has: observations"),
        (
            lambda path: _delete(path / "episode_9.hdf5", "observations/images/cam_high"),
            "no camera 'cam_high'",
        ),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_left(tmp_path, spoil, message):
    make_foreign(tmp_path / "theirs")
    spoil(tmp_path / "theirs")
    with pytest.raises(DatasetError, match=message):
        import_foreign(tmp_path / "theirs", tmp_path / "ours")
    assert [p.name for p in tmp_path.iterdir()] == ["theirs"]


def test_a_damaged_picture_is_named(tmp_path, dataset):
    export(dataset, "aloha", tmp_path / "theirs")
    path = tmp_path / "theirs/episode_1.hdf5"
    with open_hdf5(path) as file:
        chunk = file["observations/images/overhead"].id.get_chunk_info(4)
    data = bytearray(path.read_bytes())
    data[chunk.byte_offset : chunk.byte_offset + chunk.size] = bytes(chunk.size)
    path.write_bytes(data)
    with pytest.raises(DatasetError, match=r"episode_1\.hdf5: /observations/images/overhead row "):
        import_again("aloha", tmp_path / "theirs", tmp_path / "ours")
    assert [p.name for p in tmp_path.iterdir()] == ["theirs"]


def test_values_that_are_not_finite_are_refused(tmp_path):
    make_foreign(tmp_path / "theirs")
    with open_hdf5(tmp_path / "theirs/episode_0.hdf5", "a") as file:
        file["action"][3, 2] = np.nan
    with pytest.raises(DatasetError, match="action holds values that are not finite"):
        import_foreign(tmp_path / "theirs", tmp_path / "ours")


def test_another_number_of_joints_is_refused(tmp_path):
    make_foreign(tmp_path / "theirs", joints=7)
    with pytest.raises(DatasetError, match="wanted 14 joints and grippers as on 'fake', got 7"):
        import_foreign(tmp_path / "theirs", tmp_path / "ours")


def _delete(path, name):
    with open_hdf5(path, "a") as file:
        del file[name]
