"""Ground truth of grasps: antipodal pairs on a thing's surface, each verified in physics with jitter."""

from collections.abc import Sequence
from dataclasses import dataclass

import mujoco
import numpy as np

from robotics.pose import Pose
from sim.scenes.physics_trials.grasp_trial import try_grasp
from sim.scenes.physics_trials.trial_table import TrialTable
from sim.scenes.surface_points import sample_surface

_JITTER_M, _JITTER_RAD = 0.005, np.radians(10)
_SAME_M, _SAME_RAD = 0.012, np.radians(25)
_SIDE_M = 0.01
"""The gripper opens so much wider than the thing on each side, where it can."""
_TIGHTEST_M = 0.003


@dataclass(frozen=True)
class GraspSampling:
    """How thoroughly a thing is labelled."""

    points: int = 500
    """Sampled on the surface."""
    friction: float = 0.7
    """Both contact normals lie in the cone of this friction about the closing direction."""
    candidates: int = 40
    """At most so many are tried in physics."""
    repetitions: int = 4
    """Jittered trials of each that held when tried exactly."""
    keep: int = 16
    """At most so many labels."""
    least_quality: float = 0.5
    hold_s: float = 0.3


@dataclass(frozen=True)
class GraspLabel:
    """A grasp of one thing in the thing's own frame."""

    position: tuple[float, float, float]
    """Tool point [m]."""
    quaternion: tuple[float, float, float, float]
    """tool_in_thing, wxyz."""
    opening: float
    """Distance of the fingertips before closing [m]."""
    quality: float
    """Part of the jittered repetitions that held."""

    def in_world(self, thing_in_world: Pose) -> Pose:
        """tool_in_world."""
        return thing_in_world.compose(Pose(np.array(self.position), np.array(self.quaternion)))


def label_grasps(
    table: TrialTable, body: str, seed: int, sampling: GraspSampling | None = None
) -> list[GraspLabel]:
    """Grasps of a thing as it stands on a trial table, the most robust first.

    The thing should stand alone. Labels hold for its other poses with the same side up, and
    `grasps_in_scene` says which of them a scene allows.

    Raises:
        ValueError: The thing has no shape that collides.
    """
    sampling = sampling or GraspSampling()
    rng = np.random.default_rng(seed)
    table.reset()
    start = table.body_pose(body)
    kept: list[GraspLabel] = []
    for tool, gap in _candidates(table, body, rng, sampling):
        if len(kept) == sampling.keep:
            break
        if not try_grasp(table, tool, gap, body, sampling.hold_s).held:
            continue
        held = sum(
            try_grasp(table, _jittered(tool, rng), gap, body, sampling.hold_s).held
            for _ in range(sampling.repetitions)
        )
        quality = held / sampling.repetitions if sampling.repetitions else 1.0
        if quality >= sampling.least_quality:
            local = start.inverse().compose(tool)
            kept.append(
                GraspLabel(
                    position=_three(local.position),
                    quaternion=_four(local.quaternion),
                    opening=gap,
                    quality=quality,
                )
            )
    table.reset()
    return sorted(kept, key=lambda label: -label.quality)


def grasps_in_scene(
    table: TrialTable,
    body: str,
    labels: Sequence[GraspLabel],
    rng: np.random.Generator,
    verified_part: float = 0.07,
    hold_s: float = 0.3,
) -> list[GraspLabel]:
    """Those labels whose hand collides with nothing in the scene that the table holds.

    Args:
        table: The whole scene; its start is the scene's state.
        verified_part: So many of the labels that are left are tried in the scene, and kept only if they hold.
    """
    table.reset()
    pose = table.body_pose(body)
    free = [
        label
        for label in labels
        if is_clear(table, label.in_world(pose), label.opening)
        and is_clear(table, _backed_off(label.in_world(pose)), label.opening)
    ]
    kept = []
    for label in free:
        tried = rng.random() < verified_part
        if not tried or try_grasp(table, label.in_world(pose), label.opening, body, hold_s).held:
            kept.append(label)
    table.reset()
    return kept


def is_clear(table: TrialTable, tool: Pose, gap: float, hand: int = 0) -> bool:
    """Whether an open hand touches nothing at a pose."""
    table.put_hand(hand, tool, gap)
    mujoco.mj_kinematics(table.model, table.data)
    mujoco.mj_collision(table.model, table.data)
    return not table.touches_anything(hand)


def _backed_off(tool: Pose, by_m: float = 0.05) -> Pose:
    return Pose(tool.position - by_m * tool.rotation[:, 2], tool.quaternion)


def _candidates(
    table: TrialTable, body: str, rng: np.random.Generator, sampling: GraspSampling
) -> list[tuple[Pose, float]]:
    """Collision-free antipodal grasps that differ, straight down ones first among equals: (tool, gap)."""
    model, data = table.model, table.data
    points, normals = sample_surface(model, data, model.body(body).id, sampling.points, rng)
    greatest = table.greatest_gap()
    between = points[None] - points[:, None]  # (i, j, 3): from i to j
    width = np.linalg.norm(between, axis=-1)
    closing = between / np.maximum(width, 1e-9)[..., None]
    cone = np.cos(np.arctan(sampling.friction))
    inward = -np.einsum("ik,ijk->ij", normals, closing)
    outward = np.einsum("jk,ijk->ij", normals, closing)
    fits = (inward > cone) & (outward > cone) & (width < greatest - 2 * _TIGHTEST_M) & (width > 0.001)
    i, j = np.nonzero(np.triu(fits))
    # The better aligned a pair is, the earlier it is tried; noise keeps the choice spread over the thing.
    rank = inward[i, j] + outward[i, j] + rng.normal(0.0, 0.15, len(i))
    found: list[tuple[Pose, float]] = []
    for pair in np.argsort(-rank)[: 30 * sampling.candidates]:
        a, b = points[i[pair]], points[j[pair]]
        direction, apart = closing[i[pair], j[pair]], float(width[i[pair], j[pair]])
        for tool, gap in _hands(table, (a + b) / 2, direction, apart, rng):
            if any(_same(tool, other) for other, _ in found) or not is_clear(table, tool, gap):
                continue
            if is_clear(table, _backed_off(tool), gap):
                found.append((tool, gap))
                break
        if len(found) == sampling.candidates:
            break
    table.reset()
    return found


def _hands(
    table: TrialTable, middle: np.ndarray, closing: np.ndarray, width: float, rng: np.random.Generator
) -> list[tuple[Pose, float]]:
    """Hands that close on a pair: from as straight above as it goes, then from the sides at random."""
    greatest = table.greatest_gap()
    gap = float(min(greatest, width + 2 * _SIDE_M))
    down = np.array([0.0, 0.0, -1.0]) - closing * -closing[2]
    if np.linalg.norm(down) < 0.3:
        down = np.cross(closing, [1.0, 0.0, 0.0])
    down = down / np.linalg.norm(down)
    aside = np.cross(closing, down)
    hands = []
    for angle in (0.0, rng.uniform(0.3, 1.5), -rng.uniform(0.3, 1.5)):
        approach = np.cos(angle) * down + np.sin(angle) * aside
        rotation = np.stack([np.cross(closing, approach), closing, approach], axis=1)
        for deeper in (0.0, -0.008, 0.008):
            hands.append((Pose.from_matrix(rotation, middle + deeper * approach), gap))
    return hands


def _same(a: Pose, b: Pose) -> bool:
    apart = float(np.linalg.norm(a.position - b.position))
    closing = abs(float(a.rotation[:, 1] @ b.rotation[:, 1]))
    approach = float(a.rotation[:, 2] @ b.rotation[:, 2])
    return apart < _SAME_M and min(closing, approach) > np.cos(_SAME_RAD)


def _jittered(tool: Pose, rng: np.random.Generator) -> Pose:
    axis = rng.standard_normal(3)
    axis /= np.linalg.norm(axis)
    half = rng.uniform(-_JITTER_RAD, _JITTER_RAD) / 2
    turn = Pose(np.zeros(3), np.concatenate([[np.cos(half)], np.sin(half) * axis]))
    turned = tool.compose(turn)
    return Pose(tool.position + rng.uniform(-_JITTER_M, _JITTER_M, 3), turned.quaternion)


def _three(values: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _four(values: np.ndarray) -> tuple[float, float, float, float]:
    w, x, y, z = (float(value) for value in values)
    return w, x, y, z
