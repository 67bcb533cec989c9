"""A camera's frames as an H.264 video: written at once, read at random.

Frame i has the presentation time i / rate, exactly; when it was captured stands in the episode's
`image_time_ns`, as for single pictures. Every `gop`-th frame is a key frame, and no frame refers to a later
one, so that reading frame i decodes i % gop + 1 frames.
"""

import json
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import google_crc32c
import numpy as np

from demonstrations.arrays import group_json
from robotics.errors import DatasetError

VIDEO_FILE = "frames.mp4"
"""Inside the camera's group."""

_OPEN_VIDEOS = 32
"""Of one process; further ones close those that were not read for longest."""


@dataclass(frozen=True)
class VideoConfig:
    """How frames are encoded."""

    crf: int = 18
    """x264's constant rate factor, 0 .. 51; 18 looks like the original, each 6 more halve the size."""
    gop: int = 10
    """From one key frame to the next."""
    preset: str = "veryfast"
    """Of x264: slower ones make smaller files."""

    def __post_init__(self) -> None:
        if not 0 <= self.crf <= 51 or self.gop < 1:
            raise DatasetError(f"a video wants crf 0 .. 51 and gop >= 1, got {self.crf} and {self.gop}")


def _rate(rate_hz: float) -> int:
    """A nominal rate: whole numbers make every presentation time exact."""
    return max(1, round(rate_hz))


def write_video(folder: Path, images: Iterable[np.ndarray], rate_hz: float, config: VideoConfig) -> int:
    """Encode RGB images, uint8 (height, width, 3) of even size, at least one; returns how many.

    One thread; several videos are encoded at once by calling this in several.

    Args:
        folder: The camera's group; gets the video and a zarr.json that describes it, not yet synced.
        rate_hz: Players will show it at this rate, rounded.

    Raises:
        DatasetError: The size is odd, or there is no image.
    """
    import av
    from av.video.reformatter import VideoReformatter

    rate = _rate(rate_hz)
    reformatter = VideoReformatter()
    count = 0
    path = folder / VIDEO_FILE
    with av.open(str(path), "w", format="mp4") as container:
        stream = None
        for image in images:
            if stream is None:
                stream = _add_stream(container, image, rate, config)
            frame = reformatter.reformat(av.VideoFrame.from_ndarray(image, format="rgb24"), format="yuv420p")
            frame.pts, frame.time_base = count, Fraction(1, rate)
            container.mux(stream.encode(frame))
            count += 1
        if stream is None:
            raise DatasetError(f"{folder.name}: a video wants at least one frame, got none")
        container.mux(stream.encode(None))
    crc32c = google_crc32c.value(path.read_bytes())
    video = {"file": VIDEO_FILE, "rate_hz": rate, "frames": count, "crc32c": crc32c, **asdict(config)}
    (folder / "zarr.json").write_bytes(group_json({"video": video}))
    return count


def _add_stream(container: Any, image: np.ndarray, rate: int, config: VideoConfig) -> Any:
    height, width = image.shape[:2]
    if height % 2 or width % 2:
        raise DatasetError(f"H.264 wants an even height and width, got {height} x {width}")
    stream = container.add_stream("libx264", rate=rate)
    stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
    stream.codec_context.thread_count = 1
    stream.options = {
        "preset": config.preset,
        "crf": str(config.crf),
        "g": str(config.gop),
        "keyint_min": str(config.gop),
        "sc_threshold": "0",
        "bf": "0",
    }
    return stream


class VideoReader:
    """Random access to the frames of one camera; usable in any process it is forked or pickled into, and by
    several threads, one at a time.

    Opened when first read; the least recently read ones of a process are closed again.
    """

    def __init__(self, folder: Path, frames: int):
        """
        Args:
            folder: The camera's group.
            frames: How many the episode says that there are.

        Raises:
            DatasetError: The group has no description of a video, or of another length.
        """
        self.path = folder / VIDEO_FILE
        self.frames = frames
        try:
            video = json.loads((folder / "zarr.json").read_bytes())["attributes"]["video"]
            self._rate, self._gop = int(video["rate_hz"]), int(video["gop"])
            count, self._crc32c = int(video["frames"]), int(video["crc32c"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"{folder}: zarr.json describes no video ({error})") from error
        if count != frames:
            raise DatasetError(f"{folder}: the video has {count} frames, the episode {frames}")
        self._opened: _OpenVideo | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": None}

    def read(self, frames: Sequence[int] | np.ndarray) -> Iterator[np.ndarray]:
        """These frames one after the other, RGB uint8 (height, width, 3); fastest in ascending order.

        Raises:
            IndexError: There is no such frame.
            DatasetError: The file is missing or damaged.
        """
        from av.error import FFmpegError

        for frame in frames:
            if not 0 <= frame < self.frames:
                raise IndexError(f"{self.path}: no frame {frame}; there are {self.frames}")
            try:
                image = None
                while image is None:  # another thread may close it in between
                    image = self._open().read(int(frame))
            except (FFmpegError, OSError, StopIteration, ValueError) as error:
                self.close()
                raise DatasetError(f"{self.path}: frame {frame} cannot be decoded ({error})") from error
            yield image

    def check(self) -> None:
        """Look whether the file is as it was written and has every frame, without decoding any.

        Raises:
            DatasetError: The file is missing or damaged, or holds more or fewer frames.
        """
        import av
        from av.error import FFmpegError

        try:
            with av.open(self._check_file()) as container:
                count = sum(packet.pts is not None for packet in container.demux(video=0))
        except (FFmpegError, OSError, IndexError) as error:
            raise DatasetError(f"{self.path}: cannot be read ({error})") from error
        if count != self.frames:
            raise DatasetError(f"{self.path}: the file holds {count} frames, the episode {self.frames}")

    def close(self) -> None:
        """Close the file; reading opens it again."""
        with _recent.lock:
            opened, self._opened = self._opened, None
            _recent.readers.pop(id(self), None)
        if opened is not None:
            opened.close()

    def _check_file(self) -> str | BytesIO:
        """What to open: the file, or where it lies in an object store its content."""
        # a decoder guesses where data is damaged; a training would never know
        data = self.path.read_bytes()
        if google_crc32c.value(data) != self._crc32c:
            raise DatasetError(f"{self.path}: damaged, its checksum does not match")
        return str(self.path) if isinstance(self.path, Path) else BytesIO(data)

    def _open(self) -> "_OpenVideo":
        opened = self._opened
        if opened is None or not opened.is_usable:
            opened = _OpenVideo(self._check_file(), self._rate, self._gop)
        with _recent.lock:
            self._opened = opened
            _recent.readers.pop(id(self), None)
            _recent.readers[id(self)] = self
            oldest = list(_recent.readers.values())[:-_OPEN_VIDEOS]
        for reader in oldest:
            reader.close()
        return opened


class _Recent:
    """Open readers of this process, the one read last at the end."""

    def __init__(self):
        self.readers: dict[int, VideoReader] = {}
        self.renew_lock()

    def renew_lock(self) -> None:
        self.lock = threading.Lock()


_recent = _Recent()
# another thread may have held the lock when the process was forked
os.register_at_fork(after_in_child=_recent.renew_lock)


class _OpenVideo:
    """An open file, and the frame that it stands at."""

    def __init__(self, file: str | BytesIO, rate: int, gop: int):
        import av

        self._process = os.getpid()
        self._lock = threading.Lock()  # FFmpeg's structures are not made for two threads
        self._is_closed = False
        self._container = av.open(file)
        self._stream = self._container.streams.video[0]
        # one thread: a training's workers have a core each, and frame threads would delay every picture
        self._stream.codec_context.thread_count = 1
        step = 1 / (rate * (self._stream.time_base or Fraction(1, rate)))
        if step.denominator != 1:
            raise ValueError(f"times of {self._stream.time_base} s do not divide a frame at {rate} Hz")
        self._step, self._gop = step.numerator, gop
        self._next = 0
        self._images = self._container.decode(self._stream)

    @property
    def is_usable(self) -> bool:
        """Not in a forked process, which must not share its parent's file position, nor after closing."""
        return self._process == os.getpid() and not self._is_closed

    def close(self) -> None:
        """Once no thread reads any more; in a forked process, the parent's file stays as it is."""
        if self._process == os.getpid():
            with self._lock:
                self._is_closed = True
                self._container.close()

    def read(self, frame: int) -> np.ndarray | None:
        """RGB (height, width, 3); None if the video was closed."""
        with self._lock:
            return None if self._is_closed else self._read(frame)

    def _read(self, frame: int) -> np.ndarray:
        key_frame = frame - frame % self._gop
        if not self._next <= frame or self._next < key_frame:
            self._container.seek(key_frame * self._step, stream=self._stream)
            self._images = self._container.decode(self._stream)
            self._next = key_frame
        while True:
            image = next(self._images)
            if image.pts != self._next * self._step:
                raise ValueError(f"wanted frame {self._next}, got the time {image.pts}")
            self._next += 1
            if self._next > frame:
                return cv2.cvtColor(image.to_ndarray(), cv2.COLOR_YUV2RGB_I420)
