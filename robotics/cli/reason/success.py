"""`robotics reason success`: whether an instruction was carried out, from pictures alone."""

from dataclasses import dataclass

import tyro

from robotics.cli.connect import UsageError, use_keys
from robotics.cli.reason.answering import AnsweringOptions, TextArgument, describe, show
from robotics.cli.reason.pictures import open_picture
from robotics.cli.reasoners import close_reasoner, open_reasoner
from robotics.reasoning.requests import Request, ask


@dataclass(frozen=True)
class Arguments(AnsweringOptions):
    """Judge from pictures before and after whether an instruction was carried out.

    Prints JSON and writes the first picture after it with the verdict. Exit code 1: it was not.

    Example:
      robotics reason success "open the drawer" --before before.jpg --after after.jpg
      robotics reason success "put the red cube in the bowl" --before data/put_in_bowl/7@0:overhead \\
        --after data/put_in_bowl/7@9:overhead --after data/put_in_bowl/7@9:wrist_left
    """

    instruction: TextArgument
    """What should have happened, in words."""
    before: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """A picture from before: as --after; may be repeated, one a camera."""
    after: tyro.conf.UseAppendAction[tuple[str, ...]] = ()
    """A file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]; may be repeated."""


def main(arguments: Arguments) -> int:
    if not arguments.after:
        raise UsageError("success wants --after, at least one picture")
    before = tuple(map(open_picture, arguments.before))
    after = tuple(map(open_picture, arguments.after))
    use_keys(arguments.keys)
    reasoner = open_reasoner(arguments.backend)
    try:
        views = tuple(photo.view for photo in after)
        earlier = tuple(photo.view for photo in before)
        response = ask(reasoner, Request("success", views, arguments.instruction, earlier))
    finally:
        close_reasoner(reasoner)
    about = {
        "question": "success",
        "text": arguments.instruction,
        "reasoner": reasoner.name,
        "before": [describe(name, photo) for name, photo in zip(arguments.before, before, strict=True)],
        "after": [describe(name, photo) for name, photo in zip(arguments.after, after, strict=True)],
    }
    return show(arguments, about, response.duration_s, after[:1], response.answer)
