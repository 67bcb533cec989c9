"""What a reasoner looks at: one image, and what is known about where it was taken."""

from dataclasses import dataclass

import numpy as np

from robotics.pinhole import Intrinsics
from robotics.pose import Pose


@dataclass(frozen=True, eq=False)
class View:
    """One picture of one camera.

    Two views are the same only if they are the same object: a reasoner computes the embedding of a view
    once and answers many queries about it.
    """

    image: np.ndarray
    """uint8 RGB, shape (height, width, 3); not to be changed afterwards."""
    depth: np.ndarray | None = None
    """float32 along the optical axis, shape (height, width) [m]; 0 where unknown."""
    intrinsics: Intrinsics | None = None
    """At the image's size."""
    camera_in_world: Pose | None = None
    """OpenCV axes of the camera; world: z up, origin at the table's centre on its surface."""
    name: str = ""
    """Of the camera."""

    @property
    def height(self) -> int:
        return self.image.shape[0]

    @property
    def width(self) -> int:
        return self.image.shape[1]

    @property
    def is_calibrated(self) -> bool:
        """Whether pixels with depth have a place in the world."""
        return self.intrinsics is not None and self.camera_in_world is not None
