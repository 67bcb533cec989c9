"""A video gives each frame by its number, in any order and process, and damage is noticed."""

import multiprocessing
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from contracts.demonstration_episodes import make_image

from demonstrations.video import VIDEO_FILE, VideoConfig, VideoReader, write_video
from robotics.errors import DatasetError

FRAMES = 47
CONFIG = VideoConfig(gop=10)


@pytest.fixture
def reader(tmp_path):
    images = (make_image(4 * k, 48, 64) for k in range(FRAMES))
    assert write_video(tmp_path, images, 25.0, CONFIG) == FRAMES
    return VideoReader(tmp_path, FRAMES)


def test_each_frame_is_found_by_its_number_in_any_order(reader):
    reader.check()
    for order in (range(FRAMES), [46, 0, 9, 10, 11, 9, 9, 30, 21, 20, 19], range(FRAMES - 1, -1, -1)):
        for frame, image in zip(order, reader.read(order), strict=True):
            assert image.shape == (48, 64, 3)
            assert np.abs(image.astype(int) - make_image(4 * frame, 48, 64)).max() <= 3


def test_what_was_decoded_before_does_not_matter(reader):
    front_to_back = list(reader.read(range(FRAMES)))
    for frame in np.random.default_rng(0).integers(FRAMES, size=40):
        np.testing.assert_array_equal(next(reader.read([frame])), front_to_back[frame])


@pytest.mark.parametrize("rate_hz", [0.4, 24.97, 29.97, 50, 240])
def test_any_rate_keeps_frames_and_numbers_together(tmp_path, rate_hz):
    write_video(tmp_path, (make_image(9 * k) for k in range(12)), rate_hz, CONFIG)
    (image,) = VideoReader(tmp_path, 12).read([11])
    assert np.abs(image.astype(int) - make_image(99)).max() <= 3


def _read(reader, results):
    results.put(next(reader.read([33])))


def test_forked_processes_do_not_disturb_each_other(reader):
    wanted = next(reader.read([33]))
    next(reader.read([5]))  # the parent has the file open
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    processes = [context.Process(target=_read, args=(reader, results)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        np.testing.assert_array_equal(results.get(), wanted)
        process.join()
    np.testing.assert_array_equal(next(reader.read([33])), wanted)


def test_a_pickled_copy_opens_the_file_itself(reader):
    wanted = next(reader.read([33]))
    np.testing.assert_array_equal(next(pickle.loads(pickle.dumps(reader)).read([33])), wanted)


def test_only_so_many_files_are_open_at_once(reader, tmp_path):
    import os

    readers = [VideoReader(tmp_path, FRAMES) for _ in range(80)]
    for one in readers:
        next(one.read([0]))
    opened = [
        os.readlink(f"/proc/self/fd/{name}")
        for name in os.listdir("/proc/self/fd")
        if name.isdigit()
        if os.path.exists(f"/proc/self/fd/{name}")
    ]
    assert 1 <= opened.count(str(tmp_path / VIDEO_FILE)) <= 32
    np.testing.assert_array_equal(next(readers[0].read([20])), next(reader.read([20])))


def test_threads_read_more_videos_than_may_be_open(reader, tmp_path):
    """Each closes what others read; closing one file twice at once would end the process."""
    wanted = list(reader.read(range(12)))
    readers = [VideoReader(tmp_path, FRAMES) for _ in range(36)]

    def read(seed):
        random = np.random.default_rng(seed)
        for _ in range(150):
            frame = int(random.integers(12))
            (image,) = readers[int(random.integers(len(readers)))].read([frame])
            np.testing.assert_array_equal(image, wanted[frame])

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(read, range(4)))
    finally:
        sys.setswitchinterval(interval)


def test_damage_is_noticed(reader, tmp_path):
    path = tmp_path / VIDEO_FILE
    data = path.read_bytes()
    with pytest.raises(IndexError, match="no frame 47; there are 47"):
        next(reader.read([47]))
    with pytest.raises(DatasetError, match="the video has 47 frames, the episode 48"):
        VideoReader(tmp_path, 48)
    for damaged in (data[: len(data) // 2], data[:1500] + bytes([data[1500] ^ 1]) + data[1501:]):
        path.write_bytes(damaged)
        with pytest.raises(DatasetError, match="damaged, its checksum does not match"):
            VideoReader(tmp_path, FRAMES).check()
        with pytest.raises(DatasetError, match="damaged, its checksum does not match"):
            next(VideoReader(tmp_path, FRAMES).read([40]))
    path.unlink()
    with pytest.raises(DatasetError, match="frame 0 cannot be decoded"):
        next(VideoReader(tmp_path, FRAMES).read([0]))
    (tmp_path / "zarr.json").write_text("{}")
    with pytest.raises(DatasetError, match=r"zarr.json describes no video"):
        VideoReader(tmp_path, FRAMES)


def test_a_video_that_lacks_frames_is_noticed(tmp_path):
    write_video(tmp_path, (make_image(k) for k in range(9)), 25, CONFIG)
    about = tmp_path / "zarr.json"
    about.write_text(about.read_text().replace('"frames": 9', '"frames": 10'))
    with pytest.raises(DatasetError, match="the file holds 9 frames, the episode 10"):
        VideoReader(tmp_path, 10).check()
    with pytest.raises(DatasetError, match="frame 9 cannot be decoded"):
        next(VideoReader(tmp_path, 10).read([9]))


def test_wrong_input_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="even height and width, got 23 x 32"):
        write_video(tmp_path, [make_image(0, 23, 32)], 25, CONFIG)
    with pytest.raises(DatasetError, match="at least one frame, got none"):
        write_video(tmp_path, [], 25, CONFIG)
    with pytest.raises(DatasetError, match=r"crf 0 .. 51 and gop >= 1, got 60 and 10"):
        VideoConfig(crf=60)
