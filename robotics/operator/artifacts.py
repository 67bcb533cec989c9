"""What a run leaves behind: film, plot of commanded against measured joints, report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from robotics.embodiment import Embodiment
from robotics.evaluation.video import VideoWriter, caption_of, film_cameras, film_picture
from robotics.operator.black_box import KeptPicture
from robotics.operator.run import RunOutcome, RunResult
from robotics.session import RobotState


def write_film(
    path: Path, pictures: Sequence[KeptPicture], states: Sequence[RobotState], embodiment: Embodiment
) -> bool:
    """Encode an MP4 at the pace of the overall camera; False where there are no pictures.

    The film goes through every moment of the run: where pictures are missing the last one stays.
    """
    cameras = film_cameras(embodiment.camera_names)
    kept = {name: [p for p in pictures if p.camera == name] for name in cameras}
    if not states or not all(kept.values()):
        return False
    rate = embodiment.get_camera(cameras[0]).rate_hz
    start_ns, end_ns = states[0].joints.time_ns, states[-1].joints.time_ns
    times = np.arange(start_ns, end_ns + 1, round(1e9 / rate))
    state_times = np.array([s.joints.time_ns for s in states])
    rows = np.searchsorted(state_times, times, side="right") - 1
    chosen = {
        name: np.searchsorted([p.capture_time_ns for p in of_camera], times, side="right") - 1
        for name, of_camera in kept.items()
    }
    decoded: dict[str, tuple[int, np.ndarray]] = {}
    with VideoWriter(path, rate) as video:
        for i, row in enumerate(rows):
            for name in cameras:
                index = max(0, int(chosen[name][i]))
                if name not in decoded or decoded[name][0] != index:
                    decoded[name] = index, _decode(kept[name][index].jpeg)
            state = states[int(row)]
            task = state.task
            progress, stage, success = (task.progress, task.stage, task.success) if task else (0.0, "", False)
            elapsed_s = (times[i] - start_ns) / 1e9
            title, status = caption_of(state.instruction, elapsed_s, progress, stage, success)
            video.add(film_picture({n: decoded[n][1] for n in cameras}, title, status, progress))
    return True


def write_joint_plot(path: Path, states: Sequence[RobotState], embodiment: Embodiment) -> dict[str, float]:
    """Draw commanded against measured position of every joint; returns tracking errors.

    Returns:
        For each action name the root mean square of measured minus commanded one tick earlier
        [rad or opening].
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    time_s = np.array([s.joints.time_ns for s in states]) / 1e9
    time_s -= time_s[0]
    measured = np.array([s.joints.position for s in states])  # (ticks, action_dim)
    commanded = np.array([s.joints.target for s in states])  # (ticks, action_dim)
    rows = max(len(arm.joint) + 1 for arm in embodiment.arm)
    columns = len(embodiment.arm)
    figure, axes = plt.subplots(
        rows, columns, figsize=(6.2 * columns, 1.45 * rows), sharex=True, squeeze=False, layout="constrained"
    )
    start = 0
    for column, arm in enumerate(embodiment.arm):
        names = [*(joint.name for joint in arm.joint), arm.gripper.name]
        for row in range(rows):
            axis = axes[row][column]
            if row >= len(names):
                axis.set_visible(False)
                continue
            unit = "0..1" if row == len(names) - 1 else "rad"
            axis.plot(time_s, commanded[:, start + row], color="#d9822b", lw=1.8, label="commanded")
            axis.plot(time_s, measured[:, start + row], color="#2f6fde", lw=1.0, label="measured")
            axis.set_ylabel(f"{names[row]}\n[{unit}]", fontsize=8)
            axis.tick_params(labelsize=7)
            axis.grid(alpha=0.25)
        axes[0][column].set_title(f"{arm.name} arm", fontsize=11)
        axes[len(names) - 1][column].set_xlabel("robot time [s]", fontsize=8)
        start += len(names)
    axes[0][0].legend(fontsize=7, loc="best", frameon=False)
    figure.savefig(path, dpi=110)
    plt.close(figure)
    errors = np.sqrt(np.mean((measured - commanded) ** 2, axis=0))
    return dict(zip(embodiment.action_names, (round(float(e), 5) for e in errors), strict=True))


def write_report(
    path: Path,
    result: RunResult,
    tracking_rms: Mapping[str, float],
    conditions: Mapping[str, Any],
    environment: Mapping[str, Any],
) -> None:
    """Write report.json."""
    last = asdict(result.last)
    last["mode"] = result.last.mode.value
    for name in ("progress", "control_rate_hz"):
        last[name] = round(last[name], 4)
    data = {
        "success": result.outcome is RunOutcome.SUCCESS,
        "outcome": result.outcome.value,
        "message": result.message,
        **last,
        "observe": asdict(result.observe),
        "send": asdict(result.send),
        "guard_counts": result.guard_counts,
        "refused_chunks": result.refusals,
        "tracking_rms": dict(tracking_rms),
        "conditions": dict(conditions),
        "environment": dict(environment),
    }
    path.write_text(json.dumps(data, indent=1) + "\n")


def _decode(jpeg: bytes) -> np.ndarray:
    import cv2

    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("a kept picture is no JPEG")
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
