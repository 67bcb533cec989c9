"""Names in ALOHA's HDF5 episodes, and of what we add to them."""

POSITION = "observations/qpos"
VELOCITY = "observations/qvel"
IMAGES = "observations/images"
ACTION = "action"
COMPRESS_LENGTH = "compress_len"
"""(cameras, rows): bytes of each picture; the rest of its row is padding."""

OWN = "robotics"
"""Group: state/NAME, image_time_ns/CAMERA, and the attributes below."""
OWN_ATTRIBUTES = "attributes"
"""The episode's attributes as JSON."""
OWN_DESCRIPTION = "dataset"
"""Our dataset.json."""


def episode_file(number: int) -> str:
    """ACT numbers files from 0 without gaps."""
    return f"episode_{number}.hdf5"
