"""Where there is room."""

import numpy as np
import pytest

from robotics.reasoning.query import Relation
from robotics.reasoning.spatial import LEVEL_VIEWER, Placed, free_space_mask, free_space_scores, roomiest
from robotics.reasoning.spatial.footprints import distance_to_footprint

R = Relation


def table(step: float = 0.005) -> np.ndarray:
    """Points of a table of 1 m by 0.6 m seen from above, row 0 at the far edge."""
    x, y = np.meshgrid(np.arange(-0.5, 0.5, step), np.arange(0.3, -0.3, -step))
    return np.stack([x, y, np.zeros_like(x)], axis=-1)


BOWL = Placed((0.0, 0.0, 0.03), (0.15, 0.15, 0.06), is_round=True)
BOOK = Placed((-0.2, 0.0, 0.01), (0.2, 0.1, 0.02), 0.4)


def test_free_places_keep_their_distance_from_everything():
    points = table()
    mask = free_space_mask(points, [BOWL, BOOK], None, [], LEVEL_VIEWER)
    for thing in (BOWL, BOOK):
        assert distance_to_footprint(thing, points[mask][:, :2]).min() >= 0.025
    assert mask.mean() > 0.8


@pytest.mark.parametrize(("relation", "axis", "sign"), [(R.LEFT_OF, 0, -1), (R.BEHIND, 1, 1)])
def test_a_place_in_a_direction_is_there_and_near(relation: Relation, axis: int, sign: int):
    points = table()
    chosen = points[free_space_mask(points, [BOWL], relation, [BOWL], LEVEL_VIEWER)]
    assert len(chosen)
    assert (sign * chosen[:, axis] >= np.abs(chosen[:, 1 - axis]) - 1e-9).all()
    assert distance_to_footprint(BOWL, chosen[:, :2]).max() <= 0.3


def test_what_stands_there_takes_the_room():
    points = table()
    without = free_space_mask(points, [BOWL], R.LEFT_OF, [BOWL], LEVEL_VIEWER)
    beside = free_space_mask(points, [BOWL, BOOK], R.LEFT_OF, [BOWL], LEVEL_VIEWER)
    assert beside.sum() < 0.8 * without.sum()
    assert not (beside & ~without).any()


def test_a_place_on_a_tray_is_on_the_tray_and_beside_what_is_on_it():
    tray = Placed((0.1, 0.0, 0.01), (0.3, 0.2, 0.02))
    egg = Placed((0.1, 0.0, 0.04), (0.04, 0.04, 0.04))
    points = table()
    on_tray = distance_to_footprint(tray, points[..., :2]) < 0
    points[on_tray, 2] = 0.02
    mask = free_space_mask(points, [tray, egg], R.ON, [tray], LEVEL_VIEWER)
    assert mask.any() and not mask[~on_tray].any()
    assert distance_to_footprint(egg, points[mask][:, :2]).min() >= 0.025


def test_between_next_to_and_ambiguous_places():
    points, cup = table(), Placed((0.35, 0.0, 0.05), (0.08, 0.08, 0.1), is_round=True)
    between = points[free_space_mask(points, [BOWL, cup], R.BETWEEN, [BOWL, cup], LEVEL_VIEWER)]
    assert (between[:, 0] > 0.07).all() and (between[:, 0] < 0.29).all()
    scores = free_space_scores(points, [BOWL], R.NEXT_TO, [BOWL], LEVEL_VIEWER)
    distance = distance_to_footprint(BOWL, points[..., :2])
    assert (scores[(distance > 0.03) & (distance < 0.085)] == 1).all()
    assert (scores[distance > 0.15] == 0).all()
    assert ((scores > 0) & (scores < 1)).any()


def test_unknown_and_raised_points_are_not_free():
    points = table()
    points[:50] = np.nan
    points[50:60, :, 2] = 0.05
    mask = free_space_mask(points, [], None, [], LEVEL_VIEWER)
    assert not mask[:60].any() and mask[60:].all()


def test_the_roomiest_place_is_the_middle_of_the_room():
    points = table()
    mask = np.zeros(points.shape[:2], bool)
    mask[20:100, 50:130] = True  # a square, and a long narrow strip
    mask[5:10, :] = True
    row, column = roomiest(mask, points) or (0, 0)
    assert abs(row - 60) <= 3 and abs(column - 90) <= 3
    assert roomiest(np.zeros((4, 4), bool), points[:4, :4]) is None
    single = np.zeros(points.shape[:2], bool)
    single[7, 9] = True
    assert roomiest(single, points) == (7, 9)


def test_there_is_no_free_place_under_a_thing():
    with pytest.raises(ValueError, match="under"):
        free_space_mask(table(0.05), [BOWL], R.UNDER, [BOWL], LEVEL_VIEWER)
    with pytest.raises(ValueError, match="wants 2"):
        free_space_mask(table(0.05), [BOWL], R.BETWEEN, [BOWL], LEVEL_VIEWER)
