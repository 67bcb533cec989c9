"""Heaps: things that fell on each other, settled by physics."""

import mujoco
import numpy as np

from robotics.pose import Pose, quaternion_to_matrix
from sim.scenes.arrangement import Arrangement
from sim.scenes.choices import HeldOut, paint, wishes
from sim.scenes.footprint import Footprint
from sim.scenes.rests import make_rest
from sim.scenes.shape import Shape
from sim.scenes.thing import Layout, Thing

_STEP_S = 0.004
_LONGEST_S = 2.4
_STILL = 0.06
"""[m/s], [rad/s]"""
_TOUCHING_M = 0.0015
_LARGEST_M = 0.2
"""Larger things would carry the whole heap."""


def pile(table: Arrangement, held_out: HeldOut) -> Layout:
    """Drop three to eight things on one spot; what does not come to rest on the table is left out."""
    rng = table.rng
    count = int(rng.integers(3, 9))
    chosen = []
    for wish in wishes(rng, count, held_out):
        index = table.find_instance(wish.family)
        if index is None or wish.family == "cabinet":
            continue
        if max(table.pool.instances[index].shape.size) > _LARGEST_M:
            continue
        table.used.add(index)
        chosen.append((index, wish))
    shapes = [table.pool.instances[index].shape for index, _ in chosen]
    if not shapes:
        return Layout("clutter", (), table.spot, table.radius)
    poses, touching, still = settle(shapes, rng)
    kept = [i for i in range(len(shapes)) if still[i]]
    origin = np.array([*table.spot, 0.0])
    for i in kept:
        index, wish = chosen[i]
        support, inside = _carrier(i, poses, shapes, touching, kept)
        table.things.append(
            Thing(
                index,
                Pose(poses[i].position + origin, poses[i].quaternion),
                paint(wish, rng),
                _symmetry(shapes[i], poses[i], table.pool.instances[index].shape.symmetry),
                kept.index(support) + 1 if support >= 0 else 0,
                kept.index(inside) + 1 if inside >= 0 else 0,
            )
        )
        table.rests.append(table.pool.instances[index].rests[0])
        half = float(max(shapes[i].size)) / 2
        place = poses[i].position + origin
        table.footprints.append(Footprint(float(place[0]), float(place[1]), 0.0, (half, half)))
    return Layout("clutter", tuple(table.things), table.spot, 0.12)


def settle(
    shapes: list[Shape], rng: np.random.Generator
) -> tuple[list[Pose], set[tuple[int, int]], list[bool]]:
    """Drop shapes about the origin of a table.

    Returns:
        Their poses, the pairs (upper, lower) that touch, and which came to rest on the table.
    """
    spec = mujoco.MjSpec()
    spec.option.timestep = _STEP_S
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=[1, 1, 0.1], friction=[1.0, 0.02, 0.002])
    for number, shape in enumerate(shapes):
        body = spec.worldbody.add_body(name=f"thing/{number}")
        body.add_freejoint()
        hulls = [hull for piece in shape.pieces for hull in piece.mesh.hulls]
        for part, hull in enumerate(hulls):
            mesh = spec.add_mesh(name=f"{number}/{part}", uservert=hull.ravel().tolist())
            mesh.maxhullvert = 24
            body.add_geom(
                type=mujoco.mjtGeom.mjGEOM_MESH,
                meshname=mesh.name,
                density=500,
                condim=4,
                friction=[0.9, 0.02, 0.002],
                solref=[0.012, 1.0],
            )
    model = spec.compile()
    data = mujoco.MjData(model)
    height = 0.0
    for number in rng.permutation(len(shapes)):
        shape = shapes[number]
        reach = float(np.linalg.norm(shape.size)) / 2
        height += reach
        upright = rng.random() < 0.5
        turn = rng.standard_normal(4) if not upright else np.array([1.0, 0, 0, rng.normal()])
        data.qpos[7 * number : 7 * number + 3] = [*rng.normal(0, 0.035, 2), height + 0.005]
        data.qpos[7 * number + 3 : 7 * number + 7] = turn / np.linalg.norm(turn)
        height += 0.5 * reach
    quiet = 0
    for _ in range(round(_LONGEST_S / _STEP_S / 20)):
        mujoco.mj_step(model, data, 20)
        quiet = quiet + 1 if np.abs(data.qvel).max() < _STILL else 0
        if quiet == 3:
            break
    mujoco.mj_forward(model, data)
    poses = [
        Pose(data.qpos[7 * i : 7 * i + 3].copy(), data.qpos[7 * i + 3 : 7 * i + 7].copy())
        for i in range(len(shapes))
    ]
    speed = np.abs(data.qvel.reshape(-1, 6)).max(axis=1)
    still = [
        bool(speed[i] < 5 * _STILL and np.abs(pose.position[:2]).max() < 0.3 and pose.position[2] > 0)
        for i, pose in enumerate(poses)
    ]
    return poses, _touching(model, data), still


def _touching(model: mujoco.MjModel, data: mujoco.MjData) -> set[tuple[int, int]]:
    """Pairs (upper, lower) of shape numbers in contact, by the direction of the force; -1 is the table."""
    pairs = set()
    for contact in data.contact[: data.ncon]:
        if contact.dist > _TOUCHING_M:
            continue
        first, second = (int(model.geom_bodyid[g]) - 1 for g in contact.geom)
        lower, upper = (first, second) if contact.frame[2] > 0 else (second, first)
        if abs(contact.frame[2]) > 0.3 and lower != upper:
            pairs.add((upper, lower))
    return pairs


def _carrier(
    number: int, poses: list[Pose], shapes: list[Shape], touching: set[tuple[int, int]], kept: list[int]
) -> tuple[int, int]:
    """Who carries a shape, and what it is in; -1: the table, nothing."""
    below = sorted(lower for upper, lower in touching if upper == number)
    inside = -1
    for other in kept:
        cavity = shapes[other].cavity
        if other == number or cavity is None or poses[other].rotation[2, 2] < 0.94:
            continue
        local = poses[other].inverse().apply(poses[number].position)
        half = shapes[other].size / 2
        if (np.abs(local[:2]) < 0.8 * half[:2]).all() and local[2] < half[2] and other in below:
            inside = other
    if inside >= 0:
        return inside, inside
    if not below or -1 in below:
        return -1, -1
    carriers = [other for other in below if other in kept]
    if not carriers:
        return -1, -1
    nearest = min(
        carriers,
        key=lambda other: float(np.linalg.norm((poses[other].position - poses[number].position)[:2])),
    )
    return nearest, -1


def _symmetry(shape: Shape, pose: Pose, upright: int) -> int:
    rotation = quaternion_to_matrix(pose.quaternion)
    if rotation[2, 2] > 0.98:
        return upright
    return make_rest(shape.points(), rotation, None, False).symmetry
