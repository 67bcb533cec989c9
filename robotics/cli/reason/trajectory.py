"""`robotics reason trajectory`: how a thing should travel."""

from dataclasses import dataclass

from robotics.cli.reason.answering import ImageArgument, ImageOptions, TextArgument, answer_about


@dataclass(frozen=True)
class Arguments(ImageOptions):
    """Draw how the thing that an instruction moves should travel.

    IMAGE is a file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]. Prints JSON and
    writes a picture with the answer drawn. Exit code 1: there is no such thing.

    Example:
      robotics reason trajectory sim:aloha2/open_drawer "open the drawer"
      robotics reason trajectory photo.jpg "push the red block to the left"
    """

    image: ImageArgument
    """A file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]."""
    instruction: TextArgument
    """What should happen, in words."""


def main(arguments: Arguments) -> int:
    return answer_about(arguments, "trajectory", arguments.image, arguments.instruction)
