"""Empty places to keep datasets in: a folder, object stores on this machine, and a bucket if one is named.

ROBOTICS_TEST_S3 may name a bucket, e.g. s3://tests; its endpoint and keys are taken from the environment.
"""

import os
import uuid
from pathlib import Path

import pytest

from demonstrations.storage import ObjectPath, locate

STORES = ("folder", "memory", "file", "s3")


def make_place(kind: str, folder: Path) -> Path | ObjectPath:
    """An empty place of one kind; skips the test where there is no bucket."""
    if kind == "s3" and "ROBOTICS_TEST_S3" not in os.environ:
        pytest.skip("ROBOTICS_TEST_S3 names no bucket")
    return locate(
        {
            "folder": str(folder),
            "memory": f"memory:///{uuid.uuid4().hex}",
            "file": f"file://{folder}",
            "s3": f"{os.environ.get('ROBOTICS_TEST_S3')}/{uuid.uuid4().hex}",
        }[kind]
    )
