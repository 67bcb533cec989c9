"""A training sample from cache, JPEG and H.264, beside LeRobot's from the same frames; and sizes."""

import gc
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from robotics.cli.benches.lerobot_reader import CODECS, LeRobotReader
from robotics.cli.benches.measurement import Measurement, distribution, ratio, single, timed
from robotics.cli.benches.rendered_episodes import HEIGHT, WIDTH, record_rendered_episodes

_VIEW, _HORIZON = 224, 50
_BATCH = 32
_HUNDRED = 100 * 20 * 50 * 4
"""Pictures of 100 demonstrations of 20 s by four cameras at 50 Hz."""


def measure(robot: str, quick: bool) -> list[Measurement]:
    """Every camera at 480 x 640 and the control rate; ours and the peer's by turns in the same run."""
    from demonstrations import DemonstrationDataset
    from demonstrations.pack import pack_dataset, psnr
    from demonstrations.view import CameraView
    from demonstrations.windows import DemonstrationWindows, WindowConfig

    recorded, shared = (2, 1) if quick else (10, 4)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dataset = record_rendered_episodes(robot, recorded, folder)
        started = time.process_time()
        report = pack_dataset(dataset, folder / "packed")
        pack_s = time.process_time() - started
        packed = DemonstrationDataset.open(folder / "packed")
        views = {camera: CameraView(_VIEW, _VIEW) for camera in dataset.camera_names}
        config = WindowConfig(views, horizon=_HORIZON)
        episodes = range(shared)
        started = time.process_time()
        sources = {
            "from the cache": DemonstrationWindows(
                dataset, config, cache=folder / "cache", episodes=episodes
            ),
            "decoding JPEG": DemonstrationWindows(dataset, config, episodes=episodes),
            "decoding packed H.264": DemonstrationWindows(packed, config, episodes=episodes),
        }
        cached = sources["from the cache"]
        cache_s, cached_frames = time.process_time() - started, len(cached) * len(views)
        peer = LeRobotReader.start(folder / "peer", cached, dataset.description.control_rate_hz)
        rows = _measure_samples(sources, peer, len(views), quick)
        rows += _measure_loaders(cached, peer, quick)
        frames = sum(camera.frames for camera in report.cameras.values())
        jpeg, h264 = (
            sum(getattr(camera, key) for camera in report.cameras.values()) / frames
            for key in ("source_bytes", "packed_bytes")
        )
        error = sum(camera.squared_error for camera in report.cameras.values()) / frames
        worst = min(camera.psnr_min for camera in report.cameras.values())
        size = f"{HEIGHT} x {WIDTH}, {frames} pictures of {recorded} episodes"
        hundred = "100 demos x 20 s x 4 cameras x 50 Hz, extrapolated from these"
        rows += [
            single("build the training cache", "ms CPU/picture", cache_s * 1e3 / cached_frames, size),
            single("pack, decode and compare", "ms CPU/picture", pack_s * 1e3 / frames, size),
            single("PSNR of packed pictures", "dB", psnr(error), f"worst {worst:.1f} dB"),
            single("size: JPEG 95", "kB/picture", jpeg / 1e3, size),
            single("size: packed, H.264 crf 18", "kB/picture", h264 / 1e3, "the same"),
            single("size: JPEG 95", "GB", jpeg * _HUNDRED / 1e9, hundred),
            single("size: packed, H.264 crf 18", "GB", h264 * _HUNDRED / 1e9, hundred),
        ]
        del sources, cached  # what is mapped cannot be dropped
        cold = _measure_cold(
            lambda: DemonstrationWindows(dataset, config, cache=folder / "cache", episodes=episodes),
            folder / "cache",
            30 if quick else 200,
        )
        rows.insert(1, cold)
        if peer:
            pictures = cached_frames
            for codec in CODECS:
                written = f"{_VIEW} x {_VIEW}; written in {peer.seconds[codec] * 1e3 / pictures:.1f} ms each"
                size = peer.sizes[codec] / pictures / 1e3
                rows.append(
                    single(f"size: LeRobot's dataset of the views, {codec}", "kB/picture", size, written)
                )
            peer.close()
    return rows


def _measure_samples(sources, peer: LeRobotReader | None, cameras: int, quick: bool) -> list[Measurement]:
    rounds, count = (3, 30) if quick else (10, 100)
    random = np.random.default_rng(0)
    times: dict[str, list[float]] = {}
    floor = _Copy(cameras * _VIEW * _VIEW * 3)
    for turn in range(rounds + 1):
        found = {"floor": timed(floor, count, warm_up=0)}
        for name, windows in sources.items():
            found[name] = timed(lambda w=windows: w[int(random.integers(len(w)))], count, warm_up=0)
        if peer:
            found |= {codec: peer.sample(codec, count) for codec in CODECS}
        if turn:  # the first round warms up
            for name, values in found.items():
                times.setdefault(name, []).extend(values)
    what = f"{cameras} views {_VIEW} x {_VIEW} and {_HORIZON} actions, at random"
    rows = [
        distribution(f"training sample, {name}", "ms", times[name], what if name == "from the cache" else "")
        for name in sources
    ]
    rows.append(
        distribution("floor: copy of that many bytes", "ms", times["floor"], "from memory, not in a cache")
    )
    for codec in CODECS:
        row = distribution(
            f"LeRobot's sample, {codec}", "ms", times.get(codec, []), "" if peer else "peer not installed"
        )
        rows.append(row)
        if row.count:
            rows.append(ratio(f"LeRobot's, {codec}, over ours from the cache", row, rows[0]))
    return rows


def _measure_cold(open_windows, cache: Path, count: int) -> Measurement:
    """Samples whose pages the file system has been told to forget before."""
    gc.collect()
    for path in cache.rglob("images_*.npy"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    windows = open_windows()
    order = iter(np.random.default_rng(1).permutation(len(windows)).tolist())
    return distribution(
        "training sample, from the cache on the disk",
        "ms",
        timed(lambda: windows[next(order)], min(count, len(windows)), warm_up=0),
        "its pages dropped from memory first",
    )


class _Copy:
    """Copies one of many blocks, so that the source is in memory and in no processor cache."""

    def __init__(self, size: int):
        self._blocks = np.ones((300, size), np.uint8)
        self._random = np.random.default_rng(0)

    def __call__(self) -> None:
        np.empty_like(self._blocks[0])[...] = self._blocks[self._random.integers(len(self._blocks))]


def _measure_loaders(windows, peer: LeRobotReader | None, quick: bool) -> list[Measurement]:
    """Through torch's DataLoader, batch 32, shuffled; the better of two turns each."""
    count = 320 if quick else 1920
    rows = []
    for workers in (0, os.cpu_count() or 1):
        note = f"DataLoader, {workers} workers, batch {_BATCH}"
        ours, theirs = [], {codec: [] for codec in CODECS}
        for _ in range(2):
            ours.append(_load(windows, count, workers))
            if peer:
                for codec, rates in theirs.items():
                    rates.append(peer.load(codec, count // 5, workers))
        rows.append(single("training samples", "1/s", max(ours), note))
        for codec in CODECS if peer else ():
            best = max(theirs[codec])
            rows.append(single(f"LeRobot's samples, {codec}", "1/s", best, note))
            rows.append(single(f"ours over LeRobot's, {codec}", "x", max(ours) / best, note))
    return rows


def _load(windows, count: int, workers: int) -> float:
    import torch

    from demonstrations.sample_order import SampleOrder

    torch.set_num_threads(1)
    started_with = max(workers, 1)
    steps = count // _BATCH + started_with
    loader = torch.utils.data.DataLoader(
        windows,
        batch_size=None,
        sampler=SampleOrder.of(windows, batch=_BATCH, steps=steps),
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
    )
    batches = iter(loader)
    for _ in range(started_with):  # one of each worker, so that all have started
        next(batches)
    started = time.perf_counter()
    for _ in batches:
        pass
    return (steps - started_with) * _BATCH / (time.perf_counter() - started)
