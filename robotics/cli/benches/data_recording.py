"""What recording costs, and how fast single frames come back."""

import tempfile
import time
from pathlib import Path

import numpy as np

from robotics.cli.benches.measurement import Measurement, distribution, single, timed
from robotics.cli.connect import parse_robot
from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment
from robotics.observation import CameraFrame, JointState
from robotics.session import RobotMode, RobotState

_SIZE = (240, 320)
_PICTURES = 25


def measure(robot: str, quick: bool) -> list[Measurement]:
    """Every camera at 240 x 320 and 25 Hz, pictures made up beforehand; CPU time of all threads."""
    from demonstrations.cache import FrameCache
    from demonstrations.dataset import DemonstrationDataset
    from demonstrations.schema import EpisodeOutcome

    embodiment = load_embodiment(parse_robot(robot).value)
    cameras = embodiment.camera_names
    pictures = _make_pictures()
    ticks, episodes = (250, 3) if quick else (1000, 10)
    frame_ms, tick_ms, commit_ms = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        dataset = DemonstrationDataset.create(
            path / "data", embodiment, dict.fromkeys(cameras, _SIZE), camera_rate_hz=25
        )
        with dataset.writer(embodiment) as writer:
            for _ in range(episodes + 1):
                states = [make_state(embodiment, tick) for tick in range(ticks)]
                writer.begin(instruction="bench")
                tick_cpu, started = 0.0, time.process_time()
                for state in states:
                    if state.joints.tick % 2 == 0:
                        picture = pictures[state.joints.tick // 2 % _PICTURES]
                        for camera in cameras:
                            writer.append_frame(camera, CameraFrame(picture, state.joints.time_ns))
                    before = time.thread_time()
                    writer.append_state(state)
                    tick_cpu += time.thread_time() - before
                while writer.load.queued_frames:
                    time.sleep(0.001)
                ended = time.perf_counter()
                writer.commit(EpisodeOutcome(True))
                commit_ms.append((time.perf_counter() - ended) * 1e3)
                cpu = time.process_time() - started
                tick_ms.append(tick_cpu / ticks * 1e3)
                frame_ms.append((cpu - tick_cpu) / (ticks // 2 * len(cameras)) * 1e3)
        size = sum(file.stat().st_size for file in dataset.path.rglob("*") if file.is_file())
        started = time.process_time()
        views = dict.fromkeys(cameras, (96, 128))
        cache = FrameCache.build(dataset, views, path=path / "cache")
        cache_rate = len(cache) * len(cameras) / (time.process_time() - started)
        random = np.random.default_rng(0)
        episode = dataset.episode(0)
        read_ms = timed(
            lambda: episode.frame(cameras[0], int(random.integers(ticks // 2))), 50 if quick else 500
        )
    frames = (episodes + 1) * (ticks // 2) * len(cameras)
    return [
        distribution("record: a frame", "ms CPU", frame_ms[1:], "encode, write, commit; mean of an episode"),
        distribution("record: a control tick", "ms CPU", tick_ms[1:], "mean of an episode"),
        distribution("record: commit", "ms", commit_ms[1:], f"{ticks / 50:.0f} s episode"),
        single("size of a frame", "kB", size / frames / 1e3, "JPEG 95, ticks included; made-up picture"),
        distribution("read: one frame", "ms", read_ms, "random access, full size"),
        single("build the training cache", "frames/s", cache_rate, "to 96 x 128, one core"),
    ]


def _make_pictures() -> list[np.ndarray]:
    """Smooth colours with a sensor's noise."""
    import cv2

    random = np.random.default_rng(0)
    height, width = _SIZE
    pictures = []
    for _ in range(_PICTURES):
        colours = random.integers(0, 255, (height // 10, width // 10, 3), dtype=np.uint8)
        smooth = cv2.resize(colours, (width, height), interpolation=cv2.INTER_CUBIC)
        pictures.append(np.clip(smooth + random.normal(0, 2, smooth.shape), 0, 255).astype(np.uint8))
    return pictures


def make_state(embodiment: Embodiment, tick: int) -> RobotState:
    values = embodiment.home + 0.001 * tick
    return RobotState(
        joints=JointState(tick, tick * embodiment.control_period_ns, values, values, values),
        requested=values,
        applied=values,
        intended=values,
        mode=RobotMode.EXECUTING,
        plan_steps=0,
        chunk_id=1,
        instruction="bench",
        missed_deadlines=0,
        starvations=0,
    )
