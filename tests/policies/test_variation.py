"""One demonstration in other colours and mirrored: words, pictures, labels and motion stay in agreement."""

import numpy as np
import pytest
import torch

from policies.backbone import Backbone
from policies.batch import FrameSampler, look_alike
from policies.demonstration_frames import load_demonstrations
from policies.training import backbone_config
from policies.variation import (
    PERMUTATIONS,
    Variant,
    Variations,
    exchange_colours,
    mirror_sides,
    reverse_roles,
)
from robotics.embodiments import load_embodiment
from robotics.kinematics.mirror import find_mirror
from robotics.kinematics.sensors import SensorKinematics
from robotics.pinhole import project

ALOHA = load_embodiment("aloha2")
MIRRORED = Variant(np.zeros(1, int), np.ones(1, bool), np.zeros(1, bool))


def test_colour_words_follow_the_channels():
    assert (
        exchange_colours("Put the red block on the blue one", (2, 1, 0))
        == "Put the blue block on the red one"
    )
    assert exchange_colours("the yellow block", (1, 0, 2)) == "the yellow block"
    assert exchange_colours("the yellow block", (0, 2, 1)) == "the magenta block"
    assert exchange_colours("shred the paper", (1, 0, 2)) == "shred the paper"


def test_a_colour_without_a_name_elsewhere_keeps_the_sentence_as_it_is():
    assert exchange_colours("the orange cup by the red one", (1, 0, 2)) is None
    assert exchange_colours("the orange cup by the red one", (0, 1, 2)) == "the orange cup by the red one"
    variations = Variations(["the orange cup", "the red cup"], None)
    drawn = variations.draw(np.array([0, 1] * 50), np.random.default_rng(0), colours=1.0, mirrored=1.0)
    assert (drawn.permutation[::2] == 0).all() and (drawn.permutation[1::2] > 0).all()
    assert not drawn.mirrored.any()  # no robot, no mirror image


def test_left_and_right_change_places_as_words():
    text = "Hand it from the left arm to the right, upright"
    assert mirror_sides(text) == "Hand it from the right arm to the left, upright"


def test_the_permutation_that_changes_nothing_comes_first():
    assert PERMUTATIONS[0] == (0, 1, 2)
    assert Variations(["the red cup"], None).instructions[0] == ["the red cup"]


@pytest.fixture
def sampler(synthetic_dataset, tmp_path) -> FrameSampler:
    backbone = Backbone(backbone_config(ALOHA, small=True))
    sizes = {camera: backbone.size_of(camera) for camera in backbone.config.cameras}
    demos = load_demonstrations([synthetic_dataset], ALOHA, sizes, stride=3, cache=tmp_path)
    return FrameSampler(
        backbone, demos, Variations(demos.instructions, find_mirror(ALOHA)), 0, torch.device("cpu")
    )


@pytest.mark.parametrize("camera", ["overhead", "wrist_left", "wrist_right"])
def test_a_mirrored_label_is_where_the_mirrored_robot_would_have_it(sampler, camera):
    demos, mirror = sampler.demonstrations, find_mirror(ALOHA)
    assert mirror is not None
    frame = np.array([4])
    plain, mirrored = sampler.batch(camera, frame), sampler.batch(camera, frame, variant=MIRRORED)
    np.testing.assert_array_equal(mirrored.images.numpy(), plain.images.flip(-1).numpy())
    kinematics = SensorKinematics(ALOHA)
    row = demos.frame_row[frame[0]]
    kinematics.set_position(mirror.joints(demos.position[row]))
    index = ALOHA.camera_names.index(mirror.cameras[camera])
    position, rotation = (pose[index] for pose in kinematics.cameras())
    k = sampler.intrinsics[camera]
    for point in range(2):
        pixel = project(mirror.points(demos.point[row, point]), rotation, position, k)
        np.testing.assert_allclose(mirrored.labels.pixel[0, point].numpy(), pixel[:2], atol=0.2)
        tool = mirror.tool_rotations(demos.point_rotation[row, point])
        axes = (rotation.T @ tool)[:, :2].T.reshape(-1)  # x and y axis in the camera
        np.testing.assert_allclose(mirrored.labels.rotation_axes[0, point].numpy(), axes, atol=5e-3)
    torch.testing.assert_close(mirrored.view[0], sampler.backbone.view[mirror.cameras[camera]])


def test_only_saturated_pixels_change_colour(sampler):
    frame = np.array([0])
    images = sampler.demonstrations.images["overhead"] = np.zeros_like(
        np.asarray(sampler.demonstrations.images["overhead"])
    )
    images[0, 0, 0] = (200, 20, 20)  # a red thing
    images[0, 0, 1] = (220, 180, 140)  # a wooden table
    images[0, 0, 2] = (12, 2, 2)  # a dark robot
    variant = Variant(np.array([PERMUTATIONS.index((2, 1, 0))]), np.zeros(1, bool), np.zeros(1, bool))
    picture = sampler.batch("overhead", frame, variant=variant).images[0, :, 0, :3].T.numpy()
    np.testing.assert_allclose(picture, [(20, 20, 200), (220, 180, 140), (12, 2, 2)], atol=1)


def test_roles_change_where_exactly_two_colours_are_named():
    assert (
        reverse_roles("stack the red block on the orange block") == "stack the orange block on the red block"
    )
    assert reverse_roles("put the red cube in the left bowl") is None
    assert reverse_roles("red on blue, not on green") is None
    assert reverse_roles("the red cup by the red cup") is None


def test_reversed_labels_change_places_on_the_table_and_have_no_rotation(sampler):
    demos, frame = sampler.demonstrations, np.array([4])
    reversed_ = Variant(np.zeros(1, int), np.zeros(1, bool), np.ones(1, bool))
    row = demos.frame_row[frame[0]]
    demos.point[row] = [(0.05, 0.0, 0.02), (-0.05, 0.02, 0.06)]
    labels = sampler.batch("overhead", frame, variant=reversed_).labels
    wanted = project(
        np.array([(-0.05, 0.02, 0.02), (0.05, 0.0, 0.06)]),
        demos.camera_rotation["overhead"][frame[0]],
        demos.camera_position["overhead"][frame[0]],
        sampler.intrinsics["overhead"],
    )
    np.testing.assert_allclose(labels.pixel[0].numpy(), wanted[:, :2], atol=1e-3)
    assert labels.known.all() and not labels.rotation_known.any()


def test_only_things_of_one_size_and_colourful_look_alike():
    image = np.full((60, 80, 3), 180, np.uint8)
    image[10:18, 10:18] = (200, 20, 20)
    image[30:38, 50:58] = (20, 20, 200)
    image[45:57, 10:22] = (20, 200, 20)  # larger
    image[30:38, 20:28] = (90, 90, 90)  # grey
    red, blue, large, grey = ((14.0, 14.0), (54.0, 34.0), (16.0, 51.0), (24.0, 34.0))
    as_array = [np.array(pixel) for pixel in (red, blue, large, grey)]
    assert look_alike(image, as_array[0], as_array[1])
    assert not look_alike(image, as_array[0], as_array[2])
    assert not look_alike(image, as_array[0], as_array[3])
    assert not look_alike(image, as_array[0], np.array([70.0, 10.0]))  # nothing there
