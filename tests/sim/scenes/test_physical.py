"""Things of the generator as physics knows them."""

import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from sim.scenes.meshes import about, box, joined, prism, revolved, tube
from sim.scenes.physical import add_thing
from sim.scenes.physics_trials.trial_table import TrialTable, new_table
from sim.scenes.pool import MAKERS

ROBOT = load_embodiment("aloha2")


@pytest.mark.parametrize("family", sorted(MAKERS))
def test_every_family_stands_still_where_it_is_put(family):
    shape = MAKERS[family](np.random.default_rng(1))
    spec = new_table()
    for number, rest in enumerate(shape.rests):
        height = float((np.abs(rest.rotation) @ shape.size)[2]) / 2
        place = np.array([0.4 * number, 0.0, height])
        add_thing(spec, f"thing/{number}", shape, place, rest.rotation)
    table = TrialTable(spec, ROBOT)
    assert table.settle()
    for number in range(len(shape.rests)):
        moved = table.body_pose(f"thing/{number}").position - [0.4 * number, 0.0, 0.0]
        assert np.linalg.norm(moved[:2]) < 0.02
        mass = float(table.model.body(f"thing/{number}").mass[0])
        assert 0.001 < mass <= 0.31


def test_the_convex_pieces_lie_within_the_mesh_and_reach_its_ends():
    for family, maker in MAKERS.items():
        shape = maker(np.random.default_rng(2))
        hulls = [hull for piece in shape.pieces for hull in piece.mesh.hulls]
        corners = np.concatenate(hulls)
        points = shape.points()
        assert corners.min(axis=0) == pytest.approx(points.min(axis=0), abs=0.002), family
        assert corners.max(axis=0) == pytest.approx(points.max(axis=0), abs=0.002), family


def test_pieces_move_turn_stretch_and_join_with_their_mesh():
    mesh = joined(
        box((0.1, 0.02, 0.03)),
        revolved([(0, 0), (0.02, 0), (0.02, 0.05), (0, 0.05)]).moved((0.2, 0, 0)),
        prism(np.array([[0, 0], [0.01, 0], [0, 0.02]]), 0.01).moved(rotation=about("x", 0.5)),
        tube(np.array([[0, 0, 0], [0, 0, 0.1], [0.05, 0, 0.1]]), np.full(3, 0.004)),
    )
    moved = mesh.stretched((1.0, 2.0, 0.5)).moved((0.1, -0.2, 0.3), about("y", 0.7))
    corners = np.concatenate(moved.hulls)
    assert len(mesh.hulls) == 5
    assert corners.min(axis=0) == pytest.approx(moved.vertices.min(axis=0), abs=1e-6)
    assert corners.max(axis=0) == pytest.approx(moved.vertices.max(axis=0), abs=1e-6)


def test_what_stands_fast_does_not_move():
    spec = new_table()
    shape = MAKERS["cube"](np.random.default_rng(0))
    add_thing(spec, "fixed", shape, np.array([0.0, 0.0, 0.3]), np.eye(3), free=False)
    table = TrialTable(spec, ROBOT)
    assert table.settle()
    assert table.body_pose("fixed").position == pytest.approx([0.0, 0.0, 0.3])
