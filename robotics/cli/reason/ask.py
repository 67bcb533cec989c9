"""`robotics reason ask`: a question in words."""

from dataclasses import dataclass

from robotics.cli.reason.answering import ImageArgument, ImageOptions, TextArgument, answer_about


@dataclass(frozen=True)
class Arguments(ImageOptions):
    """Ask a question about a picture in words.

    IMAGE is a file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]. Prints JSON and
    writes a picture with the answer drawn. Exit code 1: no answer.

    Example:
      robotics reason ask photo.jpg "how many mugs are on the table?"
    """

    image: ImageArgument
    """A file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]."""
    question: TextArgument
    """In words."""


def main(arguments: Arguments) -> int:
    return answer_about(arguments, "answer", arguments.image, arguments.question)
