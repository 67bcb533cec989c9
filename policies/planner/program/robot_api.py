"""The robot API of programs: detect, grasp pose, move, open, close, image, safe position, reset.

The calls are those of the Gemini Robotics report (Gemini Robotics Team 2025, appendix B.3.2). Lengths are in
metres, poses in the world: z up, origin at the table's centre on its surface; orientations are quaternions
[w, x, y, z] of a tool whose z axis is its approach and whose y axis is the way that its fingers close.
"""

import inspect
import math
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from policies.planner.body import Body
from policies.planner.carrying import travel
from policies.planner.errors import OutOfReachError, PlannerError
from policies.planner.grasp_choice import GraspOption, grasp_options
from policies.planner.motion import Script
from policies.planner.picking import look_for, way_to
from robotics.errors import UnknownNameError
from robotics.pose import Pose
from robotics.reasoning.answers import Box3D, Frame

CALLS = (
    "detect_objects",
    "get_grasp_pose",
    "move_gripper_to",
    "open_gripper",
    "close_gripper",
    "get_image",
    "move_to_safe_position",
    "reset",
)
_IMAGE_WIDTH = 32
_STRAIGHT_M = 0.12
"""A shorter way with about the same orientation is gone straight."""
_STRAIGHT_RAD = 0.3
_SPEED = 0.3


class ApiError(PlannerError):
    """A call has wrong arguments; the program gets it as RobotError."""


class RobotApi:
    """Every call is a script: it moves the robot through its own motions and returns what JSON can say."""

    def __init__(self, body: Body):
        self._body = body

    def call(self, name: str, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> Script[Any]:
        """Carry out one call by name.

        Raises:
            ApiError: There is no such call, or its arguments do not fit.
            PlannerError: It cannot be done.
        """
        if name not in CALLS:
            raise ApiError(f"no call '{name}'; there are: {', '.join(CALLS)}")
        method = getattr(self, name)
        try:
            inspect.signature(method).bind(*arguments, **named)
        except TypeError as error:
            raise ApiError(f"{name}{inspect.signature(method)}: {error}") from None
        result = yield from method(*arguments, **named)
        return result

    def detect_objects(self, names) -> Script[list[dict[str, Any]]]:
        """Find things by a name, or by a list of names such as "small red cube" or "leftmost bowl".

        Returns a list of {"name", "position": [x, y, z] of the centre, "size": [x, y, z] along the thing's
        own axes, "orientation": [w, x, y, z]}; empty where there is none.
        """
        found = []
        for name in [names] if isinstance(names, str) else _texts("names", names):
            views = self._body.sight.views(self._body.observation)
            boxes, _ = self._body.sight.boxes(views, name)
            found += [_described(name, box) for box in boxes]
        yield from self._body.rest(1)
        return found

    def get_grasp_pose(self, gripper, object, part=None) -> Script[dict[str, Any]]:
        """How a gripper ("left" or "right") can take a thing, or a part of it such as "handle".

        `object` is a name or what detect_objects gave. Returns {"position", "orientation", "width"}: move
        there from above (first to a higher z), then close.
        """
        arm = self._arm(gripper)
        name, box = yield from self._thing(object, part)
        views = self._body.sight.views(self._body.observation)
        proposed = self._body.sight.grasps(views, name, self._body.grippers[arm]) if name else []
        options = grasp_options(self._body.arms, arm, box, proposed, self._body.grippers[arm])
        for option in options[:24]:
            if way_to(self._body, option) is not None:
                return _pose_of(option)
        raise OutOfReachError(f"the {arm} arm cannot take '{name or 'it'}' at {_place(box.center)}")

    def move_gripper_to(self, position, orientation=None, gripper="right") -> Script[None]:
        """Move a gripper's tool to [x, y, z]; without an orientation it keeps the one that it has.

        The way is free of collisions with the other arm and the table, not with things: go around them.
        """
        arm, arms = self._arm(gripper), self._body.arms
        tool = arms.tool(arm, self._body.reference)
        turned = tool.quaternion if orientation is None else _quaternion(orientation)
        pose = Pose(_vector("position", position), turned)
        apart, turn = pose.distance(tool)
        rows = None
        if apart < _STRAIGHT_M and turn < _STRAIGHT_RAD:
            rows = arms.slide(self._body.reference, {arm: pose}, _SPEED)
        if rows is None:
            goal = arms.posture(arm, pose, self._body.reference, seeds=(self._body.reference,))
            rows = None if goal is None else travel(self._body, arm, goal)
        if rows is None:
            raise OutOfReachError(
                f"the {arm} gripper does not get to {_place(pose.position)} in that orientation"
            )
        yield from self._body.play(rows)
        yield from self._body.settle(arm)

    def open_gripper(self, gripper) -> Script[None]:
        """Open a gripper all the way."""
        arm = self._arm(gripper)
        yield from self._body.grip(arm, 1.0)
        self._body.held.pop(arm, None)

    def close_gripper(self, gripper) -> Script[float]:
        """Close a gripper; returns the gap left between its fingertips: more than 0.004 is a thing."""
        arm = self._arm(gripper)
        yield from self._body.grip(arm, 0.0)
        return round(self._body.gap(arm), 4)

    def get_image(self, camera="") -> Script[dict[str, Any]]:
        """What a camera sees now, small: {"camera", "width", "height", "rgb": rows of [r, g, b]}."""
        yield from self._body.rest(1)
        views = {view.name: view for view in self._body.sight.views(self._body.observation)}
        name = camera or next(iter(views))
        if name not in views:
            raise UnknownNameError("camera of the planner", str(name), views)
        view = views[name]
        height = max(1, round(_IMAGE_WIDTH * view.height / view.width))
        small = cv2.resize(view.image, (_IMAGE_WIDTH, height), interpolation=cv2.INTER_AREA)
        return {"camera": name, "width": _IMAGE_WIDTH, "height": height, "rgb": small.tolist()}

    def move_to_safe_position(self, gripper=None) -> Script[None]:
        """Move an arm home, or both; grippers stay as they are."""
        arms = self._body.arms.names if gripper is None else (self._arm(gripper),)
        yield from self._body.play(self._body.arms.home(self._body.reference, arms))

    def reset(self) -> Script[None]:
        """Open both grippers and move both arms home."""
        for arm in self._body.arms.names:
            yield from self._body.grip(arm, 1.0)
        self._body.held.clear()
        yield from self.move_to_safe_position()

    def _arm(self, gripper: Any) -> str:
        if gripper not in self._body.arms.names:
            raise UnknownNameError("gripper", str(gripper), self._body.arms.names)
        return gripper

    def _thing(self, thing: Any, part: Any) -> Script[tuple[str, Box3D]]:
        """Name and box of what a program calls a thing."""
        if isinstance(thing, str):
            name = f"{part} of the {thing}" if part else thing
            _, box = yield from look_for(self._body, name)
            return name, box
        if not isinstance(thing, Mapping):
            raise ApiError(f"object wants a name or what detect_objects gave, got {type(thing).__name__}")
        if part:
            raise ApiError("a part is found by the thing's name: give that as object")
        missing = [key for key in ("position", "size", "orientation") if key not in thing]
        if missing:
            raise ApiError(f"object lacks {', '.join(missing)}; it wants what detect_objects gave")
        center, size = _vector("position", thing["position"]), _vector("size", thing["size"])
        box = Box3D(tuple(center), tuple(size), tuple(_quaternion(thing["orientation"])), Frame.WORLD)
        return "", box


def describe() -> str:
    """The API in words, for people and for language models that write programs."""
    lines = ["Robot API. " + inspect.cleandoc(__doc__ or "").split("\n\n", 1)[1], ""]
    for name in CALLS:
        method = getattr(RobotApi, name)
        named = [p for p in inspect.signature(method).parameters.values() if p.name != "self"]
        lines.append(f"{name}({', '.join(map(str, named))})")
        lines += [f"    {line}".rstrip() for line in inspect.cleandoc(method.__doc__ or "").splitlines()]
        lines.append("")
    lines.append(
        "A call that cannot be done raises RobotError. The variable `instruction` says what is to be done; "
        "`math` is there; nothing can be imported."
    )
    return "\n".join(lines)


def _described(name: str, box: Box3D) -> dict[str, Any]:
    return {
        "name": name,
        "position": [round(v, 4) for v in box.center],
        "size": [round(v, 4) for v in box.size],
        "orientation": [round(v, 5) for v in box.rotation],
    }


def _pose_of(option: GraspOption) -> dict[str, Any]:
    return {
        "position": [round(float(v), 4) for v in option.tool.position],
        "orientation": [round(float(v), 5) for v in option.tool.quaternion],
        "width": round(option.width, 4),
    }


def _place(position) -> str:
    return "({:.2f}, {:.2f}, {:.2f}) m".format(*position)


def _vector(name: str, value: Any, length: int = 3) -> np.ndarray:
    numbers_only = isinstance(value, list | tuple) and all(
        isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in value
    )
    if not numbers_only or len(value) != length:
        raise ApiError(f"{name} wants {length} finite numbers, got {str(value)[:60]}")
    return np.array(value, float)


def _quaternion(value: Any) -> np.ndarray:
    quaternion = _vector("orientation", value, 4)
    size = float(np.linalg.norm(quaternion))
    if size < 0.5:
        raise ApiError(f"orientation wants a unit quaternion [w, x, y, z], got {str(value)[:60]}")
    return quaternion / size


def _texts(name: str, value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise ApiError(f"{name} wants a name or a list of names, got {str(value)[:60]}")
    return list(value)
