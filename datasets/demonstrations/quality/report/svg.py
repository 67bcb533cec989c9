"""Small line and range plots as inline SVG, in the colours of the page."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np

WIDTH, HEIGHT = 220, 64
"""[px] Of a joint's plot."""

_POINTS = 80


def polyline(values: np.ndarray, low: float, high: float, kind: str) -> str:
    """Values (n,) over the whole width; `kind` is a CSS class. Extremes survive the thinning."""
    x, y = _thin(values)
    across = x / max(1, len(values) - 1) * WIDTH
    up = HEIGHT - 3 - (y - low) / max(high - low, 1e-9) * (HEIGHT - 6)
    points = " ".join(f"{a:.0f},{b:.1f}" for a, b in zip(across, up, strict=True))
    return f'<polyline class="{kind}" points="{points}"/>'


def _thin(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and values to draw: of every stretch its least and its largest, in order."""
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    if len(finite) <= 2 * _POINTS:
        return np.arange(len(finite)), finite
    edges = np.linspace(0, len(finite), _POINTS + 1).astype(int)
    rows = sorted(
        {
            start + int(pick(finite[start:end]))
            for start, end in pairwise(edges)
            for pick in (np.argmin, np.argmax)
        }
    )
    return np.array(rows), finite[rows]


def joint_plot(name: str, measured: np.ndarray, applied: np.ndarray, keep: tuple[int, int] | None) -> str:
    """A figure of one dimension: what was applied, what was measured; cut rows are shaded."""
    both = np.concatenate([measured, applied])
    both = both[np.isfinite(both)]
    low, high = (float(both.min()), float(both.max())) if len(both) else (0.0, 0.0)
    middle, half = (low + high) / 2, max((high - low) / 2, 0.02)
    low, high = middle - half, middle + half
    shades = "" if keep is None else _shades(len(measured), keep)
    return (
        f'<figure class="joint"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(name)}">'
        f"{shades}"
        f"{polyline(applied, low, high, 'applied')}{polyline(measured, low, high, 'measured')}</svg>"
        f"<figcaption>{escape(name)} <span>{low:.2f} .. {high:.2f}</span></figcaption></figure>"
    )


def _shades(length: int, keep: tuple[int, int]) -> str:
    start, end = (WIDTH * row / max(1, length) for row in keep)
    return (
        f'<rect class="cut" width="{start:.0f}" height="{HEIGHT}"/>'
        f'<rect class="cut" x="{end:.0f}" width="{WIDTH - end:.0f}" height="{HEIGHT}"/>'
    )


def histogram(values: Sequence[float], unit: str, bins: int = 24) -> str:
    """How often values of each size occur."""
    counts, edges = np.histogram(values, bins=bins)
    step = WIDTH * 2 / bins
    bars = "".join(
        f'<rect class="fill" x="{i * step:.1f}" y="{100 - 90 * c / counts.max():.1f}" width="{step - 1:.1f}" '
        f'height="{90 * c / counts.max():.1f}">'
        f"<title>{c} from {edges[i]:.3g} to {edges[i + 1]:.3g} {unit}</title></rect>"
        for i, c in enumerate(counts)
    )
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH * 2} 118">{bars}'
        f'<text x="0" y="114">{edges[0]:.3g}</text>'
        f'<text x="{WIDTH * 2}" y="114" text-anchor="end">{edges[-1]:.3g} {unit}</text></svg>'
    )


def counts(rows: Sequence[tuple[str, int]], total: int) -> str:
    """Bars with words beside them."""
    most = max((count for _, count in rows), default=1)
    return "".join(
        f'<div class="count"><span class="words">{escape(words)}</span><span class="line">'
        f'<i style="width:{100 * count / most:.0f}%"></i></span><b>{count}</b>'
        f"<small>{count / max(1, total):.0%}</small></div>"
        for words, count in rows
    )


def ranges(
    names: Sequence[str], values: np.ndarray, lower: np.ndarray | None, upper: np.ndarray | None
) -> str:
    """One line a dimension: all values thin, the middle 98 % thick, between its limits if they are known."""
    q = np.quantile(values, (0.01, 0.99), axis=0)
    lows, highs = values.min(axis=0), values.max(axis=0)
    left = lows if lower is None else np.minimum(lower, lows)
    right = highs if upper is None else np.maximum(upper, highs)
    parts = []
    for d, name in enumerate(names):
        at = [
            (v - left[d]) / max(right[d] - left[d], 1e-9) * 200 for v in (lows[d], highs[d], q[0, d], q[1, d])
        ]
        parts.append(
            f'<div class="range"><span>{escape(name)}</span>'
            '<svg viewBox="0 0 200 10" preserveAspectRatio="none">'
            f'<rect class="ground" width="200" height="10"/>'
            f'<rect class="thin" x="{at[0]:.1f}" y="4" width="{max(at[1] - at[0], 0.6):.1f}" height="2"/>'
            f'<rect class="fill" x="{at[2]:.1f}" y="2" width="{max(at[3] - at[2], 0.6):.1f}" height="6"/>'
            f"</svg><small>{left[d]:.2f} .. {right[d]:.2f}</small></div>"
        )
    return "".join(parts)
