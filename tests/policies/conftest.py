"""A small synthetic dataset: aloha2's right arm grips something in front of noise images."""

import numpy as np
import pytest

from demonstrations import DemonstrationDataset, EpisodeOutcome, EpisodeWriter
from robotics.embodiments import load_embodiment
from robotics.observation import CameraFrame, JointState
from robotics.session import RobotMode, RobotState

CAMERAS = {"overhead": (48, 64), "wrist_left": (48, 64), "wrist_right": (48, 64)}
ROWS = 60


def _state(embodiment, tick: int, position: np.ndarray, applied: np.ndarray, instruction: str) -> RobotState:
    joints = JointState(tick, tick * embodiment.control_period_ns, position, np.zeros_like(position), applied)
    return RobotState(
        joints=joints, requested=applied, applied=applied, intended=applied, mode=RobotMode.EXECUTING,
        plan_steps=1, chunk_id=1, instruction=instruction, missed_deadlines=0, starvations=0,
    )  # fmt: skip


@pytest.fixture(scope="session")
def synthetic_dataset(tmp_path_factory):
    """Four episodes of two tasks."""
    embodiment = load_embodiment("aloha2")
    path = tmp_path_factory.mktemp("data") / "synthetic"
    dataset = DemonstrationDataset.create(path, embodiment, CAMERAS)
    rng = np.random.default_rng(0)
    gripper = embodiment.gripper_indices["right"]
    writer = EpisodeWriter(dataset, embodiment)
    for episode in range(4):
        writer.begin(task=f"task_{episode % 2}", seed=episode)
        for tick in range(ROWS):
            position, applied = embodiment.home.copy(), embodiment.home.copy()
            position[7] = applied[7] = 0.01 * tick
            if 20 <= tick < 50:
                applied[gripper] = 0.0
                position[gripper] = max(0.45, 1.0 - 0.1 * (tick - 20))
            writer.append_state(_state(embodiment, tick, position, applied, f"do task {episode % 2}"))
            if tick % 2 == 0:
                for camera, size in CAMERAS.items():
                    image = rng.integers(0, 255, (*size, 3), dtype=np.uint8)
                    writer.append_frame(camera, CameraFrame(image, tick * embodiment.control_period_ns))
        writer.commit(EpisodeOutcome(success=True, progress=1.0))
    return path
