"""Draws correspondences: two views side by side, matched points joined."""

from collections.abc import Sequence

import cv2
import numpy as np

from robotics.reasoning.answers import Correspondence
from robotics.reasoning.checks import as_rgb
from robotics.reasoning.drawing.canvas import DARK, PALETTE, Canvas


def draw_matches(source: np.ndarray, target: np.ndarray, matches: Sequence[Correspondence]) -> np.ndarray:
    """Both pictures in one, (height, width, 3), the smaller enlarged to the other's height; a point that the
    other view does not show is crossed out."""
    pictures = [as_rgb(source), as_rgb(target)]
    height = max(p.shape[0] for p in pictures)
    scales = [height / p.shape[0] for p in pictures]
    sized = [_to_height(picture, height) for picture in pictures]
    gap = np.full((height, max(2, height // 80), 3), DARK, np.uint8)
    canvas = Canvas(np.concatenate([sized[0], gap, sized[1]], axis=1))
    offset = sized[0].shape[1] + gap.shape[1]
    for number, match in enumerate(matches):
        colour = PALETTE[number % len(PALETTE)]
        start = (match.source.column * scales[0], match.source.row * scales[0])
        if match.target is None:
            arm = canvas.radius * 1.2
            for slope in (-1, 1):
                canvas.segment(
                    (start[0] - arm, start[1] - slope * arm), (start[0] + arm, start[1] + slope * arm), colour
                )
        else:
            end = (match.target.column * scales[1] + offset, match.target.row * scales[1])
            canvas.segment(start, end, colour, thick=0.5)
            canvas.dot(start, colour)
            canvas.dot(end, colour)
            canvas.label(match.source.label, end, colour)
        canvas.label(match.source.label, start, colour)
    return canvas.image


def _to_height(picture: np.ndarray, height: int) -> np.ndarray:
    if picture.shape[0] == height:
        return picture
    width = max(1, round(picture.shape[1] * height / picture.shape[0]))
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
