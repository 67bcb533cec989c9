"""`robotics reason point`: where something is, as a point."""

from dataclasses import dataclass

from robotics.cli.reason.answering import ImageArgument, ImageOptions, TextArgument, answer_about


@dataclass(frozen=True)
class Arguments(ImageOptions):
    """Point at what a query describes.

    IMAGE is a file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]. Prints JSON and
    writes a picture with the answer drawn. Exit code 1: there is no such thing.

    Example:
      robotics reason point photo.jpg "the mug left of the red box"
      robotics reason point sim:aloha2/put_in_bowl@3 "the red cube"
      robotics reason point data/put_in_bowl/7@2.5:wrist_left "free space behind the bowl"
    """

    image: ImageArgument
    """A file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]."""
    query: TextArgument
    """The thing in words, with attributes, relations and places."""
    limit: int = 1
    """Greatest number of answers."""


def main(arguments: Arguments) -> int:
    return answer_about(arguments, "point", arguments.image, arguments.query, limit=arguments.limit)
