"""What recording an episode with LeRobot costs; run by `bench record` with a Python that has lerobot.

Usage: lerobot_record.py default|streaming FRAMES HEIGHT WIDTH CAMERAS FOLDER PICTURES.npy
Prints one line of JSON: CPU seconds of this process and its children, and wall time, from the first frame
to the end of `save_episode`, after one episode of 20 frames that warms up; and how many frames LeRobot
dropped (its streaming encoder drops one that waits 0.1 s; the queue is made long here, so that it need not).
Frames come as fast as they are taken.
"""

import inspect
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
from lerobot.datasets.lerobot_dataset import LeRobotDataset

_DIMENSION, _RATE_HZ = 14, 50


def _cpu_s() -> float:
    of = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in of)


def main() -> None:
    mode, frames, height, width, cameras, folder, pictures = sys.argv[1:8]
    images = np.load(pictures)
    names = [f"camera_{index}" for index in range(int(cameras))]
    vector = {"dtype": "float32", "shape": (_DIMENSION,), "names": [f"joint_{k}" for k in range(_DIMENSION)]}
    features = {"observation.state": vector, "action": vector} | {
        f"observation.images.{name}": {
            "dtype": "video",
            "shape": (int(height), int(width), 3),
            "names": ["height", "width", "channels"],
        }
        for name in names
    }
    options = {"root": Path(folder), "robot_type": "bench", "use_videos": True}
    known = inspect.signature(LeRobotDataset.create).parameters
    if mode == "streaming":
        if "streaming_encoding" not in known:
            print(json.dumps({"missing": "this lerobot has no streaming encoding"}))
            return
        options |= {"streaming_encoding": True, "encoder_queue_maxsize": 120}
    else:
        options["image_writer_threads"] = 4 * len(names)  # as lerobot-record sets it
    dataset = LeRobotDataset.create("bench/record", _RATE_HZ, features, **options)

    def record(count: int) -> int:
        state = np.zeros(_DIMENSION, np.float32)
        for index in range(count):
            frame = {"observation.state": state + index, "action": state, "task": "bench"}
            frame |= {f"observation.images.{name}": images[index % len(images)] for name in names}
            dataset.add_frame(frame)
        encoder = getattr(dataset, "_streaming_encoder", None)
        dropped = sum(encoder._dropped_frames.values()) if encoder is not None else 0
        dataset.save_episode()
        return dropped

    record(20)
    cpu_s, started_s = _cpu_s(), time.perf_counter()
    dropped = record(int(frames))
    cpu_s, wall_s = _cpu_s() - cpu_s, time.perf_counter() - started_s
    print(json.dumps({"cpu_s": cpu_s, "wall_s": wall_s, "dropped": dropped}))


if __name__ == "__main__":
    main()
