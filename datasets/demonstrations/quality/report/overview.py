"""The page's part about the dataset as a whole: variety of scenes, lengths, joints and wordings."""

from collections import Counter
from collections.abc import Sequence
from html import escape

import numpy as np

from demonstrations.dataset import DemonstrationDataset
from demonstrations.episode import Episode
from demonstrations.quality.check import find_limits
from demonstrations.quality.findings import DatasetQuality
from demonstrations.quality.report import svg
from demonstrations.quality.report.contact_sheet import data_url, start_spread
from robotics.embodiment import Embodiment
from robotics.errors import RoboticsError

_WORDINGS = 12
_ROWS = 100
"""Of each episode, for the ranges of the joints."""


def render_overview(
    dataset: DemonstrationDataset,
    quality: DatasetQuality,
    readable: Sequence[Episode],
    embodiment: Embodiment | None,
) -> str:
    """Panels with plots of all episodes.

    Args:
        readable: The episodes that can be opened.
    """
    wordings = Counter(e.instruction for e in quality.episodes)
    shown = [(words or "(none)", count) for words, count in wordings.most_common(_WORDINGS)]
    rest = len(wordings) - len(shown)
    checks = Counter(f.check for e in quality.episodes for f in {f.check: f for f in e.findings}.values())
    panels = [
        _panel("Scores", svg.histogram([e.score for e in quality.episodes], "points")),
        _panel("Lengths", svg.histogram([e.duration_s for e in quality.episodes], "s")),
        _panel(
            "Wordings",
            svg.counts(shown, len(quality.episodes))
            + (f'<p class="note">and {rest} more</p>' if rest else ""),
        ),
        _panel(
            "Findings",
            svg.counts(checks.most_common(_WORDINGS), len(quality.episodes))
            or '<p class="note">None in any episode.</p>',
            "Episodes with each kind of finding.",
        ),
        _joint_panel(dataset, readable, embodiment),
    ]
    return f'<div class="panels">{"".join(panels)}</div>{_starts(dataset, readable)}'


def _panel(title: str, content: str, note: str = "") -> str:
    foot = f'<p class="note">{escape(note)}</p>' if note else ""
    return f'<section class="panel"><h3>{escape(title)}</h3>{content}{foot}</section>'


def _joint_panel(
    dataset: DemonstrationDataset, readable: Sequence[Episode], embodiment: Embodiment | None
) -> str:
    limits = find_limits(dataset.description, embodiment)
    names = dataset.description.action_names
    values = []
    for episode in readable:
        try:
            position = episode.position[:: max(1, len(episode) // _ROWS)]
        except RoboticsError:
            continue
        if position.ndim == 2 and position.shape[1] == len(names):
            values.append(position[np.isfinite(position).all(axis=1)])
    if not values or not sum(map(len, values)):
        return ""
    bounds = (None, None) if limits is None else (limits.lower, limits.upper)
    note = "Thick: the middle 98 % of the measured positions; thin: all of them; ground: "
    note += "what was measured." if limits is None else "the robot's limits."
    return _panel("Where the joints were", svg.ranges(names, np.concatenate(values), *bounds), note)


def _starts(dataset: DemonstrationDataset, readable: Sequence[Episode]) -> str:
    figures = []
    for camera in dataset.camera_names:
        try:
            spread = start_spread(readable, camera)
        except RoboticsError:
            continue  # told of as damaged
        if spread is not None:
            for image, words in zip(spread, ("mean of the first pictures", "where they differ"), strict=True):
                figures.append(
                    f'<figure><img src="{data_url(image)}" alt="">'
                    f"<figcaption>{escape(camera)}: {words}</figcaption></figure>"
                )
    if not figures:
        return ""
    return f'<h2>Variety of the scenes</h2><div class="starts">{"".join(figures)}</div>'
