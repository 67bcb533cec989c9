"""Are the numbers numbers: shapes, number types, NaN and infinity, time that runs forwards."""

from collections.abc import Iterator

import numpy as np

from demonstrations.episode import Episode
from demonstrations.journal import row_dtype, state_names
from demonstrations.quality.catalogue import found
from demonstrations.quality.findings import Finding
from robotics.errors import RoboticsError

OPTIONAL = ("progress",)
"""NaN there means that nobody judges progress, as on a real robot."""


def check_arrays(episode: Episode, action_dim: int) -> Iterator[Finding]:
    """damaged, wrong_shape, wrong_dtype, not_finite, time_backwards: what makes other checks senseless."""
    wanted_types = row_dtype(action_dim)
    for name in state_names(action_dim):
        try:
            array = episode.state[name]
        except RoboticsError as error:
            yield found("damaged", str(error), f"state/{name}")
            continue
        wanted_type, shape = wanted_types[name].base, (len(episode), *wanted_types[name].shape)
        if array.shape != shape:
            yield found("wrong_shape", f"wanted {shape}, got {array.shape}", f"state/{name}")
        if array.dtype != wanted_type:
            yield found("wrong_dtype", f"wanted {wanted_type}, got {array.dtype}", f"state/{name}")
        if array.dtype.kind == "f" and name not in OPTIONAL:
            finite = np.isfinite(array).reshape(len(array), -1).all(axis=1)
            if not finite.all():
                count, first = int((~finite).sum()), int(np.argmin(finite))
                text = f"{count} of {len(array)} rows are not finite, the first is row {first}"
                yield found("not_finite", text, f"state/{name}", float((~finite).sum()), 0)
    yield from _check_time(episode)


def _check_time(episode: Episode) -> Iterator[Finding]:
    for name in ("tick", "time_ns"):
        try:
            steps = np.diff(episode.state[name].astype(np.int64))
        except RoboticsError:
            continue  # told of as damaged
        if steps.ndim == 1 and (steps <= 0).any():
            row = int(np.argmax(steps <= 0)) + 1
            text = f"{int((steps <= 0).sum())} rows are not later than the row before, the first is row {row}"
            yield found("time_backwards", text, f"state/{name}", float(steps.min()), 0)
