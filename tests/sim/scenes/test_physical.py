"""Things of the generator as physics knows them."""

import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from robotics.pose import Pose
from sim.scenes.meshes import about, box, joined, prism, revolved, tube
from sim.scenes.physical import add_cabinet, add_thing
from sim.scenes.physics_trials.trial_table import TrialTable, new_table
from sim.scenes.pool import MAKERS

ROBOT = load_embodiment("aloha2")


@pytest.mark.parametrize("family", sorted(MAKERS))
def test_every_family_stands_still_where_it_is_put(family):
    shape = MAKERS[family](np.random.default_rng(1))
    spec = new_table()
    add_thing(spec, "thing", shape, Pose(np.array([0, 0, shape.size[2] / 2]), np.array([1.0, 0, 0, 0])))
    table = TrialTable(spec, ROBOT)
    assert table.settle()
    assert np.linalg.norm(table.body_pose("thing").position[:2]) < 0.02
    assert 0.001 < float(table.model.body("thing").mass[0]) <= 0.31


def test_the_convex_pieces_lie_within_the_mesh_and_reach_its_ends():
    for family, maker in MAKERS.items():
        shape = maker(np.random.default_rng(2))
        hulls = [hull for piece in shape.pieces for hull in piece.mesh.solids]
        corners = np.concatenate(hulls)
        points = shape.points()
        assert corners.min(axis=0) == pytest.approx(points.min(axis=0), abs=0.002), family
        assert corners.max(axis=0) == pytest.approx(points.max(axis=0), abs=0.002), family


def test_pieces_move_turn_and_join_with_their_mesh():
    mesh = joined(
        box((0.1, 0.02, 0.03)),
        revolved([(0, 0), (0.02, 0), (0.02, 0.05), (0, 0.05)]).moved((0.2, 0, 0)),
        prism(np.array([[0, 0], [0.01, 0], [0, 0.02]]), 0.01).moved(rotation=about("x", 0.5)),
        tube(np.array([[0, 0, 0], [0, 0, 0.1], [0.05, 0, 0.1]]), np.full(3, 0.004)),
    )
    moved = mesh.moved((0.1, -0.2, 0.3), about("y", 0.7))
    corners = np.concatenate(moved.solids)
    assert len(mesh.solids) == 5
    assert corners.min(axis=0) == pytest.approx(moved.vertices.min(axis=0), abs=1e-6)
    assert corners.max(axis=0) == pytest.approx(moved.vertices.max(axis=0), abs=1e-6)


def test_a_cabinet_stands_fast_and_its_drawer_slides_as_far_as_it_is_drawn():
    shape = MAKERS["cabinet"](np.random.default_rng(0))
    spec = new_table()
    add_cabinet(spec, "cabinet", shape, Pose(np.array([0, 0, shape.size[2] / 2]), np.array([1.0, 0, 0, 0])))
    table = TrialTable(spec, ROBOT)
    assert table.settle()
    joint = table.model.joint("cabinet/drawer")
    assert table.data.joint("cabinet/drawer").qpos[0] == pytest.approx(0.0, abs=1e-3)
    assert joint.range[1] == pytest.approx(np.linalg.norm(shape.slide))
    table.data.joint("cabinet/drawer").qvel[0] = 1.5
    table.wait(0.5)
    assert table.data.joint("cabinet/drawer").qpos[0] > 0.01
    assert table.body_pose("cabinet").position == pytest.approx([0, 0, shape.size[2] / 2])
