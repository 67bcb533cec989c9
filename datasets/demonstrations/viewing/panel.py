"""The strip below a film's pictures: instruction, tick, time, mode, grippers, joints over time, events."""

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from demonstrations.episode import Episode
from demonstrations.journal import MODES
from robotics.embodiment import Embodiment
from robotics.session import Event, EventKind

PANEL_HEIGHT = 180
_INK, _SOFT, _GROUND, _LINE = (238, 242, 246), (150, 162, 175), (22, 27, 33), (52, 62, 72)
_ACCENT, _WARNING = (88, 150, 255), (255, 170, 80)
_HUES = 0.07, 0.61
"""Of the first and the last joint's line, so that neighbours look alike."""
_PLOT_TOP, _PLOT_BOTTOM, _MARGIN = 78, 158, 14
_EVENT_SHOWN_S = 1.5


class EpisodePanel:
    """Drawn once but for the cursor and the words, which follow the row."""

    def __init__(self, episode: Episode, embodiment: Embodiment | None, width: int):
        self._episode = episode
        self._width = width + width % 2
        self._grippers = dict(embodiment.gripper_indices) if embodiment else {}
        self._events = [e for e in episode.metadata.events if e.kind is not EventKind.EPISODE]
        self._modes = episode.state.get("mode")
        self._background = self._draw_background()

    def draw(self, row: int) -> np.ndarray:
        """uint8 RGB (PANEL_HEIGHT, width, 3) at a row of the episode."""
        from PIL import Image, ImageDraw

        picture = Image.fromarray(self._background)
        draw = ImageDraw.Draw(picture)
        x = self._x(row)
        draw.line([(x, _PLOT_TOP), (x, _PLOT_BOTTOM)], fill=_INK)
        draw.text((_MARGIN, 9), self._instruction(), fill=_INK, font=_font(18))
        mode = MODES[int(self._modes[row])].value.replace("_", " ") if self._modes is not None else ""
        seconds = (int(self._episode.time_ns[row]) - int(self._episode.time_ns[0])) / 1e9
        words = f"{seconds:6.2f} s   tick {row} of {len(self._episode)}   {mode}"
        draw.text((_MARGIN, 39), words, fill=_SOFT, font=_font(14))
        self._draw_grippers(draw, row)
        event = self._event_at(row)
        if event is not None:
            text = f"{event.kind.value}: {event.text}"
            draw.text((_MARGIN, _PLOT_BOTTOM + 3), text, fill=_WARNING, font=_font(13))
        return np.asarray(picture)

    def _instruction(self) -> str:
        meta = self._episode.metadata
        judged = {True: "success", False: "failure", None: "not judged"}[meta.success]
        return f"{self._episode.number}: {meta.instruction}   ({judged})"

    def _draw_grippers(self, draw, row: int) -> None:
        left = self._width - _MARGIN
        for arm, index in reversed(self._grippers.items()):
            opening = float(np.clip(self._episode.position[row, index], 0.0, 1.0))
            left -= 130
            draw.text((left, 39), f"{arm} gripper", fill=_SOFT, font=_font(11))
            draw.rectangle([left, 56, left + 110, 64], outline=_LINE)
            draw.rectangle([left, 56, left + 110 * opening, 64], fill=_ACCENT)

    def _event_at(self, row: int) -> Event | None:
        now = int(self._episode.time_ns[row])
        recent = [e for e in self._events if 0 <= now - e.time_ns < _EVENT_SHOWN_S * 1e9]
        return recent[-1] if recent else None

    def _x(self, row: int) -> int:
        return _MARGIN + round((self._width - 2 * _MARGIN) * row / max(1, len(self._episode) - 1))

    def _draw_background(self) -> np.ndarray:
        picture = np.full((PANEL_HEIGHT, self._width, 3), _GROUND, np.uint8)
        cv2.rectangle(
            picture, (_MARGIN, _PLOT_TOP), (self._width - _MARGIN, _PLOT_BOTTOM), _LINE, 1, cv2.LINE_AA
        )
        for event in self._events:
            row = int(np.searchsorted(self._episode.time_ns, event.time_ns))
            if row < len(self._episode):
                cv2.line(picture, (self._x(row), _PLOT_TOP), (self._x(row), _PLOT_BOTTOM), _WARNING, 1)
        values = self._episode.position
        for joint in range(values.shape[1]):
            cv2.polylines(
                picture,
                [self._curve(values[:, joint])],
                False,
                _colour(joint, values.shape[1]),
                1,
                cv2.LINE_AA,
            )
        return picture

    def _curve(self, values: np.ndarray) -> np.ndarray:
        """Pixels (length, 2) of one joint, scaled to its own range; one that hardly moves stays flat."""
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        middle, span = (low + high) / 2, max(high - low, 0.1)
        share = 0.5 + (np.nan_to_num(values, nan=middle) - middle) / span * 0.92
        xs = [self._x(row) for row in range(len(values))]
        ys = _PLOT_BOTTOM - share * (_PLOT_BOTTOM - _PLOT_TOP)
        return np.stack([xs, ys], axis=1).round().astype(np.int32)


def _colour(joint: int, count: int) -> tuple[int, int, int]:
    import colorsys

    hue = _HUES[0] + (_HUES[1] - _HUES[0]) * joint / max(1, count - 1)
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.55, 0.85)
    return round(255 * red), round(255 * green), round(255 * blue)


@lru_cache(maxsize=8)
def _font(size: int):
    import matplotlib
    from PIL import ImageFont

    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf")), size)
