"""Every family as a shape: closed meshes, convex parts that fill it, rests that carry it."""

import mujoco
import numpy as np
import pytest

from robotics.reasoning.language.families import FAMILIES
from sim.props import CABINET
from sim.scenes.footprint import Footprint
from sim.scenes.meshes import box, prism, revolved
from sim.scenes.pool import MAKERS
from sim.scenes.rests import find_rests
from sim.scenes.skin import skinned
from sim.scenes.task_props import task_props


def volume(vertices: np.ndarray, faces: np.ndarray) -> float:
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def test_there_is_a_shape_for_every_family() -> None:
    assert set(MAKERS) == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_shape_is_centred_faces_outwards_and_is_filled_by_its_convex_parts(family: str) -> None:
    shape = MAKERS[family](np.random.default_rng(5))
    middle, size = shape.extent()
    assert np.allclose(middle, 0, atol=1e-9)
    assert size[0] >= size[1] - 1e-6
    assert size.min() > 0.004
    assert size.max() < 0.3
    for piece in shape.pieces:
        assert volume(piece.mesh.vertices, piece.mesh.faces) > 0, "triangles face inwards"
        corners = np.concatenate(piece.mesh.hulls)
        assert np.allclose(corners.min(axis=0), piece.mesh.vertices.min(axis=0), atol=1e-3)
        assert np.allclose(corners.max(axis=0), piece.mesh.vertices.max(axis=0), atol=1e-3)


@pytest.mark.parametrize("family", ["bottle", "can", "mug", "egg", "pear", "cylinder", "cone", "banana"])
def test_what_rests_so_touches_the_table_with_its_lowest_point_and_stays_in_its_footprint(
    family: str,
) -> None:
    shape = MAKERS[family](np.random.default_rng(1))
    for rest in find_rests(shape):
        points = shape.points() @ rest.rotation.T
        assert np.allclose(rest.rotation @ rest.rotation.T, np.eye(3), atol=1e-9)
        assert np.linalg.det(rest.rotation) == pytest.approx(1)
        assert points[:, 2].min() == pytest.approx(-rest.below, abs=1e-9)
        assert (np.abs(points[:, :2] - rest.middle) <= np.array(rest.half) + 1e-9).all()


def test_a_can_also_lies_and_then_half_a_turn_looks_alike() -> None:
    rests = find_rests(MAKERS["can"](np.random.default_rng(0)))
    assert rests[0].upright and rests[0].symmetry == 0
    assert {rest.symmetry for rest in rests[1:]} == {2}


def test_a_hollow_thing_stays_open_in_its_convex_parts() -> None:
    ring = revolved([(0.02, 0), (0.04, 0), (0.04, 0.02), (0.02, 0.02), (0.02, 0)], hollow=0.0)
    for hull in ring.hulls:
        assert np.linalg.norm(hull[:, :2].mean(axis=0)) > 0.02


def test_a_star_shaped_prism_falls_into_convex_parts_and_a_convex_one_does_not() -> None:
    angle = np.arange(10) * np.pi / 5
    star = np.where(np.arange(10) % 2 == 0, 0.04, 0.018)[:, None] * np.column_stack(
        [np.cos(angle), np.sin(angle)]
    )
    assert len(prism(star, 0.02).hulls) == 10
    assert len(box((1, 1, 1)).hulls) == 1


def test_a_skin_is_sharp_at_edges_and_smooth_around_a_cylinder() -> None:
    cube = skinned(box((1, 1, 1)))
    assert np.allclose(np.sort(np.abs(cube.normals), axis=1), [0, 0, 1])
    round_ = skinned(revolved([(0, 0), (1, 0), (1, 2), (0, 2)]))
    side = np.abs(round_.normals[:, 2]) < 0.5
    outward = round_.vertices[side, :2]
    assert np.allclose(round_.normals[side, :2], outward, atol=0.02)


def test_the_tasks_props_have_the_sizes_of_the_tasks() -> None:
    from robotics.embodiments import load_embodiment
    from sim.scene import compiled_scene

    model = compiled_scene(load_embodiment("aloha2"), "put_in_bowl")
    sizes = {(family, colour): shape.size for family, colour, _, shape in task_props()}
    assert np.allclose(2 * model.geom("prop/yellow_block").size, sizes["block", "yellow"])
    radius, half, _ = model.geom("prop/green_cylinder").size
    assert np.allclose([2 * radius, 2 * radius, 2 * half], sizes["cylinder", "green"])
    mesh = model.mesh("bowl").id
    start, count = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
    extent = np.ptp(model.mesh_vert[start : start + count], axis=0)
    assert np.allclose(np.sort(extent), np.sort(sizes["bowl", "white"]), atol=1e-4)
    assert isinstance(model, mujoco.MjModel)
    cabinet = next(shape for family, _, _, shape in task_props() if family == "cabinet")
    assert np.linalg.norm(cabinet.slide) == pytest.approx(CABINET.travel)
    assert cabinet.size[2] == pytest.approx(CABINET.height)


@pytest.mark.parametrize(
    ("x", "yaw", "gap", "overlap"),
    [
        (0.021, 0.0, 0.0, False),
        (0.021, 0.0, 0.002, True),
        (0.019, 0.0, 0.0, True),
        (0.023, np.pi / 4, 0.0, True),
    ],
)
def test_footprints_overlap_when_they_come_closer_than_the_gap(
    x: float, yaw: float, gap: float, overlap: bool
) -> None:
    still, moved = Footprint(0, 0, 0, (0.01, 0.01)), Footprint(x, 0, yaw, (0.01, 0.01))
    assert still.overlaps(moved, gap) == overlap
    assert moved.overlaps(still, gap) == overlap
