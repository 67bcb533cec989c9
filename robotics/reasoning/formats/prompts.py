"""What a vision-language model is asked, so that it answers in the format of `robotics.reasoning.formats`."""

from collections.abc import Sequence

from robotics.reasoning.answers import Point
from robotics.reasoning.formats.points import write_points
from robotics.reasoning.formats.scale import Scale, Unit

_ABSENT = "If nothing in the image fits the description, colour and other attributes included, answer []."


def prompt_points(query: str, scale: Scale, limit: int) -> str:
    """Asks for `parse_points`."""
    return (
        f"Point to: {_quoted(query)}.\n"
        f'Answer with JSON only: [{{"point": [{scale.order}], "label": "..."}}], {_at_most(limit)}, '
        f"the best first. {_coordinates(scale)} Each point lies on the visible part of the thing, "
        f"or in the free place, that is described. {_ABSENT}"
    )


def prompt_boxes(query: str, scale: Scale, limit: int) -> str:
    """Asks for `parse_boxes`."""
    corners = "ymin, xmin, ymax, xmax" if scale.y_first else "xmin, ymin, xmax, ymax"
    return (
        f"Detect every thing that this describes: {_quoted(query)}.\n"
        f'Answer with JSON only: [{{"box_2d": [{corners}], "label": "..."}}], one item for each thing, '
        f"{_at_most(limit)}. {_coordinates(scale)} {_ABSENT}"
    )


def prompt_boxes3d(query: str, limit: int) -> str:
    """Asks for `parse_boxes3d`."""
    return (
        f"Find the 3D bounding box of every thing that this describes: {_quoted(query)}.\n"
        'Answer with JSON only: [{"box_3d": [xc, yc, zc, xs, ys, zs, roll, pitch, yaw], "label": "..."}], '
        f"one item for each thing, {_at_most(limit)}. Centre and size are in metres, angles in degrees, "
        "in the camera's frame with x to the right, y forward along the viewing direction and z up; "
        f"the box is turned by roll about x, then by pitch about y, then by yaw about z. {_ABSENT}"
    )


def prompt_grasps(query: str, scale: Scale, limit: int) -> str:
    """Asks for `parse_grasps`."""
    return (
        f"A gripper with two parallel fingers comes from above. Where does it grasp: {_quoted(query)}?\n"
        f'Answer with JSON only: [{{"grasp": [{scale.order}, theta], "label": "..."}}], {_at_most(limit)}, '
        f"the most promising first. {_coordinates(scale)} theta is the angle of the line between the two "
        "fingertips in whole degrees from -90 to 90: 0 along the image's horizontal axis, positive "
        f"clockwise. {_ABSENT}"
    )


def prompt_trajectory(instruction: str, scale: Scale, waypoints: int = 10) -> str:
    """Asks for `parse_trajectory`."""
    return (
        f"A robot is told: {_quoted(instruction)}. How does the thing that it moves travel?\n"
        f'Answer with JSON only: [{{"point": [{scale.order}], "label": "0"}}, ...], {waypoints} points '
        f'in order of time, labelled "0" to "{waypoints - 1}": the first on the thing where it is now, '
        f"the last where it ends. {_coordinates(scale)} If the thing is not in the image, answer []."
    )


def prompt_matches(points: Sequence[Point], source: Scale, target: Scale) -> str:
    """Asks for `parse_matches`; the source view is the first image, the target the second.

    Raises:
        QueryError: A point lies outside the source view.
    """
    numbered = [Point(p.column, p.row, str(number)) for number, p in enumerate(points)]
    return (
        "Both images show the same scene from two cameras. These points are in the first image:\n"
        f"{write_points(numbered, source)}\n"
        f'Where are they in the second image? Answer with JSON only: [{{"point": [{target.order}], '
        f'"label": "0"}}, ...], one item for each label, with "point": null where the place is hidden '
        f"or outside the second image. {_coordinates(target)}"
    )


def prompt_success(instruction: str, before: int, after: int) -> str:
    """Asks for `parse_success`; images of before come first.

    Args:
        before: How many images show the moment before; 0: there is none.
        after: How many show the moment after.
    """
    if before:
        shown = f"The first {_images(before)} the scene before and the last {_images(after)} it after"
    else:
        shown = f"The {_images(after)} the scene after"
    return (
        f"A robot was told: {_quoted(instruction)}. {shown}. Was the instruction carried out completely?\n"
        'Answer with JSON only: {"success": true or false, "reason": "one short sentence"}.'
    )


def prompt_answer(question: str) -> str:
    """Asks for `parse_answer`."""
    return f"{question}\nAnswer briefly, from what the image shows."


def _quoted(text: str) -> str:
    return f'"{" ".join(text.split())}"'


def _at_most(limit: int) -> str:
    return f"at most {limit} {'item' if limit == 1 else 'items'}"


def _images(count: int) -> str:
    return "image shows" if count == 1 else f"{count} images show"


def _coordinates(scale: Scale) -> str:
    if scale.unit is Unit.PIXEL:
        width, height = scale.steps
        return f"Coordinates are pixels of the image of {width:g} x {height:g}, from its top left corner."
    most = "integers from 0 to 1000" if scale.unit is Unit.THOUSANDTH else "fractions from 0 to 1"
    return f"Coordinates are {most} of the image's height and width, from its top left corner."
