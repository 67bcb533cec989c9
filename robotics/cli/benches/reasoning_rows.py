"""The lines of `bench reasoning`, and what each should reach."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from robotics.cli.benches.measurement import Measurement, distribution
from robotics.evaluation.reasoning.detecting import SOLID_THRESHOLDS, detect_flat, detect_solid
from robotics.evaluation.reasoning.matching import match, success_probabilities
from robotics.evaluation.reasoning.pointing import Score, Verdict, score
from robotics.evaluation.reasoning.precision import Precision, area_under_roc, false_positives_at_recall
from robotics.evaluation.statistics import wilson_interval
from robotics.reasoning.errors import MissingInputError
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.scenes.folder import SceneFolder
from robotics.reasoning.scenes.questions import Kind

REACH = {
    Kind.ATTRIBUTES.value: ">= 95",
    Kind.RELATIONS.value: ">= 90",
    Kind.SUPERLATIVES.value: ">= 95",
    Kind.FREE_SPACE.value: ">= 85",
    Kind.SYNONYMS.value: ">= 80",
    Kind.UNKNOWN.value: ">= 95",
}
_WARM_UP_VIEWS = 3
_POSITIVE = (Kind.ATTRIBUTES, Kind.RELATIONS, Kind.SUPERLATIVES)


@dataclass(frozen=True)
class Rate(Measurement):
    """A share or a precision with its interval; `count` is 1, as there is one value."""

    asked: int = 0
    """What it rests on."""
    lower: float = math.nan
    """95 %."""
    upper: float = math.nan
    reach: str = ""


def rate(what: str, value: float, interval: tuple[float, float], asked: int, note: str = "", reach: str = ""):
    """A row in percent, of fractions."""
    percent = 100 * value
    lower, upper = (100 * bound for bound in interval)
    return Rate(what, "%", 1, percent, percent, percent, percent, note, asked, lower, upper, reach)


def share(what: str, right: int, asked: int, note: str = "", reach: str = "") -> Rate:
    """Right answers of those asked, with Wilson's interval."""
    return rate(what, right / max(1, asked), wilson_interval(right, asked), asked, note, reach)


def pointing_rows(verdicts: Sequence[Verdict]) -> list[Measurement]:
    """Each kind of question; held-out pairs beside those seen in training; what could not be parsed."""
    scores = {s.kind: s for s in score(verdicts)}
    rows: list[Measurement] = []
    for kind in Kind:
        if kind is not Kind.ABSENT and kind.value in scores:
            s = scores[kind.value]
            what = f"{'flagged' if kind is Kind.UNKNOWN else 'pointing'}: {s.kind}"
            rows.append(share(what, s.right, s.count, _said(s), REACH.get(s.kind, "")))
    seen, held_out = scores.get(Kind.ATTRIBUTES.value), scores.get(Kind.HELD_OUT.value)
    if seen and held_out and seen.right:
        ratio = held_out.rate / seen.rate
        bounds = (held_out.interval[0] / seen.rate, held_out.interval[1] / seen.rate)
        rows.append(rate("held-out pairs / attributes", ratio, bounds, held_out.count, reach=">= 95"))
    for said, what in (("unparsable", "answers not parsed"), ("refused", "queries refused")):
        number = sum(v.said == said for v in verdicts)
        rows.append(share(what, number, len(verdicts), "counted as wrong above", "0"))
    return rows


def _said(s: Score) -> str:
    return ", ".join(f"{number} {word}" for word, number in s.said.items())


def absence_rows(verdicts: Sequence[Verdict]) -> list[Measurement]:
    """Absent things: as answered, and with the threshold at which 95 % of what is there is found."""
    absent = [v for v in verdicts if v.kind is Kind.ABSENT]
    if not absent:
        return []
    notes = sorted({v.note for v in absent})
    apart = ", ".join(
        f"{note} {sum(v.right for v in absent if v.note == note)}/{sum(v.note == note for v in absent)}"
        for note in notes
    )
    rows: list[Measurement] = [
        share("absent things called absent", sum(v.right for v in absent), len(absent), apart)
    ]
    there = [v for v in verdicts if v.kind in _POSITIVE]
    rows.append(share("present things called absent", sum(v.said == "absent" for v in there), len(there)))
    sure = [v.presence for v in there if not math.isnan(v.presence)]
    unsure = [v.presence for v in absent if not math.isnan(v.presence)]
    if sure and unsure:
        false_positives, threshold = false_positives_at_recall(sure, unsure)
        number = round(false_positives * len(unsure))
        note = f"presence >= {threshold:.3g}; AUROC {area_under_roc(sure, unsure):.3f}"
        rows.append(share("false positives at 95 % recall", number, len(unsure), note, "<= 10"))
    return rows


def latency_rows(verdicts: Sequence[Verdict]) -> list[Measurement]:
    """First question of a view, which has to look at it, and further ones."""
    views = list(dict.fromkeys(v.view for v in verdicts))
    warm = [v for v in verdicts if v.view not in views[:_WARM_UP_VIEWS]]
    first = [v.milliseconds for v in warm if v.is_first]
    further = [v.milliseconds for v in warm if not v.is_first]
    return [
        distribution("latency: image + query", "ms", first, "reach <= 50"),
        distribution("latency: each further query", "ms", further, "reach <= 12"),
    ]


def box_rows(
    reasoner: Reasoner, folder: SceneFolder, rng: np.random.Generator, count: int
) -> list[Measurement]:
    """Average precision in the image and in space, of so many views that about `count` queries are asked."""
    scenes = [folder[int(i)] for i in rng.permutation(len(folder))[: max(4, count // 4)]]
    rows: list[Measurement] = []
    if "detect" in reasoner.supports:
        flat = detect_flat(reasoner, scenes, rng)
        rows.append(_precision("2D AP50", flat.flat_precision(), flat.queries, ">= 90"))
    if "boxes3d" in reasoner.supports:
        for with_depth, reach in ((True, (">= 92", ">= 80", ">= 40")), (False, ("", "", ""))):
            what = "with depth" if with_depth else "RGB only"
            try:
                solid = detect_solid(reasoner, scenes, rng, with_depth)
            except MissingInputError as error:
                print(f"no 3D boxes {what}: {error}", file=sys.stderr)
                continue
            for threshold, wanted in zip(SOLID_THRESHOLDS, reach, strict=True):
                found = solid.solid_precision(threshold)
                name = f"3D AP@{round(100 * threshold)}, {what}"
                rows.append(_precision(name, found, solid.queries, wanted))
    return rows


def _precision(what: str, found: Precision, queries: int, reach: str) -> Rate:
    note = f"{found.wanted} boxes wanted, {found.guesses} found"
    return rate(what, found.value, found.interval, queries, note, reach)


def matching_rows(
    reasoner: Reasoner, folder: SceneFolder, rng: np.random.Generator, most: int
) -> list[Measurement]:
    """Points of things in another view, by pictures alone and calibrated; none without pairs of views."""
    rows: list[Measurement] = []
    for calibrated in (False, True):
        try:
            found = match(reasoner, folder, rng, most, calibrated)
        except MissingInputError:  # it matches by depth only, and says so
            continue
        how = "calibrated, with depth" if calibrated else "pictures alone"
        if found.points:
            reach = "" if calibrated else ">= 85"
            rows.append(share(f"correspondence PCK@5 %, {how}", found.near, found.points, reach=reach))
        if found.wrong_points:
            rows.append(
                share("points accepted in wrong pairs", found.accepted, found.wrong_points, reach="<= 5")
            )
    return rows


def success_rows(reasoner: Reasoner, folder: SceneFolder, most: int) -> list[Measurement]:
    """Success told from pictures before and after; none where the folder has no pairs."""
    achieved, failed = success_probabilities(reasoner, folder, most)
    if not achieved or not failed:
        return []
    area = area_under_roc(achieved, failed)
    # Hanley and McNeil, Radiology 143, 1982
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    a, b = len(achieved), len(failed)
    variance = (area * (1 - area) + (a - 1) * (q1 - area**2) + (b - 1) * (q2 - area**2)) / (a * b)
    spread = 1.96 * math.sqrt(max(variance, 0.0))
    bounds = (max(0.0, area - spread), min(1.0, area + spread))
    return [rate("success AUROC", area, bounds, a + b, f"{a} achieved, {b} not", ">= 97")]
