"""Parts are where they should be on a drawn thing: what is not handle is the head, the narrow end the tip."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from policies.reasoner.closer_crops import Square
from policies.reasoner.looking import Look
from policies.reasoner.parts import part_box, part_weight
from policies.reasoner.patch import CELLS, Patch


def look_of(weight: np.ndarray, handle: np.ndarray, top_m: float = 0.1) -> Look:
    """A look at one upright thing of this mask, `top_m` high, seen from the side, without the table."""
    surface = np.full((CELLS, CELLS, 3), np.nan)
    surface[..., 2] = np.linspace(top_m, 0.0, CELLS)[:, None]
    patch = Patch(Square(0.0, 0.0, 64.0), weight, handle, surface)
    thing = SimpleNamespace(center=np.array([0.0, 0.0, top_m / 2]), size=np.array([0.05, 0.05, top_m]))
    return cast(
        Look,
        SimpleNamespace(
            things=(thing,),
            view=SimpleNamespace(width=64, height=64),
            prepared=SimpleNamespace(depth=np.ones((4, 4)), has_intrinsics=True),
            patch=lambda number: patch,
            box=lambda number: SimpleNamespace(top=0.0, bottom=64.0),
        ),
    )


def bar() -> np.ndarray:
    """A level bar from column 4 to 28 that is narrow from column 20 on."""
    weight = np.zeros((CELLS, CELLS), np.float32)
    weight[12:20, 4:20] = 1
    weight[15:17, 20:28] = 1
    return weight


@pytest.mark.parametrize("part", ["head", "blade", "tip"])
def test_what_is_not_handle_is_the_other_part(part: str):
    handle = np.zeros((CELLS, CELLS), np.float32)
    handle[:, :14] = 0.9
    look = look_of(bar(), handle)
    found = part_weight(look, 0, part)
    assert found is not None
    assert not found[:, :14].any()
    assert found[16, 14:28].all()
    assert part_box(look, 0, found, part, 1.0).left == pytest.approx(28.0)
    held = part_weight(look, 0, "handle")
    assert held is not None and held[16, 8] == 1 and not held[:, 14:].any()


def test_without_a_handle_the_narrow_end_is_the_tip_and_there_is_no_head():
    look = look_of(bar(), np.zeros((CELLS, CELLS), np.float32))
    found = part_weight(look, 0, "tip")
    assert found is not None
    assert np.nonzero(found)[1].min() >= 24
    assert part_weight(look, 0, "head") is None
    assert part_weight(look, 0, "handle") is None


def test_heights_decide_rim_neck_lid_and_bottom():
    column = np.zeros((CELLS, CELLS), np.float32)
    column[:, 10:20] = 1
    look = look_of(column, np.zeros_like(column))
    rows = {}
    for part in ("rim", "neck", "lid", "stem", "bottom"):
        found = part_weight(look, 0, part)
        assert found is not None
        assert not found[:, :10].any()
        rows[part] = np.nonzero(found.any(axis=1))[0]
    assert rows["rim"].max() <= 2
    assert rows["lid"].min() == 0
    assert rows["lid"].max() < rows["neck"].max() < rows["bottom"].min()
    assert rows["neck"].min() > 0  # below the lid


def test_an_unknown_part_is_none():
    assert part_weight(look_of(bar(), bar()), 0, "zipper") is None
