"""Pictures, sound and whole observations on the wire: RGB8 as it is, JPEG for slow networks, DEPTH16.

Large messages are filled where they stand (`into`): protobuf copies a message twice when it becomes a part
of another, which for pictures costs more than to send them.
"""

import io
from collections.abc import Callable

import numpy as np

from robotics.bridge.backend import FrameNumber
from robotics.bridge.codec import (
    MalformedMessageError,
    decode_joints,
    decode_trajectory,
    encode_joints,
    encode_trajectory,
)
from robotics.bridge.v1 import types_pb2
from robotics.observation import AudioClip, CameraFrame, Observation

DEPTH_UNIT_M = 1e-4
"""0.1 mm reaches to 6.55 m, which a table needs; what is further away travels as unknown."""
DEFAULT_JPEG_QUALITY = 90
_LARGEST_SIDE = 8192
_FILES = {types_pb2.IMAGE_FORMAT_JPEG: "JPEG", types_pb2.IMAGE_FORMAT_PNG: "PNG"}


def encode_image(
    image: np.ndarray, jpeg_quality: int = 0, into: types_pb2.Image | None = None
) -> types_pb2.Image:
    """A picture, uint8 RGB (height, width, 3).

    Args:
        jpeg_quality: 1 .. 100; 0 keeps every pixel as it is.
        into: An empty message to fill and return.
    """
    message = types_pb2.Image() if into is None else into
    message.format = types_pb2.IMAGE_FORMAT_RGB8
    message.height, message.width = image.shape[:2]
    if jpeg_quality:
        import cv2

        message.format = types_pb2.IMAGE_FORMAT_JPEG
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        message.data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality])[1].tobytes()
    else:
        message.data = image.tobytes()
    return message


def decode_image(message: types_pb2.Image) -> np.ndarray:
    """uint8 RGB (height, width, 3).

    Raises:
        MalformedMessageError: Another format, or data that disagree with the size.
    """
    _check_size(message)
    if message.format == types_pb2.IMAGE_FORMAT_RGB8:
        return _pixels(message, np.uint8, 3)
    if message.format in _FILES:
        return _decode_file(message, _FILES[message.format])
    raise MalformedMessageError(f"a picture is RGB8, JPEG or PNG, got format {message.format}")


def _decode_file(message: types_pb2.Image, kind: str) -> np.ndarray:
    import cv2

    data = message.data
    found = _size_in_header(data, kind)
    size = message.width, message.height
    bgr = None
    if found == size:  # a few bytes may claim a picture of gigabytes
        # columns and rows are those of the file, wherever its camera says that up is
        flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if bgr is None:
        holds = f"{found[0]} x {found[1]}" if found and found != size else "nothing"
        raise MalformedMessageError(f"the {kind} of a {size[0]} x {size[1]} picture holds {holds}")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def _size_in_header(data: bytes, kind: str) -> tuple[int, int] | None:
    """Width and height that a file says it has; None if it is none of this kind."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as header:
            return header.size
    except Exception:  # a damaged header raises anything
        return None


def encode_depth(
    depth: np.ndarray, into: types_pb2.Image | None = None, unit_m: float = DEPTH_UNIT_M
) -> types_pb2.Image:
    """Depth, float (height, width) [m], rounded to the unit; what does not fit becomes 0, unknown.

    Args:
        into: As for `encode_image`.
    """
    units = np.rint(np.nan_to_num(depth, nan=0.0, posinf=0.0, neginf=0.0) / unit_m)
    units[(units < 0) | (units > np.iinfo(np.uint16).max)] = 0
    message = types_pb2.Image() if into is None else into
    message.format, message.depth_unit_m = types_pb2.IMAGE_FORMAT_DEPTH16, unit_m
    message.height, message.width = depth.shape
    message.data = units.astype("<u2").tobytes()
    return message


def decode_depth(message: types_pb2.Image) -> np.ndarray:
    """float32 (height, width) [m].

    Raises:
        MalformedMessageError: Another format, unit or amount of data.
    """
    _check_size(message)
    if message.format != types_pb2.IMAGE_FORMAT_DEPTH16 or not message.depth_unit_m > 0:
        raise MalformedMessageError(
            f"depth is DEPTH16 with a unit, got format {message.format}, {message.depth_unit_m} m"
        )
    return (_pixels(message, np.dtype("<u2"), 1)[..., 0] * message.depth_unit_m).astype(np.float32)


def _check_size(message: types_pb2.Image) -> None:
    if not (0 < message.width <= _LARGEST_SIDE and 0 < message.height <= _LARGEST_SIDE):
        raise MalformedMessageError(
            f"a picture has 1 .. {_LARGEST_SIDE} pixels a side, got {message.width} x {message.height}"
        )


def _pixels(message: types_pb2.Image, kind: np.dtype | type, channels: int) -> np.ndarray:
    shape = (message.height, message.width, channels)
    wanted = int(np.prod(shape)) * np.dtype(kind).itemsize
    data = message.data  # each look at it makes new bytes
    if len(data) != wanted:
        raise MalformedMessageError(
            f"a picture of {message.width} x {message.height} has {wanted} bytes, got {len(data)}"
        )
    # a copy, because a message's bytes are read-only and callers write into pictures
    return np.frombuffer(data, kind).reshape(shape).copy()


def encode_frame(
    camera: str, frame: CameraFrame, jpeg_quality: int = 0, into: types_pb2.CameraFrame | None = None
) -> types_pb2.CameraFrame:
    """
    Args:
        jpeg_quality: As `encode_image`.
        into: As for `encode_image`.
    """
    message = types_pb2.CameraFrame() if into is None else into
    message.camera, message.capture_time_ns = camera, frame.capture_time_ns
    encode_image(frame.image, jpeg_quality, message.image)
    if frame.depth is not None:
        encode_depth(frame.depth, message.depth)
    return message


def encode_frame_number(
    camera: str, frame: FrameNumber, into: types_pb2.CameraFrame | None = None
) -> types_pb2.CameraFrame:
    """A picture that its reader finds in shared memory.

    Args:
        into: As for `encode_image`.
    """
    message = types_pb2.CameraFrame() if into is None else into
    message.camera, message.number = camera, frame.number
    message.capture_time_ns, message.image.format = frame.capture_time_ns, types_pb2.IMAGE_FORMAT_SHARED
    return message


def decode_frame(message: types_pb2.CameraFrame) -> CameraFrame:
    """
    Raises:
        MalformedMessageError: As `decode_image` and `decode_depth`.
    """
    return CameraFrame(
        image=decode_image(message.image),
        capture_time_ns=message.capture_time_ns,
        depth=decode_depth(message.depth) if message.HasField("depth") else None,
    )


def encode_observation(
    observation: Observation, jpeg_quality: int = 0, into: types_pb2.Observation | None = None
) -> types_pb2.Observation:
    """
    Args:
        jpeg_quality: As `encode_image`.
        into: As for `encode_image`.
    """
    message = types_pb2.Observation() if into is None else into
    message.clock_id, message.instruction = observation.clock_id, observation.instruction
    message.joints.CopyFrom(encode_joints(observation.joints))
    encode_trajectory(observation.plan, message.plan)
    for camera, frame in observation.images.items():
        encode_frame(camera, frame, jpeg_quality, message.frames.add())
    if observation.audio is not None:
        message.audio.CopyFrom(_encode_audio(observation.audio))
    return message


def decode_observation(
    message: types_pb2.Observation, read: Callable[[types_pb2.CameraFrame], CameraFrame] | None = None
) -> Observation:
    """
    Args:
        read: Makes a picture of its message; `decode_frame` by default.

    Raises:
        MalformedMessageError: A part of it makes no sense.
    """
    return Observation(
        clock_id=message.clock_id,
        joints=decode_joints(message.joints),
        plan=decode_trajectory(message.plan),
        images={frame.camera: (read or decode_frame)(frame) for frame in message.frames},
        instruction=message.instruction,
        audio=_decode_audio(message.audio) if message.HasField("audio") else None,
    )


def _encode_audio(clip: AudioClip) -> types_pb2.AudioClip:
    return types_pb2.AudioClip(
        samples=clip.samples.astype("<i2").tobytes(),
        channels=clip.samples.shape[1],
        sample_rate_hz=clip.sample_rate_hz,
        capture_time_ns=clip.capture_time_ns,
    )


def _decode_audio(message: types_pb2.AudioClip) -> AudioClip:
    if message.channels < 1 or len(message.samples) % (2 * message.channels):
        raise MalformedMessageError(
            f"sound of {message.channels} channels cannot have {len(message.samples)} bytes"
        )
    samples = np.frombuffer(message.samples, "<i2").reshape(-1, message.channels).copy()
    return AudioClip(samples, message.sample_rate_hz, message.capture_time_ns)
