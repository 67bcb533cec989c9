"""A small dataset by LeRobot's own writer: `python docs/peers/lerobot_write.py OUT JOINT ...`.

Two episodes of 12 and 7 rows, 50 rows a second. Row i of episode e has position i + j / 100 + 1000 e in joint
j, an action half a unit further, and a picture of brightness 15 i + 20.
"""

import sys

import numpy as np
from lerobot.datasets.lerobot_dataset import LeRobotDataset

out, joints = sys.argv[1], sys.argv[2:]
vector = {"dtype": "float32", "shape": (len(joints),), "names": joints}
picture = {"dtype": "video", "shape": (48, 64, 3), "names": ["height", "width", "channels"]}
dataset = LeRobotDataset.create(
    "local/theirs",
    50,
    {"observation.state": vector, "action": vector, "observation.images.cam_high": picture},
    root=out,
    robot_type="aloha",
    image_writer_threads=1,
)
for episode, rows in enumerate((12, 7)):
    for row in range(rows):
        position = (row + np.arange(len(joints)) / 100 + 1000 * episode).astype(np.float32)
        dataset.add_frame(
            {
                "observation.state": position,
                "action": position + np.float32(0.5),
                "observation.images.cam_high": np.full((48, 64, 3), 15 * row + 20, np.uint8),
                "task": f"task {episode}",
            }
        )
    dataset.save_episode()
dataset.finalize()
