"""A readable page about an evaluation: one HTML file without outside parts; videos lie beside it."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from robotics.evaluation.report_style import STYLE


def write_report(path: Path, data: Mapping[str, Any], videos: Mapping[tuple[str, int], str]) -> None:
    """Write the page.

    Args:
        path: The HTML file.
        data: What `summary.as_json` returns.
        videos: (task, seed) -> video file, relative to the page.
    """
    path.write_text(render_report(data, videos), encoding="utf-8")


def render_report(data: Mapping[str, Any], videos: Mapping[tuple[str, int], str]) -> str:
    """The page as text; arguments as for `write_report`."""
    conditions, overall = data["conditions"], data["overall"]
    title = f"{conditions.get('policy', 'policy')} on {conditions.get('robot', 'robot')}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="sub">{_sentence(data)}</p>',
        _cards(data),
        "<h2>Tasks</h2>",
        _task_table(data["tasks"], overall),
        _videos(data["episodes"], videos),
        "<h2>Episodes</h2>",
        _episode_table(data["episodes"], videos),
        "<h2>How this was measured</h2>",
        _facts(conditions, data["environment"]),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body><main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main></body></html>\n"
    )


def _sentence(data: Mapping[str, Any]) -> str:
    overall, conditions = data["overall"], data["conditions"]
    text = (
        f"{overall['episodes']} seeded episodes in lockstep simulation, {data['environment']['time'][:10]}."
    )
    if conditions.get("shuffle_instructions"):
        text += (
            " <strong>Instructions were shuffled:</strong> the policy heard another episode's instruction, "
            "the judge kept the true one. What succeeds here succeeds without language."
        )
    if conditions.get("policy_delay_steps"):
        text += f" Every chunk arrived {conditions['policy_delay_steps']} control ticks late."
    return text


def _cards(data: Mapping[str, Any]) -> str:
    overall = data["overall"]
    low, high = overall["interval_95"]
    cards = [
        ("success", _percent(overall["success_rate"]), f"95 % interval {_percent(low)} to {_percent(high)}"),
        ("mean progress", f"{overall['mean_progress']:.2f}", "staged, 0 to 1"),
        ("inference p95", f"{overall['act']['p95_ms']:.1f} ms", f"median {overall['act']['p50_ms']:.1f} ms"),
        (
            "real-time factor",
            f"{overall['real_time_factor']:.1f}x",
            "one worker, rendering and inference included",
        ),
    ]
    return '<section class="cards">' + "".join(
        f'<div class="card"><div class="label">{label}</div><div class="value">{value}</div>'
        f'<div class="note">{note}</div></div>'
        for label, value, note in cards
    ) + "</section>"  # fmt: skip


def _bar(rate: float, interval: Sequence[float]) -> str:
    """A bar with its 95 % interval as a whisker."""
    low, high = (100 * bound for bound in interval)
    return (
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" '
        f'aria-label="{_percent(rate)}">'
        '<rect class="ground" width="100" height="12"/>'
        f'<rect class="fill" width="{100 * rate:.2f}" height="12"/>'
        f'<rect class="whisker" x="{low:.2f}" y="5" width="{max(high - low, 0.4):.2f}" height="2"/></svg>'
    )


def _task_table(tasks: Sequence[Mapping[str, Any]], overall: Mapping[str, Any]) -> str:
    rows = []
    for row in (*tasks, *([overall] if len(tasks) > 1 else [])):
        low, high = row["interval_95"]
        act = row["act"]
        guard = sum(row["guard_counts"].values())
        mark = ' class="total"' if row is overall else ""
        duration = f"{row['mean_duration_s']:.1f} s" if row["successes"] else "-"
        rows.append(
            f"<tr{mark}><td>{escape(row['task'])}</td>"
            f"<td class=num>{row['successes']} / {row['episodes']}</td>"
            f"<td class=num><b>{_percent(row['success_rate'])}</b></td>"
            f"<td class=wide>{_bar(row['success_rate'], row['interval_95'])}</td>"
            f"<td class=num>{_percent(low)} &ndash; {_percent(high)}</td>"
            f"<td class=num>{row['mean_progress']:.2f}</td><td class=num>{duration}</td>"
            f"<td class=num>{act['p50_ms']:.1f} / {act['p95_ms']:.1f} / {act['p99_ms']:.1f}</td>"
            f"<td class=num>{row['observe']['p50_ms']:.1f}</td>"
            f"<td class=num>{row['real_time_factor']:.1f}x</td><td class=num>{row['starvations']}</td>"
            f"<td class=num>{guard}</td></tr>"
        )
    head = (
        "task|episodes|success||95 % interval|progress|time to success|inference p50 / p95 / p99 [ms]"
        "|observe p50 [ms]|real-time factor|starved|guard"
    )
    return _table(head.split("|"), rows)


def _episode_table(episodes: Sequence[Mapping[str, Any]], videos: Mapping[tuple[str, int], str]) -> str:
    rows = []
    for episode in episodes:
        heard = ""
        if episode["heard"] != episode["instruction"]:
            heard = f'<div class="heard">heard: {escape(episode["heard"])}</div>'
        video = videos.get((episode["task"], episode["seed"]))
        link = f'<a href="{escape(video)}">video</a>' if video else ""
        outcome = "success" if episode["success"] else "failure"
        rows.append(
            f"<tr><td>{escape(episode['task'])}</td><td class=num>{episode['seed']}</td>"
            f"<td>{escape(episode['instruction'])}{heard}</td>"
            f'<td><span class="{outcome}">{outcome}</span></td><td class=num>{episode["progress"]:.2f}</td>'
            f"<td>{escape(episode['stage'])}</td><td class=num>{episode['duration_s']:.1f} s</td>"
            f"<td>{escape(episode['error'])}</td><td>{link}</td></tr>"
        )
    failed = sum(not episode["success"] for episode in episodes)
    head = ("task", "seed", "instruction", "outcome", "progress", "stage", "robot time", "error", "")
    opened = " open" if len(episodes) <= 40 else ""
    return (
        f"<details{opened}><summary>{len(episodes)} episodes, {failed} failed</summary>"
        f"{_table(head, rows)}</details>"
    )


def _videos(episodes: Sequence[Mapping[str, Any]], videos: Mapping[tuple[str, int], str]) -> str:
    figures = []
    for episode in episodes:
        video = videos.get((episode["task"], episode["seed"]))
        if video is None:
            continue
        outcome = "success" if episode["success"] else "failure"
        figures.append(
            f'<figure><video src="{escape(video)}" controls muted loop playsinline preload="auto"></video>'
            f'<figcaption><span class="{outcome}">{outcome}</span> {escape(episode["instruction"])}'
            f'<div class="note">{escape(episode["task"])}, seed {episode["seed"]}, progress '
            f"{episode['progress']:.2f}, stage: {escape(episode['stage'])}</div></figcaption></figure>"
        )
    if not figures:
        return ""
    return f'<h2>Videos</h2><section class="videos">{"".join(figures)}</section>'


def _facts(conditions: Mapping[str, Any], environment: Mapping[str, Any]) -> str:
    rows = []
    for key, value in {**conditions, **environment}.items():
        if isinstance(value, Mapping):
            value = ", ".join(f"{name} {item}" for name, item in value.items())  # noqa: PLW2901
        elif isinstance(value, list | tuple):
            value = ", ".join(map(str, value))  # noqa: PLW2901
        rows.append(f"<tr><th>{escape(key.replace('_', ' '))}</th><td>{escape(str(value))}</td></tr>")
    return f'<div class="scroll"><table class="facts">{"".join(rows)}</table></div>'


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    cells = "".join(f"<th>{cell}</th>" for cell in head)
    return (
        f'<div class="scroll"><table><thead><tr>{cells}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f}&nbsp;%"
