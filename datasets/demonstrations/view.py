"""What a model sees of a camera: a part of the picture at a small size; the same for training and driving."""

from dataclasses import dataclass

import cv2
import numpy as np

from robotics.errors import DatasetError


@dataclass(frozen=True)
class CameraView:
    """Crop, then resize; independent of the camera's resolution."""

    height: int
    """[pixel]"""
    width: int
    """[pixel]"""
    crop: tuple[float, float, float, float] | None = None
    """Top, left, bottom, right as fractions 0..1 of the picture; all of it where None."""

    def __post_init__(self) -> None:
        if self.height < 1 or self.width < 1:
            raise DatasetError(f"a view wants a positive size, got {self.height} x {self.width}")
        if self.crop is not None:
            top, left, bottom, right = self.crop
            if not (0 <= top < bottom <= 1 and 0 <= left < right <= 1):
                raise DatasetError(
                    f"a crop wants (top, left, bottom, right) as fractions 0..1, got {self.crop}"
                )

    def apply(self, image: np.ndarray) -> np.ndarray:
        """The view of one RGB image, uint8 (height, width, 3); averages when it gets smaller."""
        if self.crop is not None:
            rows, columns = image.shape[:2]
            top, left, bottom, right = self.crop
            top, bottom = round(top * rows), max(round(bottom * rows), round(top * rows) + 1)
            left, right = round(left * columns), max(round(right * columns), round(left * columns) + 1)
            image = image[top:bottom, left:right]
        if image.shape[:2] == (self.height, self.width):
            return image
        shrinks = image.shape[0] >= self.height and image.shape[1] >= self.width
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return cv2.resize(image, (self.width, self.height), interpolation=interpolation)
