"""Photos from disk as views: any usual format, upright, of a usable size, with depth and calibration.

A photo with a side above `LONGEST_SIDE` is scaled down, because no reasoner sees more, and one above
`MOST_PIXELS` is refused; `Photo.to_file` maps answers back to the file's own pixels. Depth is a 16-bit PNG in
millimetres or a .npy of floats in metres, 0 where unknown; it has the shape of the upright photo, at any
resolution. Transparent photos are seen on white.
"""

import difflib
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from robotics.reasoning.calibration import Calibration, read_calibration
from robotics.reasoning.checks import MOST_PIXELS
from robotics.reasoning.errors import ImageError
from robotics.reasoning.scaling import Reply, scale_answer
from robotics.reasoning.view import View

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_SIDE = 2048
"""Of a view [pixel]."""
SHORTEST_SIDE = 16
"""Smaller pictures show nothing that could be asked about [pixel]."""
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
_WANTED = "PNG, JPEG, WebP, BMP, TIFF or GIF is wanted"
_ORIENTATION = 0x0112
_WORDS_OF_16_BITS = ("I;16", "I;16B", "I;16L", "I;16N", "I")
_MILLIMETRES = 1000.0
_MOST_DIFFERENT_SHAPE = 0.02
"""Between depth or calibration and the photo, as a part of width / height."""


@dataclass(frozen=True, eq=False)
class Photo:
    """A view, and the size of the picture that it was made of."""

    view: View
    width: int
    """Of the upright picture in the file [pixel]."""
    height: int
    """[pixel]"""

    def to_file(self, answer: Reply) -> Reply:
        """An answer about the view with the file's pixels."""
        return scale_answer(answer, self.width / self.view.width, self.height / self.view.height)

    def to_view(self, column: float, row: float) -> tuple[float, float]:
        """The view's column and row of the file's [pixel]."""
        return column * self.view.width / self.width, row * self.view.height / self.height


def read_photo(path: Path, depth: Path | None = None, calibration: Path | None = None) -> Photo:
    """
    Args:
        depth: A 16-bit PNG [mm] or a .npy of floats [m].
        calibration: A JSON file, see `robotics.reasoning.calibration`; of the photo at any resolution.

    Raises:
        ImageError: One line that says what is wrong with which file.
    """
    image, width, height = _read_picture(path)
    known = read_calibration(calibration) if calibration else Calibration()
    intrinsics = known.intrinsics
    if intrinsics is not None:
        what = f"calibration {calibration} is of a picture of {intrinsics.width} x {intrinsics.height}"
        _check_shape(intrinsics.width, intrinsics.height, width, height, what)
        intrinsics = intrinsics.resized(image.shape[1], image.shape[0])
    view = View(
        image,
        None if depth is None else _read_depth(depth, image.shape[1], image.shape[0]),
        intrinsics,
        known.camera_in_world,
        path.stem,
    )
    return Photo(view, width, height)


def _read_picture(path: Path) -> tuple[np.ndarray, int, int]:
    """uint8 RGB (height, width, 3) within `LONGEST_SIDE`, and width and height of the upright original."""
    from PIL import ImageOps

    with _open(path) as picture:
        width, height = picture.size
        if picture.mode == "F":
            raise ImageError(f"{path} holds floats; {_WANTED}")
        try:
            # 5 .. 8 lie on their side
            if picture.getexif().get(_ORIENTATION, 1) in range(5, 9):
                width, height = height, width
            if picture.format in ("JPEG", "MPO"):  # what many phones write into a .jpg
                picture.draft(
                    "RGB", (LONGEST_SIDE, LONGEST_SIDE)
                )  # decodes a large one at a half, quarter, ...
            picture.load()
            image = _to_rgb(ImageOps.exif_transpose(picture))
        except Exception as error:  # decoders raise whatever a damaged file makes of them
            raise _damaged(path, error) from None
    scale = LONGEST_SIDE / max(width, height)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = image.resize(size, reducing_gap=3.0)
    if min(image.size) < SHORTEST_SIDE:
        raise ImageError(
            f"{path} is {width} x {height} pixels; at least {SHORTEST_SIDE} a side are wanted"
            + (f", also once it is scaled down to {LONGEST_SIDE}" if scale < 1 else "")
        )
    return np.array(image, np.uint8), width, height


def _to_rgb(picture: "Image") -> "Image":
    from PIL import Image

    if picture.mode in _WORDS_OF_16_BITS:
        words = np.asarray(picture).clip(0, 65535)
        return Image.fromarray((words // 257).astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        coloured = picture.convert("RGBA")
        white = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(white, coloured).convert("RGB")
    return picture.convert("RGB")


def _read_depth(path: Path, width: int, height: int) -> np.ndarray:
    """float32 (height, width) [m], 0 where unknown."""
    depth = _read_metres(path) if path.suffix.lower() == ".npy" else _read_millimetres(path)
    _check_shape(
        depth.shape[1], depth.shape[0], width, height, f"depth {path} is {depth.shape[1]} x {depth.shape[0]}"
    )
    if depth.shape != (height, width):
        # nearest: between an edge and what is behind it there is nothing
        rows = ((np.arange(height) + 0.5) * depth.shape[0] / height).astype(int)
        columns = ((np.arange(width) + 0.5) * depth.shape[1] / width).astype(int)
        depth = depth[np.ix_(rows, columns)]
    depth = np.nan_to_num(depth.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    depth[depth < 0] = 0
    return depth


def _read_millimetres(path: Path) -> np.ndarray:
    with _open(path) as picture:
        if picture.mode not in _WORDS_OF_16_BITS:
            raise ImageError(
                f"depth {path} is a picture of mode {picture.mode}; wanted a 16-bit grey PNG in millimetres "
                "or a .npy in metres"
            )
        try:
            return np.asarray(picture, np.float32) / _MILLIMETRES
        except Exception as error:  # as above
            raise _damaged(path, error) from None


def _read_metres(path: Path) -> np.ndarray:
    _require_file(path)
    try:
        depth = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # a header that makes no sense raises anything
        raise _damaged(path, error) from None
    if depth.ndim != 2 or depth.dtype.kind != "f" or not 0 < depth.size <= MOST_PIXELS:
        raise ImageError(
            f"depth {path} holds {depth.dtype} {depth.shape}; wanted floats (height, width) in metres"
        )
    return depth


def _check_shape(width: int, height: int, wanted_width: int, wanted_height: int, what: str) -> None:
    if abs(width * wanted_height / (height * wanted_width) - 1) > _MOST_DIFFERENT_SHAPE:
        raise ImageError(f"{what}, which is another shape than the photo's {wanted_width} x {wanted_height}")


def _open(path: Path) -> "Image":
    """A picture whose size and kind are known and fit, and whose pixels are not read yet."""
    from PIL import Image, UnidentifiedImageError

    _require_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound is below
            picture = Image.open(path, formats=_FORMATS)
    except UnidentifiedImageError:
        raise ImageError(f"{path} is not an image; {_WANTED}") from None
    except Image.DecompressionBombError:
        raise ImageError(f"{path} has too many pixels; at most {MOST_PIXELS // 10**6} megapixels") from None
    except Exception as error:  # as above
        raise _damaged(path, error) from None
    width, height = picture.size
    if width * height > MOST_PIXELS:
        picture.close()
        raise ImageError(f"{path} is {width} x {height}; at most {MOST_PIXELS // 10**6} megapixels")
    return picture


def _require_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise ImageError(f"{path} is a folder; {_WANTED}")
        if not path.exists():
            raise ImageError(f"no such file: {path}{_hint(path)}")
        if not path.is_file():
            raise ImageError(f"{path} is no plain file; {_WANTED}")
        if path.stat().st_size == 0:
            raise ImageError(f"{path} is empty")
    except (OSError, ValueError) as error:  # not allowed, a name that is too long or has a null in it
        raise ImageError(f"cannot read {str(path)[:200]!r}: {getattr(error, 'strerror', error)}") from None


def _hint(path: Path) -> str:
    try:
        near = difflib.get_close_matches(path.name, os.listdir(path.parent)[:1000], n=3)
    except OSError:
        return f" (there is no folder {path.parent})"
    return f" (did you mean {' or '.join(near)}?)" if near else ""


def _damaged(path: Path, error: Exception) -> ImageError:
    if isinstance(error, PermissionError):
        return ImageError(f"{path} may not be read")
    text = (str(error).splitlines() or [type(error).__name__])[0]
    return ImageError(f"{path} is cut off or damaged: {text[:120]}")
