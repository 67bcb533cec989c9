"""Damage is found, named, and never served."""

import pytest
from contracts.demonstration_episodes import make_dataset

from demonstrations.verify import verify
from robotics.errors import DatasetError

CAMERA = "images/overhead/c.1.0.0.0"


def flip(path, position):
    data = bytearray(path.read_bytes())
    data[position] ^= 0x10
    path.write_bytes(data)


def test_an_untouched_dataset_has_no_problems(tmp_path):
    assert verify(make_dataset(tmp_path / "data", episodes=2)) == []


@pytest.mark.parametrize("position", [200, -20])
def test_one_flipped_bit_in_a_frame_is_found_and_not_served(tmp_path, position):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    flip(dataset.episode(1).path / CAMERA, position)
    assert [str(p) for p in verify(dataset)] == [
        f"episode_000001.zarr: {CAMERA} is damaged: its checksum does not match"
    ]
    assert verify(dataset, [0]) == []
    with pytest.raises(DatasetError, match="damaged"):
        dataset.episode(1).frames("overhead", range(10))
    dataset.episode(1).frames("overhead", range(4))  # the other shards are good


def test_one_flipped_bit_in_the_ticks_is_found_and_not_served(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    flip(dataset.episode(0).path / "state/applied/c.0.0", 100)
    assert "state/applied/c.0.0 is damaged" in str(verify(dataset)[0])
    with pytest.raises(DatasetError, match="checksum"):
        _ = dataset.episode(0).applied


def test_missing_added_and_truncated_files_are_found(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    path = dataset.episode(0).path
    (path / CAMERA).unlink()
    (path / "state/extra.txt").write_text("?")
    times = path / "image_time_ns/wrist_left/c.0"
    times.write_bytes(times.read_bytes()[:-9])
    assert {problem.text for problem in verify(dataset)} == {
        f"{CAMERA} is missing",
        "image_time_ns/wrist_left/c.0 is damaged: its checksum does not match",
        "state/extra.txt was added after the commit",
    }
    with pytest.raises(DatasetError, match="cannot be read"):
        dataset.episode(0).frame("overhead", 5)


def test_an_edited_attribute_is_found(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    marker = dataset.episode(0).path / "zarr.json"
    marker.write_text(marker.read_text().replace("turn the left arm", "turn the right arm"))
    assert "attributes were edited" in str(verify(dataset)[0])


def test_a_lost_episode_is_named(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    dataset.episode(0).path.rename(tmp_path / "elsewhere")
    assert [str(p) for p in verify(dataset)] == [
        "dataset: the index lists episode_000000.zarr, which is gone"
    ]
