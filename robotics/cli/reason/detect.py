"""`robotics reason detect`: boxes around things."""

from dataclasses import dataclass

from robotics.cli.reason.answering import ImageArgument, ImageOptions, TextArgument, answer_about


@dataclass(frozen=True)
class Arguments(ImageOptions):
    """Draw a box around every thing that a query describes.

    IMAGE is a file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]. Prints JSON and
    writes a picture with the answer drawn. Exit code 1: there is no such thing.

    Example:
      robotics reason detect photo.jpg "all mugs"
      robotics reason detect sim:aloha2/stack_blocks "every block" --backend gemini
    """

    image: ImageArgument
    """A file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]."""
    query: TextArgument
    """The thing in words, with attributes, relations and places."""
    limit: int = 50
    """Greatest number of answers."""


def main(arguments: Arguments) -> int:
    return answer_about(arguments, "detect", arguments.image, arguments.query, limit=arguments.limit)
