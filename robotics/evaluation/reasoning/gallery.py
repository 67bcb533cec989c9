"""A page with pictures on which answers are drawn, in one HTML file without a network."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from robotics.evaluation.report_style import STYLE

_MORE_STYLE = """
.pictures { display: grid; gap: 18px; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); }
figure img { width: 100%; display: block; image-rendering: auto; }
figcaption .query { font-weight: 600; overflow-wrap: anywhere; }
"""
_QUALITY = 90
"""Of JPEG."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One answer, drawn."""

    image: np.ndarray
    """uint8 RGB, shape (height, width, 3)."""
    query: str
    detail: str = ""
    """One line: what was answered."""
    is_right: bool | None = None
    """None: not judged."""


@dataclass(frozen=True, eq=False)
class Section:
    """Pictures of one kind."""

    heading: str
    pictures: Sequence[Picture]
    note: str = ""


def write_gallery(path: Path, title: str, sentence: str, sections: Sequence[Section]) -> None:
    """Write the page; folders on the way are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_gallery(title, sentence, sections), encoding="utf-8")


def render_gallery(title: str, sentence: str, sections: Sequence[Section]) -> str:
    """The page as text; sections without pictures are left out."""
    body = "".join(_section(section) for section in sections if section.pictures)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{_MORE_STYLE}</style></head><body><main>"
        f'<h1>{escape(title)}</h1><p class="sub">{escape(sentence)}</p>{body}</main></body></html>\n'
    )


def outline(image: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """A copy of the picture with the border of a mask (height, width) in thin white: what would be right."""
    import cv2

    drawn = np.ascontiguousarray(image[..., :3]).copy()
    if mask is not None and mask.any():
        contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(drawn, contours, -1, (255, 255, 255), 1)
    return drawn


def _section(section: Section) -> str:
    note = f'<p class="note">{escape(section.note)}</p>' if section.note else ""
    figures = "".join(_figure(picture) for picture in section.pictures)
    return f'<h2>{escape(section.heading)}</h2>{note}<div class="pictures">{figures}</div>'


def _figure(picture: Picture) -> str:
    verdict = {
        True: '<span class="success">right</span>',
        False: '<span class="failure">wrong</span>',
        None: "",
    }[picture.is_right]
    detail = " &middot; ".join(part for part in (verdict, escape(picture.detail)) if part)
    return (
        f'<figure><img alt="{escape(picture.query, quote=True)}" src="{_data_url(picture.image)}">'
        f'<figcaption><div class="query">{escape(picture.query)}</div>'
        f'<div class="note">{detail}</div></figcaption></figure>'
    )


def _data_url(image: np.ndarray) -> str:
    import cv2

    done, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done  # an 8-bit picture always encodes
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
