"""ACT's own loader on an export: `python docs/peers/act_read.py ACT_CHECKOUT EXPORT`.

The export is made with `--format aloha --pad` and, where the cameras differ in size, `--size`. Needs torch,
h5py and ipython, which ACT's utils.py imports.
"""

import sys
from pathlib import Path

import h5py
import torch

checkout, export = map(Path, sys.argv[1:3])
sys.path.insert(0, str(checkout))
from utils import EpisodicDataset, get_norm_stats  # noqa: E402

count = len([*export.glob("episode_*.hdf5")])
with h5py.File(export / "episode_0.hdf5") as file:
    cameras = [*file["observations/images"]]
statistics = get_norm_stats(str(export), count)
dataset = EpisodicDataset([*range(count)], str(export), cameras, statistics)
loader = torch.utils.data.DataLoader(dataset, batch_size=min(3, count))
images, position, action, padded = next(iter(loader))
assert images.shape[1] == len(cameras)
assert images.max() <= 1
assert torch.isfinite(action).all()
print("images", tuple(images.shape), "position", tuple(position.shape), "action", tuple(action.shape))
