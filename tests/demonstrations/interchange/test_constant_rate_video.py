"""Frame i of a video is shown at i / fps, and comes back as it went in."""

from fractions import Fraction

import av
import numpy as np
import pytest
from contracts.demonstration_episodes import make_image

from demonstrations.interchange.constant_rate_video import ConstantRateVideoWriter, read_frames
from robotics.errors import DatasetError


def write_video(path, counts, fps=50, keyframe_every=2):
    video = ConstantRateVideoWriter(path, 24, 32, fps, crf=10, keyframe_every=keyframe_every)
    for number, count in enumerate(counts):
        video.append(make_image(10 * number), count, keyframe=number == 3)
    video.close()
    return video


@pytest.mark.parametrize("fps", [25, 30, 50, 7])
def test_every_frame_stands_exactly_at_its_time(tmp_path, fps):
    video = write_video(tmp_path / "video.mp4", [2, 1, 3, 2], fps)
    assert video.frames == 8
    with av.open(str(tmp_path / "video.mp4")) as container:
        stream = container.streams.video[0]
        times = [Fraction(frame.pts or 0) * (stream.time_base or 0) for frame in container.decode(stream)]
        assert stream.average_rate == fps
        assert stream.frames == 8
    assert times == [Fraction(i, fps) for i in range(8)]


@pytest.mark.parametrize("keyframe_every", [1, 2, 10, 250])
@pytest.mark.parametrize("start", [0, 3, 6])
def test_wanted_frames_come_back_from_any_start(tmp_path, start, keyframe_every):
    counts = [2, 1, 3, 2, 4]
    write_video(tmp_path / "video.mp4", counts, keyframe_every=keyframe_every)
    shown = np.repeat(np.arange(5), counts)
    wanted = np.array([0, 2, 5])
    images = [*read_frames(tmp_path / "video.mp4", start / 50, 50, wanted)]
    assert len(images) == 3
    for image, number in zip(images, shown[start + wanted], strict=True):
        assert np.abs(image.astype(int) - make_image(10 * number)).max() <= 8


def test_a_frame_beyond_the_end_is_named(tmp_path):
    write_video(tmp_path / "video.mp4", [2])
    with pytest.raises(DatasetError, match=r"no frame at 0\.100 s"):
        list(read_frames(tmp_path / "video.mp4", 0, 50, np.array([0, 5])))


def test_no_video_is_one_line(tmp_path):
    (tmp_path / "video.mp4").write_bytes(b"no video")
    with pytest.raises(DatasetError, match="cannot be read as video"):
        list(read_frames(tmp_path / "video.mp4", 0, 50, np.array([0])))


def test_odd_sides_are_refused_before_a_file_is_made(tmp_path):
    with pytest.raises(DatasetError, match="even sides, got 23 x 32"):
        ConstantRateVideoWriter(tmp_path / "video.mp4", 23, 32, 50, crf=20, keyframe_every=2)
    assert [*tmp_path.iterdir()] == []
