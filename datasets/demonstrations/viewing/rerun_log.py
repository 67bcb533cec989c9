"""An episode in the Rerun viewer: pictures undecoded, joints as curves, events as text, on one time line."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from demonstrations.episode import Episode
from demonstrations.journal import MODES
from robotics.errors import RoboticsError

_CURVES = ("position", "applied", "intended", "requested")


class ViewerMissingError(RoboticsError):
    """The optional package is not installed."""


def load_rerun() -> Any:
    """The package.

    Raises:
        ViewerMissingError: It is not installed.
    """
    try:
        return importlib.import_module("rerun")
    except ImportError as error:
        raise ViewerMissingError(
            "the Rerun viewer is not installed: pip install 'robotics[rerun]', "
            "or write a film: --out film.mp4"
        ) from error


def show_in_rerun(episode: Episode, action_names: tuple[str, ...], out: Path | None = None) -> None:
    """Open the viewer, or write a recording (.rrd) that it opens later.

    Args:
        out: The recording's file; the viewer is started where None.

    Raises:
        ViewerMissingError: Rerun is not installed.
        DatasetError: A part of the episode is damaged.
    """
    rerun = load_rerun()
    stream = rerun.RecordingStream(f"{episode.path.parent.parent.resolve().name}_{episode.number}")
    if out is None:
        stream.spawn()
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        stream.save(str(out))
    _log_pictures(rerun, stream, episode)
    _log_curves(rerun, stream, episode, action_names)
    for event in episode.metadata.events:
        _set_time(stream, episode, event.time_ns)
        stream.log("events", rerun.TextLog(f"{event.kind.value}: {event.text}"))
    _set_time(stream, episode, int(episode.time_ns[0]))
    stream.log("instruction", rerun.TextDocument(episode.metadata.instruction))
    stream.flush()


def _set_time(stream: Any, episode: Episode, time_ns: int) -> None:
    stream.set_time("robot time", duration=(time_ns - int(episode.time_ns[0])) / 1e9)


def _log_pictures(rerun: Any, stream: Any, episode: Episode) -> None:
    for camera in episode.cameras:
        times = episode.image_time_ns(camera)
        for frame, time_ns in enumerate(times):
            if episode.metadata.cameras[camera].encoding == "jpeg":
                (jpeg,) = episode.jpegs(camera, [frame])
                picture = rerun.EncodedImage(contents=jpeg, media_type="image/jpeg")
            else:
                picture = rerun.Image(episode.frame(camera, frame)).compress()
            _set_time(stream, episode, int(time_ns))
            stream.log(f"cameras/{camera}", picture)


def _log_curves(rerun: Any, stream: Any, episode: Episode, action_names: tuple[str, ...]) -> None:
    seconds = (episode.time_ns - episode.time_ns[0]) / 1e9
    column = [rerun.TimeColumn("robot time", duration=seconds)]
    for quantity in _CURVES:
        if quantity not in episode.state:
            continue
        for joint, name in enumerate(action_names):
            values = np.ascontiguousarray(episode.state[quantity][:, joint])
            stream.send_columns(f"{name}/{quantity}", column, rerun.Scalars.columns(scalars=values))
    if "mode" in episode.state:
        modes = episode.state["mode"]
        for row in (0, *(np.flatnonzero(np.diff(modes)) + 1)):
            _set_time(stream, episode, int(episode.time_ns[row]))
            stream.log("mode", rerun.TextLog(MODES[int(modes[row])].value))
