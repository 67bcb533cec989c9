"""What recording four cameras at 480 x 640 and 50 Hz costs, and what LeRobot pays for the same steps."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from robotics.cli.benches.busy_robot import with_load
from robotics.cli.benches.feed import FedSession, make_pictures, make_state
from robotics.cli.benches.measurement import Measurement, distribution, ratio, single
from robotics.cli.benches.policy_wire import PEERS_PYTHON
from robotics.cli.connect import parse_robot
from robotics.embodiment import Embodiment, load_embodiment_file
from robotics.embodiments import load_embodiment
from robotics.observation import CameraFrame
from robotics.session import RobotSession

if TYPE_CHECKING:
    from demonstrations.dataset import DemonstrationDataset
    from demonstrations.recorder import Recorder

_HEIGHT, _WIDTH, _RATE_HZ = 480, 640, 50
_EPISODE_S = 20.0
_LOOK_EVERY_S = 1.0
_PEER_SCRIPT = Path(__file__).parents[3] / "docs" / "peers" / "lerobot_record.py"
_PEERS = {"default": "LeRobot, default (PNG, then video)", "streaming": "LeRobot, streaming encoding"}


def measure(robot: str, quick: bool) -> list[Measurement]:
    """In real time from a feeding process for 1 or 10 minutes; then steps as fast as they are taken."""
    with tempfile.TemporaryDirectory() as folder:
        base = load_embodiment(parse_robot(robot).value)
        embodiment = _with_cameras(base, Path(folder))
        rows = _real_time(embodiment, Path(folder) / "live", 3 if quick else 30)
        return rows + _compare(embodiment, Path(folder), 60 if quick else 200, 1 if quick else 3)


def _with_cameras(embodiment: Embodiment, folder: Path) -> Embodiment:
    """The same robot with pictures of 480 x 640 at the control rate."""
    path = with_load(embodiment, embodiment.servo_rate_hz, folder).source
    path.write_text(path.read_text().replace("rate_hz = 30.0", f"rate_hz = {_RATE_HZ}.0"))
    return load_embodiment_file(path)


def _real_time(embodiment: Embodiment, path: Path, episodes: int) -> list[Measurement]:
    from demonstrations.dataset import DemonstrationDataset
    from demonstrations.recorder import Recorder
    from demonstrations.schema import EpisodeOutcome

    dataset = DemonstrationDataset.create(path, embodiment)
    commit_ms: list[float] = []
    frames = absent = 0
    with FedSession(embodiment) as fed:
        recorder = Recorder(cast(RobotSession, fed), dataset, follow_events=False, source="bench")
        with recorder:
            _wait_for_cameras(fed)
            watch = _Watch(recorder)
            cpu_s, started_s = time.process_time(), time.monotonic()
            for _ in range(episodes):
                recorder.begin(instruction="bench")
                watch.follow(_EPISODE_S)
                ended = time.perf_counter()
                index = recorder.commit(EpisodeOutcome(True)).result()
                commit_ms.append((time.perf_counter() - ended) * 1e3)
                found = _count_frames(dataset, index)
                frames, absent = frames + found[0], absent + found[1]
                shutil.rmtree(dataset.path / "episodes" / dataset.entries[index].name)  # gigabytes otherwise
            cpu_s, seconds = time.process_time() - cpu_s, time.monotonic() - started_s
    return [
        single("recorder: CPU", "% of a core", cpu_s / seconds * 100.0, f"{seconds:.0f} s, 4 x 480 x 640"),
        single("frames dropped", "1", watch.dropped, f"{frames} kept"),
        single("control ticks without their picture", "1", absent, "of any camera"),
        single("control ticks missing", "1", watch.missing),
        distribution("frames that wait to be written", "1", watch.queued, "of 256"),
        single("memory grows by", "MB/min", watch.growth_mb_per_min, watch.memory_note),
        distribution("end of an episode to its commit", "ms", commit_ms, f"{_EPISODE_S:g} s episodes"),
        single("written", "MB/s", watch.bytes / seconds / 1e6),
    ]


def _wait_for_cameras(fed: FedSession) -> None:
    """Until all run steadily."""
    while fed.fed_frames < 4 * _RATE_HZ:
        time.sleep(0.05)


def _count_frames(dataset: "DemonstrationDataset", index: int) -> tuple[int, int]:
    """Frames of an episode, and how many of its ticks a camera has no picture of."""
    episode = dataset.episode(index)
    times = [set(episode.image_time_ns(camera).tolist()) for camera in episode.cameras]
    ticks = set(episode.time_ns.tolist())
    return sum(map(len, times)), sum(len(ticks - found) for found in times)


class _Watch:
    """Looks at a recorder once a second."""

    def __init__(self, recorder: "Recorder"):
        self._recorder = recorder
        self._times_s: list[float] = []
        self._memory_mb: list[float] = []
        self.queued: list[float] = []
        self.dropped = self.missing = self.bytes = 0

    def follow(self, seconds: float) -> None:
        """Until the episode has taken so long."""
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            time.sleep(min(_LOOK_EVERY_S, left_s))
            self._times_s.append(time.monotonic())
            self._memory_mb.append(_resident_mb())
            self.queued.append(self._recorder.status.load.queued_frames)
        status = self._recorder.status
        self.dropped += status.load.dropped_frames
        self.missing += status.missing_ticks
        self.bytes += status.load.written_bytes

    @property
    def _settled(self) -> slice:
        """After the first episode, when buffers and heaps have found their size."""
        return slice(min(len(self._times_s) // 2, int(_EPISODE_S)), None)

    @property
    def growth_mb_per_min(self) -> float:
        return float(np.polyfit(self._times_s[self._settled], self._memory_mb[self._settled], 1)[0]) * 60.0

    @property
    def memory_note(self) -> str:
        seen = self._memory_mb[self._settled]
        return f"{seen[0]:.0f} MB at first, {seen[-1]:.0f} MB at last, {max(seen):.0f} MB at most"


def _resident_mb() -> float:
    """This process's memory in RAM, shared memory left out [MB]."""
    fields = Path("/proc/self/statm").read_text().split()
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGESIZE") / 1e6


def _compare(embodiment: Embodiment, folder: Path, steps: int, rounds: int) -> list[Measurement]:
    """CPU of all threads and children for each recorded step, end of the episode included."""
    pictures = make_pictures(_HEIGHT, _WIDTH)
    np.save(folder / "pictures.npy", np.stack(pictures))
    ours: list[float] = []
    theirs: dict[str, list[float]] = {mode: [] for mode in _PEERS}
    notes: dict[str, str] = {}
    for turn in range(rounds):
        ours.append(_our_cpu_ms(embodiment, folder / f"ours{turn}", pictures, steps))
        for mode in _PEERS:
            found, note = _peer_cpu_ms(mode, folder, steps, turn, len(embodiment.camera))
            notes[mode] = note
            if found is not None:
                theirs[mode].append(found)
    row = distribution("a recorded step", "ms CPU", ours, f"{steps} steps and the end of their episode")
    rows = [row]
    for mode, name in _PEERS.items():
        peer = distribution(name, "ms CPU", theirs[mode], notes[mode])
        rows.append(peer)
        if peer.count:
            rows.append(ratio(f"{name}, over ours", peer, row))
    return rows


def _our_cpu_ms(embodiment: Embodiment, path: Path, pictures: list[np.ndarray], steps: int) -> float:
    from demonstrations.dataset import DemonstrationDataset
    from demonstrations.schema import EpisodeOutcome

    dataset = DemonstrationDataset.create(path, embodiment)
    with dataset.writer(embodiment) as writer:
        for count in (20, steps):
            cpu_s = time.process_time()
            writer.begin(instruction="bench")
            for tick in range(count):
                time_ns = tick * embodiment.control_period_ns
                for camera in embodiment.camera_names:
                    writer.append_frame(camera, CameraFrame(pictures[tick % len(pictures)], time_ns))
                writer.append_state(make_state(embodiment, tick, time_ns))
            writer.commit(EpisodeOutcome(True))
            cpu_s = time.process_time() - cpu_s
    shutil.rmtree(path)
    return cpu_s / steps * 1e3


def _peer_cpu_ms(mode: str, folder: Path, steps: int, turn: int, cameras: int) -> tuple[float | None, str]:
    """CPU of a step that was kept, and a note; or None, and why there is no figure."""
    python = os.environ.get(PEERS_PYTHON, "")
    if not python or not _PEER_SCRIPT.is_file():
        return None, f"not measured: {PEERS_PYTHON} names no Python with lerobot"
    target = folder / f"peer-{mode}-{turn}"
    words = (mode, steps, _HEIGHT, _WIDTH, cameras, target, folder / "pictures.npy")
    ran = subprocess.run(
        [python, str(_PEER_SCRIPT), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": "", "HF_HUB_OFFLINE": "1"},
    )
    shutil.rmtree(target, ignore_errors=True)
    lines = ran.stdout.splitlines()
    if ran.returncode or not lines:
        return None, f"failed: {(ran.stderr.splitlines() or ['no output'])[-1]}"
    answer = json.loads(lines[-1])
    if "missing" in answer:
        return None, answer["missing"]
    kept = steps - answer["dropped"] / cameras
    dropped = f", {answer['dropped']} frames dropped by it" if answer["dropped"] else ""
    return answer["cpu_s"] / kept * 1e3, f"the same pictures and steps{dropped}"
