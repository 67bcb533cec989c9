"""Pictures travel exactly, or as JPEG close enough; depth to a tenth of a millimetre."""

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.policy_contract import make_observation
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.image_codec import (
    DEPTH_UNIT_M,
    decode_depth,
    decode_frame,
    decode_image,
    decode_observation,
    encode_depth,
    encode_frame,
    encode_image,
    encode_observation,
)
from robotics.bridge.v1 import types_pb2
from robotics.observation import AudioClip, CameraFrame, Observation

SIDE = st.integers(1, 8)


@given(SIDE, SIDE, st.data())
def test_a_raw_picture_comes_back(height: int, width: int, data: st.DataObject):
    image = data.draw(arrays(np.uint8, (height, width, 3)))
    np.testing.assert_array_equal(decode_image(encode_image(image)), image)


@given(SIDE, SIDE, st.data())
def test_depth_comes_back_to_half_a_unit(height: int, width: int, data: st.DataObject):
    depth = data.draw(arrays(np.float32, (height, width), elements=st.floats(0, 6.5, width=32)))
    back = decode_depth(encode_depth(depth))
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, depth, atol=DEPTH_UNIT_M * 0.51)


def test_depth_that_does_not_fit_is_unknown():
    depth = np.array([[np.nan, np.inf, -1.0, 7.0, 0.5]], np.float32)
    np.testing.assert_allclose(decode_depth(encode_depth(depth)), [[0, 0, 0, 0, 0.5]], atol=1e-4)


def test_a_jpeg_is_smaller_and_similar():
    rows, columns = np.mgrid[0:48, 0:64]
    image = np.stack([rows * 4, columns * 3, rows + columns], axis=-1).astype(np.uint8)
    message = encode_image(image, jpeg_quality=90)
    assert len(message.data) < image.nbytes / 3
    assert np.abs(decode_image(message).astype(int) - image).mean() < 3


def test_a_frame_comes_back_with_its_depth_and_time():
    frame = CameraFrame(np.full((2, 3, 3), 9, np.uint8), 123, np.full((2, 3), 0.25, np.float32))
    back = decode_frame(encode_frame("overhead", frame))
    assert back.capture_time_ns == 123 and back.depth is not None
    np.testing.assert_array_equal(back.image, frame.image)
    np.testing.assert_allclose(back.depth, 0.25, atol=1e-4)
    assert decode_frame(encode_frame("overhead", CameraFrame(frame.image, 123))).depth is None


def test_an_observation_comes_back():
    embodiment = fake_embodiment()
    observation = make_observation(embodiment, embodiment.camera_names)
    plan = np.arange(28.0).reshape(2, 14)
    audio = AudioClip(np.arange(-6, 6, dtype=np.int16).reshape(6, 2), 16_000, 5)
    observation = Observation(
        observation.clock_id, observation.joints, plan, observation.images, "lift", audio
    )
    back = decode_observation(encode_observation(observation))
    assert back.clock_id == observation.clock_id and back.instruction == "lift"
    assert list(back.images) == list(observation.images)
    np.testing.assert_array_equal(back.plan, plan)
    np.testing.assert_array_equal(back.joints.position, observation.joints.position)
    for camera, frame in observation.images.items():
        np.testing.assert_array_equal(back.images[camera].image, frame.image)
    assert back.audio is not None and back.audio.sample_rate_hz == 16_000
    np.testing.assert_array_equal(back.audio.samples, audio.samples)


@pytest.mark.parametrize(
    "message",
    [
        types_pb2.Image(),
        types_pb2.Image(format="IMAGE_FORMAT_RGB8", width=2, height=2, data=b"x" * 11),
        types_pb2.Image(format="IMAGE_FORMAT_RGB8", width=2**31, height=2**31),
        types_pb2.Image(format="IMAGE_FORMAT_DEPTH16", width=1, height=1, data=b"xx"),
        types_pb2.Image(format="IMAGE_FORMAT_JPEG", width=2, height=2),
        types_pb2.Image(format="IMAGE_FORMAT_JPEG", width=2, height=2, data=b"no jpeg"),
        types_pb2.Image(format="IMAGE_FORMAT_JPEG", width=9, height=9, data=b""),
    ],
)
def test_a_picture_that_makes_no_sense_is_malformed(message: types_pb2.Image):
    with pytest.raises(MalformedMessageError):
        decode_image(message)
    with pytest.raises(MalformedMessageError):
        decode_depth(message)


def test_sound_of_half_a_sample_is_malformed():
    message = encode_observation(make_observation(fake_embodiment(), ()))
    message.audio.samples, message.audio.channels = b"123", 2
    with pytest.raises(MalformedMessageError, match="sound"):
        decode_observation(message)
