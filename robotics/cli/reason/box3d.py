"""`robotics reason box3d`: boxes in space around things."""

from dataclasses import dataclass

from robotics.cli.reason.answering import ImageArgument, ImageOptions, TextArgument, answer_about


@dataclass(frozen=True)
class Arguments(ImageOptions):
    """Place a box in space around every thing that a query describes, in metres.

    IMAGE is a file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]. Prints JSON and
    writes a picture with the answer drawn. Exit code 1: there is no such thing.

    Example:
      robotics reason box3d sim:aloha2/put_in_bowl "the bowls"
      robotics reason box3d photo.png "the book" --depth depth.png --calibration camera.json
    """

    image: ImageArgument
    """A file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]."""
    query: TextArgument
    """The thing in words, with attributes, relations and places."""
    limit: int = 50
    """Greatest number of answers."""


def main(arguments: Arguments) -> int:
    return answer_about(arguments, "boxes3d", arguments.image, arguments.query, limit=arguments.limit)
