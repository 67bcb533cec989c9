"""diffusion_policy's own buffer and sampler: `python docs/peers/replay_buffer_read.py CHECKOUT EXPORT`.

They want zarr below 3, numcodecs below 0.16 and numba; hence an environment of their own.
"""

import sys

import zarr

checkout, export = sys.argv[1:3]
sys.path.insert(0, checkout)
from diffusion_policy.common.replay_buffer import ReplayBuffer  # noqa: E402
from diffusion_policy.common.sampler import SequenceSampler  # noqa: E402

buffer = ReplayBuffer.create_from_path(export)
print("zarr", zarr.__version__, buffer.n_episodes, "episodes,", buffer.n_steps, "steps")
sampler = SequenceSampler(buffer, sequence_length=16, pad_before=1, pad_after=7)
sample = sampler.sample_sequence(len(sampler) - 1)
print({name: (value.shape, str(value.dtype)) for name, value in sample.items()})
copied = ReplayBuffer.copy_from_path(export, store=zarr.MemoryStore(), keys=["action", "joint_position"])
assert (copied["action"][:] == buffer["action"][:]).all()
