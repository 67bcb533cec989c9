"""Camera frames as JPEG files in memory."""

import cv2
import numpy as np

DEFAULT_QUALITY = 95
"""1 .. 100, as libjpeg understands it."""

_REDUCED_FLAGS = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def encode_jpeg(image: np.ndarray, quality: int = DEFAULT_QUALITY) -> bytes:
    """JPEG bytes of an RGB image, uint8 (height, width, 3)."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    done, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"an image of shape {image.shape} cannot be written as JPEG")
    return encoded.tobytes()


def decode_jpeg(encoded: bytes | np.ndarray, reduction: int = 1) -> np.ndarray:
    """The RGB image, uint8 (height, width, 3), each side divided (rounding up) by `reduction` 1, 2, 4 or 8.

    Raises:
        ValueError: The bytes are no JPEG.
    """
    data = np.frombuffer(encoded, np.uint8)
    bgr = cv2.imdecode(data, _REDUCED_FLAGS[reduction] | cv2.IMREAD_IGNORE_ORIENTATION) if data.size else None
    if bgr is None:
        raise ValueError(f"{data.size} bytes are no JPEG image")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=bgr)
