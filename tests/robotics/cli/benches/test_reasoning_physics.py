"""Grasps in physics: who answers none holds nothing; who is told true pixels holds what can be held."""

import pytest

from policies.reasoner.grasping import predict_grasps
from robotics.cli.benches.reasoning_physics import SEED, grasp_rows
from robotics.cli.benches.reasoning_rows import Rate
from robotics.embodiments import load_embodiment
from robotics.reasoning.answers import Found, Grasp
from robotics.reasoning.reasoner import GripperShape
from sim.gl import RenderingUnavailableError
from sim.scenes.trial_scenes import TrialScenes


class Blind:
    name = "blind"

    def grasps(self, view, query: str, gripper: GripperShape | None = None, limit: int = 10) -> Found[Grasp]:
        return Found((), 0.0)


class Told(Blind):
    """Knows the pixels of the thing that is asked for, as only a test can."""

    def __init__(self):
        self._scenes = TrialScenes(load_embodiment("aloha2"))
        self._asked = 0

    def grasps(self, view, query: str, gripper: GripperShape | None = None, limit: int = 10) -> Found[Grasp]:
        seed = SEED + self._asked % 2
        count, self._asked = (1 if self._asked < 2 else 5), self._asked + 1
        scene = self._scenes.make(seed, count)
        number = 1 + seed % count
        assert query == f"the {scene.family(number)}"
        assert gripper is not None
        return Found(tuple(predict_grasps(view, scene.mask(number), scene.box(number), gripper, limit)))


def rates(reasoner, scenes: int) -> list[Rate]:
    try:
        return grasp_rows(reasoner, "aloha2", scenes)  # type: ignore[arg-type, return-value]
    except RenderingUnavailableError as error:
        pytest.skip(str(error))


def test_who_finds_no_grasp_holds_nothing():
    alone, among = rates(Blind(), 1)
    assert (alone.what, among.what) == ("grasps held, alone on the table", "grasps held, 5 on the table")
    assert alone.p50 == among.p50 == 0.0
    for row in (alone, among):
        assert ("no grasp found 1" in row.note) == (row.asked == 1)


def test_who_knows_the_pixels_holds_things():
    rows = rates(Told(), 2)
    assert sum(row.p50 * row.asked for row in rows) >= 100.0  # one at least of what could be held
