"""Photos become views, upright and of a usable size; what cannot be used is said in one line."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from robotics.reasoning.answers import Box2D, Found, Point
from robotics.reasoning.errors import ImageError
from robotics.reasoning.images import LONGEST_SIDE, SHORTEST_SIDE, read_photo

WIDTH, HEIGHT = 60, 40
K = {"fx": 50.0, "fy": 50.0, "cx": 30.0, "cy": 20.0, "width": WIDTH, "height": HEIGHT}
POSE = {"position": [0.0, -0.4, 0.5], "quaternion": [0.5, -0.5, 0.5, -0.5]}


def picture() -> Image.Image:
    """Red above blue, with a green mark in the top left corner."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[: HEIGHT // 2, :, 0] = 200
    image[HEIGHT // 2 :, :, 2] = 200
    image[:8, :8] = (0, 200, 0)
    return Image.fromarray(image)


def refusal(path: Path, **others: Path) -> str:
    """The one line by which a file is refused."""
    with pytest.raises(ImageError) as refused:
        read_photo(path, **others)
    text = str(refused.value)
    assert text.strip() and "\n" not in text and len(text) < 400
    return text


def check_marks(image: np.ndarray) -> None:
    assert image.dtype == np.uint8
    height, width = image.shape[:2]
    for (x, y), channel in {(0.05, 0.08): 1, (0.7, 0.2): 0, (0.3, 0.8): 2}.items():
        assert int(image[int(y * height), int(x * width)].argmax()) == channel


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.bmp", "a.tiff", "a.gif", "no_ending"])
def test_usual_formats_are_read_whatever_they_are_called(tmp_path: Path, name: str):
    picture().save(tmp_path / name, format=None if "." in name else "PNG")
    photo = read_photo(tmp_path / name)
    assert photo.view.image.shape == (HEIGHT, WIDTH, 3) and photo.view.name == Path(name).stem
    check_marks(photo.view.image)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_turned_upright(tmp_path: Path, orientation: int):
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = picture().transpose(turned[orientation]) if orientation in turned else picture()
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.jpg", exif=exif, quality=95)
    photo = read_photo(tmp_path / "a.jpg")
    assert (photo.width, photo.height) == (WIDTH, HEIGHT)
    check_marks(photo.view.image)


def test_a_palette_is_resolved(tmp_path: Path):
    picture().convert("P").save(tmp_path / "a.png")
    check_marks(read_photo(tmp_path / "a.png").view.image)


def test_grey_becomes_three_equal_channels(tmp_path: Path):
    picture().convert("L").save(tmp_path / "a.png")
    image = read_photo(tmp_path / "a.png").view.image
    np.testing.assert_array_equal(image[..., 0], image[..., 2])
    assert image.shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_seen_on_white(tmp_path: Path, mode: str):
    image = picture().convert("RGBA")
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:, WIDTH // 2 :] = 0
    image.putalpha(Image.fromarray(alpha))
    if mode == "P":
        image = image.quantize(16)
    (image if mode != "LA" else image.convert("LA")).save(tmp_path / "a.png")
    seen = read_photo(tmp_path / "a.png").view.image
    assert (seen[:, -1] == 255).all() and not (seen[:, 0] == 255).all()


@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
def test_sixteen_bits_keep_their_brightness(tmp_path: Path, name: str):
    ramp = np.linspace(0, 65535, HEIGHT * WIDTH).astype(np.uint16).reshape(HEIGHT, WIDTH)
    Image.fromarray(ramp).save(tmp_path / name)
    image = read_photo(tmp_path / name).view.image
    np.testing.assert_array_equal(image[..., 0], ramp // 257)


def test_colours_of_sixteen_bits_are_read(tmp_path: Path):
    import cv2

    deep = np.asarray(picture(), np.uint16)[..., ::-1] * 257
    cv2.imwrite(str(tmp_path / "a.png"), deep)
    check_marks(read_photo(tmp_path / "a.png").view.image)


def test_a_printer_s_colours_are_read(tmp_path: Path):
    picture().convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    check_marks(read_photo(tmp_path / "a.jpg").view.image)


def test_fifty_megapixels_are_scaled_down_and_answers_are_in_the_file_s_pixels(tmp_path: Path):
    picture().resize((8000, 6250), Image.Resampling.NEAREST).save(tmp_path / "a.jpg", quality=60)
    photo = read_photo(tmp_path / "a.jpg")
    assert max(photo.view.image.shape) == LONGEST_SIDE
    check_marks(photo.view.image)
    view = photo.view
    found = photo.to_file(Found((Point(view.width / 2, view.height / 2), Point(0.0, view.height))))
    assert isinstance(found, Found)
    assert [(p.column, p.row) for p in found] == [(4000.0, 3125.0), (0.0, 6250.0)]
    assert photo.to_view(4000.0, 3125.0) == (view.width / 2, view.height / 2)


def test_a_small_photo_is_left_as_it_is(tmp_path: Path):
    picture().save(tmp_path / "a.png")
    photo = read_photo(tmp_path / "a.png")
    np.testing.assert_array_equal(photo.view.image, np.asarray(picture()))
    found = Found((Box2D(1.0, 2.0, 3.0, 4.0),))
    assert photo.to_file(found) is found


def test_more_than_a_hundred_megapixels_are_refused_before_they_are_decoded(tmp_path: Path):
    Image.new("1", (20_000, 6_000)).save(tmp_path / "a.png")
    assert "20000 x 6000" in refusal(tmp_path / "a.png")
    Image.new("1", (40_000, 10_000)).save(tmp_path / "b.png")
    assert "100 megapixels" in refusal(tmp_path / "b.png")


@pytest.mark.parametrize("size", [(1, 1), (500, 1), (3, 400), (SHORTEST_SIDE - 1, 50)])
def test_too_few_pixels_are_refused(tmp_path: Path, size: tuple[int, int]):
    Image.new("RGB", size).save(tmp_path / "a.png")
    assert f"{size[0]} x {size[1]} pixels" in refusal(tmp_path / "a.png")


def test_a_missing_file_is_named_with_what_is_near(tmp_path: Path):
    picture().save(tmp_path / "table.png")
    text = refusal(tmp_path / "tabel.png")
    assert "no such file" in text and "did you mean table.png" in text
    assert "no folder" in refusal(tmp_path / "nowhere" / "a.png")
    assert "folder" in refusal(tmp_path)
    refusal(tmp_path / ("x" * 4000))
    refusal(Path("a\0b"))


def test_files_that_are_no_images_are_refused(tmp_path: Path):
    for name, content in {"empty.png": b"", "text.jpg": b"hello there", "zeros.png": bytes(10_000)}.items():
        (tmp_path / name).write_bytes(content)
        assert name in refusal(tmp_path / name)
    (tmp_path / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert "not an image" in refusal(tmp_path / "a.svg")
    os.mkfifo(tmp_path / "pipe.png")
    assert "no plain file" in refusal(tmp_path / "pipe.png")


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.bmp", "a.tiff", "a.gif"])
def test_a_truncated_file_is_refused(tmp_path: Path, name: str):
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT * 4, WIDTH * 4, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    for part in (0.1, 0.5, 0.9):
        (tmp_path / name).write_bytes(whole[: int(len(whole) * part)])
        assert name in refusal(tmp_path / name)


@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"]),
    places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_damaged_bytes_are_read_or_refused_and_nothing_else(tmp_path_factory, kind: str, places):
    path = tmp_path_factory.mktemp("damaged") / "a"
    picture().save(path, format=kind)
    content = bytearray(path.read_bytes())
    for part, value in places:
        content[min(int(part * len(content)), len(content) - 1)] = value
    path.write_bytes(content)
    try:
        image = read_photo(path).view.image
    except ImageError as error:
        assert "\n" not in str(error)
    else:
        assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3


def test_depth_is_read_in_millimetres_and_in_metres(tmp_path: Path):
    picture().save(tmp_path / "a.png")
    depth = np.random.default_rng(0).integers(0, 5000, (HEIGHT, WIDTH), np.uint16)
    Image.fromarray(depth).save(tmp_path / "d.png")
    metres = depth.astype(np.float32) / 1000
    np.save(tmp_path / "d.npy", metres)
    for name in ("d.png", "d.npy"):
        view = read_photo(tmp_path / "a.png", tmp_path / name).view
        assert view.depth is not None and view.depth.dtype == np.float32
        np.testing.assert_allclose(view.depth, metres, atol=1e-6)


def test_depth_of_another_resolution_is_taken_at_the_nearest_place(tmp_path: Path):
    picture().save(tmp_path / "a.png")
    half = np.arange(HEIGHT * WIDTH // 4, dtype=np.float64).reshape(HEIGHT // 2, WIDTH // 2)
    np.save(tmp_path / "d.npy", half)
    depth = read_photo(tmp_path / "a.png", tmp_path / "d.npy").view.depth
    np.testing.assert_array_equal(depth, half.repeat(2, 0).repeat(2, 1))


def test_depth_that_is_no_number_or_behind_the_camera_is_unknown(tmp_path: Path):
    picture().save(tmp_path / "a.png")
    depth = np.ones((HEIGHT, WIDTH))
    depth[0, :4] = (np.nan, np.inf, -np.inf, -2.0)
    np.save(tmp_path / "d.npy", depth)
    seen = read_photo(tmp_path / "a.png", tmp_path / "d.npy").view.depth
    assert seen is not None
    np.testing.assert_array_equal(seen[0, :5], [0, 0, 0, 0, 1])


def test_depth_that_does_not_fit_is_refused(tmp_path: Path):
    photo = tmp_path / "a.png"
    picture().save(photo)
    np.save(tmp_path / "square.npy", np.ones((40, 40), np.float32))
    assert "another shape" in refusal(photo, depth=tmp_path / "square.npy")
    np.save(tmp_path / "whole.npy", np.ones((HEIGHT, WIDTH), np.uint16))
    assert "floats" in refusal(photo, depth=tmp_path / "whole.npy")
    np.save(tmp_path / "objects.npy", np.array([{}, {}]), allow_pickle=True)
    assert "objects.npy" in refusal(photo, depth=tmp_path / "objects.npy")
    (tmp_path / "cut.npy").write_bytes((tmp_path / "square.npy").read_bytes()[:900])
    assert "cut.npy" in refusal(photo, depth=tmp_path / "cut.npy")
    assert "16-bit" in refusal(photo, depth=photo)
    assert "no such file" in refusal(photo, depth=tmp_path / "none.png")


def write(path: Path, data: object) -> Path:
    path.write_text(json.dumps(data))
    return path


def test_calibration_is_read_and_follows_the_scale(tmp_path: Path):
    picture().resize((WIDTH * 100, HEIGHT * 100)).save(tmp_path / "a.jpg")
    file = write(tmp_path / "c.json", {"intrinsics": K, "camera_in_world": POSE})
    view = read_photo(tmp_path / "a.jpg", calibration=file).view
    assert view.is_calibrated and view.intrinsics is not None and view.camera_in_world is not None
    assert (view.intrinsics.width, view.intrinsics.height) == (view.width, view.height)
    assert view.intrinsics.fx == pytest.approx(50.0 * view.width / WIDTH)
    np.testing.assert_array_equal(view.camera_in_world.position, POSE["position"])


def test_half_a_calibration_is_half_a_calibration(tmp_path: Path):
    picture().save(tmp_path / "a.png")
    view = read_photo(tmp_path / "a.png", calibration=write(tmp_path / "c.json", {"intrinsics": K})).view
    assert view.intrinsics is not None and view.camera_in_world is None


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ([], "intrinsics and camera_in_world"),
        ({}, "nothing"),
        ({"intrinsics": {}}, "fx, fy"),
        ({"intrinsics": {**K, "fx": "50"}}, "fx wants a number"),
        ({"intrinsics": {**K, "fx": 0}}, "above 0"),
        ({"intrinsics": {**K, "width": 60.5}}, "whole pixels"),
        ({"intrinsics": {**K, "width": 200}}, "another shape"),
        ({"intrinsics": {**K, "fx": 1e400}}, "fx wants a number"),
        ({"camera_in_world": {**POSE, "quaternion": [0, 0, 0, 0]}}, "unit quaternion"),
        ({"camera_in_world": {**POSE, "position": [0, 0]}}, "3 numbers"),
        ({"camera_in_world": {**POSE, "frame": "base"}}, "position, quaternion"),
        ({"extrinsics": POSE}, "got extrinsics"),
    ],
)
def test_a_wrong_calibration_is_refused(tmp_path: Path, data: object, wanted: str):
    picture().save(tmp_path / "a.png")
    assert wanted in refusal(tmp_path / "a.png", calibration=write(tmp_path / "c.json", data))


def test_a_calibration_that_is_no_json_is_refused(tmp_path: Path):
    picture().save(tmp_path / "a.png")
    for content in (b"", b"{", b"\xff\xfe", b"[" * 100_000):
        (tmp_path / "c.json").write_bytes(content)
        assert "c.json" in refusal(tmp_path / "a.png", calibration=tmp_path / "c.json")
    assert "calibration" in refusal(tmp_path / "a.png", calibration=tmp_path / "none.json")
