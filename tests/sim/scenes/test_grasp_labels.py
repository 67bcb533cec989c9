"""Labels of things whose grasps are known."""

import mujoco
import numpy as np
import pytest
from trial_things import SURFACE, add_box, straight_down

from robotics.embodiments import load_embodiment
from robotics.pose import Pose
from sim.scenes.grasp_labels import GraspLabel, GraspSampling, grasps_in_scene, is_clear, label_grasps
from sim.scenes.physics_trials.grasp_trial import try_grasp
from sim.scenes.physics_trials.trial_table import TrialTable, new_table
from sim.scenes.surface_points import sample_surface

ROBOT = load_embodiment("aloha2")
QUICK = GraspSampling(points=300, candidates=10, repetitions=2, keep=6)


def alone(half: tuple[float, float, float]) -> TrialTable:
    spec = new_table()
    add_box(spec, "thing", half)
    table = TrialTable(spec, ROBOT)
    table.settle()
    return table


@pytest.fixture(scope="module")
def bar() -> TrialTable:
    return alone((0.05, 0.015, 0.02))


@pytest.fixture(scope="module")
def labels(bar) -> list[GraspLabel]:
    return label_grasps(bar, "thing", seed=3, sampling=QUICK)


def test_labels_hold_and_close_across_the_bar(bar, labels):
    assert len(labels) >= 3
    for label in labels:
        pose = label.in_world(Pose.identity())
        assert abs(pose.rotation[1, 1]) > 0.8 or abs(pose.rotation[2, 1]) > 0.8  # its short sides
        assert 0.5 <= label.quality <= 1.0
        assert label.opening <= 0.07
    best = labels[0]
    bar.reset()
    assert try_grasp(bar, best.in_world(bar.body_pose("thing")), best.opening, "thing").held


def test_the_same_seed_makes_the_same_labels(bar, labels):
    assert label_grasps(bar, "thing", seed=3, sampling=QUICK) == labels


def test_what_is_too_wide_has_no_labels():
    assert label_grasps(alone((0.05, 0.05, 0.05)), "thing", seed=0, sampling=QUICK) == []


def test_a_wall_beside_the_thing_takes_labels_away(labels):
    spec = new_table()
    add_box(spec, "thing", (0.05, 0.015, 0.02), at=(0.1, 0.05))
    wall = spec.worldbody.add_body(name="wall", mocap=True)
    wall.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.06, 0.004, 0.08], **SURFACE)
    scene = TrialTable(spec, ROBOT)
    rng = np.random.default_rng(0)
    quarter = np.array([np.cos(np.pi / 4), 0, 0, np.sin(np.pi / 4)])
    scene.place("thing", Pose(np.array([0.1, 0.05, 0.02]), quarter))
    scene.place("wall", Pose(np.array([0.5, 0.3, 0.08]), quarter))
    scene.set_start()
    everything = grasps_in_scene(scene, "thing", labels, rng)
    assert len(everything) >= len(labels) - 1
    for x in (0.078, 0.122):  # a wall on each side would need two; one is enough for grasps across
        scene.place("wall", Pose(np.array([x, 0.05, 0.08]), quarter))
    scene.set_start()
    across = [a for a in labels if abs(a.in_world(Pose.identity()).rotation[1, 1]) > 0.8]
    assert across
    assert grasps_in_scene(scene, "thing", across, rng) == []


def test_a_hand_is_clear_above_the_thing_and_not_in_it(bar):
    bar.reset()
    assert is_clear(bar, straight_down(0, 0, 0.1), 0.06)
    assert not is_clear(bar, straight_down(0, 0.03, 0.02), 0.06)


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (mujoco.mjtGeom.mjGEOM_BOX, [0.02, 0.03, 0.04]),
        (mujoco.mjtGeom.mjGEOM_SPHERE, [0.03, 0, 0]),
        (mujoco.mjtGeom.mjGEOM_ELLIPSOID, [0.02, 0.03, 0.04]),
        (mujoco.mjtGeom.mjGEOM_CYLINDER, [0.02, 0.04, 0]),
        (mujoco.mjtGeom.mjGEOM_CAPSULE, [0.02, 0.04, 0]),
    ],
)
def test_surface_points_lie_on_the_surface_and_normals_point_out(kind, size):
    spec = new_table()
    body = spec.worldbody.add_body(name="thing", pos=[0.1, 0, 0.3], quat=[0.9, 0.1, 0.3, 0.2])
    body.add_geom(type=kind, size=size)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    thing = model.body("thing").id
    points, normals = sample_surface(model, data, thing, 200, np.random.default_rng(0))
    assert np.linalg.norm(normals, axis=-1) == pytest.approx(1.0)
    for point, normal in zip(points[:60], normals[:60], strict=True):
        hit = mujoco.mj_ray(model, data, point + 0.2 * normal, -normal, None, 1, -1, np.array([-1], np.int32))
        assert hit == pytest.approx(0.2, abs=0.002)


def test_points_inside_of_another_shape_are_not_surface():
    spec = new_table()
    body = spec.worldbody.add_body(name="cross")
    body.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.05, 0.01, 0.01])
    body.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.01, 0.05, 0.01])
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    points, _ = sample_surface(model, data, model.body("cross").id, 400, np.random.default_rng(0))
    assert not ((np.abs(points) < 0.0099).all(axis=-1)).any()


def test_a_thing_without_shape_is_named():
    spec = new_table()
    spec.worldbody.add_body(name="ghost")
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    with pytest.raises(ValueError, match="'ghost' has no shape"):
        sample_surface(model, data, model.body("ghost").id, 10, np.random.default_rng(0))
