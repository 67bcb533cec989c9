"""Training samples read by LeRobotDataset, written from the same frames; run by `bench data`.

Usage: lerobot_reading.py FOLDER. The folder holds `images_<camera>.npy` uint8 (n, height, width, 3),
`state.npy` and `action.npy` float32 (n, dimension), `episode.npy` (n,) and `about.json` (fps, horizon).
First it writes the frames with LeRobot's own writer, once for each codec, and prints the sizes [byte] and
encoding times [s] as JSON. Then each line of standard input is answered by one line of JSON:

    CODEC sample COUNT             times of so many samples at random [ms]
    CODEC loader COUNT WORKERS     samples a second through a DataLoader, batch 32, shuffled
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch
from lerobot.datasets.lerobot_dataset import LeRobotDataset

CODECS = ("libsvtav1", "h264")
"""LeRobot's default, and ours; every other setting is LeRobot's default."""
BATCH = 32


def write(folder: Path, about: dict, codec: str) -> float:
    """Seconds that it took."""
    state, action, episode = (np.load(folder / f"{name}.npy") for name in ("state", "action", "episode"))
    images = {
        path.stem.removeprefix("images_"): np.load(path, mmap_mode="r")
        for path in folder.glob("images_*.npy")
    }
    features = {
        "observation.state": {"dtype": "float32", "shape": state.shape[1:], "names": None},
        "action": {"dtype": "float32", "shape": action.shape[1:], "names": None},
        **{
            f"observation.images.{camera}": {
                "dtype": "video",
                "shape": array.shape[1:],
                "names": ["height", "width", "channels"],
            }
            for camera, array in images.items()
        },
    }
    started = time.perf_counter()
    dataset = LeRobotDataset.create(
        "bench/data", about["fps"], features, root=folder / codec, use_videos=True, vcodec=codec
    )
    for row in range(len(episode)):
        frame = {f"observation.images.{camera}": array[row] for camera, array in images.items()}
        frame |= {"observation.state": state[row], "action": action[row], "task": "bench"}
        dataset.add_frame(frame)
        if row + 1 == len(episode) or episode[row + 1] != episode[row]:
            dataset.save_episode()
    dataset.finalize()
    return time.perf_counter() - started


def open_dataset(folder: Path, about: dict, codec: str) -> LeRobotDataset:
    chunk = [k / about["fps"] for k in range(about["horizon"])]
    return LeRobotDataset("bench/data", root=folder / codec, delta_timestamps={"action": chunk})


def measure_samples(dataset: LeRobotDataset, count: int, rng: np.random.Generator) -> list[float]:
    times = []
    for index in rng.integers(len(dataset), size=count).tolist():
        started = time.perf_counter()
        sample = dataset[index]
        times.append((time.perf_counter() - started) * 1e3)
    assert sample["action"].ndim == 2
    return times


def measure_loader(dataset: LeRobotDataset, count: int, workers: int) -> float:
    started_with = max(workers, 1)
    loader = torch.utils.data.DataLoader(
        dataset,
        BATCH,
        sampler=torch.utils.data.RandomSampler(
            dataset, replacement=True, num_samples=(count // BATCH + started_with) * BATCH
        ),
        num_workers=workers,
        # forked, its decoders share file positions with their parent's and fail
        multiprocessing_context="spawn" if workers else None,
    )
    batches = iter(loader)
    for _ in range(started_with):  # one of each worker, so that all have started
        next(batches)
    started = time.perf_counter()
    for _ in batches:
        pass
    return count // BATCH * BATCH / (time.perf_counter() - started)


def main() -> None:
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    about = json.loads((folder / "about.json").read_text())
    seconds = {codec: write(folder, about, codec) for codec in CODECS}
    sizes = {
        codec: sum(path.stat().st_size for path in (folder / codec).rglob("*") if path.is_file())
        for codec in CODECS
    }
    print(json.dumps({"bytes": sizes, "seconds": seconds}), flush=True)
    datasets = {codec: open_dataset(folder, about, codec) for codec in CODECS}
    rng = np.random.default_rng(0)
    for line in sys.stdin:
        codec, what, count, *workers = line.split()
        if what == "sample":
            answer = measure_samples(datasets[codec], int(count), rng)
        else:
            answer = measure_loader(open_dataset(folder, about, codec), int(count), int(workers[0]))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
