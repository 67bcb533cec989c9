"""The lines of `bench reasoning` about public benchmarks that the user has on disk."""

from collections.abc import Callable, Sequence
from pathlib import Path

from robotics.cli.benches.measurement import Measurement
from robotics.cli.benches.reasoning_rows import rate, share
from robotics.evaluation.reasoning.public_boxes import Room, find_boxes, is_sun_rgbd, read_sun_rgbd
from robotics.evaluation.reasoning.public_grasps import is_cornell, read_cornell, score_cornell
from robotics.evaluation.reasoning.public_point_bench import (
    is_point_bench,
    read_point_bench,
    score_point_bench,
)
from robotics.evaluation.reasoning.public_points import (
    PublicQuestion,
    is_public_set,
    read_public_set,
    score_public_set,
)
from robotics.evaluation.reasoning.public_questions import find_erqa, read_erqa, score_erqa
from robotics.evaluation.reasoning.public_shares import PublicShare
from robotics.reasoning.reasoner import Reasoner

Rows = Callable[[Reasoner], list[Measurement]]
"""Asks a reasoner about one benchmark."""


def open_public_set(folder: Path) -> Rows | None:
    """The benchmark that the folder's files show, read; None: it is none that is known.

    Raises:
        ScenesError: It is damaged, or not as its authors publish it.
    """
    if is_public_set(folder):
        questions = read_public_set(folder)
        return lambda reasoner: point_rows(reasoner, questions)
    if is_point_bench(folder):
        counted = read_point_bench(folder)
        return lambda reasoner: share_rows(score_point_bench(reasoner, counted))
    erqa = find_erqa(folder)
    if erqa is not None:
        choices = read_erqa(erqa)
        return lambda reasoner: share_rows(score_erqa(reasoner, choices))
    if is_cornell(folder):
        pictures = read_cornell(folder)
        return lambda reasoner: share_rows(score_cornell(reasoner, pictures))
    if is_sun_rgbd(folder):
        rooms = read_sun_rgbd(folder)
        return lambda reasoner: room_rows(reasoner, rooms)
    return None


def point_rows(reasoner: Reasoner, questions: Sequence[PublicQuestion]) -> list[Measurement]:
    """Share of points in the mask, a row for each split."""
    rows: list[Measurement] = []
    for found in score_public_set(reasoner, questions):
        note = f"{found.unparsable} not parsed, {found.refused} not understood"
        rows.append(rate(found.split, found.mean, found.interval, len(found.shares), note))
    return rows


def share_rows(shares: Sequence[PublicShare]) -> list[Measurement]:
    """Right answers, a row for each split; what was not parsed or refused is counted as wrong."""
    return [share(s.split, s.right, s.asked, _said(s.said)) for s in shares]


def room_rows(reasoner: Reasoner, rooms: Sequence[Room]) -> list[Measurement]:
    """Mean average precision with depth and without."""
    rows: list[Measurement] = []
    for with_depth, how in ((True, "with depth"), (False, "RGB only")):
        found = find_boxes(reasoner, rooms, with_depth)
        precision = found.mean_precision()
        note = ", ".join(f"{name} {100 * value:.1f}" for name, value in found.by_class().items())
        note += f"; {_said(found.said)}"
        name = f"SUN RGB-D AP@15, {how}"
        rows.append(rate(name, precision.value, precision.interval, found.queries, note))
    return rows


def _said(said: dict[str, int]) -> str:
    return ", ".join(f"{number} {word}" for word, number in said.items())
