"""What IMAGE may be: a file, a moment of a recorded demonstration, or the start of a simulated task."""

import re
from pathlib import Path

from robotics.cli.connect import UsageError
from robotics.reasoning.images import Photo, read_photo

IMAGES = "a file, DATASET/EPISODE@SECONDS[:CAMERA] or sim:EMBODIMENT/TASK[@SEED][:CAMERA]"
_RECORDED = re.compile(r"(?P<dataset>.+)/(?P<episode>\d+)@(?P<seconds>\d+(\.\d*)?)(:(?P<camera>\w+))?")
_SIMULATED = re.compile(r"sim:(?P<embodiment>.+)/(?P<task>\w+?)(@(?P<seed>\d+))?(:(?P<camera>\w+))?")
_CAMERA = "overhead"
_SEED = 1_000_000
"""From a million on no demonstration began like it."""


def open_picture(text: str, depth: Path | None = None, calibration: Path | None = None) -> Photo:
    """A picture with what is known about it; those of robots have depth (simulated ones) and calibration.

    Args:
        text: See `IMAGES`.
        depth: Of a file only, see `robotics.reasoning.images`.
        calibration: Of a file only, see `robotics.reasoning.calibration`.

    Raises:
        ImageError: The file cannot be used.
        UsageError: Depth or calibration for what has its own, or a text that names no picture.
        UnknownNameError: No such embodiment, task or camera.
        DatasetError: No such episode or moment.
        RenderingUnavailableError: This machine cannot draw.
    """
    simulated = text.startswith("sim:")
    recorded = None if simulated or Path(text).exists() else _RECORDED.fullmatch(text)
    if not simulated and recorded is None:
        return read_photo(Path(text), depth, calibration)
    if depth or calibration:
        raise UsageError(f"--depth and --calibration are for files; '{text}' brings its own")
    if recorded is not None:
        from robotics.cli.reason.recorded_picture import recorded_picture

        return recorded_picture(
            Path(recorded["dataset"]),
            int(recorded["episode"]),
            float(recorded["seconds"]),
            recorded["camera"] or _CAMERA,
        )
    named = _SIMULATED.fullmatch(text)
    if named is None:
        raise UsageError(
            f"a simulated picture is sim:EMBODIMENT/TASK[@SEED][:CAMERA], such as "
            f"sim:aloha2/put_in_bowl@3:overhead, got '{text}'"
        )
    from robotics.cli.reason.simulated_picture import simulated_picture

    seed = _SEED if named["seed"] is None else int(named["seed"])
    return simulated_picture(named["embodiment"], named["task"], seed, named["camera"] or _CAMERA)
