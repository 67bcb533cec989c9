"""H.264 in MP4 at an exactly constant rate: frame i is shown at i / fps, without exception."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from robotics.errors import DatasetError


class ConstantRateVideoWriter:
    """Appends frames to one MP4 file."""

    def __init__(self, path: Path, height: int, width: int, fps: int, *, crf: int, keyframe_every: int):
        """
        Raises:
            DatasetError: A side is odd, which the pixel format yuv420p cannot be.
        """
        if height % 2 or width % 2:
            raise DatasetError(f"video wants even sides, got {height} x {width} pixels")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.frames = 0
        self.bytes = 0
        self._reformatter = VideoReformatter()  # making one takes longer than using it
        self._container = av.open(str(path), "w", format="mp4")
        self._stream = self._container.add_stream("libx264", rate=fps)
        self._stream.height, self._stream.width = height, width
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = Fraction(1, fps)
        self._stream.codec_context.time_base = Fraction(1, fps)
        self._stream.options = {
            "crf": str(crf),
            "g": str(keyframe_every),
            "preset": "veryfast",
            "bf": "0",  # B-frames would shift the first time stamp
            "forced-idr": "1",
        }

    def append(self, image: np.ndarray, count: int = 1, *, keyframe: bool = False) -> None:
        """Show one RGB image, uint8 (height, width, 3), for `count` frames.

        Args:
            keyframe: Begin anew, so that the video can be cut here.
        """
        frame = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24"), format="yuv420p"
        )
        for i in range(count):
            frame.pts = self.frames
            frame.time_base = Fraction(1, self._stream.codec_context.framerate)
            frame.pict_type = PictureType.I if keyframe and i == 0 else PictureType.NONE
            self._write(frame)
            self.frames += 1

    def close(self) -> None:
        self._write(None)
        self._container.close()

    def abandon(self) -> None:
        """Close the file as it is, after an error."""
        self._container.close()

    def _write(self, frame: av.VideoFrame | None) -> None:
        for packet in self._stream.encode(frame):
            packet.duration = 1  # else the last frame has none, and readers compute another average rate
            self.bytes += packet.size
            self._container.mux(packet)


def read_frames(path: Path, start_s: float, fps: float, wanted: np.ndarray) -> Iterator[np.ndarray]:
    """Images at `start_s` + i / fps of an MP4 file, for each i of `wanted`, ascending.

    Yields:
        RGB uint8 (height, width, 3).

    Raises:
        DatasetError: The file cannot be read, or has no frame within half a period of a wanted time.
    """
    pending = [int(i) for i in wanted]
    if not pending:
        return
    reformatter = VideoReformatter()
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            time_base = stream.time_base or Fraction(1, av.time_base)
            first_s = start_s + pending[0] / fps
            container.seek(max(0, int(first_s / time_base)), stream=stream)
            for frame in container.decode(stream):
                shown = round((float((frame.pts or 0) * time_base) - start_s) * fps)
                if shown > pending[0]:
                    break
                if shown == pending[0]:
                    yield reformatter.reformat(frame, format="rgb24").to_ndarray()
                    pending.pop(0)
                    if not pending:
                        return
    except (FFmpegError, IndexError, OSError) as error:
        raise DatasetError(f"{path}: cannot be read as video ({error})") from error
    raise DatasetError(f"{path}: no frame at {start_s + pending[0] / fps:.3f} s")
