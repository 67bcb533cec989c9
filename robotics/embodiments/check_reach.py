"""How much of the workspace do the tools reach?"""

import mujoco
import numpy as np

from robotics.embodiment import Arm, Embodiment
from robotics.kinematics.joint_map import JointMap

_GRID = (5, 5, 3)
"""Points along x, y and z of the workspace box."""
_WANTED_SHARE = 0.9
"""A box drawn by hand may lose a corner, not more."""
_REACHED_M = 0.005
_RADIAN_M = 0.3
"""Metres that a radian is worth to the solver."""
_ITERATIONS = 50
_RESTARTS = 4


def check_reach(embodiment: Embodiment, model: mujoco.MjModel, problems: list[str], notes: list[str]) -> None:
    """Append a problem for every arm whose tool misses much of the workspace, in whatever orientation."""
    lower, upper = embodiment.workspace
    axes = [np.linspace(lo, hi, n) for lo, hi, n in zip(lower, upper, _GRID, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)  # (grid, 3)
    for arm in embodiment.arm:
        reached = reachable(embodiment, model, arm, points)
        share = reached.mean()
        if share < _WANTED_SHARE:
            missed = points[~reached]
            example = ", ".join(f"{value:.2f}" for value in missed[len(missed) // 2])
            problems.append(
                f"arm '{arm.name}': its tool reaches {share:.0%} of 'workspace' "
                f"(wanted {_WANTED_SHARE:.0%}); out of reach is, for one, [{example}]"
            )
        else:
            down = reachable(embodiment, model, arm, points, pointing_down=True).mean()
            notes.append(
                f"arm '{arm.name}': its tool reaches {share:.0%} of 'workspace', "
                f"{down:.0%} pointing straight down"
            )


def reachable(
    embodiment: Embodiment,
    model: mujoco.MjModel,
    arm: Arm,
    points: np.ndarray,
    pointing_down: bool = False,
) -> np.ndarray:
    """Which points the arm's tool can reach inside the position limits.

    Damped least squares, first from the last point's solution, then from home and random postures;
    collisions are not looked at.

    Args:
        points: In the world, shape (n, 3) [m].
        pointing_down: The tool's z axis must point down within about 6 degrees; otherwise any orientation.

    Returns:
        Shape (n,), bool.
    """
    generator = np.random.default_rng(0)
    joint_map = JointMap(embodiment, model)
    data = mujoco.MjData(model)
    joint_map.write_qpos(embodiment.home, data.qpos)
    mine = embodiment.arm_slices[arm.name]
    addresses, dofs = joint_map.qpos_address[mine], joint_map.dof_address[mine]
    lower, upper = embodiment.position_lower[mine], embodiment.position_upper[mine]
    site, jacobian = model.site(arm.tool_site).id, np.zeros((6, model.nv))
    rows = 5 if pointing_down else 3  # the turn about the vertical is free
    posture, reached = embodiment.home[mine].copy(), np.zeros(len(points), bool)

    def descend(start: np.ndarray, point: np.ndarray) -> np.ndarray | None:
        joints = start.copy()
        for _ in range(_ITERATIONS):
            data.qpos[addresses] = joints
            mujoco.mj_kinematics(model, data)
            approach = data.site_xmat[site].reshape(3, 3)[:, 2]
            turn = _RADIAN_M * np.cross(approach, [0.0, 0.0, -1.0])
            error = np.concatenate([point - data.site_xpos[site], turn])[:rows]
            if np.linalg.norm(error[:3]) < _REACHED_M and (not pointing_down or approach[2] < -0.995):
                return joints
            mujoco.mj_comPos(model, data)
            mujoco.mj_jacSite(model, data, jacobian[:3], jacobian[3:], site)
            own = jacobian[:rows, dofs]  # (rows, joints)
            own[3:] *= _RADIAN_M
            step = own.T @ np.linalg.solve(own @ own.T + 1e-4 * np.eye(rows), error)
            step *= min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-9))
            following = np.clip(joints + step, lower, upper)
            if np.abs(following - joints).max() < 1e-4:
                return None
            joints = following
        return None

    for index, point in enumerate(points):
        starts = [posture, embodiment.home[mine], *generator.uniform(lower, upper, (_RESTARTS, len(lower)))]
        for start in starts:
            answer = descend(start, point)
            if answer is not None:
                posture, reached[index] = answer, True
                break
    return reached
