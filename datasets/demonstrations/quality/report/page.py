"""Writes the page: summary, the dataset as a whole, and every episode, worst first."""

import shlex
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from demonstrations.dataset import DemonstrationDataset
from demonstrations.episode import Episode
from demonstrations.quality.catalogue import CHECKS
from demonstrations.quality.findings import DatasetQuality, EpisodeQuality, Finding, Severity
from demonstrations.quality.report.contact_sheet import contact_sheet, data_url
from demonstrations.quality.report.overview import render_overview
from demonstrations.quality.report.style import QUALITY_STYLE, SORT_SCRIPT
from demonstrations.quality.report.svg import joint_plot
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError, RoboticsError
from robotics.evaluation.report_style import STYLE

DETAILED = 200
"""Episodes, the worst, that get plots and pictures: a page of 10 MB still opens at once."""


def write_report(
    path: Path,
    dataset: DemonstrationDataset,
    quality: DatasetQuality,
    embodiment: Embodiment | None = None,
    *,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write one HTML file that needs no other.

    Args:
        quality: Of this dataset.
        embodiment: As for `check_dataset`.
        progress: Told how many episodes are drawn.

    Raises:
        DatasetError: The file cannot be written.
    """
    page = render_report(dataset, quality, embodiment, progress=progress)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{path} cannot be written: {error.strerror}") from error


def render_report(
    dataset: DemonstrationDataset,
    quality: DatasetQuality,
    embodiment: Embodiment | None = None,
    *,
    progress: Callable[[int], None] | None = None,
) -> str:
    """The page as text; arguments as for `write_report`."""
    episodes = {entry.number: _open(dataset, i) for i, entry in enumerate(dataset.entries)}
    readable = [episode for episode in episodes.values() if episode is not None]
    joints = dataset.description.action_names
    rows = []
    for i, verdict in enumerate(quality.worst_first()):
        details = _details(episodes[verdict.number], verdict, joints) if i < DETAILED else ""
        rows.append(_episode(verdict, quality.path, details))
        if progress is not None:
            progress(i + 1)
    title = f"Quality of {Path(quality.path).name}"
    more = len(rows) - DETAILED
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="sub">{_sentence(quality)}</p>',
        _cards(quality),
        "<h2>The dataset as a whole</h2>",
        "".join(map(_finding, quality.findings)) or '<p class="note">No finding.</p>',
        render_overview(dataset, quality, readable, embodiment),
        "<h2>Episodes</h2>",
        f'<p class="note">Pictures and plots of the {DETAILED} worst only.</p>' if more > 0 else "",
        _table(rows),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{QUALITY_STYLE}</style></head>\n<body><main>\n"
        + "\n".join(part for part in parts if part)
        + f"\n</main><script>{SORT_SCRIPT}</script></body></html>\n"
    )


def _open(dataset: DemonstrationDataset, index: int) -> Episode | None:
    try:
        return dataset.episode(index)
    except RoboticsError:
        return None


def _sentence(quality: DatasetQuality) -> str:
    seconds = sum(e.duration_s for e in quality.episodes)
    text = f"{len(quality.episodes)} episodes of {escape(quality.embodiment)}, {seconds / 60:.1f} minutes."
    if not quality.limits_known:
        text += " <strong>Limits were not checked:</strong> the robot's file was not at hand."
    return text


def _cards(quality: DatasetQuality) -> str:
    count = quality.count()
    clean = sum(not episode.findings for episode in quality.episodes)
    scores = sorted(episode.score for episode in quality.episodes)
    bad = len(quality.numbers_with(Severity.ERROR))
    cards = [
        ("without any finding", f"{clean} / {len(quality.episodes)}", "episodes"),
        ("errors", str(count[Severity.ERROR]), f"in {bad} episode{'' if bad == 1 else 's'}"),
        ("warnings", str(count[Severity.WARNING]), f"and {count[Severity.INFO]} notes"),
        ("median score", str(scores[len(scores) // 2]), f"the worst {scores[0]}, of 100"),
    ]
    return '<section class="cards">' + "".join(
        f'<div class="card"><div class="label">{label}</div><div class="value">{value}</div>'
        f'<div class="note">{note}</div></div>'
        for label, value, note in cards
    ) + "</section>"  # fmt: skip


def _finding(finding: Finding) -> str:
    check = CHECKS[finding.check]
    return (
        f'<p class="finding"><span class="tag {finding.severity.value}" '
        f'title="{escape(check.about)}; {escape(check.remedy)}">'
        f"{finding.severity.value} {finding.check}</span>{escape(str(finding))}</p>"
    )


def _episode(verdict: EpisodeQuality, path: str, details: str) -> str:
    severity = verdict.severity.value if verdict.severity else "clean"
    judged = {True: "success", False: "failure", None: "unjudged"}[verdict.success]
    words = "".join(map(_finding, verdict.findings)) or '<span class="note">no finding</span>'
    if verdict.trim is not None:
        start, end = verdict.trim
        command = f"robotics data trim {shlex.quote(path)} {verdict.number} {start}:{end}"
        words += f"<p><code>{escape(command)}</code></p>"
    data = {
        "number": verdict.number,
        "score": verdict.score,
        "duration": round(verdict.duration_s, 2),
        "judged": judged,
        "instruction": verdict.instruction,
        "findings": len(verdict.findings),
        "severity": severity,
    }
    attributes = " ".join(f'data-{key}="{escape(str(value))}"' for key, value in data.items())
    more = f'<tr class="more"><td></td><td colspan="5">{details}</td></tr>' if details else ""
    return (
        f'<tbody class="episode" {attributes}><tr><td class="num score {severity}">{verdict.score}</td>'
        f"<td class=num>{verdict.number}</td><td class=num>{verdict.duration_s:.1f} s</td>"
        f'<td class="{judged}">{judged}</td><td>{escape(verdict.instruction)}'
        f'<div class="note">{_origin(verdict)}</div></td><td>{words}</td></tr>{more}</tbody>'
    )


def _origin(verdict: EpisodeQuality) -> str:
    seed = "" if verdict.seed is None else f", seed {verdict.seed}"
    return escape(f"{verdict.task or 'no task'}{seed}")


def _details(episode: Episode | None, verdict: EpisodeQuality, names: Sequence[str]) -> str:
    """Contact sheet and joint plots, as far as they can be read."""
    if episode is None:
        return ""
    parts = []
    try:
        sheet = contact_sheet(episode)
        if sheet is not None:
            cameras = escape(", ".join(episode.cameras))
            parts.append(f'<img class="sheet" src="{data_url(sheet)}" alt="{cameras}" title="{cameras}">')
    except RoboticsError as error:
        parts.append(f'<p class="note">{escape(str(error))}</p>')
    try:
        parts.append(_joints(episode, names, verdict.trim))
    except RoboticsError as error:
        parts.append(f'<p class="note">{escape(str(error))}</p>')
    return f"<details><summary>pictures and joints</summary>{''.join(parts)}</details>"


def _joints(episode: Episode, names: Sequence[str], keep: tuple[int, int] | None) -> str:
    measured, applied = episode.position, episode.applied
    if measured.ndim != 2 or measured.shape != applied.shape:
        return '<p class="note">measured and applied positions have different shapes</p>'
    if measured.shape[1] != len(names):
        return f'<p class="note">{measured.shape[1]} dimensions instead of {len(names)}</p>'
    plots = [joint_plot(name, measured[:, d], applied[:, d], keep) for d, name in enumerate(names)]
    legend = "Solid: measured. Dashed: applied." + ("" if keep is None else " Red: idle, to be cut.")
    return f'<p class="legend">{legend}</p><div class="joints">{"".join(plots)}</div>'


def _table(rows: Sequence[str]) -> str:
    heads = (("score", "score"), ("number", "episode"), ("duration", "length"), ("judged", "judged"))
    heads += (("instruction", "instruction"), ("findings", "findings"))
    shown = (
        ("all", "all"),
        ("error", "errors"),
        ("warning", "warnings"),
        ("info", "notes"),
        ("clean", "clean"),
    )
    choices = "".join(
        f'<label><input type="radio" name="show" value="{value}"{" checked" if value == "all" else ""}>'
        f" {words}</label>"
        for value, words in shown
    )
    head = "".join(f'<th data-sort="{key}">{words}</th>' for key, words in heads)
    return (
        f'<div class="filter">{choices}</div><div class="scroll"><table id="episodes">'
        f"<thead><tr>{head}</tr></thead>{''.join(rows)}</table></div>"
    )
