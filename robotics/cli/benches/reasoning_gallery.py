"""The gallery of `bench reasoning`: every kind of question and of answer, drawn on its picture."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from robotics.evaluation.reasoning.gallery import Picture, Section, outline, write_gallery
from robotics.evaluation.reasoning.matching import changes, pairs, shared_points
from robotics.evaluation.reasoning.pointing import judge
from robotics.reasoning.answers import Found
from robotics.reasoning.drawing.draw import draw
from robotics.reasoning.errors import ReasoningError
from robotics.reasoning.language.nouns import plural
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.scenes.facts import ObjectFacts
from robotics.reasoning.scenes.folder import SceneFolder, SceneView
from robotics.reasoning.scenes.questions import Kind, QuestionWriter

PER_SECTION = 8
_NOTE = "The white line surrounds what is right."


def draw_gallery(reasoner: Reasoner, folder: SceneFolder, path: Path, seed: int = 1) -> None:
    """Write the page: 8 random questions of each kind, and other answers of the same views.

    Nothing is picked by hand or by how well it went: the same seed asks the same of every reasoner.
    """
    rng = np.random.default_rng(seed)
    order = [int(i) for i in rng.permutation(len(folder))]
    sections = (
        [_questions(reasoner, folder, order, kind, rng) for kind in Kind] if _can(reasoner, "point") else []
    )
    for method, heading, query in (
        ("detect", "Boxes in the image", lambda s: f"all {plural(_thing(s, rng).family)}"),
        ("boxes3d", "Boxes in space", lambda s: "all objects"),
        ("grasps", "Grasps", lambda s: f"the {_name(s, rng)}"),
        ("trajectory", "Trajectories", lambda s: f"push the {_name(s, rng)} to the left"),
    ):
        if _can(reasoner, method):
            sections.append(_answers(reasoner, folder, order, method, heading, query))
    if _can(reasoner, "correspond"):
        sections.append(_matches(reasoner, folder, rng))
    if _can(reasoner, "success"):
        sections.append(_successes(reasoner, folder))
    if _can(reasoner, "answer"):
        sections.append(_texts(reasoner, folder, order))
    sentence = (
        f"Reasoner '{reasoner.name}' on {len(folder)} views of generated scenes, at random (seed {seed})."
    )
    write_gallery(path, "What the reasoner answers", sentence, sections)


def _can(reasoner: Reasoner, method: str) -> bool:
    return method in reasoner.supports


def _questions(
    reasoner: Reasoner, folder: SceneFolder, order: list[int], kind: Kind, rng: np.random.Generator
) -> Section:
    writer, pictures = QuestionWriter(rng), []
    for index in order:
        if len(pictures) == PER_SECTION:
            break
        scene = folder[index]
        question = writer.draw(scene, kind)
        if question is None:
            continue
        image, detail, found = outline(scene.view.image, question.mask), "", None
        try:
            found = reasoner.point(scene.view, question.text)
            image, detail = _drawn(scene, image, found), _said(found)
        except ReasoningError as error:
            detail = str(error)
        pictures.append(Picture(image, question.text, detail, judge(question, found)))
    return Section(f"Pointing: {kind.value}", pictures, _NOTE)


def _drawn(scene: SceneView, image: np.ndarray, found: Found) -> np.ndarray:
    return draw(replace(scene.view, image=image), found)


def _said(found: Found) -> str:
    if found.unknown_words:
        return f"unknown: {', '.join(found.unknown_words)}"
    if not found.items:
        return found.reason or "absent"
    return f"{len(found)} found, presence {found.presence:.2f}"


def _answers(
    reasoner: Reasoner,
    folder: SceneFolder,
    order: list[int],
    method: str,
    heading: str,
    query: Callable[[SceneView], str],
) -> Section:
    pictures = []
    for index in order[: 4 * PER_SECTION]:
        scene = folder[index]
        if len(pictures) == PER_SECTION or not any(t.is_seen for t in scene.facts.objects):
            continue
        text = query(scene)
        try:
            found = getattr(reasoner, method)(scene.view, text)
            pictures.append(Picture(draw(scene.view, found), text, _said(found)))
        except ReasoningError as error:
            pictures.append(Picture(scene.view.image, text, str(error)))
    return Section(heading, pictures)


def _matches(reasoner: Reasoner, folder: SceneFolder, rng: np.random.Generator) -> Section:
    pictures = []
    for first, second, _ in pairs(folder, rng, PER_SECTION):
        source, target = folder[first], folder[second]
        shared = shared_points(source, target, rng)
        if shared:
            found = reasoner.correspond(source.view, [ours for ours, _ in shared], target.view)
            near = f"{sum(f.target is not None for f in found)} of {len(found)} points found"
            text = f"{source.facts.camera} to {target.facts.camera}"
            pictures.append(Picture(draw(source.view, found, target.view), text, near))
    return Section("The same points in another view", pictures)


def _successes(reasoner: Reasoner, folder: SceneFolder) -> Section:
    pictures = []
    for first, last in changes(folder)[:PER_SECTION]:
        before, after = folder[first], folder[last]
        change = after.facts.change
        assert change is not None
        said = reasoner.success([before.view], [after.view], change["instruction"])
        image = np.concatenate([before.view.image, draw(after.view, said)], axis=1)
        pictures.append(Picture(image, change["instruction"], "", said.achieved == change["achieved"]))
    return Section("Was it achieved?", pictures, "Before, and after with the answer.")


def _texts(reasoner: Reasoner, folder: SceneFolder, order: list[int]) -> Section:
    pictures = []
    for index in order[: PER_SECTION // 2]:
        view, question = folder[index].view, "How many objects are on the table?"
        try:
            pictures.append(Picture(draw(view, reasoner.answer([view], question)), question))
        except ReasoningError as error:
            pictures.append(Picture(view.image, question, str(error)))
    return Section("Questions in words", pictures)


def _name(scene: SceneView, rng: np.random.Generator) -> str:
    thing = _thing(scene, rng)
    return f"{thing.colour} {thing.family}"


def _thing(scene: SceneView, rng: np.random.Generator) -> ObjectFacts:
    seen = [thing for thing in scene.facts.objects if thing.is_seen]
    return seen[int(rng.integers(len(seen)))]
