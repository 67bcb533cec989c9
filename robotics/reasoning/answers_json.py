"""Answers as JSON values and back, exactly: what the command line prints and benchmarks keep.

Every value says its type: {"type": "found", "of": "point", "items": [...], "presence": 0.98, ...}. Numbers
are pixels and metres as in `robotics.reasoning.answers`. With the size of the view, places also carry a
`..._1000` form (integers 0..1000 of height and width, y first), which is not read back.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from robotics.errors import shorten
from robotics.reasoning.answers import (
    Answer,
    Box2D,
    Box3D,
    Correspondence,
    Found,
    Frame,
    Grasp,
    Point,
    Success,
    Trajectory,
)
from robotics.reasoning.errors import AnswerFormatError
from robotics.reasoning.formats.scale import Scale
from robotics.reasoning.scaling import Reply

Size = tuple[int, int]
"""Width and height of a view [pixel]."""
_KINDS: dict[str, type] = {
    "point": Point,
    "box2d": Box2D,
    "box3d": Box3D,
    "grasp": Grasp,
    "trajectory": Trajectory,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def encode_answer(answer: Reply, size: Size | None = None, target_size: Size | None = None) -> dict[str, Any]:
    """
    Args:
        size: Of the view that the answer is about; None leaves out the 0..1000 form.
        target_size: Of the other view of correspondences.
    """
    match answer:
        case Found():
            return {
                "type": "found",
                "of": _NAMES[type(answer.items[0])] if answer.items else None,
                "items": [_encode_item(item, size) for item in answer.items],
                "absent": answer.absent,
                "presence": answer.presence,
                "unknown_words": list(answer.unknown_words),
                "reason": answer.reason,
            }
        case Success():
            return {"type": "success", **vars(answer)}
        case Answer():
            return {"type": "answer", **vars(answer)}
        case _:
            return {
                "type": "correspondences",
                "matches": [
                    {
                        "source": _encode_point(match.source, size),
                        "target": None if match.target is None else _encode_point(match.target, target_size),
                        "confidence": match.confidence,
                    }
                    for match in answer
                ],
            }


def decode_answer(data: Any) -> Reply:
    """
    Raises:
        AnswerFormatError: It is not what `encode_answer` makes.
    """
    reader = _Reader(data)
    kinds: dict[str, Callable[[_Reader], Reply]] = {
        "found": _decode_found,
        "success": lambda r: Success(r.flag("achieved"), r.number("probability"), r.text("reason")),
        "answer": lambda r: Answer(r.text("text"), r.number("confidence")),
        "correspondences": lambda r: tuple(_decode_match(_Reader(m)) for m in r.list("matches")),
    }
    kind = reader.text("type")
    if kind not in kinds:
        raise reader.fault(f"a type is one of {', '.join(kinds)}, got '{shorten(kind)}'")
    return kinds[kind](reader)


def _encode_point(point: Point, size: Size | None) -> dict[str, Any]:
    return {
        "column": point.column,
        "row": point.row,
        **_thousandths("point_1000", size, (point.column, point.row)),
        "label": point.label,
        "confidence": point.confidence,
        **_placed(point.position, point.frame),
    }


def _encode_item(item: Any, size: Size | None) -> dict[str, Any]:
    match item:
        case Point():
            return _encode_point(item, size)
        case Box2D():
            corners = (item.left, item.top), (item.right, item.bottom)
            return {**vars(item), **_thousandths("box_1000", size, *corners)}
        case Box3D():
            return {
                "center": list(item.center),
                "size": list(item.size),
                "rotation": list(item.rotation),
                "frame": item.frame.value,
                "label": item.label,
                "confidence": item.confidence,
            }
        case Grasp():
            return {
                "column": item.column,
                "row": item.row,
                **_thousandths("point_1000", size, (item.column, item.row)),
                "angle": item.angle,
                **_placed(item.position, item.frame),
                "rotation": None if item.rotation is None else list(item.rotation),
                "opening": item.opening,
                "label": item.label,
                "confidence": item.confidence,
            }
        case Trajectory():
            return {
                "waypoints": [_encode_point(point, size) for point in item.waypoints],
                "label": item.label,
                "confidence": item.confidence,
            }
    raise TypeError(f"{type(item).__name__} is no item of an answer")


def _placed(position: Sequence[float] | None, frame: Frame) -> dict[str, Any]:
    return {"position": None if position is None else list(position), "frame": frame.value}


def _thousandths(name: str, size: Size | None, *places: tuple[float, float]) -> dict[str, list[int]]:
    """Places as text formats have them; what lies outside the view is put on its edge."""
    if size is None:
        return {}
    width, height = size
    scale = Scale(width, height)
    inside = [(min(max(c, 0.0), width), min(max(r, 0.0), height)) for c, r in places]
    return {name: [int(number) for place in inside for number in scale.write(*place)]}


class _Reader:
    """Reads the fields of one JSON object, each of the type that is wanted."""

    def __init__(self, data: Any):
        if not isinstance(data, dict):
            raise AnswerFormatError(f"wanted an object, got {shorten(repr(data))}", repr(data)[:2000])
        self.data = data

    def fault(self, message: str) -> AnswerFormatError:
        return AnswerFormatError(message, repr(self.data)[:2000])

    def _get(self, key: str, kind: type | tuple[type, ...], wanted: str) -> Any:
        value = self.data.get(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.fault(f"'{key}' wants {wanted}, got {shorten(repr(value))}")
        return value

    def text(self, key: str) -> str:
        return self._get(key, str, "a text")

    def flag(self, key: str) -> bool:
        return self._get(key, bool, "true or false")

    def list(self, key: str) -> list[Any]:
        return self._get(key, list, "a list")

    def number(self, key: str) -> float:
        value = self._get(key, (int, float), "a number")
        if not math.isfinite(value):
            raise self.fault(f"'{key}' wants a finite number, got {value}")
        return value

    def numbers(self, key: str, count: int) -> Any:
        values = self.list(key)
        if len(values) != count:
            raise self.fault(f"'{key}' wants {count} numbers, got {len(values)}")
        return tuple(_Reader({key: value}).number(key) for value in values)

    def maybe(self, key: str, read: Callable[[str], Any]) -> Any:
        """None where it is null."""
        return None if key in self.data and self.data[key] is None else read(key)

    def frame(self) -> Frame:
        name = self.text("frame")
        try:
            return Frame(name)
        except ValueError:
            raise self.fault(
                f"a frame is one of {', '.join(f.value for f in Frame)}, got '{shorten(name)}'"
            ) from None


def _decode_found(reader: _Reader) -> Found[Any]:
    items = [_Reader(item) for item in reader.list("items")]
    kind = reader.maybe("of", reader.text)
    if items and kind not in _KINDS:
        raise reader.fault(f"items are of {', '.join(_KINDS)}, got {shorten(repr(kind))}")
    words = reader.list("unknown_words")
    if not all(isinstance(word, str) for word in words):
        raise reader.fault("unknown words are texts")
    return Found(
        tuple(_decode_item(kind or "", item) for item in items),
        reader.number("presence"),
        tuple(words),
        reader.text("reason"),
    )


def _decode_point(reader: _Reader) -> Point:
    return Point(
        reader.number("column"),
        reader.number("row"),
        reader.text("label"),
        reader.number("confidence"),
        reader.maybe("position", lambda key: reader.numbers(key, 3)),
        reader.frame(),
    )


def _decode_match(reader: _Reader) -> Correspondence:
    def point(key: str) -> Point:
        return _decode_point(_Reader(reader.data.get(key)))

    return Correspondence(point("source"), reader.maybe("target", point), reader.number("confidence"))


def _decode_item(kind: str, reader: _Reader) -> Any:
    label, confidence = reader.text("label"), reader.number("confidence")
    match kind:
        case "point":
            return _decode_point(reader)
        case "box2d":
            sides = (reader.number(key) for key in ("left", "top", "right", "bottom"))
            return Box2D(*sides, label=label, confidence=confidence)
        case "box3d":
            return Box3D(
                reader.numbers("center", 3),
                reader.numbers("size", 3),
                reader.numbers("rotation", 4),
                reader.frame(),
                label,
                confidence,
            )
        case "grasp":
            return Grasp(
                reader.number("column"),
                reader.number("row"),
                reader.number("angle"),
                reader.maybe("position", lambda key: reader.numbers(key, 3)),
                reader.maybe("rotation", lambda key: reader.numbers(key, 4)),
                reader.maybe("opening", reader.number),
                reader.frame(),
                label,
                confidence,
            )
        case _:
            waypoints = tuple(_decode_point(_Reader(point)) for point in reader.list("waypoints"))
            return Trajectory(waypoints, label, confidence)
