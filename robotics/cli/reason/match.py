"""`robotics reason match`: points of one picture in another one of the same scene."""

from dataclasses import dataclass

import tyro

from robotics.cli.connect import UsageError, use_keys
from robotics.cli.reason.answering import AnsweringOptions, TextArgument, describe, show
from robotics.cli.reason.pictures import open_picture
from robotics.cli.reasoners import close_reasoner, open_reasoner
from robotics.errors import RoboticsError
from robotics.reasoning.answers import Found, Point
from robotics.reasoning.errors import QueryError
from robotics.reasoning.images import Photo
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.requests import Request, ask


@dataclass(frozen=True)
class Arguments(AnsweringOptions):
    """Find points of the first view in the second one.

    The points are those that the query describes in the first view, or --at. Prints JSON and writes both
    pictures with lines between them. Exit code 1: none of them is visible in the second view.

    Example:
      robotics reason match "the red cube" --view sim:aloha2/put_in_bowl:overhead \\
        --view sim:aloha2/put_in_bowl:wrist_left
      robotics reason match --view a.jpg --view b.jpg --at 120,80 --at 300,214
    """

    query: TextArgument = ""
    """The thing whose point is looked for; not with --at."""
    view: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """Twice: a file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]."""
    at: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """COLUMN,ROW in pixels of the first view; may be repeated."""


def main(arguments: Arguments) -> int:
    if len(arguments.view) != 2:
        raise UsageError(f"match wants --view twice, got it {len(arguments.view)} times")
    if bool(arguments.query) == bool(arguments.at):
        raise UsageError("match wants either a query or --at COLUMN,ROW")
    source, target = map(open_picture, arguments.view)
    points = [_read_point(text, source) for text in arguments.at]
    use_keys(arguments.keys)
    reasoner = open_reasoner(arguments.backend)
    try:
        points = points or _points(reasoner, source, arguments.query)
        response = ask(reasoner, Request("correspond", (source.view, target.view), points=tuple(points)))
    finally:
        close_reasoner(reasoner)
    about = {
        "question": "correspond",
        "text": arguments.query,
        "reasoner": reasoner.name,
        "source": describe(arguments.view[0], source),
        "target": describe(arguments.view[1], target),
    }
    return show(arguments, about, response.duration_s, (source, target), response.answer)


def _points(reasoner: Reasoner, source: Photo, query: str) -> list[Point]:
    found = ask(reasoner, Request("point", (source.view,), query, limit=5)).answer
    assert isinstance(found, Found)
    if found.unknown_words:
        raise QueryError(f"reasoner '{reasoner.name}' does not know: {', '.join(found.unknown_words)}")
    if not found.items:
        raise RoboticsError(found.reason or f"there is no '{query}' in the first view")
    return list(found)


def _read_point(text: str, photo: Photo) -> Point:
    """A point of the view, of COLUMN,ROW in the file's pixels."""
    try:
        column, row = map(float, text.split(","))
    except ValueError:
        raise UsageError(f"--at wants COLUMN,ROW in pixels, such as 120,80, got '{text}'") from None
    if not (0 <= column <= photo.width and 0 <= row <= photo.height):
        raise UsageError(f"--at {text} lies outside the first view, {photo.width} x {photo.height} pixels")
    return Point(*photo.to_view(column, row), label=text)
