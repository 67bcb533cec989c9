"""Asks one question and shows its answer: JSON on stdout, the drawn picture in a file."""

import json
import re
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import tyro

from robotics.cli.connect import use_keys
from robotics.cli.reason.pictures import open_picture
from robotics.cli.reasoners import close_reasoner, open_reasoner
from robotics.errors import RoboticsError
from robotics.reasoning.answers import Answer, Found, Success
from robotics.reasoning.answers_json import encode_answer
from robotics.reasoning.images import Photo
from robotics.reasoning.requests import Request, ask
from robotics.reasoning.scaling import Reply, scale_matches

ImageArgument = Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="IMAGE")]
TextArgument = Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="TEXT")]
_NUMBERS = re.compile(r"\[\s+(-?[0-9][^\[\]{}\"]*?)\s+\]")


@dataclass(frozen=True, kw_only=True)
class AnsweringOptions:
    """How a question is answered; the same for every command of `robotics reason`."""

    backend: str = "embedded"
    """embedded, embedded:FOLDER, gemini, gemini:MODEL, vlm:FOLDER, or HOST:PORT of `serve reasoner`."""
    out: Path | None = None
    """File of the drawn picture (.png or .jpg); by default one in runs/reason."""
    keys: Path | None = None
    """Your keys for servers with TLS; by default the folder that ROBOTICS_KEYS names."""

    def __post_init__(self):
        if self.out is not None and self.out.suffix.lower() not in (".png", ".jpg", ".jpeg"):
            raise RoboticsError(f"--out is a .png or .jpg file, got '{self.out}'")


@dataclass(frozen=True, kw_only=True)
class ImageOptions(AnsweringOptions):
    """Also what is known about the one picture."""

    depth: Path | None = None
    """Depth of IMAGE: a 16-bit PNG in millimetres or a .npy in metres."""
    calibration: Path | None = None
    """JSON with intrinsics and camera_in_world of IMAGE; docs/reasoning.md has an example."""


def answer_about(options: ImageOptions, question: str, image: str, text: str, **fields: Any) -> int:
    """Ask about one picture and show the answer; returns the exit code.

    Args:
        question: One of QUESTIONS.
        fields: Others of `Request`.
    """
    photo = open_picture(image, options.depth, options.calibration)
    use_keys(options.keys)
    reasoner = open_reasoner(options.backend)
    try:
        response = ask(reasoner, Request(question, (photo.view,), text, **fields))
    finally:
        close_reasoner(reasoner)
    return show(
        options,
        {"question": question, "text": text, "reasoner": reasoner.name, "image": describe(image, photo)},
        response.duration_s,
        (photo,),
        response.answer,
    )


def describe(image: str, photo: Photo) -> dict[str, Any]:
    """A picture for the JSON."""
    return {
        "source": image,
        "width": photo.width,
        "height": photo.height,
        "depth": photo.view.depth is not None,
        "calibrated": photo.view.is_calibrated,
    }


def show(
    options: AnsweringOptions,
    about: dict[str, Any],
    duration_s: float,
    photos: tuple[Photo, ...],
    answer: Reply,
) -> int:
    """Print the JSON and write the picture; returns the exit code.

    Args:
        about: What the JSON begins with.
        photos: The picture that is drawn on; two for correspondences.
    """
    import cv2

    from robotics.reasoning.drawing.draw import draw

    first, last = photos[0], photos[-1]
    if isinstance(answer, tuple):
        of_files = scale_matches(answer, factors(first), factors(last))
        drawn = draw(first.view, answer, last.view)
    else:
        of_files = first.to_file(answer)
        drawn = draw(first.view, answer)
    picture = options.out or Path("runs", "reason", f"{about['question']}-{datetime.now():%Y%m%d-%H%M%S}.png")
    try:
        picture.parent.mkdir(parents=True, exist_ok=True)
        if not cv2.imwrite(str(picture), drawn[..., ::-1]):
            raise OSError(0, "it cannot be written")
    except OSError as error:
        raise RoboticsError(f"cannot write {picture}: {error.strerror}") from None
    encoded = encode_answer(of_files, (first.width, first.height), (last.width, last.height))
    report = {**about, "duration_s": round(duration_s, 4), "answer": encoded, "picture": str(picture)}
    text = json.dumps(report, indent=1, ensure_ascii=False)
    print(_NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text))
    print(f"{in_words(answer)}; drawn in {picture}", file=sys.stderr)
    return 0 if is_positive(answer) else 1


def factors(photo: Photo) -> tuple[float, float]:
    """From the view's columns and rows to the file's."""
    return photo.width / photo.view.width, photo.height / photo.view.height


def is_positive(answer: Reply) -> bool:
    """Whether something was found, matched, achieved or said."""
    match answer:
        case Found():
            return bool(answer.items)
        case Success():
            return answer.achieved
        case Answer():
            return bool(answer.text)
        case _:
            return any(match.target is not None for match in answer)


def in_words(answer: Reply) -> str:
    """One line for a person."""
    match answer:
        case Found() if answer.items:
            return f"{len(answer.items)} found, the best with {answer.items[0].confidence:.0%} confidence"
        case Found() if answer.unknown_words:
            return f"not understood: {', '.join(answer.unknown_words)}"
        case Found():
            return answer.reason or "absent"
        case Success():
            verdict = "achieved" if answer.achieved else "not achieved"
            return f"{verdict} with probability {answer.probability:.2f}"
        case Answer():
            return answer.text
        case _:
            seen = sum(match.target is not None for match in answer)
            return f"{seen} of {len(answer)} points are visible in the other view"
