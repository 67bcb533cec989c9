"""LeRobot's own LeRobotDataset on an export: `python docs/peers/lerobot_read.py EXPORT` prints a JSON line.

Nothing is fetched: set HF_HUB_OFFLINE=1. Every row of the table is loaded; of every episode
the first, middle and last row with their pictures.
"""

import json
import sys

import numpy as np
import torch
from lerobot.datasets.lerobot_dataset import LeRobotDataset

HORIZON = 5

dataset = LeRobotDataset("local/export", root=sys.argv[1])
means = {}
for episode in dataset.meta.episodes:
    first, end = episode["dataset_from_index"], episode["dataset_to_index"]
    for row in (first, (first + end) // 2, end - 1):
        sample = dataset[row]
        assert sample["index"].item() == row
        assert sample["task"] == episode["tasks"][0]
        for key in dataset.meta.video_keys:
            assert sample[key].dtype == torch.float32
            means[f"{key} {row}"] = round(float(sample[key].mean()) * 255, 2)
chunks = LeRobotDataset(
    "local/export",
    root=sys.argv[1],
    delta_timestamps={"action": [k / dataset.fps for k in range(HORIZON)]},
)
last = chunks[len(chunks) - 1]
assert last["action"].shape[0] == HORIZON
assert last["action_is_pad"].sum() == HORIZON - 1
actions = np.stack([np.asarray(a) for a in dataset.hf_dataset.with_format("numpy")["action"]])
summary = {
    "episodes": dataset.num_episodes,
    "rows": dataset.num_frames,
    "fps": dataset.fps,
    "action_sum": float(actions.astype(np.float64).sum()),
    "statistics": sorted(dataset.meta.stats),
    "pictures": means,
}
print(json.dumps(summary))
