"""robomimic's own SequenceDataset on an export: `python docs/peers/robomimic_read.py EXPORT`."""

import sys
from pathlib import Path

import h5py
import robomimic.utils.obs_utils as observation_utils
import torch
from robomimic.utils import file_utils
from robomimic.utils.dataset import SequenceDataset

path = Path(sys.argv[1]) / "demonstrations.hdf5"
with h5py.File(path) as file:
    keys = [*file["data/demo_0/obs"]]
pictures = [key for key in keys if key.endswith("_image")]
numbers = [key for key in keys if key not in pictures]
observation_utils.initialize_obs_utils_with_obs_specs({"obs": {"low_dim": numbers, "rgb": pictures}})
print(file_utils.get_env_metadata_from_dataset(str(path))["env_name"])
for key in ("train", "valid"):
    dataset = SequenceDataset(
        str(path),
        obs_keys=keys,
        dataset_keys=["actions", "rewards", "dones"],
        frame_stack=2,
        seq_length=10,
        hdf5_cache_mode=None,
        filter_by_attribute=key,
        load_next_obs=False,
    )
    print(key, dataset.n_demos, "demonstrations,", len(dataset), "samples")
    if not len(dataset):
        continue
    batch = next(iter(torch.utils.data.DataLoader(dataset, batch_size=4)))
    print({name: tuple(value.shape) for name, value in batch["obs"].items()}, tuple(batch["actions"].shape))
