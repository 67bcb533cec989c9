"""Paths and feature names of LeRobot's dataset format v3.0, and of what we add to it."""

from typing import Any

import numpy as np

from demonstrations.schema import CameraFormat

VERSION = "v3.0"
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
EPISODES_PATH = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
FILES_A_CHUNK = 1000
DATA_FILE_MB = 100
VIDEO_FILE_MB = 200
VIDEO_FILE_S = 1000
"""Readers compare float32 seconds with a tolerance of 0.1 ms; beyond 1024 s those are 0.12 ms apart."""

IMAGES = "observation.images."
OWN = "robotics."
OWN_IMAGE_TIME = "robotics.image_time_ns."
"""Capture time of the picture that a row shows."""
OWN_ATTRIBUTES = "robotics/attributes"
"""Column of the episodes table: the episode's attributes as JSON."""
OWN_DESCRIPTION = "meta/robotics.json"
"""Our dataset.json; LeRobot warns of keys in info.json that it does not know."""

INDEX_FEATURES = {
    "timestamp": {"dtype": "float32", "shape": [1], "names": None},
    "frame_index": {"dtype": "int64", "shape": [1], "names": None},
    "episode_index": {"dtype": "int64", "shape": [1], "names": None},
    "index": {"dtype": "int64", "shape": [1], "names": None},
    "task_index": {"dtype": "int64", "shape": [1], "names": None},
}


def place(file: int) -> dict[str, int]:
    """Chunk and file index of the n-th file, as the path templates want them."""
    return {"chunk_index": file // FILES_A_CHUNK, "file_index": file % FILES_A_CHUNK}


def video_feature(camera: CameraFormat, fps: int, crf: int, keyframe_every: int) -> dict[str, Any]:
    return {
        "dtype": "video",
        "shape": [camera.height, camera.width, 3],
        "names": ["height", "width", "channels"],
        "info": {
            "video.height": camera.height,
            "video.width": camera.width,
            "video.codec": "h264",
            "video.pix_fmt": "yuv420p",
            "video.is_depth_map": False,
            "video.fps": fps,
            "video.channels": 3,
            "video.g": keyframe_every,
            "video.crf": crf,
            "has_audio": False,
        },
    }


def array_feature(array: np.ndarray, names: tuple[str, ...] | None = None) -> dict[str, Any]:
    """The feature of a column of shape (n,) or (n, dimension)."""
    shape = [1] if array.ndim == 1 else [array.shape[1]]
    return {"dtype": array.dtype.name, "shape": shape, "names": list(names) if names else None}
