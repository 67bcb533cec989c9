"""The cache holds what the dataset shows, at the right rows, and is made again only after a change."""

import shutil
import threading

import numpy as np
import pytest
from contracts.demonstration_episodes import PERIOD_NS, make_dataset, make_image, make_state, record_episode
from contracts.fake_embodiment import fake_embodiment

from demonstrations.cache import FrameCache
from demonstrations.schema import EpisodeOutcome
from demonstrations.view import CameraView
from robotics.errors import DatasetError, UnknownNameError
from robotics.observation import CameraFrame


def test_images_rows_and_episodes_match_the_dataset(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=3, ticks=21)
    views = {"wrist_left": (12, 16), "overhead": CameraView(8, 8, (0.25, 0.0, 0.75, 0.5))}
    cache = FrameCache.build(dataset, views, stride=2, path=tmp_path / "cache", workers=2)
    assert len(cache) == 3 * 6
    assert cache.episode.tolist() == sorted([0, 1, 2] * 6)
    assert cache.row.tolist() == [0, 4, 8, 12, 16, 20] * 3
    assert cache.images["wrist_left"].shape == (18, 12, 16, 3)
    for i in range(len(cache)):
        episode = dataset.episode(int(cache.episode[i]))
        assert cache.time_ns[i] == episode.time_ns[cache.row[i]]
        for name, view in (("wrist_left", CameraView(12, 16)), ("overhead", views["overhead"])):
            frame = episode.frame(name, int(cache.row[i]) // 2)
            np.testing.assert_array_equal(cache.images[name][i], view.apply(frame))


def test_cameras_of_other_rates_show_their_newest_frame(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        for tick in range(12):
            writer.append_state(make_state(tick))
            if tick % 2 == 0:
                writer.append_frame("overhead", CameraFrame(make_image(10 * tick), tick * PERIOD_NS))
            if tick % 5 == 1:
                writer.append_frame("wrist_left", CameraFrame(make_image(10 * tick), tick * PERIOD_NS))
        writer.commit(EpisodeOutcome(True))
    cache = FrameCache.build(dataset, {"overhead": (24, 32), "wrist_left": (24, 32)}, path=tmp_path / "cache")
    shown = [round((float(image.mean()) - 30) / 10) for image in cache.images["wrist_left"]]
    assert cache.row.tolist() == [0, 2, 4, 6, 8, 10]
    assert shown == [1, 1, 1, 6, 6, 6]


def test_it_is_reused_until_dataset_or_options_change(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    path, built = tmp_path / "cache", []

    def build(**options):
        built.clear()
        cache = FrameCache.build(
            dataset,
            {"overhead": options.pop("size", (12, 16))},
            path=path,
            progress=lambda done, of: built.append((done, of)),
            **options,
        )
        return len(cache), len(built)

    assert build() == (20, 2)
    assert build() == (20, 0)
    assert build(stride=3) == (8, 2)
    assert build(size=(6, 8), stride=3) == (8, 2)
    assert build(size=(6, 8), stride=3, episodes=[1]) == (4, 1)
    with dataset.writer(fake_embodiment()) as writer:
        record_episode(writer, seed=2)
        record_episode(writer, seed=3, success=False)
    assert build() == (30, 3)  # failures are not for learning
    assert built[-1] == (3, 3)
    assert FrameCache.open(path).images["overhead"].shape == (30, 12, 16, 3)
    assert [p.name for p in tmp_path.iterdir() if "partial" in p.name] == []


def test_episodes_that_it_has_are_not_decoded_again(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=3)
    views = {"overhead": (12, 16), "wrist_left": (6, 8)}
    FrameCache.build(dataset, views, path=tmp_path / "cache", episodes=[2, 0])
    for index in (0, 2):
        shutil.rmtree(dataset.episode(index).path / "images")  # what is not read need not be there
    with dataset.writer(fake_embodiment()) as writer:
        record_episode(writer, seed=3)
    cache = FrameCache.build(dataset, views, path=tmp_path / "cache")
    assert cache.episode.tolist() == sorted([0, 1, 2, 3] * 10)
    assert cache.row.tolist() == list(range(0, 20, 2)) * 4
    for sample, (index, row) in enumerate(zip(cache.episode, cache.row, strict=True)):
        wanted = make_image(row // 2 + index).mean()
        assert abs(float(cache.images["overhead"][sample].mean()) - wanted) < 2
        assert abs(float(cache.images["wrist_left"][sample].mean()) - wanted) < 2
    with pytest.raises(DatasetError, match="cannot be read"):
        FrameCache.build(dataset, {"overhead": (8, 8)}, path=tmp_path / "cache")


def test_an_empty_dataset_gives_an_empty_cache(tmp_path):
    cache = FrameCache.build(make_dataset(tmp_path / "data"), {"overhead": (4, 4)}, path=tmp_path / "cache")
    assert len(cache) == 0
    assert cache.images["overhead"].shape == (0, 4, 4, 3)


def test_wrong_options_are_refused(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    with pytest.raises(UnknownNameError, match="overhead"):
        FrameCache.build(dataset, {"top": (4, 4)}, path=tmp_path / "cache")
    with pytest.raises(DatasetError, match="stride"):
        FrameCache.build(dataset, {"overhead": (4, 4)}, stride=0, path=tmp_path / "cache")
    with pytest.raises(DatasetError, match="fractions"):
        FrameCache.build(dataset, {"overhead": (4, 4, (0, 0, 24, 32))}, path=tmp_path / "cache")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("precious")
    with pytest.raises(DatasetError, match="something other"):
        FrameCache.build(dataset, {"overhead": (4, 4)}, path=tmp_path / "mine")
    assert (tmp_path / "mine/thesis.txt").exists()
    with pytest.raises(DatasetError, match="no frame cache"):
        FrameCache.open(tmp_path / "cache")


def test_a_damaged_frame_stops_the_build_and_leaves_nothing(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    shard = dataset.episode(0).path / "images/overhead/c.0.0.0.0"
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(DatasetError, match="damaged"):
        FrameCache.build(dataset, {"overhead": (4, 4)}, path=tmp_path / "cache")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_processes_that_want_the_same_cache_build_it_once(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    built = []

    def build() -> None:
        FrameCache.build(
            dataset,
            {"overhead": (12, 16)},
            path=tmp_path / "cache",
            progress=lambda *done: built.append(done),
        )

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [(1, 2), (2, 2)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "data"]
