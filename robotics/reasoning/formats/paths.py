"""Points whose labels are numbers: the waypoints "0".."n" of a trajectory, and matches between two views."""

from collections.abc import Sequence

from robotics.reasoning.answers import Correspondence, Point, Trajectory
from robotics.reasoning.errors import AnswerFormatError
from robotics.reasoning.formats.extract import extract_items
from robotics.reasoning.formats.parsed import Parsed, Repair
from robotics.reasoning.formats.points import fence, read_point
from robotics.reasoning.formats.scale import Scale, read_key, read_label


def write_trajectory(trajectory: Trajectory, scale: Scale) -> str:
    """As a model would, waypoints labelled "0".."n".

    Raises:
        QueryError: A waypoint lies outside the image.
    """
    return fence(
        {"point": scale.write(p.column, p.row), "label": str(number)}
        for number, p in enumerate(trajectory.waypoints)
    )


def parse_trajectory(text: str, scale: Scale, label: str = "") -> Parsed[Trajectory]:
    """One trajectory, or none where the text is an empty list; its waypoints have no labels.

    Raises:
        AnswerFormatError: Not a list of two or more waypoints within the image, or it is cut off: a path
            without its end leads elsewhere.
    """
    extracted = extract_items(text, "point")
    repairs = set(extracted.repairs)
    _refuse_cut_off(repairs, "trajectory", text)
    points = [read_point(item, scale, text, repairs) for item in extracted.items]
    if not points:
        return Parsed((), frozenset(repairs))
    if len(points) == 1:
        raise AnswerFormatError("wanted two or more waypoints, got one", text)
    ordered = _in_order(points, text, repairs)
    waypoints = tuple(Point(p.column, p.row) for p in ordered)
    return Parsed((Trajectory(waypoints, label),), frozenset(repairs))


def write_matches(matches: Sequence[Correspondence], scale: Scale) -> str:
    """As a model would: number of the source point, and its place in the other view or null.

    Raises:
        QueryError: A target lies outside the image.
    """
    return fence(
        {"point": scale.write(m.target.column, m.target.row) if m.target else None, "label": str(number)}
        for number, m in enumerate(matches)
    )


def parse_matches(text: str, sources: Sequence[Point], scale: Scale) -> Parsed[Correspondence]:
    """One correspondence for each source, in their order; a number that the text leaves out, or whose point
    is null, is not visible.

    Args:
        scale: Of the target view.

    Raises:
        AnswerFormatError: Not a list of points within the image, labelled with numbers of sources, each once;
            or it is cut off, so that what is missing need not be hidden.
    """
    extracted = extract_items(text, "point")
    repairs = set(extracted.repairs)
    _refuse_cut_off(repairs, "list of matches", text)
    targets: dict[int, Point | None] = {}
    for item in extracted.items:
        label = read_label(item, text)
        number = _number(label)
        if number is None or number >= len(sources) or number in targets:
            raise AnswerFormatError(
                f"wanted each number 0..{len(sources) - 1} at most once, got {label[:40]!r}", text
            )
        hidden = read_key(item, "point", text) is None
        targets[number] = None if hidden else read_point(item, scale, text, repairs)
    matches = (
        Correspondence(source, _relabelled(targets.get(number), source.label))
        for number, source in enumerate(sources)
    )
    return Parsed(tuple(matches), frozenset(repairs))


def _refuse_cut_off(repairs: set[Repair], what: str, text: str) -> None:
    if Repair.CUT_OFF in repairs:
        raise AnswerFormatError(f"the {what} is cut off", text)


def _number(label: str) -> int | None:
    return int(label) if label.isascii() and label.isdigit() and len(label) < 6 else None


def _in_order(points: list[Point], text: str, repairs: set[Repair]) -> list[Point]:
    numbers = [_number(point.label) for point in points]
    known = [number for number in numbers if number is not None]
    if not known:
        repairs.add(Repair.LIST_ORDER)
        return points
    if len(known) < len(points) or len(set(known)) < len(points):
        labels = ", ".join(repr(point.label[:20]) for point in points[:10])
        raise AnswerFormatError(f"wanted waypoints labelled 0..{len(points) - 1}, got {labels}", text)
    ordered = [points[at] for at in sorted(range(len(points)), key=known.__getitem__)]
    if ordered != points:
        repairs.add(Repair.SORTED)
    return ordered


def _relabelled(target: Point | None, label: str) -> Point | None:
    return target and Point(target.column, target.row, label)
