"""Films of episodes: cameras tiled over a caption with instruction, time and progress, as H.264 in MP4."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from types import TracebackType

import numpy as np

PANEL_HEIGHT = 480
CAPTION_HEIGHT = 64
_INK, _SOFT, _GROUND, _ACCENT = (238, 242, 246), (150, 162, 175), (22, 27, 33), (88, 150, 255)


def film_cameras(camera_names: Sequence[str]) -> tuple[str, ...]:
    """The cameras of a film: the overall view first, then the wrists (up to three)."""
    main = "overhead" if "overhead" in camera_names else camera_names[0]
    wrists = [name for name in camera_names if name != main and "wrist" in name]
    others = [name for name in camera_names if name != main and name not in wrists]
    return (main, *(wrists or others)[:3])


def tile_images(images: Sequence[np.ndarray]) -> np.ndarray:
    """The first picture large, the others stacked at its right.

    Args:
        images: uint8 RGB, each of shape (height, width, 3); at least one.

    Returns:
        uint8 RGB, shape (PANEL_HEIGHT, even width, 3).
    """
    main = _resize_to_height(images[0], PANEL_HEIGHT)
    if len(images) == 1:
        return main
    count = max(2, len(images) - 1)
    column = [_resize_to_height(image, PANEL_HEIGHT // count) for image in images[1:]]
    width = max(image.shape[1] for image in column)
    side = np.full((PANEL_HEIGHT, width, 3), _GROUND, np.uint8)
    for i, image in enumerate(column):
        top = i * (PANEL_HEIGHT // count)
        side[top : top + image.shape[0], : image.shape[1]] = image
    return np.concatenate([main, side], axis=1)


def add_caption(picture: np.ndarray, title: str, status: str, progress: float) -> np.ndarray:
    """The picture (height, width, 3) over a caption bar: title, status, progress 0..1 as a line."""
    width = picture.shape[1]
    bar = _caption(width, title, status).copy()
    filled = round(width * min(max(progress, 0.0), 1.0))
    bar[:4, :] = (44, 52, 61)
    bar[:4, :filled] = _ACCENT
    return np.concatenate([picture, bar], axis=0)


@lru_cache(maxsize=8)
def _caption(width: int, title: str, status: str) -> np.ndarray:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (width, CAPTION_HEIGHT), _GROUND)
    draw = ImageDraw.Draw(image)
    draw.text((14, 11), title, fill=_INK, font=_font(20))
    draw.text((14, 38), status, fill=_SOFT, font=_font(15))
    return np.asarray(image)


@lru_cache(maxsize=4)
def _font(size: int):
    from pathlib import Path as FontPath

    import matplotlib
    from PIL import ImageFont

    # matplotlib brings the font along, so that films look alike on every machine
    return ImageFont.truetype(str(FontPath(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf")), size)


def _resize_to_height(image: np.ndarray, height: int) -> np.ndarray:
    import cv2

    width = 2 * round(image.shape[1] * height / image.shape[0] / 2)
    if image.shape[:2] == (height, width):
        return image
    shrinks = image.shape[0] > height
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


class VideoWriter:
    """Encodes pictures to one MP4 file; use it in a `with` block."""

    def __init__(self, path: Path, frame_rate: float):
        """The file appears under its name once it is complete.

        Args:
            frame_rate: Pictures a second [1/s].
        """
        import av

        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._partial = path.with_name(path.name + ".partial")
        self._container = av.open(str(self._partial), "w", format="mp4", options={"movflags": "+faststart"})
        self._rate = Fraction(frame_rate).limit_denominator(1000)
        self._stream = None

    def add(self, image: np.ndarray) -> None:
        """Append a picture: uint8 RGB, shape (height, width, 3), even sides, always the same."""
        import av

        if self._stream is None:
            # ultrafast would triple the file; veryfast at crf 23 is visually clean
            stream = self._container.add_stream(
                "libx264", rate=self._rate, options={"crf": "23", "preset": "veryfast"}
            )
            stream.height, stream.width = image.shape[:2]
            stream.pix_fmt = "yuv420p"  # what every browser plays
            self._stream = stream
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Finish the file; without any picture there is none."""
        if self._stream is not None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        if self._stream is not None:
            self._partial.replace(self.path)
        else:
            self._partial.unlink(missing_ok=True)

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
            return
        self._container.close()
        self._partial.unlink(missing_ok=True)


def caption_of(
    instruction: str, elapsed_s: float, progress: float, stage: str, success: bool
) -> tuple[str, str]:
    """Title and status line of a film's caption."""
    state = "succeeded" if success else stage
    return instruction, f"{elapsed_s:5.1f} s    progress {progress:4.2f}    {state}"


def film_picture(images: Mapping[str, np.ndarray], title: str, status: str, progress: float) -> np.ndarray:
    """One picture of a film; `images` in the order of `film_cameras`."""
    return add_caption(tile_images(list(images.values())), title, status, progress)
