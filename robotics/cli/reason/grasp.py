"""`robotics reason grasp`: where a gripper should close."""

from dataclasses import dataclass

from robotics.cli.reason.answering import ImageArgument, ImageOptions, TextArgument, answer_about


@dataclass(frozen=True)
class Arguments(ImageOptions):
    """Say where a parallel gripper should close to take what a query describes.

    IMAGE is a file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]. Prints JSON and
    writes a picture with the answer drawn. Exit code 1: there is no such thing, or no grasp of it.

    Example:
      robotics reason grasp sim:aloha2/put_in_bowl "the red cube"
      robotics reason grasp photo.png "the mug by its handle" --depth depth.png --calibration camera.json
    """

    image: ImageArgument
    """A file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]."""
    query: TextArgument
    """The thing in words, with attributes, relations and places."""
    gripper: str | None = None
    """A robot whose gripper closes: a built-in one, or the path of a .toml file; by default ALOHA 2."""
    limit: int = 10
    """Greatest number of answers."""


def main(arguments: Arguments) -> int:
    shape = None
    if arguments.gripper is not None:
        from robotics.embodiments import load_embodiment
        from robotics.kinematics.gripper_shape import measure_gripper

        embodiment = load_embodiment(arguments.gripper)
        shape = measure_gripper(embodiment, embodiment.arm[0])
    return answer_about(
        arguments, "grasps", arguments.image, arguments.query, gripper=shape, limit=arguments.limit
    )
