"""Chooses how MuJoCo draws without a screen, before mujoco reads its environment variable."""

import ctypes
import os
import sys

from robotics.errors import RoboticsError

SYSTEM_PACKAGES = "libegl1 libgl1 libgl1-mesa-dri"
"""Debian and Ubuntu packages that software rendering needs on a bare machine."""


class RenderingUnavailableError(RoboticsError):
    """The machine cannot draw; the message names the command that repairs it."""

    def __init__(self, reason: str):
        super().__init__(
            f"cannot draw camera images: {reason}; on Debian or Ubuntu run: "
            f"apt-get install -y --no-install-recommends {SYSTEM_PACKAGES}"
        )


def missing_library() -> str | None:
    """Name of the first OpenGL library that cannot be loaded, or None."""
    if not sys.platform.startswith("linux"):
        return None
    for library in ("libEGL.so.1", "libGL.so.1"):
        try:
            ctypes.CDLL(library)
        except OSError:
            return library
    return None


def select_backend() -> None:
    """Set MUJOCO_GL for a machine without a display: EGL, or nothing at all where EGL is missing.

    Physics needs no OpenGL, so that a machine without it still simulates; a camera rig then raises.
    """
    if not sys.platform.startswith("linux"):
        return
    wanted = os.environ.get("MUJOCO_GL")
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if wanted == "egl" or (wanted is None and not has_display):
        os.environ["MUJOCO_GL"] = "disable" if missing_library() else "egl"
