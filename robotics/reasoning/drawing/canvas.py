"""A picture to draw on: strokes with a dark halo, labels on dark plates, widths that suit its size."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Colour = tuple[int, int, int]
"""RGB, 0..255."""
Place = tuple[float, float]
"""Column, row [pixel]; (0.5, 0.5) is the centre of the top left pixel."""

PALETTE: tuple[Colour, ...] = (
    (255, 92, 80),
    (70, 215, 255),
    (255, 214, 60),
    (126, 235, 100),
    (255, 130, 230),
    (255, 160, 60),
    (160, 160, 255),
    (80, 240, 190),
)
"""Bright colours that stand apart on the dark halo; the n-th label gets the n-th one."""
DARK: Colour = (16, 16, 20)
_SUBPIXEL = 4
"""Binary digits of a pixel's fraction that OpenCV draws with."""
_FAR = 1 << 14
"""[pixel] beyond which OpenCV's fixed point would overflow."""


class Canvas:
    """A copy of an RGB picture (height, width, 3) that strokes and labels are put on."""

    def __init__(self, image: np.ndarray):
        self.image = np.ascontiguousarray(image[..., :3]).copy()
        self.height, self.width = self.image.shape[:2]
        side = min(self.height, self.width)
        self.stroke = max(1, round(side * 0.0045 + 0.4))
        """Width of a line [pixel]: 1 at 168 rows, 10 at 2160."""
        self.text_size = int(np.clip(side * 0.020 + 7, 9, 72))
        """Of labels [pixel]: 10 at 168 rows, 50 at 2160."""
        self._occupied: list[tuple[int, int, int, int]] = []

    @property
    def halo(self) -> int:
        """Width of the dark border of a stroke, both sides together [pixel]."""
        return 2 * max(1, round(self.stroke * 0.6))

    @property
    def radius(self) -> float:
        """Of a marked point [pixel]."""
        return 2.2 + 2.2 * self.stroke

    def lines(self, places: np.ndarray, colour: Colour, *, closed: bool = False, thick: float = 1.0) -> None:
        """A polyline through places (n, 2), n >= 2."""
        path = [_fixed(places)]
        width = max(1, round(self.stroke * thick))
        for paint, wide in ((DARK, width + self.halo), (colour, width)):
            cv2.polylines(self.image, path, closed, paint, wide, cv2.LINE_AA, _SUBPIXEL)

    def segment(self, start: Place, end: Place, colour: Colour, thick: float = 1.0) -> None:
        self.lines(np.array([start, end]), colour, thick=thick)

    def dot(self, place: Place, colour: Colour, radius: float | None = None) -> None:
        """A filled disc with a bright rim inside a dark one."""
        radius = self.radius if radius is None else radius
        (center,) = _fixed(np.array([place]))
        for paint, size in (
            (DARK, radius + self.halo / 2 + self.stroke),
            ((255, 255, 255), radius + self.stroke * 0.5),
            (colour, radius),
        ):
            fixed = round(size * 2**_SUBPIXEL)
            cv2.circle(self.image, tuple(center.tolist()), fixed, paint, -1, cv2.LINE_AA, _SUBPIXEL)
        side = round(2 * radius)
        self._occupied.append((round(place[0] - radius), round(place[1] - radius), side, side))

    def tint(self, places: np.ndarray, colour: Colour, strength: float = 0.18) -> None:
        """A see-through polygon with corners (n, 2)."""
        corners = np.clip(places, (-1, -1), (self.width + 1, self.height + 1)).round().astype(int)
        (left, top), (right, bottom) = corners.min(0).clip(0), corners.max(0) + 1
        patch = self.image[top:bottom, left:right]
        if patch.size == 0:
            return
        mask = np.zeros(patch.shape[:2], np.uint8)
        cv2.fillPoly(mask, [(corners - (left, top)).astype(np.int32)], 1)
        inside = mask.astype(bool)
        patch[inside] = (patch[inside] * (1 - strength) + np.array(colour) * strength).astype(np.uint8)

    def label(self, text: str, place: Place, colour: Colour) -> None:
        """Text on a dark plate beside a place, off dots and other labels where there is room."""
        text = " ".join(text.split())
        if not text:
            return
        plate = _render(self._fitting(text), self.text_size, colour)
        height, width = plate.shape[:2]
        gap = round(self.radius + self.halo + 1)
        column, row = place
        places = (
            (column + gap, row - gap - height),
            (column + gap, row + gap),
            (column - gap - width, row - gap - height),
            (column - gap - width, row + gap),
            (column + gap, row - height / 2),
            (column - gap - width, row - height / 2),
            (column + gap, row - gap - 2 * height),
            (column + gap, row + gap + height),
        )
        boxes = [self._inside(left, top, width, height) for left, top in places]
        self._paste(plate, min(boxes, key=self._overlap))

    def banner(self, text: str, colour: Colour) -> None:
        """Text on a plate over the picture's bottom edge, in as many lines as it needs, at most four."""
        lines = self._wrapped(" ".join(text.split()))
        plates = [_render(line, self.text_size, colour) for line in lines]
        total = min(sum(plate.shape[0] for plate in plates), self.height)
        self.image[self.height - total :] = DARK
        row = self.height - total
        for plate in plates:
            self._paste(plate, (0, row, *plate.shape[1::-1]))
            row += plate.shape[0]

    def _fitting(self, text: str) -> str:
        """As much of a text as fits the picture's width."""
        font = _font(self.text_size)
        longest = max(self.width - self.text_size, 1)
        if font.getlength(text[:400]) <= longest and len(text) <= 400:
            return text
        text = text[:400]
        while len(text) > 1 and font.getlength(text + "…") > longest:
            text = text[:-1]
        return text + "…"

    def _wrapped(self, text: str, most: int = 4) -> list[str]:
        font, longest = _font(self.text_size), self.width - self.text_size
        lines = [""]
        for word in text[:2000].split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and font.getlength(longer) > longest:
                lines.append(word)
            else:
                lines[-1] = longer
        if len(lines) > most:
            lines = [*lines[: most - 1], lines[most - 1] + " …"]
        return [self._fitting(line) for line in lines]

    def _inside(self, left: float, top: float, width: int, height: int) -> tuple[int, int, int, int]:
        return (
            round(max(0, min(left, self.width - width))),
            round(max(0, min(top, self.height - height))),
            width,
            height,
        )

    def _overlap(self, box: tuple[int, int, int, int]) -> int:
        """Pixels of dots and other labels under a box."""
        left, top, width, height = box
        total = 0
        for x, y, w, h in self._occupied:
            across = min(left + width, x + w) - max(left, x)
            down = min(top + height, y + h) - max(top, y)
            total += max(across, 0) * max(down, 0)
        return total

    def _paste(self, plate: np.ndarray, box: tuple[int, int, int, int]) -> None:
        left, top = box[:2]
        target = self.image[top : top + plate.shape[0], left : left + plate.shape[1]]
        target[:] = plate[: target.shape[0], : target.shape[1]]
        self._occupied.append(box)


def _fixed(places: np.ndarray) -> np.ndarray:
    """OpenCV's fixed point coordinates, where integers are the centres of pixels."""
    return ((np.clip(places, -_FAR, _FAR) - 0.5) * 2**_SUBPIXEL).round().astype(np.int32)


@cache
def _font(size: int) -> "FreeTypeFont":
    import matplotlib
    from PIL import ImageFont

    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans-Bold.ttf")), size)


def _render(text: str, size: int, colour: Colour) -> np.ndarray:
    """A plate with one line of text, (height, width, 3)."""
    from PIL import Image, ImageDraw

    pad = max(2, size // 5)
    width = round(_font(size).getlength(text)) + 2 * pad
    plate = Image.new("RGB", (width, round(size * 1.2) + pad), DARK)
    ImageDraw.Draw(plate).text((pad, pad // 2), text, font=_font(size), fill=colour)
    return np.asarray(plate)
